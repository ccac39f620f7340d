"""A row is worked on once, whoever dies, sleeps or is asked twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from organizations import jobs
from organizations.models import Invitation, Team
from organizations.tenancy.scope import working_for
from tests.conftest import Cast, House

PAST = datetime(2026, 1, 1, tzinfo=UTC)


def waiting(house: House, name: str, due_at: datetime = PAST) -> Invitation:
    with working_for(house.id):
        return Invitation.objects.create(
            membership=house.members[name],
            token_hash=name.encode(),
            invited_by="Ada",
            expires_at=PAST,
            due_at=due_at,
        )


def until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.05)


def stored(house: House, row: UUID) -> Invitation:
    with working_for(house.id):
        return Invitation.objects.get(pk=row)


def test_a_due_row_is_taken_once(cast: Cast) -> None:
    row = waiting(cast.acme, "Max")
    assert jobs.claim(Invitation, cast.acme.id, row.pk) is not None
    assert jobs.claim(Invitation, cast.acme.id, row.pk) is None


def test_a_row_that_is_not_due_is_left_alone(cast: Cast) -> None:
    row = waiting(cast.acme, "Max", datetime.now(UTC) + timedelta(hours=1))
    assert jobs.claim(Invitation, cast.acme.id, row.pk) is None


def test_another_organizations_row_cannot_be_taken(cast: Cast) -> None:
    row = waiting(cast.rival, "Rita")
    assert jobs.claim(Invitation, cast.acme.id, row.pk) is None


def test_finished_work_is_not_done_again(cast: Cast) -> None:
    row = waiting(cast.acme, "Max")
    held = jobs.claim(Invitation, cast.acme.id, row.pk)
    assert held
    with working_for(cast.acme.id):
        held.finish()
    after = stored(cast.acme, row.pk)
    assert (after.due_at, after.lease, after.attempts) == (None, None, 0)
    assert jobs.claim(Invitation, cast.acme.id, row.pk) is None


def test_whoever_lost_the_lease_can_change_nothing(cast: Cast) -> None:
    row = waiting(cast.acme, "Max")
    frozen = jobs.claim(Invitation, cast.acme.id, row.pk)
    with working_for(cast.acme.id):
        Invitation.objects.filter(pk=row.pk).update(lease_until=PAST)
    woken = jobs.claim(Invitation, cast.acme.id, row.pk)
    assert frozen
    assert woken
    with pytest.raises(jobs.LeaseLost):
        frozen.renew("late")
    with pytest.raises(jobs.LeaseLost), working_for(cast.acme.id):
        frozen.finish()
    frozen.fail("too late to matter")
    assert stored(cast.acme, row.pk).lease == woken.lease


def break_down(held: jobs.Claim) -> None:
    raise ValueError("What somebody typed")


def break_a_rule(held: jobs.Claim) -> None:
    """The database's own words quote the row that it refuses."""
    with working_for(held.organization):
        Team.objects.create(name="What somebody typed", parent_id=uuid4())


@pytest.mark.parametrize(
    ("verb", "error"),
    [
        (break_down, "builtins.ValueError"),
        (
            break_a_rule,
            "django.db.utils.IntegrityError 23503 organizations_team team_parent_same_tenant",
        ),
    ],
)
def test_a_failure_is_said_on_the_row_without_what_somebody_typed_and_tried_again_later(
    cast: Cast, verb: Callable[[jobs.Claim], None], error: str
) -> None:
    row = waiting(cast.acme, "Max")
    jobs.perform(Invitation, cast.acme.id, row.pk, verb)
    after = stored(cast.acme, row.pk)
    assert after.error == error
    assert after.lease is None
    assert after.due_at
    assert after.due_at > PAST
    assert not after.gave_up


def test_the_last_attempt_is_not_given_up_while_it_is_under_way(cast: Cast) -> None:
    row = waiting(cast.acme, "Max")
    with working_for(cast.acme.id):
        Invitation.objects.filter(pk=row.pk).update(attempts=jobs.MAX_ATTEMPTS - 1)
    assert jobs.claim(Invitation, cast.acme.id, row.pk)
    assert not stored(cast.acme, row.pk).gave_up
    with working_for(cast.acme.id):
        Invitation.objects.filter(pk=row.pk).update(lease_until=PAST)
    assert stored(cast.acme, row.pk).gave_up


def test_what_waits_for_a_mail_server_is_tried_for_a_day() -> None:
    patient = {
        kind.__name__ for kind in jobs.Job.__subclasses__() if kind.WAITS is jobs.SLOW_RETRY_DELAYS
    }
    assert patient == {"AddressChange", "Delivery", "Invitation", "Notice"}
    assert sum(jobs.SLOW_RETRY_DELAYS) > 24 * 3_600


