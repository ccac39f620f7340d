"""An organization that a stranger founded sends few letters a day at first, and says so before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import timezone

from assessments.cycles import emails
from assessments.models import Notice
from organizations import email_delivery, email_limits, invitations, people
from organizations.access import organizations_of
from organizations.jobs import perform
from organizations.models import Invitation, Organization, User
from organizations.organization_settings import EmailLimit, email_limit
from organizations.tenancy.scope import working_for
from tests.assessments import cycle_plans as asking
from tests.conftest import Cast, House

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _three_a_day(settings: Any) -> None:
    settings.NEW_ORGANIZATION_LETTERS_A_DAY = 3


def limit(house: House, until: datetime) -> None:
    with working_for(house.id):
        Organization.objects.filter(pk=house.id).update(few_letters_until=until)


def waits(organization: UUID, moment: datetime, letters: int) -> list[datetime | None]:
    return [email_limits.count_email(organization, moment) for _ in range(letters)]


def test_the_fourth_letter_of_a_day_waits_for_the_next_one(cast: Cast) -> None:
    limit(cast.acme, NOON + WEEK)
    midnight = datetime(2026, 3, 4, tzinfo=UTC)
    assert waits(cast.acme.id, NOON, 5) == [None, None, None, midnight, midnight]
    assert waits(cast.acme.id, midnight, 4) == [None, None, None, midnight + timedelta(days=1)]


def test_after_its_first_days_it_is_free(cast: Cast) -> None:
    limit(cast.acme, NOON + timedelta(hours=1))
    assert waits(cast.acme.id, NOON, 4)[-1] == NOON + timedelta(hours=1)
    assert waits(cast.acme.id, NOON + timedelta(hours=1), 5) == [None] * 5


def test_others_are_free_and_are_not_counted_with_it(cast: Cast) -> None:
    limit(cast.rival, NOON + WEEK)
    assert waits(cast.rival.id, NOON, 4)[-1] is not None
    assert waits(cast.acme.id, NOON, 5) == [None] * 5


def test_who_founds_by_open_sign_up_is_limited_and_whom_an_operator_sets_up_is_not(
    cast: Cast,
) -> None:
    before = timezone.now()
    client = cast.acme.browser("Ada")
    client.post("/new/", {"name": "Ada", "organization": "Two", "address": "two"})
    founded = people.create_organization(name="Free", slug="free", owner=None, owner_name="Fay")
    with working_for(organization_named("two")):
        until = Organization.objects.get().few_letters_until
    assert until is not None
    assert before + WEEK <= until <= timezone.now() + WEEK
    with working_for(founded.pk):
        assert Organization.objects.get().few_letters_until is None


def organization_named(slug: str) -> UUID:
    found = {known: row for row, known, _name in organizations_of(ada())}
    return found[slug]


def ada() -> User:
    return User.objects.get(email="ada@acme.example")


def test_a_letter_over_the_limit_stays_due_and_loses_no_attempt(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    limit(cast.acme, timezone.now() + WEEK)
    with working_for(cast.acme.id):
        for number in range(5):
            wanted = people.Profile("Noa", f"n{number}@acme.example", cast.acme.teams[""].pk)
            person = people.add_person(wanted, by=None)
            invitations.invite(person, by=None, moment=timezone.now())
        waiting = list(Invitation.objects.values_list("pk", flat=True))
    for row in waiting:
        perform(Invitation, cast.acme.id, row, invitations.send)
    assert len(mailoutbox) == 3
    with working_for(cast.acme.id):
        later = Invitation.objects.filter(due_at__gt=timezone.now(), lease=None)
        assert list(later.values_list("attempts", flat=True)) == [0, 0]
        Organization.objects.update(letters_on=F("letters_on") - timedelta(days=1))
        later.update(due_at=timezone.now())
    for row in waiting:
        perform(Invitation, cast.acme.id, row, invitations.send)
    assert len(mailoutbox) == 5


def test_the_mails_of_a_cycle_wait_too(cast: Cast, mailoutbox: list[EmailMessage]) -> None:
    asking.fill(cast.acme, "Growth", 6)
    asking.opened(cast.acme, timezone.now())
    limit(cast.acme, timezone.now() + WEEK)
    with working_for(cast.acme.id):
        waiting = list(Notice.objects.values_list("pk", flat=True))
    assert len(waiting) > 3
    for row in waiting:
        perform(Notice, cast.acme.id, row, emails.send)
    assert len(mailoutbox) == 3
    with working_for(cast.acme.id):
        later = Notice.objects.filter(
            due_at__gt=timezone.now(), attempts=0, state=email_delivery.WAITING
        )
        assert later.count() == len(waiting) - 3


def test_it_is_said_before_a_cycle_opens(cast: Cast) -> None:
    asking.fill(cast.acme, "Growth", 6)
    page = f"/o/acme/cycles/{asking.planned(cast.acme, timezone.now()).pk}/"
    adam = cast.acme.browser("Adam")
    assert "New organizations can send" not in adam.get(page).content.decode()
    limit(cast.acme, datetime.now(UTC) + WEEK)
    assert waits(cast.acme.id, timezone.now(), 1) == [None]
    told = " ".join(adam.get(page).content.decode().split())
    assert "up to 3 emails a day" in told
    with working_for(cast.acme.id):
        now = email_limit(timezone.now())
    assert isinstance(now, EmailLimit)
    assert (now.a_day, now.today) == (3, 2)
