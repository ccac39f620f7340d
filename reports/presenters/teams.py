"""The heat map of teams by values, in tree order, the whole organization first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from uuid import UUID

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode
from assessments.scoring.cell import Cell, Change
from reports import caveats, formatting
from reports.presenters import headlines
from reports.presenters.shared import (
    CapabilityRow,
    CapabilityUrl,
    TeamUrl,
    capability_row,
    detail_of,
    range_note,
    short_names,
)

MAX_INDENT = 4  # deeper teams are indented no further
HeatmapCellUrl = Callable[[ResultNode, str], str]
"""Turns a team and the slug of a value into the address that opens their cell; "" where none opens."""


@dataclass(frozen=True, slots=True)
class SelectedCell:
    """The team and the value (by slug) of the cell that the address opens."""

    node: ResultNode
    slug: str


@dataclass(frozen=True, slots=True)
class TeamResults:
    cycle: ClosedCycle
    nodes: Sequence[ResultNode]  # those the reader may see, in tree order
    cells: PublishedCells  # values of these nodes, capabilities of the opened node
    opened: SelectedCell | None
    closed_on: str
    language: str


@dataclass(frozen=True, slots=True)
class HeatmapCell:
    """One cell in the three views of the map: against need, level, change."""

    kind: str  # shown, hidden, empty
    reason: str = ""
    address: str = ""
    need_step: str = "none"
    level_step: int = 1
    change_step: str = "none"
    gap: str = ""
    level: str = ""
    change: str = ""
    selected: bool = False


@dataclass(frozen=True, slots=True)
class HeatmapRow:
    name: str
    depth: int
    leaf: bool
    n: int | None
    invited: int | None  # None also where the size of a team is missing
    cells: tuple[HeatmapCell, ...]  # empty where nothing of the team is shown
    reason: str = ""
    responses: str = ""  # n and invited as a text


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """A row with the address of its team's page; "" where the reader may not open it."""

    team: HeatmapRow
    address: str


@dataclass(frozen=True, slots=True)
class HeatmapColumn:
    name: str
    need: str


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """A heading over several columns, such as value to the customer."""

    name: str
    columns: int


@dataclass(frozen=True, slots=True)
class CellBreakdown:
    heading: str
    summary: str
    rows: tuple[CapabilityRow, ...]
    note: str  # what those who did not answer could change
    result: UUID | None
    team: str
    team_address: str


@dataclass(frozen=True, slots=True)
class TeamsPage:
    eyebrow: str
    heading: str
    column_groups: tuple[ColumnGroup, ...]
    columns: tuple[HeatmapColumn, ...]
    rows: tuple[LinkedRow, ...]
    has_change: bool
    breakdown: CellBreakdown | None
    threshold: int
    note: str  # how small groups are shown
    colophon: str


def teams_page(
    results: TeamResults,
    *,
    cell_url: HeatmapCellUrl,
    address: CapabilityUrl,
    team_url: TeamUrl = lambda _node: "",
) -> TeamsPage:
    dimensions = results.cycle.rubric.dimensions
    names = short_names(dimensions, results.language)
    parents = {node.parent for node in results.nodes}
    return TeamsPage(
        eyebrow=_("%(cycle)s · teams by value") % {"cycle": results.cycle.name},
        heading=_heading(results),
        column_groups=_column_groups(results),
        columns=tuple(
            _heatmap_column(names[dimension.slug], dimension.slug, results)
            for dimension in dimensions
        ),
        rows=tuple(
            LinkedRow(
                _heatmap_row(node, results, cell_url, leaf=node.id not in parents), team_url(node)
            )
            for node in results.nodes
        ),
        has_change=any(cell.detail.change is not None for cell in results.cells),
        breakdown=_cell_breakdown(results.opened, results, address, team_url)
        if results.opened
        else None,
        threshold=results.cycle.threshold,
        note=range_note(results.cells),
        colophon=headlines.colophon(results.cycle, results.closed_on),
    )


def _value_cell(node: ResultNode, slug: str, results: TeamResults) -> Cell | None:
    return results.cells.get(node.id, "value", slug)


def _heading(results: TeamResults) -> str:
    """Return a headline that names the cell furthest below its need."""
    gaps = [
        (cell.gap, node.name, dimension.name.in_(results.language), cell)
        for node in results.nodes
        for dimension in results.cycle.rubric.dimensions
        if (cell := _value_cell(node, dimension.slug, results)) is not None and cell.gap is not None
    ]
    below = [row for row in gaps if formatting.need_side(row[3]) == "below"]
    if not below:
        known = any(cell.score is not None for cell in results.cells)
        everywhere = _below_everywhere(results)
        return headlines.teams(None, everywhere, known=known, needs_known=bool(gaps))
    _gap, team, value, cell = min(below, key=lambda row: row[0])
    return headlines.teams((team, value, formatting.gap(cell)), (), known=True)


