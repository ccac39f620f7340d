"""What workers do stays within one organization, whatever row they are told; no kind of work and
no letter is forgotten here, because both are found where they are, not in a list of this file."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.account.adapter import get_adapter
from allauth.core.context import request_context
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.mail import EmailMessage
from django.template import Template
from django.test import RequestFactory
from django.test.signals import template_rendered
from django.utils import timezone, translation
from django.utils.module_loading import import_string

from assessments.cycles import emails as cycle_emails
from assessments.models import Cycle
from organizations import account_emails, emails
from organizations import jobs as rows
from organizations.models import Invitation, Membership, Organization, Team
from organizations.tenancy.scope import working_for
from organizations.text import without_links
from tests.conftest import CANARY, Cast, House
from tests.isolation.populated_organizations import EVERY_LETTER, populate, rows_digest
from tests.isolation.walk import World

PAST = datetime(2026, 1, 1, tzinfo=UTC)
TEMPLATES: Path = settings.BASE_DIR / "templates"
LETTERS = {
    path.relative_to(TEMPLATES).as_posix()
    for path in TEMPLATES.glob("*/mail/*")
    if not path.name.startswith("_")
}
OF_SIGNING_IN = sorted(
    path.relative_to(TEMPLATES).as_posix().removesuffix("_message.txt")
    for path in TEMPLATES.glob("account/email/*_message.txt")
    if not path.name.startswith("base_")
)
MODELS = rows.job_models()
each = pytest.mark.parametrize("kind", MODELS)


@pytest.fixture
def world(cast: Cast) -> World:
    acme, rival = populate(cast.acme, "Acme's own words"), populate(cast.rival, CANARY)
    return World(acme, rival, {})


def model_of(kind: str) -> Any:
    return MODELS[kind]


def make_due(house: House, kind: str, **other: Any) -> UUID:
    """One row of this kind, and none of the others, waits for a worker."""
    with working_for(house.id):
        for every in MODELS:
            model_of(every).objects.update(due_at=None)
        row: UUID = model_of(kind).objects.values_list("pk", flat=True)[0]
        model_of(kind).objects.filter(pk=row).update(due_at=PAST, **other)
    return row


def work_on(organization: UUID, kind: str, row: UUID) -> None:
    rows.perform(model_of(kind), organization, row, import_string(MODELS[kind].FUNCTION))


def contents(world: World) -> tuple[str, str]:
    return rows_digest(world.acme.house), rows_digest(world.rival.house)


# --- Rows -------------------------------------------------------------------------------------


@each
def test_anothers_row_changes_and_tells_nothing(
    kind: str,
    world: World,
    mailoutbox: list[EmailMessage],
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = make_due(world.rival.house, kind)
    before = contents(world)
    work_on(world.acme.house.id, kind, row)
    assert contents(world) == before
    assert (mailoutbox, caplog.records) == ([], [])
    work_on(world.rival.house.id, kind, row)  # the same under its own name
    assert contents(world)[0] == before[0]
    assert contents(world)[1] != before[1]


@each
def test_a_worker_that_believes_it_holds_anothers_row_cannot_touch_it(
    kind: str, world: World, mailoutbox: list[EmailMessage]
) -> None:
    lease = uuid4()
    until = timezone.now() + timedelta(hours=1)
    row = make_due(world.rival.house, kind, lease=lease, lease_until=until)
    before = contents(world)
    held = rows.Claim(model_of(kind), world.acme.house.id, row, lease)
    with pytest.raises((rows.LeaseLost, ObjectDoesNotExist)) as refused:
        import_string(MODELS[kind].FUNCTION)(held)
    held.fail("not mine")
    assert contents(world) == before
    assert mailoutbox == []
    assert CANARY not in str(refused.value)


# --- Kinds ------------------------------------------------------------------------------------


@each
def test_each_kind_names_the_function_that_does_its_jobs(kind: str) -> None:
    assert callable(import_string(MODELS[kind].FUNCTION))


def counted() -> dict[str, tuple[int, int]]:
    return {one.kind: (one.waiting, one.given_up) for one in rows.queue_states()}


@each
def test_the_sweep_and_the_count_find_every_kind(kind: str, world: World) -> None:
    make_due(world.rival.house, kind)
    row = make_due(world.acme.house, kind)
    nothing = dict.fromkeys(MODELS, (0, 0))
    with working_for(world.rival.house.id):
        model_of(kind).objects.update(due_at=None)
    assert rows.due_kinds() == [(world.acme.house.id, kind)]
    taken = rows.claim_next(model_of(kind), world.acme.house.id)
    assert taken is not None
    assert taken.id == row
    make_due(world.acme.house, kind, lease=None, lease_until=None, attempts=0)
    assert counted() == nothing | {kind: (1, 0)}
    make_due(world.acme.house, kind, lease=uuid4(), lease_until=timezone.now() + timedelta(hours=1))
    assert rows.due_kinds() == []
    make_due(world.acme.house, kind, lease_until=PAST, attempts=rows.MAX_ATTEMPTS)
    assert rows.due_kinds() == []
    assert counted() == nothing | {kind: (0, 1)}


# --- Letters ----------------------------------------------------------------------------------


def write_every_letter(house: House, language: str) -> None:
    """Everything that this organization's workers can send, to everyone in it."""
    with working_for(house.id):
        Membership.objects.update(language=language, suspended_at=None)
        for cycle in Cycle.objects.all():
            for mail in cycle_emails.EMAIL_KINDS:
                cycle_emails.queue_notices(
                    cycle, mail=mail, moment=PAST, to=Membership.objects.all(), turn=EVERY_LETTER
                )
    # A cycle that was closed first would make its letters needless.
    for kind in sorted(MODELS, key=lambda kind: MODELS[kind] is Cycle):
        with working_for(house.id):
            model_of(kind).objects.update(due_at=PAST, lease=None, lease_until=None, attempts=0)
            waiting = list(model_of(kind).objects.values_list("pk", flat=True))
        for row in waiting:
            work_on(house.id, kind, row)


