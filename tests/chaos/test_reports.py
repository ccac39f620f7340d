"""The first of the month for fifty organizations while everything dies around their workers: each
report is made exactly once, and each reader hears of it once."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any
from uuid import UUID

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from devstack.mail import MailServer
from organizations import email_delivery, jobs
from organizations.models import Role
from organizations.tenancy.scope import working_for
from reports.models import Delivery, Report, ReportSchedule
from tests.chaos.effects import AGAIN, MADE, SETTLED, SLOT, counted, times
from tests.chaos.storm import Hints, Storm
from tests.conftest import House, found
from tests.reports.test_schedules import due_since, set_up

REPORTS = 50
SECONDS = 240  # far more than it needs, because a machine may be busy
FEW = 8  # hints of one round, so that there are rounds enough for every kind of stroke
SEED = 20261123
NAIVE = ("--include", "tests.chaos.naive")
LINK = re.compile(r"/o/([\w-]+)/reports/([0-9a-f-]{36})/")
Letters = dict[tuple[UUID, str], list[str]]
"""By report and reader: the names of the letters that arrived."""


@pytest.fixture
def storm(transactional_db: None, mail_server: MailServer) -> Iterator[Callable[..., Storm]]:
    raging: list[Storm] = []

    def start(**wanted: Any) -> Storm:
        raging.append(Storm(mail=mail_server.url, seed=SEED, **wanted))
        return raging[-1]

    with counted():
        yield start
        for one in raging:
            one.end()


@pytest.fixture
def houses(transactional_db: None) -> list[House]:
    """Each with a schedule whose slot has come, for two readers."""
    return [due(number) for number in range(REPORTS)]


def due(number: int) -> House:
    house = found(f"House {number}", f"house-{number}", "Ada")
    house.add("Cho", Role.LEADER)
    row = set_up(house, "Ada", "Cho")
    due_since(house, row, row.cadence.newest(timezone.now()))
    return house


def swept() -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a sweep sends."""
    if jobs.due_kinds():
        yield "work", ()


def hurry(houses: list[House]) -> None:
    """No attempt is the last one, and none waits for minutes: a storm is not a report's fault."""
    for house in houses:
        with working_for(house.id):
            for model in (ReportSchedule, Report, Delivery):
                due = model._default_manager.filter(due_at__isnull=False)
                due.filter(attempts__gte=3).update(attempts=0)
                due.filter(lease=None).exclude(error="").update(due_at=Now())


def arrived(office: MailServer) -> Letters:
    """Whoever got a letter of another organization would be here under a reader nobody expects."""
    found: Letters = defaultdict(list)
    for letter in office.letters:
        link = LINK.search(str(letter.get_payload()))
        assert link, letter
        found[UUID(link[2]), str(letter["To"])].append(str(letter["Message-ID"]))
    return found


def expected(houses: list[House]) -> dict[tuple[UUID, str], UUID]:
    """Every report and reader, and the row of that letter where there is one."""
    found: dict[tuple[UUID, str], UUID] = {}
    for house in houses:
        with working_for(house.id):
            (report,) = Report.objects.all()
            rows = dict(Delivery.objects.values_list("membership__email", "pk"))
        found |= {
            (report.pk, user.email): rows.get(user.email, report.pk)
            for user in house.users.values()
        }
    return found


def rows_of(houses: list[House], model: type[Any]) -> set[UUID]:
    found: set[UUID] = set()
    for house in houses:
        with working_for(house.id):
            found.update(model.objects.values_list("pk", flat=True))
    return found


def unknown(houses: list[House]) -> set[UUID]:
    """Letters whose row says that nobody knows whether they arrived."""
    found: set[UUID] = set()
    for house in houses:
        with working_for(house.id):
            said = Delivery.objects.filter(state=email_delivery.UNKNOWN)
            found.update(said.values_list("pk", flat=True))
    return found


def test_each_report_is_made_exactly_once(
    houses: list[House], storm: Callable[..., Storm], mail_server: MailServer
) -> None:
    raging, rounds = storm(), count()

    def done() -> int:
        if next(rounds) % 8 == 7:
            hurry(houses)
        return sum(len(times(what)) for what in (SLOT, MADE, SETTLED))

    goal = REPORTS * 4  # the slot, the report and two letters
    assert raging.rage(swept, done, goal, SECONDS), (done(), raging.happened)
    raging.calm(swept_again(houses))
    assert min(raging.happened.values()) > 0, raging.happened
    letters = expected(houses)
    assert times(SLOT) == Counter(rows_of(houses, ReportSchedule))
    assert times(MADE) == Counter({report for report, _reader in letters})
    assert times(SETTLED) == Counter(letters.values())
    # A letter whose worker died over it is sent once more under the same name, or its row says
    # that nobody knows; no letter is sent twice for another reason.
    again, lost = times(AGAIN), unknown(houses)
    assert again.total() <= raging.happened["worker"] + raging.happened["sessions"]
    got = arrived(mail_server)
    assert set(got) <= set(letters)
    assert {letters[one] for one in set(letters) - set(got)} <= lost
    for one, names in got.items():
        assert (len(set(names)), len(names) <= 1 + again[letters[one]]) == (1, True), one


def swept_again(houses: list[House]) -> list[tuple[str, tuple[str, ...]]]:
    """Messages that come when all is done."""
    return [
        ("work", (str(house.id), model._meta.label_lower, str(row)))
        for house in houses
        for model in (ReportSchedule, Report, Delivery)
        for row in rows_of([house], model)
    ]


def without_leases(houses: list[House]) -> Hints:
    def hints() -> Iterator[tuple[str, tuple[str, ...]]]:
        made = set(times(MADE))
        waiting = (house for house in houses if not rows_of([house], Report) & made)
        for house in islice(waiting, FEW // 2):
            yield "naive", (str(house.id),)

    return hints


@pytest.mark.nightly
def test_the_storm_breaks_a_task_without_leases(
    houses: list[House], storm: Callable[..., Storm], mail_server: MailServer
) -> None:
    """The same storm and the same counters: were it harmless, the test above would say nothing."""
    raging = storm(more=NAIVE)
    over = raging.rage(without_leases(houses), lambda: len(times(MADE)), REPORTS, SECONDS)
    assert over, (len(times(MADE)), raging.happened)
    raging.calm([])
    assert min(raging.happened.values()) > 0, raging.happened
    assert set(times(MADE)) == rows_of(houses, Report)  # all fifty were made
    assert max(times(MADE).values()) > 1
    assert max(len(names) for names in arrived(mail_server).values()) > 1


@pytest.mark.nightly
def test_in_calm_weather_a_task_without_leases_makes_each_report_once(
    houses: list[House], storm: Callable[..., Storm], mail_server: MailServer
) -> None:
    """It is the storm that breaks it, and not a mistake of its own."""
    some = houses[:15]
    storm(more=NAIVE).calm([("naive", (str(house.id),)) for house in some])
    assert len(times(MADE)) == len(some)
    assert times(MADE) == Counter(rows_of(some, Report))
    got = arrived(mail_server)
    assert set(got) == set(expected(some))
    assert {len(names) for names in got.values()} == {1}
