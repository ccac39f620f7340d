"""All capabilities: importance against level, and a list of what to do first."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.scoring.cell import Cell
from reports import formatting
from reports.charts import MatrixLabels, MatrixPoint, Side, Svg, priority_matrix
from reports.presenters import headlines
from reports.presenters.capability import CapabilityDetail, capability_detail
from reports.presenters.customer_stages import StageTable, stage_table
from reports.presenters.evidence import CapabilityCell, OrganizationResults
from reports.presenters.shared import CapabilityRow, CapabilityUrl, capability_row, cell_priority

STRONG_LEVEL = 3.5  # from here on a level counts as strong, where no target is set
CLEAR_GAP = 0.5  # a dot takes a colour when level and need are this far apart


@dataclass(frozen=True, slots=True)
class PriorityListItem:
    row: CapabilityRow
    opened: CapabilityDetail | None
    toggle: str  # the address that opens this one, or closes it again


@dataclass(frozen=True, slots=True)
class CapabilitiesPage:
    rubric: str
    eyebrow: str
    heading: str
    board: Svg | None
    level_line: str
    listed: tuple[PriorityListItem, ...]
    stages: StageTable | None
    colophon: str


def capabilities_page(
    seen: OrganizationResults, *, address: CapabilityUrl, toggle: CapabilityUrl, opened: str
) -> CapabilitiesPage:
    """`opened` is the slug of the capability to open; `toggle` leads to the page with one opened."""
    rubric, asked = seen.now.rubric, sorted(seen.asked(), key=lambda one: _order(one[1]))
    rows = [
        capability_row(*one, rubric, language=seen.language, address=address, width=200)
        for one in asked
    ]
    count = len(rows)
    number = ngettext("%(count)s capability", "%(count)s capabilities", count) % {"count": count}
    return CapabilitiesPage(
        rubric=rubric.slug,
        eyebrow=f"{seen.now.name} · {number}",
        heading=_heading(seen, asked),
        board=_board(seen, asked, opened),
        level_line=formatting.points(STRONG_LEVEL),
        listed=tuple(
            PriorityListItem(
                row=one,
                opened=_opening(seen, one.slug) if one.slug == opened else None,
                toggle=toggle("" if one.slug == opened else one.slug),
            )
            for one in rows
        ),
        stages=stage_table(seen, address),
        colophon=headlines.colophon(
            cycle=seen.now.name,
            closed=seen.closed_on,
            version=rubric.version,
            threshold=seen.now.threshold,
        ),
    )


def _order(cell: Cell | None) -> tuple[int, float]:
    """By priority; what has a level but no importance after it, what has none last."""
    ranked = cell_priority(cell)
    if ranked is not None:
        return ranked.rank, 0.0
    if cell is None or cell.score is None:
        return 1_001, 0.0
    return 1_000, cell.score


def _heading(seen: OrganizationResults, asked: list[CapabilityCell]) -> str:
    ranked = [(item, cell, found) for item, cell in asked if (found := cell_priority(cell))]
    develop = [
        item.label.in_(seen.language)
        for item, cell, found in ranked
        if found.suggestion == "develop" and formatting.need_side(cell) == "below"
    ]
    return headlines.capabilities(develop, known=bool(ranked))


def _opening(seen: OrganizationResults, slug: str) -> CapabilityDetail:
    item = seen.now.rubric.capability(slug)
    assert item is not None
    cell = seen.item(slug, seen.now)
    result = seen.cells.result(cell)
    return capability_detail(item, cell, seen.importance(slug), seen.language, result)


def _board(seen: OrganizationResults, asked: list[CapabilityCell], opened: str) -> Svg | None:
    """What shows both level and importance; None while nothing does."""
    points = [
        MatrixPoint(
            item.label.in_(seen.language),
            cell.score,
            weight.score,
            ranked.rank,
            _side(cell),
            on=item.slug == opened,
            told=formatting.cell_summary(cell),
        )
        for item, cell in asked
        if (ranked := cell_priority(cell))
        and (weight := seen.importance(item.slug))
        and cell is not None
        and cell.score is not None
        and weight.score is not None
    ]
    if not points:
        return None
    line = sum(one.importance for one in points) / len(points)
    return priority_matrix(
        points,
        MatrixLabels(
            importance_line=line,
            level_line=STRONG_LEVEL,
            title=_("Importance against level"),
            level=_("Level"),
            importance=_("Importance"),
            corners=(
                _("Develop"),
                _("Sustain"),
                _("Hand over or leave"),
                _("Scale down · automate"),
            ),
        ),
    )


def _side(cell: Cell) -> Side:
    if cell.gap is None or abs(cell.gap) < CLEAR_GAP:
        return "none"
    return "below" if cell.gap < 0 else "above"
