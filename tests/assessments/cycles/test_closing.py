"""A cycle is scored once, whoever dies, sleeps or is asked twice; then nothing says who answered when."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from assessments import rubric_editions
from assessments.cycles.closing import close
from assessments.models import Comment, Cycle, Response, Result, Scorecard
from config.celery import app
from devstack.workers import Worker
from organizations.jobs import LeaseLost, claim, perform
from organizations.models import AuditEvent
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import answer, answered, many_answers, open_cycle
from tests.conftest import Cast, House

LEASE = "2"


def closed(house: House, cycle: Cycle) -> Cycle:
    perform(Cycle, house.id, cycle.pk, close)
    with working_for(house.id):
        return Cycle.objects.get(pk=cycle.pk)


def everything(house: House, cycle: Cycle) -> tuple[set[UUID], list[UUID]]:
    """The ids of what was published: a second publication would have others."""
    with working_for(house.id):
        results = set(Result.objects.filter(scorecard__cycle=cycle).values_list("pk", flat=True))
        return results, list(Scorecard.objects.filter(cycle=cycle).values_list("pk", flat=True))


def test_a_cycle_is_scored_and_closed(cast: Cast) -> None:
    after = closed(cast.acme, answered(cast.acme))
    assert (after.stage, after.due_at, after.lease, after.error) == ("closed", None, None, "")
    assert after.closed_at is not None
    with working_for(cast.acme.id):
        root = Result.objects.get(
            scorecard__cycle=after, node__place=0, subject_type="overall", kind="performance"
        )
        assert root.n == 8
        assert root.score is not None
        assert Scorecard.objects.get(cycle=after).edition_digest == after.edition.digest
        assert AuditEvent.objects.filter(event="cycle.closed", subject=after.pk).count() == 1


def test_a_cycle_that_nobody_answered_closes_too(cast: Cast) -> None:
    after = closed(cast.acme, open_cycle(cast.acme))
    assert (after.stage, after.error) == ("closed", "")
    with working_for(cast.acme.id):
        card = Scorecard.objects.get(cycle=after)
        assert card.participation
        assert not Result.objects.filter(scorecard__cycle=after, score__isnull=False).exists()


def test_closing_again_changes_nothing(cast: Cast) -> None:
    after = closed(cast.acme, answered(cast.acme))
    before = everything(cast.acme, after)
    with working_for(cast.acme.id):
        Cycle.objects.filter(pk=after.pk).update(due_at=after.closes_at)
    assert closed(cast.acme, after).due_at is None
    assert everything(cast.acme, after) == before


def test_whoever_lost_the_cycle_publishes_nothing(cast: Cast) -> None:
    cycle = answered(cast.acme)
    stale = claim(Cycle, cast.acme.id, cycle.pk)
    assert stale
    with working_for(cast.acme.id):
        Cycle.objects.filter(pk=cycle.pk).update(lease_until=cycle.opened_at)
    assert closed(cast.acme, cycle).stage == "closed"
    before = everything(cast.acme, cycle)
    with pytest.raises(LeaseLost):
        close(stale)
    assert everything(cast.acme, cycle) == before


def test_the_salt_of_an_unlinked_cycle_is_destroyed(cast: Cast) -> None:
    cycle = answered(cast.acme, mode="unlinked", salt=b"s" * 32)
    assert closed(cast.acme, cycle).salt is None


def test_a_lead_is_shown_by_name_only_after_agreeing(cast: Cast) -> None:
    """Cho leads the organization; without a word from her, hers is one of too few leads."""
    for named, told in ((True, True), (None, False)):
        cycle = answered(cast.acme, name=f"named {named}")
        cho = cast.acme.members["Cho"]
        width = len(rubric_editions.rubric_of(cycle.edition).capabilities)
        answer(cast.acme, cycle, cho, performance=[2] * width, answers_as="lead", named=named)
        after = closed(cast.acme, cycle)
        with working_for(cast.acme.id):
            card = Scorecard.objects.get(cycle=after)
            assert bool(card.summary["named"]) is told


# --- Nothing says who answered when -----------------------------------------------------------


def rows(table: str, cycle: Cycle, columns: str, order: str) -> list[tuple[Any, ...]]:
    statement = f"SELECT {columns} FROM {table} WHERE cycle_id = %s ORDER BY {order}"  # fixed names
    with working_for(cycle.organization_id), connection.cursor() as cursor:
        cursor.execute(statement, [cycle.pk])
        return list(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Response, Comment])
def test_after_the_close_no_order_can_be_joined_on(cast: Cast, model: type[Any]) -> None:
    cycle, table = answered(cast.acme, people=20, at_once=False), model._meta.db_table
    arrived = [key for (key,) in rows(table, cycle, "key", "ctid")]
    before = rows(table, cycle, "id, key", "key")
    assert len(rows(table, cycle, "DISTINCT xmin::text", "1")) == 20
    closed(cast.acme, cycle)
    stored = [key for (key,) in rows(table, cycle, "key", "ctid")]
    assert stored == sorted(arrived) != arrived
    assert len(rows(table, cycle, "DISTINCT xmin::text", "1")) == 1
    after = rows(table, cycle, "id, key", "key")
    assert {id for id, _ in before}.isdisjoint(id for id, _ in after)  # the column
    assert [key for _, key in before] == [key for _, key in after]
    by_id = [key for (key,) in rows(table, cycle, "key", "id")]
    assert by_id not in (arrived, sorted(arrived))


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["assessments_response", "assessments_comment"])
def test_what_the_close_deletes_is_cleared_from_the_file_at_the_next_round(table: str) -> None:
    """By default PostgreSQL waits until a fifth of the table has changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT main.reloptions, long.reloptions FROM pg_class main"
            " JOIN pg_class long ON long.oid = main.reltoastrelid WHERE main.relname = %s",
            [table],
        )
        for settings in cursor.fetchone():
            assert set(settings) >= {
                "autovacuum_vacuum_threshold=0",
                "autovacuum_vacuum_scale_factor=0",
            }


