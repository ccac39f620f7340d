"""Fifty reports while everything dies around them: each is made exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from organizations import work
from organizations.models import AuditEvent
from organizations.tenancy import working_for
from reports.models import Delivery, Report, ReportFile
from tests.chaos.naive import MADE
from tests.chaos.storm import Hints, Storm
from tests.conftest import Cast, House
from tests.reports.test_schedules import set_up

REPORTS = 50
SECONDS = 120
AT_ONCE = 8  # hints of one round


@pytest.fixture
def storm() -> Iterator[Callable[..., Storm]]:
    raging: list[Storm] = []

    def start(**wanted: Any) -> Storm:
        raging.append(Storm(**wanted))
        return raging[-1]

    yield start
    for one in raging:
        one.end()


def fifty(house: House) -> list[UUID]:
    """One slot after the other of one schedule, all due, for two readers."""
    row = set_up(house, "Cho", "Ana")
    now = timezone.now()
    with working_for(house.id):
        reports = Report.objects.bulk_create(
            Report(schedule=row, slot=now - timedelta(days=31 * number), due_at=now)
            for number in range(REPORTS)
        )
    return [report.pk for report in reports]


def waiting(house: House) -> int:
    with working_for(house.id):
        return Report.objects.filter(made_at=None).count()


def swept() -> Iterator[tuple[str, tuple[str, ...]]]:
    """What the sweep finds."""
    for organization, kind, row in work.due(AT_ONCE, AT_ONCE):
        yield "work", (str(organization), kind, str(row))


def without_leases(house: House) -> Hints:
    def hints() -> Iterator[tuple[str, tuple[str, ...]]]:
        with working_for(house.id):
            rows = list(Report.objects.filter(made_at=None).values_list("pk", flat=True)[:AT_ONCE])
        for row in rows:
            yield "naive", (str(house.id), str(row))

    return hints


@pytest.mark.django_db(transaction=True)
def test_each_report_is_made_exactly_once(cast: Cast, storm: Callable[..., Storm]) -> None:
    acme = cast.acme
    fifty(acme)
    raging = storm(seed=20261123)
    made: dict[UUID, Any] = {}

    def is_over() -> bool:
        with working_for(acme.id):
            now = dict(Report.objects.exclude(made_at=None).values_list("pk", "made_at"))
            # No attempt is the last one: a storm is not a report's fault.
            Report.objects.filter(made_at=None, attempts__gte=3).update(attempts=0)
            Report.objects.filter(made_at=None, lease=None).update(due_at=timezone.now())
        assert made.items() <= now.items()  # once made, never made again
        made.update(now)
        return len(now) == REPORTS

    assert raging.rage(swept, is_over, SECONDS), (len(made), raging.happened)
    assert min(raging.happened.values()) > 0, raging.happened
    with working_for(acme.id):
        files = Counter(ReportFile.objects.values_list("report", flat=True))
        mails = Counter(Delivery.objects.values_list("report", flat=True))
        assert set(files.values()) == set(mails.values()) == {2}
        assert len(files) == len(mails) == REPORTS
        assert not Report.objects.filter(due_at__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_the_storm_breaks_a_task_without_leases(cast: Cast, storm: Callable[..., Storm]) -> None:
    """The same storm: were it harmless, the test above would say nothing."""
    acme = cast.acme
    fifty(acme)
    raging = storm(seed=20261123, more=("--include", "tests.chaos.naive"))
    raging.rage(without_leases(acme), lambda: waiting(acme) == 0, SECONDS)
    with working_for(acme.id):
        times = Counter(AuditEvent.objects.filter(event=MADE).values_list("subject", flat=True))
    assert len(times) < REPORTS or max(times.values()) > 1, times
