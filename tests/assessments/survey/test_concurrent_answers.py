"""Answers that arrive at the same moment, beside each other and beside the close."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection

from assessments.models import Cycle, Response
from assessments.survey import answers, respondents
from assessments.survey.answers import AnswersStale, SentAnswer
from assessments.survey.respondents import SurveyClosed
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON, fill, opened
from tests.assessments.survey.test_answers import FIRST, PHONE, SECOND, person, save, stored
from tests.conftest import Cast


def at_once(work: Callable[[int], object], count: int) -> list[object]:
    """Run in threads that start together; what each returned or raised."""
    barrier, outcomes = threading.Barrier(count), [None] * count

    def run(place: int) -> None:
        barrier.wait()
        try:
            outcomes[place] = work(place)  # type: ignore[call-overload]
        except Exception as problem:  # noqa: BLE001  # the outcome is what the test looks at
            outcomes[place] = problem  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(outcomes)


@pytest.mark.django_db(transaction=True)
def test_sixteen_first_answers_at_once_make_one_response(cast: Cast) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    with working_for(cast.acme.id):
        rubric = respondents.find_respondent(cycle.pk, who, PHONE).rubric
    slugs = [item.slug for item in rubric.capabilities[:16]]
    outcomes = at_once(
        lambda place: save(cast.acme, cycle, who, SentAnswer("performance", slugs[place], 3)), 16
    )
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    (row,) = stored(cast.acme, cycle)
    assert row.performance[:16] == [3] * 16


@pytest.mark.django_db(transaction=True)
def test_of_sixteen_different_answers_at_once_one_is_in_and_fifteen_are_told(cast: Cast) -> None:
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    save(cast.acme, cycle, who, SentAnswer("performance", SECOND, 1))
    outcomes = at_once(
        lambda place: save(
            cast.acme, cycle, who, SentAnswer("performance", FIRST, 1 + place % 5, seen=0)
        ),
        16,
    )
    (row,) = stored(cast.acme, cycle)
    agree = sum(1 for place in range(16) if 1 + place % 5 == row.performance[0])
    stale = [one for one in outcomes if isinstance(one, AnswersStale)]
    told = {(one.stale[0].value, one.stale[0].version) for one in stale}
    assert (len(stale), row.versions[0]) == (16 - agree, 1)
    assert told == {(row.performance[0], 1)}


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_in_before_the_close_or_refused(cast: Cast) -> None:
    """Whoever saves shares the cycle's row; the close waits for it and then seals."""
    cycle = opened(cast.acme)
    who = person(cast.acme, cycle)
    begun, sealed = threading.Event(), threading.Event()

    def close() -> None:
        begun.wait()
        with working_for(cast.acme.id):
            Cycle.objects.select_for_update().get(pk=cycle.pk)
            sealed.set()
            Cycle.objects.filter(pk=cycle.pk).update(stage=Cycle.Stage.CLOSING)
        connection.close()

    thread = threading.Thread(target=close)
    thread.start()
    with working_for(cast.acme.id):
        seat = respondents.find_respondent(cycle.pk, who, PHONE)
        answers.save(seat, [SentAnswer("performance", FIRST, 5)], moment=NOON)
        begun.set()
        assert not sealed.wait(0.3)
    thread.join()
    assert stored(cast.acme, cycle)[0].performance[0] == 5
    with pytest.raises(SurveyClosed):
        save(cast.acme, cycle, who, SentAnswer("performance", FIRST, 1))


@pytest.mark.django_db(transaction=True)
def test_what_was_accepted_before_the_close_is_what_the_close_finds(cast: Cast) -> None:
    """Eight people answer as fast as they can while the cycle is sealed."""
    fill(cast.acme, "Brand", 8)
    cycle = opened(cast.acme)
    people = [cast.acme.members[f"Brand {place}"].pk for place in range(8)]
    accepted, begun = [0] * 8, threading.Barrier(9)

    def work(place: int) -> None:
        if place == 8:
            seal()
            return
        begun.wait()
        for value in itertools.cycle((1, 2, 3, 4, 5)):
            save(cast.acme, cycle, people[place], SentAnswer("performance", FIRST, value))
            accepted[place] = value

    def seal() -> None:
        begun.wait()
        time.sleep(0.2)
        with working_for(cast.acme.id):
            row = Cycle.objects.select_for_update().get(pk=cycle.pk)
            Cycle.objects.filter(pk=row.pk).update(stage=Cycle.Stage.CLOSING)
            found.update({bytes(one.key): one.performance[0] for one in Response.objects.all()})

    found: dict[bytes, int] = {}
    outcomes = at_once(work, 9)
    assert [type(one) for one in outcomes[:8]] == [SurveyClosed] * 8
    with working_for(cast.acme.id):
        seats = [respondents.find_participation(cycle.pk, who).seat(PHONE) for who in people]
    assert found == {seat.key: value for seat, value in zip(seats, accepted, strict=True)}
    assert found == {bytes(row.key): row.performance[0] for row in stored(cast.acme, cycle)}
