"""The capabilities page: the matrix of importance against level, and the list by priority."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.scoring.cell import Cell
from reports import formatting
from reports.charts import MatrixLabels, MatrixPoint, Side, Svg, priority_matrix
from reports.presenters import headlines
from reports.presenters.capability import CapabilityDetail, capability_detail
from reports.presenters.customer_stages import StageTable, stage_table
from reports.presenters.evidence import CapabilityCell, OrganizationResults
from reports.presenters.shared import CapabilityRow, CapabilityUrl, capability_row, detail_of

STRONG_LEVEL = 3.5  # from here on a level counts as strong, where no target is set
GROUP_ORDER = ("first", "no_clear_order", "clearly_lower", "")
CLEAR_GAP = 0.5  # points between level and need from which a dot is coloured


@dataclass(frozen=True, slots=True)
class PriorityListItem:
    row: CapabilityRow
    detail: CapabilityDetail | None
    toggle_address: str  # address that opens this row, or closes it again


@dataclass(frozen=True, slots=True)
class PriorityGroup:
    """Capabilities of which only the first five have an order."""

    heading: str
    items: tuple[PriorityListItem, ...]


@dataclass(frozen=True, slots=True)
class CapabilitiesPage:
    rubric: str
    eyebrow: str
    heading: str
    matrix: Svg | None
    level_line: str
    groups: tuple[PriorityGroup, ...]
    stages: StageTable | None
    colophon: str


def capabilities_page(
    results: OrganizationResults, *, address: CapabilityUrl, toggle: CapabilityUrl, opened: str
) -> CapabilitiesPage:
    """Return the page. `opened` is the slug of the capability to open; `toggle` turns a slug into the
    address of this page with that capability open."""
    rubric = results.now.rubric
    capability_cells = sorted(results.capability_cells(), key=lambda pair: _sort_key(pair[1]))
    count = len(capability_cells)
    number = ngettext("%(count)s capability", "%(count)s capabilities", count) % {"count": count}
    return CapabilitiesPage(
        rubric=rubric.slug,
        eyebrow=f"{results.now.name} · {number}",
        heading=_heading(results, capability_cells),
        matrix=_matrix(results, capability_cells, opened),
        level_line=formatting.points(STRONG_LEVEL),
        groups=_priority_groups(results, capability_cells, address, toggle, opened),
        stages=stage_table(results, address),
        colophon=headlines.colophon(results.now, results.closed_on),
    )


def _priority_groups(
    results: OrganizationResults,
    capability_cells: list[CapabilityCell],
    address: CapabilityUrl,
    toggle: CapabilityUrl,
    opened: str,
) -> tuple[PriorityGroup, ...]:
    """Return the list: the first five in order, then groups in the order of the rubric."""

    def list_item(pair: CapabilityCell) -> PriorityListItem:
        slug = pair[0].slug
        return PriorityListItem(
            row=capability_row(
                *pair, results.now.rubric, language=results.language, address=address, width=200
            ),
            detail=_opened_detail(results, slug) if slug == opened else None,
            toggle_address=toggle("" if slug == opened else slug),
        )

    headings = {
        "first": _("First, in order"),
        "no_clear_order": _("Next, in no clear order"),
        "clearly_lower": _("Clearly lower"),
        "": _("Without a priority"),
    }
    return tuple(
        PriorityGroup(headings[name], tuple(map(list_item, members)))
        for name, members in groupby(capability_cells, key=lambda pair: _group(pair[1]))
    )


def _group(cell: Cell | None) -> str:
    """Return the name of the group in which a capability is listed."""
    priority = detail_of(cell).priority
    if priority is None:
        return ""
    return "first" if priority.rank is not None else priority.group


def _sort_key(cell: Cell | None) -> tuple[int, int]:
    """Return a sort key: ranks, then the groups; within a group the order stays as it is."""
    priority = detail_of(cell).priority
    rank = priority.rank if priority and priority.rank else 0
    return GROUP_ORDER.index(_group(cell)), rank


def _heading(results: OrganizationResults, capability_cells: list[CapabilityCell]) -> str:
    ranked = [
        (item, cell, priority)
        for item, cell in capability_cells
        if (priority := detail_of(cell).priority)
    ]
    develop = [
        item.label.in_(results.language)
        for item, cell, priority in ranked
        if priority.suggestion == "develop" and formatting.need_side(cell) == "below"
    ]
    scored = any(cell and cell.score is not None for _item, cell in capability_cells)
    unneeded = scored and not results.needs_known
    return headlines.capabilities(develop, known=bool(ranked), needs_known=not unneeded)


def _opened_detail(results: OrganizationResults, slug: str) -> CapabilityDetail:
    item = results.now.rubric.capability(slug)
    assert item is not None
    cell = results.item(slug, results.now)
    result = results.cells.result(cell)
    return capability_detail(item, cell, results.importance(slug), results.language, result)


def _matrix(
    results: OrganizationResults, capability_cells: list[CapabilityCell], opened: str
) -> Svg | None:
    """Draw the capabilities that show both level and importance; None while there are none."""
    points = [
        MatrixPoint(
            item.label.in_(results.language),
            cell.score,
            importance.score,
            priority.rank,
            _gap_side(cell),
            selected=item.slug == opened,
            summary=formatting.cell_summary(cell),
        )
        for item, cell in capability_cells
        if (priority := detail_of(cell).priority)
        and (importance := results.importance(item.slug))
        and cell is not None
        and cell.score is not None
        and importance.score is not None
    ]
    lines = [
        priority.importance_line
        for _item, cell in capability_cells
        if (priority := detail_of(cell).priority)
    ]
    return priority_matrix(points, _matrix_labels(lines[0])) if points else None


def _matrix_labels(importance_line: float) -> MatrixLabels:
    return MatrixLabels(
        importance_line=importance_line,
        level_line=STRONG_LEVEL,
        title=_("Importance vs. level"),
        level=_("Level"),
        importance=_("Importance"),
        corners=(
            _("Develop"),
            _("Sustain"),
            _("Outsource or leave as it is"),
            _("Scale down or automate"),
        ),
    )


def _gap_side(cell: Cell) -> Side:
    if cell.gap is None or abs(cell.gap) < CLEAR_GAP:
        return "none"
    return "below" if cell.gap < 0 else "above"
