"""Read the results of closed cycles: published numbers and their tree.

Pages, API, exports and reports read results only by these functions. Nothing is computed again: a
number that may not be shown was never stored. Every function states how many statements it needs,
whatever the size of the organization.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Case, JSONField, Q, QuerySet, Subquery, When

from assessments.models import Cycle, CycleTeam, Result, Scorecard
from assessments.results.storage import (
    COLUMNS,
    cell_from_row,
)
from assessments.rubric_editions import rubric_by_digest
from assessments.rubrics import Rubric
from assessments.scoring.cell import Cell
from organizations.tenancy.scope import bound_organization

CellKey = tuple[UUID, str, str, str]  # node, subject type, subject, kind
SubjectKey = tuple[str, str, str]  # the same of any node


class ClosedCycleSummary(NamedTuple):
    """What has to be known about a closed cycle to choose one."""

    id: UUID
    name: str
    rubric: str
    shows: bool  # False: too few have answered, and nothing may be shown
    mark: str  # changes when anything published about the cycle does
    scorecard: UUID  # whose results are shown
    is_main: bool  # of the organization's main rubric
    closed_at: datetime
    edition: UUID
    edition_digest: str


class OpenCycle(NamedTuple):
    """An open cycle: it has no results yet. What was counted last night is None before the first night."""

    id: UUID
    name: str
    rubric: str
    closes_at: datetime
    counted_on: str | None  # a day
    answered: int | None  # of the whole organization, without leads
    invited: int | None


class CycleOverview(NamedTuple):
    """Every closed cycle, the newest first, the names of those whose results are still computed, and
    those that are open, the first to close in front."""

    closed: tuple[ClosedCycleSummary, ...]
    awaited: tuple[str, ...]
    open: tuple[OpenCycle, ...]


@dataclass(frozen=True, slots=True)
class ClosedCycle:
    """A cycle that was closed and scored, with everything a page heading needs."""

    id: UUID
    name: str
    rubric: Rubric
    edition: UUID
    closed_at: datetime
    opened_at: datetime | None
    threshold: int
    comment_threshold: int
    mode: str
    segment: str
    imported: bool
    asked: Mapping[str, Any]  # imports: {"performance": [slug], "importance": [slug]}, else empty
    root: UUID  # the node of the whole organization
    scorecard: UUID  # whose results are shown
    shows: bool  # whether at least one number may be shown
    discarded: int  # responses that were broken off
    method: str
    edition_digest: str = ""
    input_digest: str = ""  # recognises the same answers without revealing them
    mark: str = ""  # changes when anything published about the cycle does
    year_before: UUID | None = None  # the cycle about a year before that it is compared with
    straight_share: int = 0  # whole per cent of those who answered gave one level to everything


AnyClosedCycle = TypeVar("AnyClosedCycle", ClosedCycleSummary, ClosedCycle)


@dataclass(frozen=True, slots=True)
class ResultNode:
    """A team as it was when the cycle opened. `n` and `invited` are None where they are hidden."""

    id: UUID
    team_id: UUID
    parent: UUID | None
    name: str
    place: int  # in tree order; the root is 0
    depth: int
    n: int | None  # how many have answered
    invited: int | None
    shown: bool  # whether at least one number of this node is published


@dataclass(frozen=True, slots=True)
class ResultTree:
    """The nodes of one cycle in tree order, the root first."""

    nodes: tuple[ResultNode, ...]
    # node -> the node under whose name its comments may be shown
    comment_blocks: Mapping[UUID, UUID] = field(default_factory=dict)

    @property
    def root(self) -> ResultNode:
        return self.nodes[0]

    def by_id(self) -> dict[UUID, ResultNode]:
        return {node.id: node for node in self.nodes}

    def below(self, top: ResultNode) -> tuple[ResultNode, ...]:
        """Return the node and everything under it, in tree order."""
        subtree = [top]
        for node in self.nodes[top.place + 1 :]:
            if node.depth <= top.depth:
                break
            subtree.append(node)
        return tuple(subtree)

    def path(self, node: ResultNode) -> tuple[ResultNode, ...]:
        """Return the nodes from the root down to the node."""
        nodes, path = self.by_id(), [node]
        while path[0].parent is not None:
            path.insert(0, nodes[path[0].parent])
        return tuple(path)


@dataclass(frozen=True, slots=True)
class PublishedCells:
    """Published cells by (node, subject type, subject, kind)."""

    by_key: Mapping[CellKey, Cell]
    ids: Mapping[CellKey, UUID] = field(default_factory=dict)  # of the stored results

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.by_key.values())

    def __len__(self) -> int:
        return len(self.by_key)

    def get(
        self, node: UUID, subject_type: str, subject: str = "", kind: str = "performance"
    ) -> Cell | None:
        return self.by_key.get((node, subject_type, subject, kind))

    def result(self, cell: Cell | None) -> UUID | None:
        """Return the id of the stored result, by which the cell's explanation can be looked up."""
        if cell is None:
            return None
        return self.ids.get((UUID(cell.node), cell.subject_type, cell.subject, cell.kind))


