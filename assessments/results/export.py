"""Read the published cells of a closed cycle in one fixed order, a page at a time, for programs that
read all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from assessments.models import CycleTeam
from organizations.process_cache import ProcessCache
from organizations.team_tree import SEPARATOR
from organizations.tenancy.scope import bound_organization

CellPosition = tuple[str, ...]  # a cell's sort key: node, subject type, subject, kind


class ExportedCell(NamedTuple):
    """One published cell, with the name of its team when the cycle opened. The fields after the node are
    those that programs read."""

    node: str
    id: str
    team: str  # its path
    team_id: str
    subject_type: str
    subject: str
    kind: str
    score: float | None
    estimate: float | None
    low: float | None
    high: float | None
    coarse: bool
    everyone: bool
    n: int | None
    invited: int | None
    level: int | None
    state: str | None
    need: float | None
    fit: int | None
    suppressed: str | None
    method: str

    @property
    def place(self) -> CellPosition:
        return (self.node, self.subject_type, self.subject, self.kind)


@dataclass(frozen=True, slots=True)
class ExportedTeam:
    """The team of a node. `path` is its path from the root; `id` is the same in every cycle."""

    node: str
    id: str
    path: str


@dataclass(frozen=True, slots=True)
class CellFilter:
    """Which cells to read; None: no restriction."""

    nodes: Sequence[str] | None = None
    subject_type: str | None = None
    subject: str | None = None
    kind: str | None = None


# The database returns a row as programs read it, so that a page of 500 needs no conversion. The order
# is that of an index, so that the next page is one index scan. Version 1 of the API has no stages.
_SELECT_PAGE = """
SELECT node_id::text, id::text, subject_type, subject, kind,
       score::float8, (detail->>'estimate')::float8, low::float8, high::float8,
       coalesce((detail->>'coarse')::boolean, false),
       coalesce((detail->>'everyone')::boolean, false),
       n, invited, level, nullif(state, ''), need::float8, fit, nullif(suppressed, ''),
       (SELECT s.method FROM assessments_scorecard s
         WHERE s.organization_id = %(organization)s AND s.id = %(scorecard)s)
  FROM assessments_result r
 WHERE organization_id = %(organization)s AND scorecard_id = %(scorecard)s
   AND subject_type <> 'stage' AND {conditions}
 ORDER BY r.node_id, r.subject_type, r.subject, r.kind LIMIT %(most)s
"""
_CONDITIONS = {
    "nodes": "node_id = ANY(%(nodes)s::uuid[])",
    "subject_type": "subject_type = %(subject_type)s",
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
    """Return node -> team. 1 statement, none if this process has read this cycle before."""
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
    scorecard: UUID,
    teams: Mapping[str, ExportedTeam],
    *,
    wanted: CellFilter,
    after: CellPosition | None,
    most: int,
) -> list[ExportedCell]:
    """Return at most so many cells after that position. 1 statement."""
    with connection.cursor() as cursor:
        cursor.execute(*build_query(scorecard, wanted, after, most))
        rows = cursor.fetchall()
    return [_build_cell(teams[row[0]], *row) for row in rows]


def build_query(
    scorecard: UUID, cell_filter: CellFilter, after: CellPosition | None, most: int
) -> tuple[str, dict[str, Any]]:
    """Return the statement and its parameters."""
    values = asdict(cell_filter)
    given = values | {"after": after}
    conditions = [sql for name, sql in _CONDITIONS.items() if given[name] is not None]
    statement = _SELECT_PAGE.format(conditions=" AND ".join(conditions) or "true")
    scope = {"organization": bound_organization(), "scorecard": scorecard, "most": most}
    return statement, scope | values | dict(zip(_AFTER, after or (), strict=False))


def _build_cell(team: ExportedTeam, node: str, result: str, *cell: Any) -> ExportedCell:
    return ExportedCell(node, result, team.path, team.id, *cell)
