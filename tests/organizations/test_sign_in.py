"""Signing up, signing in, and getting a new password, as people do it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlparse

import pytest
from django.core.cache import cache
from django.test import Client

from devstack.mail import MailServer
from organizations import people
from organizations.access import organizations_of
from organizations.models import AuditEvent, Membership, Team, User
from organizations.tenancy import working_for
from tests.conftest import Cast

PASSWORD = "a long enough sentence"
NEW = "another long sentence"
SIGN_UP = {
    "name": "Noa Kim",
    "organization": "Nova",
    "address": "",
    "email": "Noa@Nova.example",
    "password1": PASSWORD,
}


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def smtp(settings: Any, mail_server: MailServer) -> MailServer:
    """Letters of this process go over a real connection."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", urlparse(mail_server.url).port
    return mail_server


def browser() -> Client:
    return Client(raise_request_exception=False)


def text(answer: Any) -> str:
    content: str = answer.content.decode()
    return content


def without_values(answer: Any) -> str:
    """The page without tokens and without what was typed."""
    return re.sub(r'value="[^"]*"', "", text(answer))


def signed_in(email: str, password: str = PASSWORD) -> Client:
    client = browser()
    answer = client.post("/sign-in/", {"login": email, "password": password})
    assert answer.status_code == 302, text(answer)
    return client


def is_in(client: Client) -> bool:
    return bool(client.get("/").status_code == 200 or "sign-in" not in client.get("/")["Location"])


@pytest.fixture
def ada(cast: Cast) -> User:
    ada = cast.acme.users["Ada"]
    ada.set_password(PASSWORD)
    ada.save()
    return ada


# --- Signing up -------------------------------------------------------------------------------


def test_signing_up_founds_an_organization(db: None) -> None:
    client = browser()
    client.cookies["language"] = "ko"
    answer = client.post("/sign-up/", SIGN_UP)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get(email="noa@nova.example")
    ((organization, slug, name),) = organizations_of(user)
    assert (slug, name) == ("nova", "Nova")
    with working_for(organization):
        owner = Membership.objects.get()
        assert (owner.name, owner.role, owner.language) == ("Noa Kim", "owner", "ko")
        assert owner.user_id == user.pk
        assert Team.objects.get().name == "Nova"
        assert AuditEvent.objects.get().event == "organization.founded"
    assert client.get("/")["Location"] == "/o/nova/"


def test_a_korean_name_gets_an_address_all_the_same(db: None) -> None:
    browser().post("/sign-up/", SIGN_UP | {"organization": "새싹"})
    ((_id, slug, name),) = organizations_of(User.objects.get())
    assert name == "새싹"
    assert re.fullmatch(r"org-[0-9a-f]{8}", slug)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"organization": ""}, "This field is required."),
        ({"address": "No Way"}, "Use small letters, digits and hyphens"),
        ({"address": "acme"}, "This address is taken. Choose another one."),
        ({"organization": "Acme"}, "This address is taken. Choose another one."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"password1": "short"}, "at least 10 characters"),
        ({"password1": "noa@nova.example"}, "too similar"),
    ],
)
def test_bad_input_is_said_and_kept_and_founds_nothing(
    cast: Cast, wrong: dict[str, str], sentence: str
) -> None:
    before = User.objects.count()
    answer = browser().post("/sign-up/", SIGN_UP | wrong)
    assert sentence in text(answer)
    assert 'value="Noa Kim"' in text(answer)
    assert User.objects.count() == before


def test_a_known_email_founds_no_second_sign_in(cast: Cast) -> None:
    before = User.objects.count()
    answer = browser().post("/sign-up/", SIGN_UP | {"email": "ada@acme.example"})
    assert answer.status_code == 200
    assert User.objects.count() == before


def test_whoever_is_second_at_an_address_gets_another_one(cast: Cast) -> None:
    user = User.objects.create_user("late@nova.example")
    late = people.found_organization(name="Acme", slug="acme", owner=user, owner_name="Late")
    assert re.fullmatch(r"acme-[0-9a-f]{8}", late.slug)


def test_a_closed_installation_says_so_and_founds_nothing(cast: Cast, settings: Any) -> None:
    settings.OPEN_SIGNUP = False
    before = User.objects.count()
    for answer in (browser().get("/sign-up/"), browser().post("/sign-up/", SIGN_UP)):
        assert "Whoever runs this installation sets up organizations." in text(answer)
    assert User.objects.count() == before
    client = cast.acme.browser("Ada")
    assert client.post("/new/", {"name": "Ada", "organization": "Two"}).status_code == 403
    assert len(organizations_of(cast.acme.users["Ada"])) == 1