# Every page and every API request runs these, so they avoid the ORM's half a millisecond. The mark: whoever
# publishes other results of a closed cycle writes its scorecard or another one, and `xmin` is the last transaction
# that did. What is read by the scorecard stays of one computation, also while the cycle is computed anew.
_SELECT_SUMMARIES = """
SELECT c.id, c.name, c.rubric, s.shows, concat_ws(' ', s.id, s.xmin), s.id,
       c.rubric = o.main_rubric, coalesce(c.closed_at, c.closes_at), c.edition_id, e.digest,
       counts.counted_on, counts.answered, counts.invited, c.stage
  FROM assessments_cycle c
  JOIN organizations_organization o ON o.id = c.organization_id
  JOIN assessments_rubricedition e ON e.organization_id = c.organization_id AND e.id = c.edition_id
  LEFT JOIN assessments_scorecard s
    ON s.organization_id = c.organization_id AND s.cycle_id = c.id AND s.current
  LEFT JOIN LATERAL (
       SELECT c.counted->>'on' AS counted_on, sum(t.headcount)::int AS invited,
              sum((c.counted->'answered'->>t.id::text)::int) FILTER (WHERE t.place = 0)::int AS answered
         FROM assessments_cycleteam t
        WHERE t.organization_id = c.organization_id AND t.cycle_id = c.id) counts ON c.stage = 'open'
 WHERE c.organization_id = %s AND (c.stage IN ('open', 'closing') OR c.stage = 'closed' AND s.id IS NOT NULL)
 ORDER BY coalesce(c.closed_at, c.closes_at) DESC, c.id DESC
"""
_SELECT_CLOSED = """
SELECT c.id, c.name, e.digest, c.edition_id, c.closed_at, c.opened_at, c.threshold,
       c.comment_threshold, c.mode, c.segment, c.imported, c.asked::text, t.id, s.id, s.shows,
       s.discarded, s.method, s.edition_digest, s.input_digest, concat_ws(' ', s.id, s.xmin),
       nullif(s.summary->>'year_before', '')::uuid,
       coalesce((s.summary #>> '{{quality,answers,straight}}')::int, 0)
  FROM assessments_scorecard s
  JOIN assessments_cycle c ON c.organization_id = s.organization_id AND c.id = s.cycle_id
  JOIN assessments_rubricedition e ON e.organization_id = c.organization_id AND e.id = c.edition_id
  JOIN assessments_cycleteam t
    ON t.organization_id = c.organization_id AND t.cycle_id = c.id AND t.place = 0
 WHERE s.organization_id = %s AND s.current AND c.stage = 'closed' AND {condition}
 ORDER BY c.closed_at DESC, c.id DESC LIMIT %s
"""
_OF_RESULT = """EXISTS (
       SELECT FROM assessments_result r
        WHERE r.organization_id = s.organization_id AND r.scorecard_id = s.id AND r.id = %s)"""
_FIELDS = [field.name for field in fields(ClosedCycle)]  # `rubric` is fetched as its digest


