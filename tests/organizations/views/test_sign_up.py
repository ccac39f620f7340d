"""Before an e-mail is confirmed there is one letter and nothing else; known and unknown ones cannot be
told apart."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import signing
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from devstack.mail import MailServer
from devstack.workers import Worker
from organizations import account_emails, accounts, people
from organizations.access import organizations_of
from organizations.models import (
    AccountLetter,
    AuditEvent,
    Membership,
    Organization,
    Team,
    User,
)
from organizations.tenancy.scope import working_for
from tests.conftest import Cast

PASSWORD = "a long enough sentence"
NOA = "noa@nova.example"
FOUND = {"name": "Noa Kim", "organization": "Nova", "address": ""}
PAGES = ["/sign-up/", "/password/reset/"]


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    cache.clear()


def browser() -> Client:
    return Client(raise_request_exception=False)


def text(answer: Any) -> str:
    content: str = answer.content.decode()
    return content


def without_values(answer: Any) -> str:
    return re.sub(r'value="[^"]*"', "", text(answer))


def link_in(letter: EmailMessage) -> str:
    found = re.search(r"http://testserver(/\S+)", str(letter.body))
    assert found
    return found[1]


def confirmation(email: str) -> str:
    return f"/e-mail/confirm/{account_emails.confirmation_token(email)}/"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[str]:
    """Every password that was hashed as on a site, to be kept or to be compared."""
    settings.PASSWORD_HASHERS = [f"{Argon2PasswordHasher.__module__}.Argon2PasswordHasher"]
    done: list[str] = []
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify

    def noted_encode(self: Any, password: str, salt: str) -> str:
        done.append(password)
        return encode(self, password, salt)

    def noted_verify(self: Any, password: str, encoded: str) -> bool:
        done.append(password)
        return verify(self, password, encoded)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", noted_encode)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", noted_verify)
    return done


# --- Nothing but one letter -------------------------------------------------------------------


def test_before_the_letter_is_opened_nothing_comes_to_be(
    db: None, mailoutbox: list[EmailMessage]
) -> None:
    answer = browser().post("/sign-up/", {"email": "Noa@Nova.example"})
    assert (answer.status_code, answer["Location"]) == (302, "/e-mail/sent/")
    assert mailoutbox == []  # a request sends nothing itself
    account_emails.send_due()
    (letter,) = mailoutbox
    assert letter.to == [NOA]
    assert letter.subject == "Confirm your email address"
    assert browser().get(link_in(letter)).status_code == 200
    assert browser().head(link_in(letter)).status_code == 200
    assert (User.objects.count(), EmailAddress.objects.count()) == (0, 0)
    assert AccountLetter.objects.count() == 0  # nor is the address kept


def test_whoever_has_the_letter_chooses_a_password_and_founds(db: None) -> None:
    client = browser()
    client.cookies["language"] = "ko"
    answer = client.post(confirmation(NOA), {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/new/")
    user = User.objects.get()
    assert (user.email, user.check_password(PASSWORD)) == (NOA, True)
    assert accounts.is_confirmed(NOA)
    assert organizations_of(user) == []
    assert client.post("/new/", FOUND)["Location"] == "/o/nova/"
    ((organization, slug, name),) = organizations_of(user)
    assert (slug, name) == ("nova", "Nova")
    with working_for(organization):
        owner = Membership.objects.get()
        assert (owner.name, owner.role, owner.language) == ("Noa Kim", "owner", "ko")
        assert owner.user_id == user.pk
        assert Team.objects.get().name == "Nova"
        assert AuditEvent.objects.get().event == "organization.founded"
    assert client.get("/")["Location"] == "/o/nova/"


@pytest.mark.parametrize("password", ["", "short", NOA, "password1234"])
def test_a_bad_password_is_said_and_makes_no_account(db: None, password: str) -> None:
    answer = browser().post(confirmation(NOA), {"password": password})
    assert answer.status_code == 422
    assert not User.objects.exists()


def test_a_link_opens_once_and_a_made_up_or_old_one_never(db: None) -> None:
    old = signing.TimestampSigner(salt=account_emails.CONFIRMATION_SALT)
    old.timestamp = lambda: "1Qa"  # type: ignore[method-assign]  # long ago
    assert browser().post(confirmation(NOA), {"password": PASSWORD}).status_code == 302
    stale = old.sign_object(NOA)
    for path in (confirmation(NOA), "/e-mail/confirm/guessed/", f"/e-mail/confirm/{stale}/"):
        answer = browser().post(path, {"password": "another long sentence"})
        assert answer.status_code == 404
        assert "This link has expired" in text(answer)
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_the_letter(mail_server: MailServer, worker_process: Worker) -> None:
    browser().post("/sign-up/", {"email": NOA})
    (letter,) = mail_server.wait_for(1)
    assert (letter["To"], letter["Subject"]) == (NOA, "Confirm your email address")
    assert "http://testserver/e-mail/confirm/" in letter.get_content()


def test_a_letter_that_cannot_leave_is_tried_again_and_given_up_in_the_end(
    db: None, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens
    browser().post("/sign-up/", {"email": NOA})
    for attempt in range(1, len(account_emails.RETRY_DELAYS)):
        account_emails.send_due()
        row = AccountLetter.objects.get()
        assert row.attempts == attempt
        AccountLetter.objects.update(due_at=row.asked_at)
    account_emails.send_due()
    assert not AccountLetter.objects.exists()


# --- No oracle --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_known_and_unknown_are_the_same_reply_work_and_letter(
    path: str, cast: Cast, hashed: list[str], mailoutbox: list[EmailMessage]
) -> None:
    seen = []
    browser().post(path, {"email": "first@acme.example"})  # what is loaded once
    for email in ("ada@acme.example", "nobody@acme.example"):
        client = browser()
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(path, {"email": email})
        statements = [re.sub(r"'[^']*'|s\d+_x\d+", "?", query["sql"]) for query in queries]
        page = without_values(client.get(answer["Location"]))
        seen.append(
            (answer.status_code, answer["Location"], sorted(client.cookies), page, statements)
        )
    assert seen[0] == seen[1]
    assert hashed == []
    assert AccountLetter.objects.filter(email="ada@acme.example").count() == 1
    assert AccountLetter.objects.filter(email="nobody@acme.example").count() == 1
    account_emails.send_due()
    assert sorted(letter.to[0] for letter in mailoutbox[1:]) == [
        "ada@acme.example",
        "nobody@acme.example",
    ]


def test_a_known_email_is_told_so_by_its_letter_alone(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    before = User.objects.count()
    browser().post("/sign-up/", {"email": "Ada@Acme.example"})
    account_emails.send_due()
    (letter,) = mailoutbox
    assert letter.subject == "You already have an account"
    assert "ada@acme.example" in str(letter.body)
    assert link_in(letter) == "/password/reset/"
    assert User.objects.count() == before


@pytest.mark.parametrize("email", ["ada@acme.example", "off@acme.example", "nobody@acme.example"])
def test_signing_in_hashes_one_password_whoever_it_is(
    cast: Cast, hashed: list[str], email: str
) -> None:
    cast.acme.users["Ada"].set_password(PASSWORD)
    cast.acme.users["Ada"].save()
    off = User.objects.create_user("off@acme.example")
    off.is_active = False
    off.save()
    hashed.clear()
    browser().post("/sign-in/", {"login": email, "password": "a wrong sentence"})
    assert len(hashed) == 1


def test_letters_to_one_address_end_for_the_day_and_nothing_says_so(
    cast: Cast, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    settings.ACCOUNT_LETTERS_A_DAY = 2
    for path in PAGES:
        replies = {
            (answer.status_code, answer["Location"])
            for answer in (browser().post(path, {"email": "ADA@acme.example"}) for _ in range(4))
        }
        assert len(replies) == 1
    browser().post("/sign-up/", {"email": NOA})
    account_emails.send_due()
    counted = [letter.to[0] for letter in mailoutbox]
    assert counted.count("ada@acme.example") == 4  # two of each kind
    assert counted.count(NOA) == 1


# --- One address, and whose it is -------------------------------------------------------------


def begun_by_a_stranger(email: str) -> User:
    """As accounts were made before e-mails were confirmed first."""
    user = User.objects.create_user(email, "the password of a stranger")
    EmailAddress.objects.create(user=user, email=email, primary=True)
    return user


def test_taking_over_an_email_leaves_nothing_of_who_had_begun_with_it(db: None) -> None:
    stranger = begun_by_a_stranger(NOA)
    inside = browser()
    inside.force_login(stranger)
    browser().post(confirmation(NOA), {"password": PASSWORD})
    user = User.objects.get()
    assert (user.pk, user.check_password(PASSWORD)) == (stranger.pk, True)
    assert inside.get("/new/")["Location"] == "/sign-in/?next=/new/"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [(NOA, True)]


def test_an_unconfirmed_account_opens_nothing_and_gets_a_letter(
    db: None, mailoutbox: list[EmailMessage]
) -> None:
    begun_by_a_stranger(NOA)
    client = browser()
    told = {"login": NOA, "password": "the password of a stranger"}
    assert client.post("/sign-in/", told)["Location"] == "/e-mail/sent/"
    assert client.get("/new/")["Location"] == "/sign-in/?next=/new/"
    account_emails.send_due()
    (letter,) = mailoutbox
    assert link_in(letter).startswith("/e-mail/confirm/")


def test_an_account_has_no_second_address(cast: Cast) -> None:
    ada = cast.acme.users["Ada"]
    with pytest.raises(IntegrityError, match="account_one_address"), transaction.atomic():
        EmailAddress.objects.create(user=ada, email="second@evil.example")


# --- Closed, and founding ---------------------------------------------------------------------


def test_a_closed_installation_says_so_and_founds_nothing(cast: Cast, settings: Any) -> None:
    settings.OPEN_SIGNUP = False
    for answer in (browser().get("/sign-up/"), browser().post("/sign-up/", {"email": NOA})):
        assert answer.status_code == 403
        assert "Organizations are created by your Naite administrator." in text(answer)
    assert not AccountLetter.objects.exists()
    client = cast.acme.browser("Ada")
    assert client.post("/new/", FOUND).status_code == 403
    assert len(organizations_of(cast.acme.users["Ada"])) == 1


@pytest.mark.parametrize("email", ["", "nobody", "x" * 250 + "@nova.example"])
def test_what_is_no_email_is_said_and_kept(db: None, email: str) -> None:
    answer = browser().post("/sign-up/", {"email": email})
    assert answer.status_code == 422
    assert f'value="{email}"' in text(answer) or not email
    assert not AccountLetter.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"organization": ""}, "This field is required."),
        ({"address": "No Way"}, "Use lowercase letters, digits and hyphens"),
        ({"address": "acme"}, "This address is taken. Choose another."),
        ({"organization": "Acme"}, "This address is taken. Choose another."),
    ],
)
def test_bad_input_is_said_and_kept_and_founds_nothing(
    cast: Cast, wrong: dict[str, str], sentence: str
) -> None:
    answer = cast.acme.browser("Ada").post("/new/", FOUND | wrong)
    assert sentence in text(answer)
    assert 'value="Noa Kim"' in text(answer)
    assert len(organizations_of(cast.acme.users["Ada"])) == 1


def test_a_korean_name_gets_an_address_all_the_same(cast: Cast) -> None:
    answer = cast.acme.browser("Ada").post("/new/", FOUND | {"organization": "새싹"})
    assert re.fullmatch(r"/o/org-[0-9a-f]{8}/", answer["Location"])
    assert "새싹" in {name for _id, _slug, name in organizations_of(cast.acme.users["Ada"])}


def test_whoever_is_second_at_an_address_gets_another_one(cast: Cast) -> None:
    user = User.objects.create_user("late@nova.example")
    late: Organization = people.create_organization(
        name="Acme", slug="acme", owner=user, owner_name="Late"
    )
    assert re.fullmatch(r"acme-[0-9a-f]{8}", late.slug)