def rendered_while(house: House, language: str) -> set[str]:
    """The templates that were used on the way."""
    used: set[str] = set()

    def note(template: Template, **_other: Any) -> None:
        used.add(template.name or "")

    template_rendered.connect(note)
    try:
        write_every_letter(house, language)
    finally:
        template_rendered.disconnect(note)
    return used


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_letter_of_a_worker_knows_anything_of_another_organization(
    language: str, world: World, mailoutbox: list[EmailMessage]
) -> None:
    assert rendered_while(world.acme.house, language) >= LETTERS
    ours = [f"{letter.message().as_string()} {letter.body}" for letter in mailoutbox]
    assert {address.split("@")[1] for letter in mailoutbox for address in letter.to} == {
        "acme.example"
    }
    assert [text for text in ours if CANARY in text] == []
    mailoutbox.clear()
    write_every_letter(world.rival.house, language)
    theirs = [f"{letter.subject} {letter.body}" for letter in mailoutbox]
    assert all(CANARY in text for text in theirs)  # each of them could have told it


NAME = "http://evil.example evil.example a@evil.example http://testserver.evil.example"
OURS = "http://testserver/"
LINK = re.compile(r"\w+://\S+|www\.\S+|[^\s@]+@\S+|[^\s.]+\.[a-z]{2,}", re.IGNORECASE)


def rename_everything(house: House, name: str) -> None:
    with working_for(house.id):
        Organization.objects.filter(pk=house.id).update(name=name)
        Membership.objects.update(name=name)
        for number, cycle in enumerate(Cycle.objects.all()):
            Cycle.objects.filter(pk=cycle.pk).update(name=f"{name}{number}")
        Team.objects.filter(pk__in=[team.pk for team in house.teams.values()]).update(name=name)
        Invitation.objects.update(invited_by=name)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_name_becomes_a_link_in_a_letter(
    language: str, world: World, mailoutbox: list[EmailMessage]
) -> None:
    rename_everything(world.acme.house, NAME)
    assert rendered_while(world.acme.house, language) >= LETTERS
    for letter in mailoutbox:
        links = LINK.findall(f"{letter.subject} {letter.body}")
        assert [link for link in links if "evil" in link] == []
        assert [link for link in links if "://" in link and not link.startswith(OURS)] == []
    assert any("evil. example" in str(letter.body) for letter in mailoutbox)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_we_write_ourselves_stays_as_it_is(
    language: str,
    world: World,
    mailoutbox: list[EmailMessage],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed: list[tuple[str, str]] = []

    def noted(text: str) -> str:
        if without_links(text) != text:
            changed.append((text, without_links(text)))
        return without_links(text)

    monkeypatch.setattr(emails, "without_links", noted)
    write_every_letter(world.acme.house, language)
    assert mailoutbox
    assert changed == []


def test_there_are_letters_to_look_at() -> None:
    assert {
        "assessments/mail/opened.txt",
        "organizations/mail/invitation.txt",
        "reports/mail/ready.txt",
    } < LETTERS
    assert {kind.template for kind in cycle_emails.EMAIL_KINDS.values()} < LETTERS
    assert "account/email/password_reset_key" in OF_SIGNING_IN


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("prefix", OF_SIGNING_IN)
def test_no_letter_about_signing_in_asks_for_an_organization(
    prefix: str, language: str, world: World, mailoutbox: list[EmailMessage], rf: RequestFactory
) -> None:
    """Written while nobody is bound: whichever of them read a customer's rows would fail."""
    user = world.acme.house.users["Ada"]
    with translation.override(language), request_context(rf.get("/")):
        get_adapter().send_notification_mail(prefix, user)
    account_emails.send_due()
    (letter,) = mailoutbox
    assert CANARY not in f"{letter.message().as_string()} {letter.body}"
    assert letter.to == [user.email]