def _below_everywhere(results: TeamResults) -> list[str]:
    """Return the names of the values that are below their need in every team that shows them."""
    names = []
    for dimension in results.cycle.rubric.dimensions:
        cells = [_value_cell(node, dimension.slug, results) for node in results.nodes]
        gaps = [cell.gap for cell in cells if cell is not None and cell.gap is not None]
        if len(gaps) > 1 and max(gaps) < 0:
            names.append(dimension.name.in_(results.language))
    return names


def _column_groups(results: TeamResults) -> tuple[ColumnGroup, ...]:
    rubric = results.cycle.rubric
    side_names = {side.slug: side.name.in_(results.language) for side in rubric.sides}
    if not side_names:
        return ()
    groups = groupby(rubric.dimensions, key=lambda dimension: dimension.side)
    return tuple(
        ColumnGroup(side_names.get(side or "", ""), len(list(members))) for side, members in groups
    )


def _heatmap_column(name: str, slug: str, results: TeamResults) -> HeatmapColumn:
    top_cell = _value_cell(results.nodes[0], slug, results) if results.nodes else None
    return HeatmapColumn(name, formatting.need(top_cell))


def _heatmap_row(
    node: ResultNode, results: TeamResults, cell_url: HeatmapCellUrl, *, leaf: bool
) -> HeatmapRow:
    value_cells = [
        (dimension.slug, _value_cell(node, dimension.slug, results))
        for dimension in results.cycle.rubric.dimensions
    ]
    shown = any(cell is not None and cell.score is not None for _slug, cell in value_cells)
    cells = (
        tuple(_heatmap_cell(cell, node, slug, results, cell_url) for slug, cell in value_cells)
        if shown
        else ()
    )
    parameters = {"threshold": results.cycle.threshold}
    return HeatmapRow(
        name=node.name,
        depth=min(node.depth, MAX_INDENT),
        leaf=leaf,
        n=node.n,
        invited=node.invited,
        cells=cells,
        reason=""
        if shown
        else _("Hidden for anonymity. Shown for groups of %(threshold)s or more.") % parameters,
        responses=formatting.response_count(node.n, node.invited),
    )


def _change_text(change: Change) -> str:
    """Return the change, judged by the verdict adjusted for all teams and values together.

    Judged one by one, so many cells would show some changes by chance.
    """
    judged = replace(change, verdict=change.map_verdict or change.verdict)
    return formatting.signed(judged.size) if judged.is_clear else ""


def _heatmap_cell(
    cell: Cell | None, node: ResultNode, slug: str, results: TeamResults, cell_url: HeatmapCellUrl
) -> HeatmapCell:
    if cell is None or cell.score is None:
        kind = "hidden" if formatting.is_hidden(cell) else "empty"
        return HeatmapCell(kind, formatting.missing_reason(cell))
    change = cell.detail.change
    opened = results.opened
    return HeatmapCell(
        kind="shown",
        address=cell_url(node, slug),
        need_step=colour_step(cell),
        level_step=cell.level or 1,
        change_step=formatting.change_side(change.map_verdict) if change else "new",
        gap=formatting.signed_gap(cell) or formatting.score(cell),
        level=formatting.score(cell),
        change=_change_text(change) if change else "",
        selected=opened is not None and opened.node.id == node.id and opened.slug == slug,
    )


def colour_step(cell: Cell | None) -> str:
    """Return the step of the colour scale: b1 to b3 below the need, a1 to a3 above it, or none."""
    side = formatting.need_side(cell)
    if side == "none" or cell is None or cell.gap is None:
        return "none"
    size = abs(cell.gap)
    return f"{side[0]}{1 + (size >= 0.45) + (size >= 0.95)}"


def _cell_breakdown(
    opened: SelectedCell, results: TeamResults, address: CapabilityUrl, team_url: TeamUrl
) -> CellBreakdown:
    rubric = results.cycle.rubric
    dimension = next(each for each in rubric.dimensions if each.slug == opened.slug)
    cell = _value_cell(opened.node, opened.slug, results)
    agreement = detail_of(cell).agreement
    item_cells = [
        (item, results.cells.get(opened.node.id, "capability", item.slug))
        for item in dimension.capabilities
    ]
    rows = [
        capability_row(
            item,
            item_cell,
            rubric,
            language=results.language,
            address=address,
            result=results.cells.result(item_cell),
        )
        for item, item_cell in item_cells
    ]
    return CellBreakdown(
        heading=f"{opened.node.name}, {dimension.name.in_(results.language)}",
        summary=formatting.join_parts(
            formatting.cell_summary(cell),
            formatting.based_on(cell),
            formatting.need(cell),
            formatting.agreement(agreement.word if agreement else ""),
        ),
        rows=tuple(rows),
        note=caveats.team_nonresponse(opened.node.n, opened.node.invited),
        result=results.cells.result(cell),
        team=opened.node.name,
        team_address=team_url(opened.node),
    )
