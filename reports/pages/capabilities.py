"""All capabilities: importance against level, and a list of what to do first."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.scoring.cell import Cell
from reports import wording
from reports.charts import Board, Point, Side, Svg, board
from reports.pages import findings
from reports.pages.capability import Opening, opening
from reports.pages.evidence import Asked, Evidence
from reports.pages.parts import Address, Row, priority, row
from reports.pages.stages import Stages, stages

STRONG = 3.5  # from here on a level counts as strong, where no target is set
CLEAR = 0.5  # a dot takes a colour when level and need are this far apart


@dataclass(frozen=True, slots=True)
class Listed:
    row: Row
    opened: Opening | None
    toggle: str  # the address that opens this one, or closes it again


@dataclass(frozen=True, slots=True)
class CapabilitiesPage:
    rubric: str
    eyebrow: str
    heading: str
    board: Svg | None
    level_line: str
    listed: tuple[Listed, ...]
    stages: Stages | None
    colophon: str


def capabilities(
    seen: Evidence, *, address: Address, toggle: Address, opened: str
) -> CapabilitiesPage:
    """`opened` is the slug of the capability to open; `toggle` leads to the page with one opened."""
    rubric, asked = seen.now.rubric, sorted(seen.asked(), key=lambda one: _order(one[1]))
    rows = [row(*one, rubric, language=seen.language, address=address, width=200) for one in asked]
    count = len(rows)
    number = ngettext("%(count)s capability", "%(count)s capabilities", count) % {"count": count}
    return CapabilitiesPage(
        rubric=rubric.slug,
        eyebrow=f"{seen.now.name} · {number}",
        heading=_heading(seen, asked),
        board=_board(seen, asked, opened),
        level_line=wording.points(STRONG),
        listed=tuple(
            Listed(
                row=one,
                opened=_opening(seen, one.slug) if one.slug == opened else None,
                toggle=toggle("" if one.slug == opened else one.slug),
            )
            for one in rows
        ),
        stages=stages(seen, address),
        colophon=findings.colophon(
            cycle=seen.now.name,
            closed=seen.closed_on,
            version=rubric.version,
            threshold=seen.now.threshold,
        ),
    )


def _order(cell: Cell | None) -> tuple[int, float]:
    """By priority; what has a level but no importance after it, what has none last."""
    ranked = priority(cell)
    if ranked is not None:
        return ranked.rank, 0.0
    if cell is None or cell.score is None:
        return 1_001, 0.0
    return 1_000, cell.score


def _heading(seen: Evidence, asked: list[Asked]) -> str:
    ranked = [(item, cell, found) for item, cell in asked if (found := priority(cell))]
    develop = [
        item.label.in_(seen.language)
        for item, cell, found in ranked
        if found.suggestion == "develop" and wording.side(cell) == "below"
    ]
    return findings.capabilities(develop, known=bool(ranked))


def _opening(seen: Evidence, slug: str) -> Opening:
    item = seen.now.rubric.capability(slug)
    assert item is not None
    cell = seen.item(slug, seen.now)
    result = seen.cells.result(cell)
    return opening(item, cell, seen.importance(slug), seen.language, result)


def _board(seen: Evidence, asked: list[Asked], opened: str) -> Svg | None:
    """What shows both level and importance; None while nothing does."""
    points = [
        Point(
            item.label.in_(seen.language),
            cell.score,
            weight.score,
            ranked.rank,
            _side(cell),
            on=item.slug == opened,
            told=wording.measured(cell),
        )
        for item, cell in asked
        if (ranked := priority(cell))
        and (weight := seen.importance(item.slug))
        and cell is not None
        and cell.score is not None
        and weight.score is not None
    ]
    if not points:
        return None
    line = sum(one.importance for one in points) / len(points)
    return board(
        points,
        Board(
            importance_line=line,
            level_line=STRONG,
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
    if cell.gap is None or abs(cell.gap) < CLEAR:
        return "none"
    return "below" if cell.gap < 0 else "above"
