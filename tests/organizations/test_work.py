"""A row is worked on once, whoever dies, sleeps or is asked twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from organizations import work
from organizations.models import Invitation, Team
from organizations.tenancy import working_for
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


def stored(house: House, row: UUID) -> Invitation:
    with working_for(house.id):
        return Invitation.objects.get(pk=row)


def test_a_due_row_is_taken_once(cast: Cast) -> None:
    row = waiting(cast.acme, "Max")
    assert work.claim(Invitation, cast.acme.id, row.pk) is not None
    assert work.claim(Invitation, cast.acme.id, row.pk) is None


def test_a_row_that_is_not_due_is_left_alone(cast: Cast) -> None:
    row = waiting(cast.acme, "Max", datetime.now(UTC) + timedelta(hours=1))
    assert work.claim(Invitation, cast.acme.id, row.pk) is None


def test_another_organizations_row_cannot_be_taken(cast: Cast) -> None:
    row = waiting(cast.rival, "Rita")
    assert work.claim(Invitation, cast.acme.id, row.pk) is None


def test_finished_work_is_not_done_again(cast: Cast) -> None:
    row = waiting(cast.acme, "Max")
    held = work.claim(Invitation, cast.acme.id, row.pk)
    assert held
    with working_for(cast.acme.id):
        held.finish()
    after = stored(cast.acme, row.pk)
    assert (after.due_at, after.lease, after.attempts) == (None, None, 0)
    assert work.claim(Invitation, cast.acme.id, row.pk) is None


def test_whoever_lost_the_lease_can_change_nothing(cast: Cast) -> None:
    row = waiting(cast.acme, "Max")
    frozen = work.claim(Invitation, cast.acme.id, row.pk)
    with working_for(cast.acme.id):
        Invitation.objects.filter(pk=row.pk).update(lease_until=PAST)
    woken = work.claim(Invitation, cast.acme.id, row.pk)
    assert frozen
    assert woken
    with pytest.raises(work.LeaseLost):
        frozen.renew("late")
    with pytest.raises(work.LeaseLost), working_for(cast.acme.id):
        frozen.finish()
    frozen.fail("too late to matter")
    assert stored(cast.acme, row.pk).lease == woken.lease


def break_down(held: work.Claim) -> None:
    raise ValueError("What somebody typed")


def break_a_rule(held: work.Claim) -> None:
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
    cast: Cast, verb: Callable[[work.Claim], None], error: str
) -> None:
    row = waiting(cast.acme, "Max")
    work.perform(Invitation, cast.acme.id, row.pk, verb)
    after = stored(cast.acme, row.pk)
    assert after.error == error
    assert after.lease is None
    assert after.due_at
    assert after.due_at > PAST
    assert not after.gave_up


def test_the_last_attempt_is_not_given_up_while_it_is_under_way(cast: Cast) -> None:
    row = waiting(cast.acme, "Max")
    with working_for(cast.acme.id):
        Invitation.objects.filter(pk=row.pk).update(attempts=work.MOST_ATTEMPTS - 1)
    assert work.claim(Invitation, cast.acme.id, row.pk)
    assert not stored(cast.acme, row.pk).gave_up
    with working_for(cast.acme.id):
        Invitation.objects.filter(pk=row.pk).update(lease_until=PAST)
    assert stored(cast.acme, row.pk).gave_up


def test_what_waits_for_a_mail_server_is_tried_for_a_day() -> None:
    patient = {kind.__name__ for kind in work.Work.__subclasses__() if kind.WAITS is work.PATIENT}
    assert patient == {"Delivery", "Invitation", "Notice"}
    assert sum(work.PATIENT) > 24 * 3_600


def test_a_row_that_always_fails_is_given_up(cast: Cast) -> None:
    row = waiting(cast.acme, "Max")
    for _ in range(work.MOST_ATTEMPTS):
        held = work.claim(Invitation, cast.acme.id, row.pk)
        assert held
        held.fail("no")
        with working_for(cast.acme.id):
            Invitation.objects.filter(pk=row.pk).update(due_at=PAST)
    assert work.claim(Invitation, cast.acme.id, row.pk) is None
    assert stored(cast.acme, row.pk).gave_up
    assert work.due(10, 10) == []


def test_what_is_due_comes_in_turns(cast: Cast) -> None:
    """One organization with much to do does not keep the other waiting."""
    mine = [waiting(cast.acme, name).pk for name in ("Max", "Ana", "Cho", "Adam")]
    theirs = waiting(cast.rival, "Rita", PAST + timedelta(days=1)).pk
    found = work.due(2, 10)
    assert [kind for _, kind, _ in found] == ["invitation"] * 3
    assert found[1][2] == theirs or found[0][2] == theirs
    assert len({row for _, _, row in found} & set(mine)) == 2


def test_the_sweep_tells_ids_and_nothing_else(cast: Cast) -> None:
    waiting(cast.acme, "Max")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM due_work(5, 5)")
        assert [column.name for column in cursor.description] == ["organization_id", "kind", "id"]
