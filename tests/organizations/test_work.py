"""A row is worked on once, whoever dies, sleeps or is asked twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from organizations import work
from organizations.models import Invitation
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


def test_a_failure_is_said_on_the_row_and_tried_again_later(cast: Cast) -> None:
    row = waiting(cast.acme, "Max")

    def break_down(held: work.Claim) -> None:
        raise ValueError("the printer is on fire")

    work.perform(Invitation, cast.acme.id, row.pk, break_down)
    after = stored(cast.acme, row.pk)
    assert after.error == "ValueError: the printer is on fire"
    assert after.lease is None
    assert after.due_at
    assert after.due_at > PAST
    assert not after.gave_up


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
