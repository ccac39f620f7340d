"""A session ends by itself, and its owner sees where they are signed in and ends what they do not know."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organizations.models import Session, User
from organizations.sessions import SIGNED_IN_AT, USED_AT, SessionStore
from organizations.user_agents import browser_of, system_of
from tests.conftest import Cast

PASSWORD = "a long enough sentence"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Mobile/15E148 Safari/604.1"
)
END = re.compile('name="session" value="([0-9a-f]{32})"')


def signed_in(user: User, agent: str = CHROME) -> Client:
    user.set_password(PASSWORD)
    user.save()
    return another(user, agent)


def another(user: User, agent: str) -> Client:
    client = Client(raise_request_exception=False, headers={"User-Agent": agent})
    answer = client.post("/sign-in/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def key_of(client: Client) -> str:
    return str(client.cookies["session"].value)


def age(client: Client, *, used: timedelta, signed_in: timedelta | None = None) -> None:
    """As if it had been used and begun so long ago."""
    store = SessionStore(key_of(client))
    moment = timezone.now()
    store.update(
        {
            USED_AT: (moment - used).isoformat(),
            SIGNED_IN_AT: (moment - (used if signed_in is None else signed_in)).isoformat(),
        }
    )
    store.save()


def is_in(client: Client) -> bool:
    return client.get("/o/acme/teams/").status_code == 200


def page(client: Client) -> str:
    answer = client.get("/sessions/")
    assert answer.status_code == 200
    return answer.content.decode()


# --- Ending by itself -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "begun", "open_still"),
    [
        (timedelta(hours=11, minutes=59), timedelta(hours=12), True),
        (timedelta(hours=12, minutes=1), timedelta(hours=13), False),
        (timedelta(minutes=5), timedelta(days=13, hours=23), True),
        (timedelta(minutes=5), timedelta(days=14, minutes=1), False),
    ],
)
def test_a_session_ends_after_12_hours_unused_and_14_days_in_all(
    cast: Cast, used: timedelta, begun: timedelta, open_still: bool
) -> None:
    client = cast.acme.browser("Max")
    age(client, used=used, signed_in=begun)
    assert is_in(client) is open_still


def test_use_lengthens_a_session_but_never_beyond_14_days(cast: Cast) -> None:
    client = cast.acme.browser("Max")
    for _ in range(3):  # 33 hours, never 12 without use
        age(client, used=timedelta(hours=11), signed_in=timedelta(days=2))
        assert is_in(client)
    age(client, used=timedelta(hours=2), signed_in=timedelta(days=13, hours=20))
    assert is_in(client)
    left = Session.objects.get(pk=key_of(client)).expire_date - timezone.now()
    assert timedelta(hours=3) < left < timedelta(hours=4)


def test_the_use_is_noted_at_most_once_an_hour(cast: Cast) -> None:
    client = cast.acme.browser("Max")

    def written() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert is_in(client)
        return sum('UPDATE "organizations_session"' in one["sql"] for one in asked)

    assert written() == 0
    age(client, used=timedelta(minutes=59))
    assert written() == 0
    age(client, used=timedelta(minutes=61))
    assert [written(), written()] == [1, 0]


# --- The list ---------------------------------------------------------------------------------


def test_the_owner_sees_each_device_in_plain_words_and_which_is_this_one(cast: Cast) -> None:
    max_ = cast.acme.users["Max"]
    here, phone = signed_in(max_), another(max_, IPHONE)
    age(phone, used=timedelta(hours=3), signed_in=timedelta(days=3))
    html = page(here)
    assert html.index("Chrome on Windows") < html.index("This device") < html.index("Safari on iPh")
    assert html.count("This device") == 1
    assert "Last used 3\xa0hours ago" in html
    assert key_of(here) not in html and key_of(phone) not in html
    here.cookies["language"] = "ko"
    assert 'lang="ko"' in page(here)


def test_ending_one_ends_it_with_its_next_request(cast: Cast) -> None:
    max_ = cast.acme.users["Max"]
    here, phone, tablet = signed_in(max_), another(max_, IPHONE), another(max_, "")
    age(phone, used=timedelta(hours=2))
    age(tablet, used=timedelta(hours=1))
    newest, _oldest = END.findall(page(here))
    assert "Unknown browser" in page(here)
    assert here.post("/sessions/end/", {"session": newest}, follow=True).status_code == 200
    assert [is_in(one) for one in (here, phone, tablet)] == [True, True, False]
    assert (
        b"That device was already signed out"
        in here.post("/sessions/end/", {"session": newest}, follow=True).content
    )
    here.post("/sessions/end/", {"session": "others"})
    assert [is_in(one) for one in (here, phone)] == [True, False]
    assert END.findall(page(here)) == []


def test_nobody_ends_anothers_session_or_the_one_before_them(cast: Cast) -> None:
    here, other = signed_in(cast.acme.users["Max"]), signed_in(cast.acme.users["Cho"])
    watching = another(cast.acme.users["Cho"], IPHONE)
    (name,) = END.findall(page(watching))
    for wanted in (name, key_of(other), key_of(here), "", "x" * 5000):
        assert here.post("/sessions/end/", {"session": wanted}).status_code == 302
    here.post("/sessions/end/", {"session": "others"})
    assert all(is_in(one) for one in (here, other, watching))
    assert Client().get("/sessions/").status_code == 302
    assert Client().post("/sessions/end/", {"session": "others"}).status_code == 302


def test_a_new_password_empties_the_list(cast: Cast) -> None:
    max_ = cast.acme.users["Max"]
    here, phone = signed_in(max_), another(max_, IPHONE)
    new = "another long sentence"
    told = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/password/", told).status_code == 302
    assert not is_in(phone)
    assert not Session.objects.filter(user=max_).exists()


def test_signing_out_takes_the_session_off_the_list(cast: Cast) -> None:
    max_ = cast.acme.users["Max"]
    here, phone = signed_in(max_), another(max_, IPHONE)
    phone.post("/sign-out/")
    assert END.findall(page(here)) == []


# --- What a browser says of itself ------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (CHROME, "Chrome", "Windows"),
        (IPHONE, "Safari", "iPhone"),
        (f"{CHROME} Edg/140.0.0.0", "Edge", "Windows"),
        (f"{CHROME} Whale/4.30.291.11", "Whale", "Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Firefox",
            "Linux",
        ),
        (f"{IPHONE} KAKAOTALK/25.5.0 (INAPP)", "KakaoTalk", "iPhone"),
        (
            f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
            "Samsung Internet",
            "Android",
        ),
        ("curl/8.5.0", "", ""),
        ("", "", ""),
        ("\xff<script>" * 10_000, "", ""),
    ],
)
def test_a_browser_and_its_system_are_told_from_what_it_says(
    agent: str, browser: str, system: str
) -> None:
    assert (browser_of(agent), system_of(agent)) == (browser, system)
