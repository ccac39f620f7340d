"""Many people answer while connections are cut and processes die: no acknowledged answer is lost, and nothing
is stored that was never sent whole."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import pytest

from assessments.models import Cycle
from assessments.survey import respondents as seats
from assessments.survey.devices import SurveyVisitor
from assessments.survey.questionnaire import EXPOSURE, answer_count
from organizations.tenancy.scope import working_for
from tests.assessments.respondent_clients import asked, page, token_of
from tests.chaos.connections import CUT, DELIVERED, Fault
from tests.chaos.respondents import Respondent, counted
from tests.chaos.web import Web, serving
from tests.conftest import House, found

log = logging.getLogger(__name__)
SEED = 20261129
RECOVERY = 15  # seconds after a kill in which the site may say that it is away
WITHOUT = "tests.chaos.without_complete_body"


@dataclass(frozen=True)
class Size:
    """How much of everything: requests of one respondent."""

    people: int
    plain: int
    cut: int
    delivered: int


SMALL = Size(people=8, plain=28, cut=8, delivered=2)
LARGE = Size(people=200, plain=72, cut=20, delivered=4)


@dataclass
class Survey:
    """An open cycle and everyone whom it asks by a personal link."""

    house: House
    cycle: Cycle
    people: list[str]
    kills: list[float] = field(default_factory=list)

    @cached_property
    def names(self) -> list[str]:
        """Of all questions and comments."""
        with working_for(self.house.id):
            person = self.house.members[self.people[0]].pk
            rubric = seats.find_participation(self.cycle.pk, person).rubric
        kinds = ("performance", "importance", "comment")
        names = [f"{kind}.{item.slug}" for kind in kinds for item in rubric.capabilities]
        return names + [f"{EXPOSURE}.{place}" for place in range(answer_count(rubric, EXPOSURE))]

    def respondents(self, web: Web) -> list[Respondent]:
        where = page(self.house, self.cycle)
        return [
            Respondent(
                web.port,
                f"/s/{token_of(self.house, self.cycle, person)}/",
                where,
                self.names,
                f"{SEED}-{person}",
            )
            for person in self.people
        ]

    def stored(self, person: str, device: str) -> dict[str, str]:
        """Everything that the database holds of someone, as a page would show it on their device."""
        with working_for(self.house.id):
            seat = seats.find_respondent(
                self.cycle.pk, self.house.members[person].pk, SurveyVisitor(device)
            )
            given = seats.fetch_answers(seat)
        slugs = [item.slug for item in seat.rubric.capabilities]
        values = {f"comment.{slug}": comment.text for slug, comment in given.comments.items()}
        for kind, row in given.values.items():
            subjects = map(str, range(len(row))) if kind == EXPOSURE else slugs
            for subject, value in zip(subjects, row, strict=True):
                values[f"{kind}.{subject}"] = "" if value is None else str(value)
        return values


@pytest.fixture
def survey_of(transactional_db: None) -> Callable[[Size], Survey]:
    def open_survey(size: Size) -> Survey:
        house = found("Acme", "acme", "Ada")
        people = [f"Person {number}" for number in range(size.people)]
        for person in people:
            house.add(person)
        return Survey(house, asked(house), people)

    return open_survey


@pytest.fixture
def web(transactional_db: None) -> Iterator[Web]:
    with serving() as started:
        yield started


def plan(size: Size, seed: str) -> list[Fault]:
    """Faults of every kind among requests that go well."""
    chance = random.Random(seed)
    faults = [CUT[number % len(CUT)] for number in range(size.cut)]
    faults += [DELIVERED[number % len(DELIVERED)] for number in range(size.delivered)]
    mixed = [*faults, *[Fault.NONE] * size.plain]
    chance.shuffle(mixed)
    return mixed


def answer(survey: Survey, web: Web, size: Size, kills: int = 0) -> list[Respondent]:
    """Everyone at once, until all have done what they planned."""
    everyone = survey.respondents(web)
    with ThreadPoolExecutor(len(everyone)) as pool:
        under_way = [pool.submit(each.answer, plan(size, each.seed)) for each in everyone]
        for number in range(kills):
            goal = size.people * size.plain * (number + 1) // (kills + 1)
            wait_for(lambda: sum(each.ledger.count for each in everyone) >= goal)  # noqa: B023
            survey.kills.append(time.monotonic())
            assert web.kill_worker() if number % 2 == 0 else web.end_sessions()
        for each in under_way:
            each.result()
    return everyone


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 600
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def problems(survey: Survey, everyone: list[Respondent]) -> list[str]:
    """What was lost, cut short, or stored though it was never sent whole."""
    for person, each in zip(survey.people, everyone, strict=True):
        stored = survey.stored(person, each.connection.cookies["device"])
        for name in survey.names:
            each.ledger.compare(name, stored.get(name, ""))
    return [problem for each in everyone for problem in each.ledger.problems]


def unfitting(survey: Survey, everyone: list[Respondent]) -> Counter[str]:
    """Replies that the request did not deserve. While a process or its sessions die, a request may
    stay without an answer, or hear that the site is away."""
    counts = Counter[str]()
    for outcome in (outcome for each in everyone for outcome in each.outcomes):
        status = outcome.reply.status if outcome.reply else 0
        fine = {200, 409} if outcome.is_whole else {400}
        if outcome.fault in CUT:
            fine = fine | {0}
        if any(outcome.began <= at + RECOVERY and at <= outcome.ended for at in survey.kills):
            fine = fine | {0, 502, 503}
        if status not in fine:
            counts[f"{outcome.fault}: {status}"] += 1
    return counts


def test_no_acknowledged_answer_is_lost_when_connections_are_cut(
    survey_of: Callable[[Size], Survey], web: Web
) -> None:
    survey = survey_of(SMALL)
    everyone = answer(survey, web, SMALL)
    assert problems(survey, everyone) == []
    assert unfitting(survey, everyone) == {}
    counts = counted(everyone)
    assert counts["requests"] >= 300, counts
    assert sum(counts[fault] for fault in (*CUT, *DELIVERED)) >= 80, counts


@pytest.mark.nightly
def test_what_arrives_in_part_would_be_stored_without_the_middleware(
    survey_of: Callable[[Size], Survey],
) -> None:
    """The same people and faults: were nothing found here, the test above would say nothing."""
    survey = survey_of(SMALL)
    with serving(WITHOUT) as web:
        everyone = answer(survey, web, SMALL)
    assert problems(survey, everyone) != []


@pytest.mark.nightly
def test_no_acknowledged_answer_is_lost_when_processes_die_too(
    survey_of: Callable[[Size], Survey], web: Web
) -> None:
    survey = survey_of(LARGE)
    everyone = answer(survey, web, LARGE, kills=4)
    counts = counted(everyone)
    log.info("%s", dict(counts))  # shown with --log-cli-level=INFO
    assert problems(survey, everyone) == []
    assert unfitting(survey, everyone) == {}
    assert counts["acknowledged"] >= 14_000, counts
    assert counts["dropped or cut"] >= 4_000, counts