def _fetch_closed(condition: str, value: Any, most: int | None = None) -> tuple[ClosedCycle, ...]:
    organization = bound_organization()
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_CLOSED.format(condition=condition), [organization, value, most])
        rows = cursor.fetchall()
    return tuple(_cycle_from_row(organization, row) for row in rows)


def _cycle_from_row(organization: UUID, row: tuple[Any, ...]) -> ClosedCycle:
    values = dict(zip(_FIELDS, row, strict=True))
    values["rubric"] = rubric_by_digest(organization, values["edition"], digest=values["rubric"])
    values["asked"] = json.loads(values["asked"])
    return ClosedCycle(**values)


def _first(cycles: tuple[ClosedCycle, ...]) -> ClosedCycle | None:
    return cycles[0] if cycles else None


def find(cycle: UUID) -> ClosedCycle | None:
    """Return one closed cycle; None while it is open. 1 statement."""
    return _first(_fetch_closed("c.id = %s", cycle))


def find_by_result(result: UUID) -> ClosedCycle | None:
    """Return the cycle that published this number. 1 statement."""
    return _first(_fetch_closed(_OF_RESULT, result))


def latest(rubric: str) -> ClosedCycle | None:
    """Return the cycle that pages about this rubric show. 1 statement."""
    return _first(with_results(history(rubric)))


def history(rubric: str, most: int = 12) -> tuple[ClosedCycle, ...]:
    """Return the closed cycles of one rubric, the newest first. 1 statement."""
    return _fetch_closed("c.rubric = %s", rubric, most)


def with_results(cycles: Sequence[AnyClosedCycle]) -> tuple[AnyClosedCycle, ...]:
    """Return the cycles of which anything may be shown: a cycle with too few answers does not replace
    the one before it. If nothing may be shown of any, return all of them."""
    return tuple(cycle for cycle in cycles if cycle.shows) or tuple(cycles)


def by_ids(cycles: Iterable[UUID]) -> dict[UUID, ClosedCycle]:
    """Return these closed cycles by id. 1 statement."""
    return {cycle.id: cycle for cycle in _fetch_closed("c.id = ANY(%s)", list(cycles))}


def overview() -> CycleOverview:
    """Return the closed cycles, those being counted and those that are open. 1 statement, a light one: as
    long as it returns the same, so does every page of results."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_SUMMARIES, [bound_organization()])
        rows = cursor.fetchall()
    return CycleOverview(
        tuple(ClosedCycleSummary(*row[:10]) for row in rows if row[-1] == Cycle.Stage.CLOSED),
        tuple(row[1] for row in rows if row[-1] == Cycle.Stage.CLOSING),
        tuple(
            OpenCycle(row[0], row[1], row[2], row[7], *row[10:13])
            for row in reversed(rows)
            if row[-1] == Cycle.Stage.OPEN
        ),
    )


def closed_cycles() -> tuple[ClosedCycleSummary, ...]:
    """Return every closed cycle, the newest first. 1 statement."""
    return overview().closed


def main_rubric(closed: Sequence[ClosedCycleSummary]) -> str:
    """Return the rubric that is shown unless another is asked for: the organization's main one where
    it was measured, else the one that was measured last; "" where none was. `closed`: newest first."""
    main = [cycle.rubric for cycle in closed if cycle.is_main]
    return (main or [cycle.rubric for cycle in closed] or [""])[0]


def tree(cycle: ClosedCycle) -> ResultTree:
    """Return the frozen tree with participation where it may be shown. 1 statement."""
    return tree_from_rows(list(tree_rows(cycle)))


def tree_rows(cycle: ClosedCycle) -> QuerySet[CycleTeam]:
    """Return the rows of the tree: the root's also carries what the scorecard stores about all nodes."""
    card = Scorecard.objects.filter(pk=cycle.scorecard)
    columns = {name: _at_root(card.values(name)[:1]) for name in ("participation", "summary")}
    return CycleTeam.objects.filter(cycle=cycle.id).annotate(**columns).order_by("place")


