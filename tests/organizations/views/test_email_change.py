"""Another e-mail to sign in with: nothing changes before its letter was opened."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core import signing
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client

from organizations import account_emails
from organizations.models import AccountLetter, User
from tests.conftest import Cast
from tests.organizations.views.test_sign_up import PASSWORD, browser, link_in, text


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def ada(cast: Cast) -> Client:
    cast.acme.users["Ada"].set_password(PASSWORD)
    cast.acme.users["Ada"].save()
    return cast.acme.browser("Ada")


def ask_for(client: Client, email: str, password: str = PASSWORD) -> int:
    told = {"email": email, "password": password}
    return client.post("/e-mail/", told).status_code


def test_another_address_counts_once_its_letter_was_opened(
    cast: Cast, ada: Client, mailoutbox: list[EmailMessage]
) -> None:
    assert ask_for(ada, "Ada@new.example") == 302
    account_emails.send_due()
    (letter,) = mailoutbox
    assert letter.to == ["ada@new.example"]
    link = link_in(letter)
    assert ada.get(link).status_code == 200
    assert not EmailAddress.objects.filter(email="ada@new.example").exists()
    assert User.objects.filter(email="ada@acme.example").exists()
    assert cast.acme.browser("Max").post(link).status_code == 404
    assert browser().post(link).status_code == 302  # asked to sign in
    assert ada.post(link).status_code == 302
    user = cast.acme.users["Ada"]
    user.refresh_from_db()
    assert user.email == "ada@new.example"
    assert [row.email for row in EmailAddress.objects.filter(user=user)] == ["ada@new.example"]
    account_emails.send_due()
    told = mailoutbox[1]
    assert told.to == ["ada@acme.example"]
    assert "ada@acme.example → ada@new.example" in str(told.body)
    assert ada.post(link).status_code == 404


def test_a_taken_address_is_told_to_its_owner_alone(
    cast: Cast, ada: Client, mailoutbox: list[EmailMessage]
) -> None:
    assert ask_for(ada, "max@acme.example") == ask_for(ada, "free@acme.example") == 302
    account_emails.send_due()
    assert [letter.subject for letter in mailoutbox] == [
        "You already have an account",
        "Confirm your email address",
    ]


def test_without_the_password_no_letter_is_sent(ada: Client) -> None:
    assert ask_for(ada, "ada@evil.example", "a wrong sentence") == 422
    assert not AccountLetter.objects.exists()


def test_an_address_that_was_taken_meanwhile_is_refused(cast: Cast, ada: Client) -> None:
    told = [str(cast.acme.users["Ada"].pk), "ada@acme.example", "max@acme.example"]
    token = signing.dumps(told, salt=account_emails.CHANGE_SALT)
    answer = ada.post(f"/e-mail/change/{token}/")
    assert answer.status_code == 422
    assert "There&#x27;s already an account with this email." in text(answer)
    assert ada.get("/").status_code == 302  # still Ada's session, still her account
    assert User.objects.filter(email="ada@acme.example").exists()