def test_what_was_answered_is_still_there(cast: Cast) -> None:
    cycle = answered(cast.acme)
    content = "key, node_id, answers_as, performance, importance, exposure"
    words = "key, node_id, capability, text, evidence"
    before = (
        rows("assessments_response", cycle, content, "key"),
        rows("assessments_comment", cycle, words, "key"),
    )
    closed(cast.acme, cycle)
    assert before == (
        rows("assessments_response", cycle, content, "key"),
        rows("assessments_comment", cycle, words, "key"),
    )


# --- Real workers -----------------------------------------------------------------------------


def hint(cycle: Cycle) -> None:
    app.send_task("work", (str(cycle.organization_id), "close", str(cycle.pk)))


def wait_for(cycle: Cycle, happens: Callable[[Cycle], bool], seconds: float = 60) -> Cycle:
    end = time.monotonic() + seconds
    while True:
        with working_for(cycle.organization_id):
            now = Cycle.objects.get(pk=cycle.pk)
        if happens(now):
            return now
        assert time.monotonic() < end, (now.stage, now.progress, now.error)
        time.sleep(0.005)


def is_closed(cycle: Cycle) -> bool:
    return cycle.stage == Cycle.Stage.CLOSED


def is_being_scored(cycle: Cycle) -> bool:
    return cycle.progress == "scoring"


def close_by_hints(cycle: Cycle) -> None:
    """As the sweep does: it hints again whenever the lease has run out."""

    def happens(now: Cycle) -> bool:
        hint(cycle)
        time.sleep(0.5)
        return is_closed(now)

    wait_for(cycle, happens)


def published_once(house: House, cycle: Cycle) -> bool:
    results, cards = everything(house, cycle)
    with working_for(house.id):
        keys = Result.objects.filter(scorecard__cycle=cycle).values_list(
            "node", "subject_type", "subject", "kind"
        )
        closings = AuditEvent.objects.filter(event="cycle.closed", subject=cycle.pk)
        return len(set(keys)) == len(results) > 0 and len(cards) == closings.count() == 1


@contextmanager
def frozen(worker: Worker) -> Iterator[None]:
    os.killpg(worker.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(worker.process.pid, signal.SIGCONT)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_a_cycle_scored_once(
    cast: Cast, start_worker: Callable[..., Worker]
) -> None:
    cycle = many_answers(cast.acme, 6000)
    first = start_worker(WORK_LEASE_SECONDS=LEASE)
    hint(cycle)
    wait_for(cycle, is_being_scored)
    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait()
    with working_for(cast.acme.id):
        assert not Scorecard.objects.exists()
    start_worker(WORK_LEASE_SECONDS=LEASE)
    close_by_hints(cycle)
    assert published_once(cast.acme, cycle)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_wakes_up_too_late_changes_nothing(
    cast: Cast, start_worker: Callable[..., Worker]
) -> None:
    cycle = many_answers(cast.acme, 6000)
    sleeper = start_worker(WORK_LEASE_SECONDS=LEASE)
    hint(cycle)
    wait_for(cycle, is_being_scored)
    with frozen(sleeper):
        start_worker(WORK_LEASE_SECONDS=LEASE)
        close_by_hints(cycle)
        before = everything(cast.acme, cycle)
    other = answered(cast.acme, name="Later")
    hint(other)
    wait_for(other, is_closed)
    sleeper.stop()  # waits for what it was doing
    assert everything(cast.acme, cycle) == before
    assert published_once(cast.acme, cycle)


@pytest.mark.django_db(transaction=True)
def test_many_hints_are_one_close(cast: Cast, worker_process: Worker) -> None:
    cycle = answered(cast.acme)
    for _ in range(10):
        hint(cycle)
    wait_for(cycle, is_closed)
    other = answered(cast.acme, name="Later")
    hint(other)
    wait_for(other, is_closed)
    assert published_once(cast.acme, cycle)
