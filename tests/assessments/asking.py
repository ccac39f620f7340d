"""A cycle as an administrator would plan it, for tests that need one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from assessments import cycles, editions, groups
from assessments.models import Cycle
from assessments.rubric import MAIN
from organizations.models import Membership, Role
from organizations.tenancy.scope import working_for
from tests.conftest import House

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def planned(house: House, moment: datetime = NOON, **different: Any) -> Cycle:
    """A planned cycle that would close two weeks after `moment`. Five people beside the leads are
    the fewest that can be asked: Mia joins the four of the cast."""
    if "Mia" not in house.members:
        house.add("Mia")
    with working_for(house.id):
        told: dict[str, Any] = {
            "name": "Spring 2027",
            "edition": editions.adopt(different.pop("rubric", MAIN)),
            "closes_at": moment + timedelta(days=14),
            "mode": Cycle.Mode.CONFIDENTIAL,
            "threshold": 5,
        }
        return cycles.plan(**(told | different), by=None)


def confirmed(house: House, cycle: Cycle) -> Cycle:
    """An owner has looked at the groups."""
    with working_for(house.id):
        owner = Membership.objects.filter(role=Role.OWNER).earliest("pk").pk
        now = timezone.now()
        seen = groups.at_opening(cycle.threshold, now).digest
        groups.confirm(cycle, seen=seen, by=owner, moment=now)
    return cycle


def opened(house: House, moment: datetime = NOON, **different: Any) -> Cycle:
    cycle = planned(house, moment, **different)
    with working_for(house.id):
        return cycles.open_cycle(cycle, by=None, moment=moment)


def fill(house: House, team: str, number: int) -> None:
    """So many members more in a team."""
    for place in range(number):
        house.add(f"{team or 'Top'} {place}", team=team)
