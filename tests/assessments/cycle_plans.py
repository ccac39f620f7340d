"""A cycle as an administrator would plan it, for tests that need one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from assessments import rubric_editions
from assessments.cycles import groups, lifecycle
from assessments.models import Cycle
from assessments.rubrics import MAIN_RUBRIC
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
            "edition": rubric_editions.get_or_create_latest(different.pop("rubric", MAIN_RUBRIC)),
            "closes_at": moment + timedelta(days=14),
            "mode": Cycle.Mode.CONFIDENTIAL,
            "threshold": 5,
        }
        return lifecycle.plan(**(told | different), by=None)


def confirmed(house: House, cycle: Cycle) -> Cycle:
    """An owner has looked at the groups."""
    with working_for(house.id):
        owner = Membership.objects.filter(role=Role.OWNER).earliest("pk").pk
        now = timezone.now()
        seen = groups.preview_opening(cycle.threshold, now).digest
        groups.confirm(cycle, seen=seen, by=owner, moment=now)
    return cycle


def opened(house: House, moment: datetime = NOON, **different: Any) -> Cycle:
    cycle = planned(house, moment, **different)
    with working_for(house.id):
        return lifecycle.open_cycle(cycle, by=None, moment=moment)


def fill(house: House, team: str, number: int) -> None:
    """So many members more in a team."""
    names = [f"{team or 'Top'} {place}" for place in range(number)]
    house.add_all(*(Membership(name=name, team=house.teams[team]) for name in names))
