"""An invitation to sign in belongs to one person, one e-mail and one role, and opens once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.test import Client

from devstack.mail import MailServer
from devstack.workers import Worker
from organizations import email_delivery, invitations, jobs, people
from organizations.models import AuditEvent, Invitation, Membership, Role, User
from organizations.pseudonyms import hash_token
from organizations.tenancy.scope import working_for
from tests.conftest import Cast, House
from tests.isolation.populated_organizations import rows_digest

PASSWORD = "a long enough sentence"


def newcomer(house: House, email: str = "noa@acme.example", role: str = Role.MEMBER) -> Membership:
    with working_for(house.id):
        new = people.Profile("Noa", email, house.teams["Growth"].pk, role, "ko")
        return people.add_person(new, by=next(iter(house.members.values())).pk)


def invite(house: House, person: Membership, by: str = "Ada", days: float = 0) -> Invitation:
    with working_for(house.id):
        moment = datetime.now(UTC) + timedelta(days=days)
        return invitations.invite(person, by=house.members[by].pk, moment=moment)


def address(house: House, person: Membership, days: float = 0) -> str:
    invitation = invite(house, person, days=days)
    return f"/join/{invitations.token_of(invitation, person)}/"


def stored(house: House, person: Membership) -> Membership:
    with working_for(house.id):
        return Membership.objects.get(pk=person.pk)


def browser() -> Client:
    return Client(raise_request_exception=False)


def text(answer: Any) -> str:
    content: str = answer.content.decode()
    return content


# --- Inviting ---------------------------------------------------------------------------------


def test_only_the_hash_of_a_token_is_stored(cast: Cast) -> None:
    noa = newcomer(cast.acme)
    invitation = invite(cast.acme, noa)
    token = invitations.token_of(invitation, noa)
    assert len(token) == 22
    assert bytes(invitation.token_hash) == hash_token(token)
    assert invitation.expires_at - invitation.due_at == invitations.VALID_FOR  # type: ignore[operator]  # due now


def test_inviting_again_keeps_the_link_and_makes_it_hold_longer(cast: Cast) -> None:
    noa = newcomer(cast.acme)
    first, second = invite(cast.acme, noa, days=-10), invite(cast.acme, noa)
    assert first.pk == second.pk
    assert bytes(first.token_hash) == bytes(second.token_hash)
    assert second.expires_at - first.expires_at >= timedelta(days=10)


@pytest.mark.parametrize(
    ("who", "by", "sentence"),
    [
        ("Max", "Ada", "This person already has an account."),
        ("Sue", "Ada", "This person is suspended. Reinstate them first."),
    ],
)
def test_who_cannot_be_invited(cast: Cast, who: str, by: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as raised:
        invite(cast.acme, cast.acme.members[who], by)
    assert raised.value.messages == [sentence]


@pytest.mark.parametrize("role", [Role.OWNER, Role.LEADER])
def test_nobody_invites_someone_who_may_do_more(cast: Cast, role: str) -> None:
    noa = newcomer(cast.acme, role=role)
    with pytest.raises(ValidationError) as raised:
        invite(cast.acme, noa, by="Adam")
    assert raised.value.messages == [
        "This person has more rights than you. Ask an owner to invite them."
    ]


# --- Following the link -----------------------------------------------------------------------


def test_opening_the_link_changes_nothing(cast: Cast) -> None:
    noa = newcomer(cast.acme)
    link = address(cast.acme, noa)
    before = rows_digest(cast.acme)
    for _ in range(3):
        page = browser().get(link)
        assert page.status_code == 200
        assert page["Referrer-Policy"] == "strict-origin"
        assert "비밀번호" in text(page)  # in the language of the one who is invited
        assert browser().head(link).status_code == 200
    assert rows_digest(cast.acme) == before
    assert not User.objects.filter(email=noa.email).exists()


def test_a_password_makes_a_sign_in_and_the_link_is_used(cast: Cast) -> None:
    noa = newcomer(cast.acme)
    link = address(cast.acme, noa)
    client = browser()
    answer = client.post(link, {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/o/acme/")
    user = User.objects.get(email="noa@acme.example")
    assert stored(cast.acme, noa).user_id == user.pk
    assert user.check_password(PASSWORD)
    assert EmailAddress.objects.get(user=user).verified
    assert client.get("/o/acme/people/").status_code == 403  # in, as a member
    assert browser().get(link).status_code == 404
    assert browser().post(link, {"password": PASSWORD}).status_code == 404
    with working_for(cast.acme.id):
        assert AuditEvent.objects.filter(event="person.joined", actor=noa.pk).count() == 1


@pytest.mark.parametrize("password", ["", "short", "noa@acme.example", "password1234"])
def test_a_weak_password_is_refused_and_the_link_stays(cast: Cast, password: str) -> None:
    noa = newcomer(cast.acme)
    link = address(cast.acme, noa)
    answer = browser().post(link, {"password": password})
    assert answer.status_code == 422
    assert stored(cast.acme, noa).user_id is None
    assert browser().post(link, {"password": PASSWORD}).status_code == 302


def test_whoever_is_signed_in_with_this_email_is_connected(cast: Cast) -> None:
    rita = cast.rival.users["Rita"]
    noa = newcomer(cast.acme, email=rita.email)
    link = address(cast.acme, noa)
    client = cast.rival.browser("Rita")
    assert 'name="password"' not in text(client.get(link))
    assert client.post(link).status_code == 302
    assert stored(cast.acme, noa).user_id == rita.pk


def test_someone_elses_sign_in_is_not_connected(cast: Cast) -> None:
    noa = newcomer(cast.acme)
    link = address(cast.acme, noa)
    client = cast.rival.browser("Rita")
    client.cookies["language"] = "en"
    assert "This invitation is for a different email" in text(client.get(link))
    answer = client.post(link, {"password": PASSWORD})
    assert answer.status_code == 422
    assert stored(cast.acme, noa).user_id is None


def test_a_known_email_signs_in_first(cast: Cast) -> None:
    rita = cast.rival.users["Rita"]
    noa = newcomer(cast.acme, email=rita.email)
    link = address(cast.acme, noa)
    client = browser()
    client.cookies["language"] = "en"
    page = text(client.get(link))
    assert 'name="password"' not in page
    assert f"/sign-in/?next={link}" in page
    assert client.post(link, {"password": PASSWORD}).status_code == 422
    assert stored(cast.acme, noa).user_id is None


@pytest.mark.parametrize("reason", ["expired", "suspended", "email", "role", "removed", "nonsense"])
def test_a_link_that_does_not_hold_any_more_says_so(cast: Cast, reason: str) -> None:
    acme = cast.acme
    noa = newcomer(acme)
    link = address(acme, noa, days=-15 if reason == "expired" else 0)
    with working_for(acme.id):
        rows = Membership.objects.filter(pk=noa.pk)
        if reason == "suspended":
            rows.update(suspended_at=datetime.now(UTC))
        elif reason == "email":
            rows.update(email="other@acme.example")
        elif reason == "role":
            rows.update(role=Role.OWNER)
        elif reason == "removed":
            rows.delete()
    link = "/join/n0-such-token-at-all-00/" if reason == "nonsense" else link
    client = browser()
    client.cookies["language"] = "en"
    for answer in (client.get(link), client.post(link, {"password": PASSWORD})):
        assert answer.status_code == 404
        assert "This link has expired" in text(answer)
    assert not User.objects.filter(email=noa.email).exists()


def test_an_invitation_opens_its_own_organization_only(cast: Cast) -> None:
    noa = newcomer(cast.acme)
    client = browser()
    client.post(address(cast.acme, noa), {"password": PASSWORD})
    assert client.get("/o/acme/people/").status_code == 403  # in, as a member
    assert client.get("/o/rival/people/").status_code == 404


# --- The letter -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_one_letter_in_the_readers_language(
    cast: Cast, worker_process: Worker, mail_server: MailServer
) -> None:
    noa = newcomer(cast.acme)
    invitation = invite(cast.acme, noa)
    jobs.wake_worker()
    (letter,) = mail_server.wait_for(1)
    body = letter.get_content()
    assert letter["To"] == "noa@acme.example"
    assert "Acme" in letter["Subject"]
    assert "초대를 수락해 주세요" in body
    assert f"/join/{invitations.token_of(invitation, noa)}/" in body
    assert "Ada" in body
    jobs.perform(Invitation, cast.acme.id, invitation.pk, invitations.send)
    assert len(mail_server.letters) == 1


def test_an_invitation_that_was_used_meanwhile_is_not_sent(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    noa = newcomer(cast.acme)
    invitation = invite(cast.acme, noa)
    claim = jobs.claim(Invitation, cast.acme.id, invitation.pk)
    assert claim
    with working_for(cast.acme.id):
        Invitation.objects.filter(pk=invitation.pk).update(accepted_at=datetime.now(UTC))
    invitations.send(claim)
    assert mailoutbox == []
    assert jobs.claim(Invitation, cast.acme.id, invitation.pk) is None


def test_a_letter_sent_twice_is_recognised_as_one(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    invitation = invite(cast.acme, newcomer(cast.acme))
    for state in (
        email_delivery.WAITING,
        email_delivery.SENDING,
    ):  # the second time after a worker has died
        with working_for(cast.acme.id):
            Invitation.objects.filter(pk=invitation.pk).update(
                due_at=datetime(2026, 1, 1, tzinfo=UTC), state=state
            )
        claim = jobs.claim(Invitation, cast.acme.id, invitation.pk)
        assert claim
        invitations.send(claim)
    first, second = (letter.extra_headers["Message-ID"] for letter in mailoutbox)
    assert first == second