def tree_from_rows(rows: list[Any]) -> ResultTree:
    participation, summary = rows[0].participation, rows[0].summary
    shown = set(summary.get("shown", ()))
    blocks = summary.get("comment_blocks", {})
    return ResultTree(
        nodes=tuple(_node(row, participation, shown) for row in rows),
        comment_blocks={UUID(node): UUID(block) for node, block in blocks.items()},
    )


def _at_root(column: QuerySet[Any, Any]) -> Case:
    return Case(When(place=0, then=Subquery(column)), output_field=JSONField())


def _node(row: CycleTeam, participation: Mapping[str, Any], shown: set[str]) -> ResultNode:
    counts = participation.get(str(row.pk), {})
    return ResultNode(
        id=row.pk,
        team_id=row.team_id,
        parent=row.parent_id,
        name=row.name,
        place=row.place,
        depth=row.depth,
        n=counts.get("n"),
        invited=counts.get("invited"),
        shown=str(row.pk) in shown,
    )


def cells(
    *cycles: ClosedCycle,
    nodes: Iterable[UUID] | None = None,
    subject_types: Iterable[str] | None = None,
    subject: str | None = None,
    kind: str | None = None,
) -> PublishedCells:
    """Return published cells of these cycles; only of their roots unless nodes are given. 1 statement."""
    node_ids = [cycle.root for cycle in cycles] if nodes is None else list(nodes)
    rows = Result.objects.filter(
        scorecard__in=[cycle.scorecard for cycle in cycles], node__in=node_ids
    )
    if subject_types is not None:
        rows = rows.filter(subject_type__in=list(subject_types))
    if subject is not None:
        rows = rows.filter(subject=subject)
    if kind is not None:
        rows = rows.filter(kind=kind)
    return _cells(rows)


def team_matrix(
    cycle: ClosedCycle, nodes: Iterable[UUID], opened: UUID | None = None
) -> PublishedCells:
    """Return the values of these nodes, and the capabilities of the `opened` one. 1 statement."""
    values = Q(node__in=list(nodes), subject_type="value")
    capabilities = Q(node=opened, subject_type="capability")
    rows = Result.objects.filter(scorecard=cycle.scorecard, kind="performance")
    return _cells(rows.filter(values if opened is None else values | capabilities))


def neighbourhood(
    cycle: ClosedCycle, node: UUID, number: SubjectKey, nodes: Iterable[UUID]
) -> PublishedCells:
    """Return every cell of one node, and one number of these other nodes. 1 statement."""
    subject_type, subject, kind = number
    same_number = Q(node__in=list(nodes), subject_type=subject_type, subject=subject, kind=kind)
    return _cells(Result.objects.filter(Q(node=node) | same_number, scorecard=cycle.scorecard))


def capability_history(
    cycles: Sequence[ClosedCycle], capability: str, nodes: Iterable[UUID]
) -> PublishedCells:
    """Return one capability at the root of each cycle and at these nodes. 1 statement."""
    node_ids = [*(cycle.root for cycle in cycles), *nodes]
    return cells(*cycles, nodes=node_ids, subject_types=["capability"], subject=capability)


def read_cells(rows: QuerySet[Result]) -> tuple[PublishedCells, dict[UUID, UUID]]:
    """Return the cells of these rows, and the scorecard to which each of their nodes belongs. 1 statement."""
    by_key: dict[CellKey, Cell] = {}
    ids: dict[CellKey, UUID] = {}
    scorecards: dict[UUID, UUID] = {}
    for result, scorecard, *values in rows.values_list("pk", "scorecard_id", *COLUMNS):
        row = dict(zip(COLUMNS, values, strict=True))
        key = (row["node_id"], row["subject_type"], row["subject"], row["kind"])
        by_key[key], ids[key] = cell_from_row(row), result
        scorecards[row["node_id"]] = scorecard
    return PublishedCells(by_key, ids), scorecards


def _cells(rows: QuerySet[Result]) -> PublishedCells:
    return read_cells(rows)[0]
