"""The published cells of a closed cycle in one fixed order, a part at a time, for programs that
read all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.lookups import GreaterThan

from assessments.kept import COLUMNS, as_cell
from assessments.models import Cycle, CycleTeam, Result, Scorecard
from assessments.scoring.cells import Cell
from organizations.tree import SEPARATOR

# The order in which the database keeps a cycle's cells: going on is a look into one index.
ORDER = ("node_id", "subject_type", "subject", "kind")
Place = tuple[str, ...]  # where a cell stands in that order


@dataclass(frozen=True, slots=True)
class Published:
    """One published cell, under the name of the team as it stood when the cycle opened."""

    id: UUID
    team: str
    team_id: UUID
    cell: Cell

    @property
    def bound(self) -> str | None:
        return self.cell.bound or None

    @property
    def need_bound(self) -> str | None:
        return self.cell.detail.get("need_bound") or None

    @property
    def fit_bound(self) -> str | None:
        return self.cell.detail.get("fit_bound") or None

    @property
    def place(self) -> Place:
        return (self.cell.node, self.cell.subject_type, self.cell.subject, self.cell.kind)


@dataclass(frozen=True, slots=True)
class Team:
    """`path` is written as everywhere; `id` is the team's own, the same in every cycle."""

    node: UUID
    id: UUID
    path: str


def state_of(cycle: UUID) -> str | None:
    """Changes when anything published about the cycle does; None while nothing is. 1 statement."""
    card = Scorecard.objects.filter(cycle=cycle, cycle__stage=Cycle.Stage.CLOSED)
    told = card.values_list("pk", "method", "edition_digest", "input_digest").first()
    return " ".join(map(str, told)) if told else None


def teams_of(cycle: UUID) -> dict[UUID, Team]:
    """Node -> the team that it was. 1 statement."""
    rows = CycleTeam.objects.filter(cycle=cycle).order_by("place")
    paths: dict[UUID, tuple[str, ...]] = {}
    found = {}
    for node, team, parent, name in rows.values_list("pk", "team_id", "parent_id", "name"):
        paths[node] = (*paths[parent], name) if parent in paths else ()
        found[node] = Team(node, team, SEPARATOR.join(paths[node]) or name)
    return found


def part(
    cycle: UUID,
    teams: Mapping[UUID, Team],
    *,
    wanted: Mapping[str, Any],
    after: Place | None,
    most: int,
) -> list[Published]:
    """At most so many cells after that place; `wanted` may say node_id, subject, subject_type and
    kind. 1 statement."""
    rows = ordered(cycle, wanted, after).values_list("pk", *COLUMNS)[:most]
    return [_published(row, teams) for row in rows]


def ordered(cycle: UUID, wanted: Mapping[str, Any], after: Place | None) -> QuerySet[Result]:
    rows = Result.objects.filter(cycle=cycle, **wanted).order_by(*ORDER)
    if after is not None:
        row: Any = {"function": "ROW", "output_field": BooleanField()}
        here = Func(*map(F, ORDER), **row)
        there = Func(Value(UUID(after[0])), *map(Value, after[1:]), **row)
        rows = rows.filter(GreaterThan(here, there))
    return rows


def _published(row: tuple[Any, ...], teams: Mapping[UUID, Team]) -> Published:
    cell = as_cell(dict(zip(COLUMNS, row[1:], strict=True)))
    team = teams[UUID(cell.node)]
    return Published(row[0], team.path, team.id, cell)