def test_a_row_that_always_fails_is_given_up(cast: Cast) -> None:
    row = waiting(cast.acme, "Max")
    for _ in range(jobs.MAX_ATTEMPTS):
        held = jobs.claim(Invitation, cast.acme.id, row.pk)
        assert held
        held.fail("no")
        with working_for(cast.acme.id):
            Invitation.objects.filter(pk=row.pk).update(due_at=PAST)
    assert jobs.claim(Invitation, cast.acme.id, row.pk) is None
    assert stored(cast.acme, row.pk).gave_up
    assert jobs.due_kinds() == []


def test_a_job_that_can_never_succeed_is_given_up_at_once(cast: Cast) -> None:
    def fail_for_good(claim: jobs.Claim) -> None:
        raise jobs.PermanentFailure("Max")

    row = waiting(cast.acme, "Max")
    jobs.perform(Invitation, cast.acme.id, row.pk, fail_for_good)
    after = stored(cast.acme, row.pk)
    assert after.gave_up
    assert after.error == "organizations.jobs.PermanentFailure"
    assert jobs.claim(Invitation, cast.acme.id, row.pk) is None


def test_what_was_due_first_is_taken_first_and_what_is_held_is_passed_over(cast: Cast) -> None:
    late = waiting(cast.acme, "Max", PAST + timedelta(days=1)).pk
    early = waiting(cast.acme, "Ana").pk
    waiting(cast.rival, "Rita", PAST - timedelta(days=1))
    taken = [jobs.claim_next(Invitation, cast.acme.id) for _time in range(3)]
    assert [held and held.id for held in taken] == [early, late, None]


def test_where_something_is_due_is_told_without_the_rows(cast: Cast) -> None:
    for name in ("Max", "Ana"):
        waiting(cast.acme, name)
    waiting(cast.rival, "Rita", PAST - timedelta(days=1))
    assert jobs.due_kinds() == [
        (house.id, "organizations.invitation") for house in (cast.rival, cast.acme)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM due_kinds()")
        columns = [column.name for column in cursor.description]
    assert columns == ["organization_id", "kind", "since"]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_worker_is_just_taking_is_not_waited_for(cast: Cast) -> None:
    first, second = waiting(cast.acme, "Max").pk, waiting(cast.acme, "Ana").pk

    def take() -> UUID | None:
        held = jobs.claim_next(Invitation, cast.acme.id)
        connection.close()
        return held.id if held else None

    with working_for(cast.acme.id), ThreadPoolExecutor(1) as other:
        Invitation.objects.select_for_update().get(pk=first)
        assert other.submit(take).result(timeout=20) == second
        assert other.submit(take).result(timeout=20) is None


# --- The lease --------------------------------------------------------------------------------


def lease_end(house: House, row: UUID) -> datetime:
    found = stored(house, row).lease_until
    assert found
    return found


@pytest.mark.django_db(transaction=True)
def test_a_stage_may_last_longer_than_the_lease(cast: Cast, settings: Settings) -> None:
    settings.WORK_LEASE_SECONDS = 1
    row = waiting(cast.acme, "Max")
    taken_over = []

    def long_stage(held: jobs.Claim) -> None:
        begun = lease_end(cast.acme, row.pk)
        until(lambda: timezone.now() > begun + timedelta(seconds=0.2))
        taken_over.append(jobs.claim(Invitation, cast.acme.id, row.pk))
        with working_for(cast.acme.id):
            held.finish()

    jobs.perform(Invitation, cast.acme.id, row.pk, long_stage)
    after = stored(cast.acme, row.pk)
    assert taken_over == [None]
    assert (after.due_at, after.error, after.attempts) == (None, "", 0)


@pytest.mark.django_db(transaction=True)
def test_a_lease_that_was_lost_is_not_won_back_by_renewing(cast: Cast, settings: Settings) -> None:
    settings.WORK_LEASE_SECONDS = 1
    row, thief = waiting(cast.acme, "Max"), uuid4()

    def robbed(held: jobs.Claim) -> None:
        with working_for(cast.acme.id):
            Invitation.objects.update(lease=thief, lease_until=PAST)
        began = timezone.now()
        until(lambda: timezone.now() > began + timedelta(seconds=1))
        with working_for(cast.acme.id):
            held.finish()

    jobs.perform(Invitation, cast.acme.id, row.pk, robbed)
    after = stored(cast.acme, row.pk)
    assert (after.lease, after.lease_until, after.due_at) == (thief, PAST, row.due_at)


def test_each_kind_has_a_lease_of_its_own(settings: Settings) -> None:
    settings.WORK_LEASE_SECONDS = 0
    kinds = {kind: jobs.lease_seconds(model) for kind, model in jobs.job_models().items()}
    slow = {"assessments.cycle": 120, "reports.report": 120}
    assert kinds == dict.fromkeys(kinds, 60) | slow