# --- The front page ---------------------------------------------------------------------------


def test_one_organization_is_opened_several_are_listed_none_offers_one(cast: Cast) -> None:
    nobody = User.objects.create_user("nobody@nowhere.example")
    client = browser()
    client.force_login(nobody)
    page = text(client.get("/"))
    assert "You belong to no organization yet" in page
    assert "nobody@nowhere.example" in page
    assert client.post("/new/", {"name": "N", "organization": "One"})["Location"] == "/o/one/"
    assert client.get("/")["Location"] == "/o/one/"
    client.post("/new/", {"name": "N", "organization": "Two"})
    page = text(client.get("/"))
    assert 'href="/o/one/"' in page
    assert 'href="/o/two/"' in page
    assert "acme" not in page


def test_a_bad_address_is_said_and_kept(cast: Cast) -> None:
    told = {"name": "Ada", "organization": "Acme & Sons", "address": "acme"}
    answer = cast.acme.browser("Ada").post("/new/", told)
    assert answer.status_code == 422
    assert "This address is taken. Choose another one." in text(answer)
    assert "Acme &amp; Sons" in text(answer)


def test_a_stranger_is_asked_to_sign_in(db: None) -> None:
    assert browser().get("/")["Location"] == "/sign-in/?next=/"


# --- Signing in -------------------------------------------------------------------------------


def test_signing_in_makes_a_new_session(ada: User) -> None:
    client = browser()
    client.get("/sign-in/")
    client.session["x"] = 1
    before = client.session.session_key
    client.post("/sign-in/", {"login": "ADA@acme.example", "password": PASSWORD})
    assert client.session.session_key != before
    assert is_in(client)


def test_guessing_is_slowed_down_even_with_the_right_password_in_the_end(ada: User) -> None:
    client = browser()
    for _ in range(5):
        client.post("/sign-in/", {"login": ada.email, "password": "wrong"})
    answer = client.post("/sign-in/", {"login": ada.email, "password": PASSWORD})
    assert answer.status_code in (200, 429)
    assert not is_in(client)


def test_a_wrong_password_and_an_unknown_email_sound_alike(ada: User) -> None:
    pages = []
    for login in (ada.email, "nobody@acme.example"):
        answer = browser().post("/sign-in/", {"login": login, "password": "wrong"})
        pages.append(without_values(answer))
    assert pages[0] == pages[1]


def test_when_attempts_cannot_be_counted_nobody_signs_in(ada: User, settings: Any) -> None:
    broken = settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/valkey.sock?db=1"}
    settings.CACHES = {"default": broken}
    client = browser()
    answer = client.post("/sign-in/", {"login": ada.email, "password": PASSWORD})
    assert answer.status_code == 503
    assert "Signing in pauses for a moment" in text(answer)
    assert not is_in(client)


# --- A new password ---------------------------------------------------------------------------


def reset_link(letters: list[Any]) -> str:
    (letter,) = letters
    found = re.search(r"http://testserver(/password/reset/\S+)", letter.get_content())
    assert found
    return found[1]


def test_a_forgotten_password_is_replaced_and_every_other_session_ends(
    ada: User, smtp: MailServer
) -> None:
    elsewhere = signed_in(ada.email)
    client = browser()
    answer = client.post("/password/reset/", {"email": "Ada@Acme.example"}, follow=True)
    assert answer.status_code == 200
    link = reset_link(smtp.wait_for(1))
    page = client.get(link, follow=True)
    address = page.redirect_chain[-1][0]
    assert client.post(address, {"password1": "short", "password2": "short"}).status_code == 200
    assert is_in(elsewhere)
    done = client.post(address, {"password1": NEW, "password2": NEW}, follow=True)
    assert done.status_code == 200
    assert not is_in(elsewhere)
    assert is_in(signed_in(ada.email, NEW))
    again = browser().get(link, follow=True)
    assert 'name="password1"' not in text(again)


def test_a_changed_password_ends_every_other_session(ada: User) -> None:
    here, elsewhere = signed_in(ada.email), signed_in(ada.email)
    told = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post("/password/", told).status_code == 302
    assert not is_in(elsewhere)
    assert is_in(signed_in(ada.email, NEW))


def test_an_unknown_email_looks_the_same_at_the_reset(ada: User, smtp: MailServer) -> None:
    pages = [
        without_values(browser().post("/password/reset/", {"email": email}, follow=True))
        for email in (ada.email, "nobody@acme.example")
    ]
    assert pages[0] == pages[1]
    for letter in smtp.wait_for(2):
        assert ("/password/reset/" in letter.get_content()) == (letter["To"] == ada.email)
