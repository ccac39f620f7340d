"""Signing in, and getting a new password, as people do it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlparse

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from devstack.mail import MailServer
from organizations import account_emails, accounts
from organizations.models import User
from tests.conftest import Cast

PASSWORD = "a long enough sentence"
NEW = "another long sentence"


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
    return client.get("/sessions/").status_code == 200


@pytest.fixture
def ada(cast: Cast) -> User:
    ada = cast.acme.users["Ada"]
    ada.set_password(PASSWORD)
    ada.save()
    return ada


# --- The front page ---------------------------------------------------------------------------


def test_one_organization_is_opened_several_are_listed_none_offers_one(cast: Cast) -> None:
    nobody = User.objects.create_user("nobody@nowhere.example")
    client = browser()
    client.force_login(nobody)
    page = text(client.get("/"))
    assert "You're not in an organization yet" in page
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
    assert "This address is taken. Choose another." in text(answer)
    assert "Acme &amp; Sons" in text(answer)


def test_a_stranger_reads_what_naite_is_and_where_a_link_leads(db: None) -> None:
    page = text(browser().get("/"))
    assert "Naite surveys a whole marketing organization." in page
    assert page.index("I have a link") > page.index("/sign-in/")
    assert "/sign-up/" in page


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
    assert "Sign-in is temporarily unavailable" in text(answer)
    assert not is_in(client)


# --- A new password ---------------------------------------------------------------------------


def reset_link(smtp: MailServer) -> str:
    account_emails.send_due()
    (letter,) = smtp.wait_for(1)
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
    link = reset_link(smtp)
    page = client.get(link, follow=True)
    address = page.redirect_chain[-1][0]
    assert client.post(address, {"password1": "short", "password2": "short"}).status_code == 200
    assert is_in(elsewhere)
    EmailAddress.objects.filter(user=ada).update(verified=False)  # as in accounts from long ago
    done = client.post(address, {"password1": NEW, "password2": NEW}, follow=True)
    assert done.status_code == 200
    assert accounts.is_confirmed(ada.email)
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
    account_emails.send_due()
    for letter in smtp.wait_for(2):
        assert ("/password/reset/" in letter.get_content()) == (letter["To"] == ada.email)
