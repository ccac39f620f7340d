"""The published cells of a closed cycle in one fixed order, a part at a time, for programs that
read all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from assessments.models import CycleTeam
from organizations.process_cache import ProcessCache
from organizations.team_tree import SEPARATOR
from organizations.tenancy.scope import bound_organization

CellPosition = tuple[
    str, ...
]  # where a cell stands in the order: node, subject type, subject, kind


class ExportedCell(NamedTuple):
    """One published cell, under the name of the team as it stood when the cycle opened. After the
    node come just the fields that programs read."""

    node: str
    id: str
    team: str  # its path
    team_id: str
    subject_type: str
    subject: str
    kind: str
    score: float | None
    bound: str | None
    low: float | None
    high: float | None
    n: int | None
    invited: int | None
    level: int | None
    state: str | None
    need: float | None
    need_bound: str | None
    fit: int | None
    fit_bound: str | None
    suppressed: str | None

    @property
    def place(self) -> CellPosition:
        return (self.node, self.subject_type, self.subject, self.kind)


@dataclass(frozen=True, slots=True)
class ExportedTeam:
    """`path` is written as everywhere; `id` is the team's own, the same in every cycle."""

    node: str
    id: str
    path: str


@dataclass(frozen=True, slots=True)
class CellFilter:
    """Which cells; None: whichever."""

    nodes: Sequence[str] | None = None
    subject: str | None = None
    kind: str | None = None


# The database says a row as programs read it: a page of 500 is not taken apart and put together
# again. Its order is the one in which the cells are kept, so going on is a look into one index.
_PART = """
SELECT node_id::text, id::text, subject_type, subject, kind,
       score::float8, nullif(bound, ''), low::float8, high::float8, n, invited,
       level, nullif(state, ''), need::float8, nullif(detail->>'need_bound', ''),
       fit, nullif(detail->>'fit_bound', ''), nullif(suppressed, '')
  FROM assessments_result r
 WHERE organization_id = %(organization)s AND cycle_id = %(cycle)s
   AND {conditions}
 ORDER BY r.node_id, r.subject_type, r.subject, r.kind LIMIT %(most)s
"""
_CONDITIONS = {
    "nodes": "node_id = ANY(%(nodes)s::uuid[])",
    "subject": "subject = %(subject)s",
    "kind": "kind = %(kind)s",
    "after": "ROW(node_id, subject_type, subject, kind)"
    " > ROW(%(after_node)s::uuid, %(after_type)s, %(after_subject)s, %(after_kind)s)",
}
_AFTER = ("after_node", "after_type", "after_subject", "after_kind")


_teams = ProcessCache[tuple[UUID, UUID], dict[str, ExportedTeam]](
    50
)  # by organization and closed cycle


def teams_by_node(cycle: UUID) -> dict[str, ExportedTeam]:
    """Node -> the team that it was. 1 statement, if no one has asked for this cycle yet."""
    return _teams.get_or_compute(
        (bound_organization(), cycle), lambda: {team.node: team for team in _read_teams(cycle)}
    )


def _read_teams(cycle: UUID) -> Iterator[ExportedTeam]:
    rows = CycleTeam.objects.filter(cycle=cycle).order_by("place")
    paths: dict[UUID, tuple[str, ...]] = {}
    for node, team, parent, name in rows.values_list("pk", "team_id", "parent_id", "name"):
        paths[node] = (*paths[parent], name) if parent in paths else ()
        yield ExportedTeam(str(node), str(team), SEPARATOR.join(paths[node]) or name)


def fetch_cells(
    cycle: UUID,
    teams: Mapping[str, ExportedTeam],
    *,
    wanted: CellFilter,
    after: CellPosition | None,
    most: int,
) -> list[ExportedCell]:
    """At most so many cells after that place. 1 statement."""
    with connection.cursor() as cursor:
        cursor.execute(*build_query(cycle, wanted, after, most))
        rows = cursor.fetchall()
    return [_published(teams[row[0]], *row) for row in rows]


def build_query(
    cycle: UUID, wanted: CellFilter, after: CellPosition | None, most: int
) -> tuple[str, dict[str, Any]]:
    """The statement and what belongs into it."""
    values = {"nodes": wanted.nodes, "subject": wanted.subject, "kind": wanted.kind}
    told = values | {"after": after}
    conditions = [one for name, one in _CONDITIONS.items() if told[name] is not None]
    statement = _PART.format(conditions=" AND ".join(conditions) or "true")
    where = {"organization": bound_organization(), "cycle": cycle, "most": most}
    return statement, where | values | dict(zip(_AFTER, after or (), strict=False))


def _published(team: ExportedTeam, node: str, result: str, *cell: Any) -> ExportedCell:
    return ExportedCell(node, result, team.path, team.id, *cell)
