"""The heat map: every team on every value, in the order of the tree, the whole organization first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode
from assessments.scoring.cell import Cell
from reports import formatting
from reports.presenters import headlines
from reports.presenters.shared import (
    CapabilityRow,
    CapabilityUrl,
    CellChange,
    answer_spread,
    capability_row,
    cell_change,
    short_names,
)

MAX_INDENT = 4  # teams further down are drawn no further in
HeatmapCellUrl = Callable[[ResultNode, str], str]
"""From a team and a value to the address that opens their cell."""


@dataclass(frozen=True, slots=True)
class SelectedCell:
    """The cell that was asked for: which team, which value."""

    node: ResultNode
    slug: str


@dataclass(frozen=True, slots=True)
class TeamResults:
    cycle: ClosedCycle
    nodes: Sequence[ResultNode]  # what the reader may see, in tree order
    cells: PublishedCells  # values of these nodes, capabilities of the opened one
    opened: SelectedCell | None
    closed_on: str
    language: str


@dataclass(frozen=True, slots=True)
class HeatmapCell:
    """One cell in its three readings: against need, level, change."""

    kind: str  # shown, hidden, empty
    reason: str = ""
    address: str = ""
    need_step: str = "none"
    level_step: int = 1
    change_step: str = "none"
    against: str = ""
    level: str = ""
    moved: str = ""
    opened: bool = False


@dataclass(frozen=True, slots=True)
class HeatmapRow:
    name: str
    depth: int
    leaf: bool
    n: int | None
    invited: int | None
    cells: tuple[HeatmapCell, ...]  # empty where nothing of the team is shown
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HeatmapColumn:
    name: str
    need: str


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """A heading over several columns: value to the customer, value to the company."""

    name: str
    columns: int


@dataclass(frozen=True, slots=True)
class CellBreakdown:
    heading: str
    honest: str
    rows: tuple[CapabilityRow, ...]
    result: UUID | None


@dataclass(frozen=True, slots=True)
class TeamsPage:
    eyebrow: str
    heading: str
    spans: tuple[ColumnGroup, ...]
    columns: tuple[HeatmapColumn, ...]
    teams: tuple[HeatmapRow, ...]
    has_change: bool
    opened: CellBreakdown | None
    threshold: int
    colophon: str


def teams_page(seen: TeamResults, *, place: HeatmapCellUrl, address: CapabilityUrl) -> TeamsPage:
    dimensions = seen.cycle.rubric.dimensions
    names = short_names(dimensions, seen.language)
    parents = {node.parent for node in seen.nodes}
    return TeamsPage(
        eyebrow=_("%(cycle)s · teams by value") % {"cycle": seen.cycle.name},
        heading=_heading(seen),
        spans=_spans(seen),
        columns=tuple(_column(names[one.slug], one.slug, seen) for one in dimensions),
        teams=tuple(_team(node, seen, place, leaf=node.id not in parents) for node in seen.nodes),
        has_change=any(cell_change(cell) is not None for cell in seen.cells),
        opened=_opened(seen.opened, seen, address) if seen.opened else None,
        threshold=seen.cycle.threshold,
        colophon=headlines.colophon(
            cycle=seen.cycle.name,
            closed=seen.closed_on,
            version=seen.cycle.rubric.version,
            threshold=seen.cycle.threshold,
        ),
    )


def _value(node: ResultNode, slug: str, seen: TeamResults) -> Cell | None:
    return seen.cells.get(node.id, "value", slug)


def _heading(seen: TeamResults) -> str:
    """Names the cell furthest below its need."""
    found = [
        (cell.gap, node.name, one.name.in_(seen.language), cell)
        for node in seen.nodes
        for one in seen.cycle.rubric.dimensions
        if (cell := _value(node, one.slug, seen)) is not None and cell.gap is not None
    ]
    below = [one for one in found if formatting.need_side(one[3]) == "below"]
    if not below:
        return headlines.teams(None, known=bool(found))
    _gap, team, value, cell = min(below, key=lambda one: one[0])
    return headlines.teams((team, value, formatting.gap(cell)), known=True)


def _spans(seen: TeamResults) -> tuple[ColumnGroup, ...]:
    rubric = seen.cycle.rubric
    named = {one.slug: one.name.in_(seen.language) for one in rubric.sides}
    if not named:
        return ()
    groups = groupby(rubric.dimensions, key=lambda one: one.side)
    return tuple(ColumnGroup(named.get(side or "", ""), len(list(one))) for side, one in groups)


def _column(name: str, slug: str, seen: TeamResults) -> HeatmapColumn:
    first = _value(seen.nodes[0], slug, seen) if seen.nodes else None
    return HeatmapColumn(name, formatting.need(first))


def _team(node: ResultNode, seen: TeamResults, place: HeatmapCellUrl, *, leaf: bool) -> HeatmapRow:
    found = [(one.slug, _value(node, one.slug, seen)) for one in seen.cycle.rubric.dimensions]
    shown = any(cell is not None and cell.score is not None for _slug, cell in found)
    cells = tuple(_cell(cell, node, slug, seen, place) for slug, cell in found) if shown else ()
    least = {"threshold": seen.cycle.threshold}
    return HeatmapRow(
        name=node.name,
        depth=min(node.depth, MAX_INDENT),
        leaf=leaf,
        n=node.n,
        invited=node.invited,
        cells=cells,
        reason="" if shown else _("Not enough answers. Shown from %(threshold)s people.") % least,
    )


def _moved(one: CellChange) -> str:
    """Judged among all teams and values at once: so many cells would else have found some by chance."""
    return (
        formatting.signed_change(one.map_verdict, one.size, one.bound)
        if one.map_verdict in ("up", "down")
        else ""
    )


def _cell(
    cell: Cell | None, node: ResultNode, slug: str, seen: TeamResults, place: HeatmapCellUrl
) -> HeatmapCell:
    if cell is None or cell.score is None:
        kind = "hidden" if formatting.is_hidden(cell) else "empty"
        return HeatmapCell(kind, formatting.missing_reason(cell))
    moved = cell_change(cell)
    opened = seen.opened
    return HeatmapCell(
        kind="shown",
        address=place(node, slug),
        need_step=colour_step(cell),
        level_step=cell.level or 1,
        change_step=formatting.change_side(moved.map_verdict) if moved else "new",
        against=formatting.signed_gap(cell) or formatting.score(cell),
        level=formatting.score(cell),
        moved=_moved(moved) if moved else "",
        opened=opened is not None and opened.node.id == node.id and opened.slug == slug,
    )


def colour_step(cell: Cell) -> str:
    """How strong the colour is: b1 to b3 below the need, a1 to a3 above it."""
    side = formatting.need_side(cell)
    if side == "none" or cell.gap is None:
        return "none"
    size = abs(cell.gap)
    return f"{side[0]}{1 + (size >= 0.45) + (size >= 0.95)}"


def _opened(opened: SelectedCell, seen: TeamResults, address: CapabilityUrl) -> CellBreakdown:
    rubric = seen.cycle.rubric
    one = next(each for each in rubric.dimensions if each.slug == opened.slug)
    cell = _value(opened.node, opened.slug, seen)
    inside = [
        (item, seen.cells.get(opened.node.id, "capability", item.slug)) for item in one.capabilities
    ]
    rows = [
        capability_row(
            item,
            within,
            rubric,
            language=seen.language,
            address=address,
            result=seen.cells.result(within),
        )
        for item, within in inside
    ]
    return CellBreakdown(
        heading=f"{opened.node.name}, {one.name.in_(seen.language)}",
        honest=formatting.join_parts(
            formatting.cell_summary(cell),
            formatting.based_on(cell),
            formatting.need(cell),
            formatting.agreement(answer_spread(cell).word),
        ),
        rows=tuple(rows),
        result=seen.cells.result(cell),
    )
