"""All capabilities: importance against level, and a list of what to do first."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.scoring.cells import Cell
from reports import wording
from reports.charts import Board, Point, Side, Svg, board
from reports.pages import findings
from reports.pages.capability import Opening, opening
from reports.pages.evidence import Evidence
from reports.pages.parts import Address, Row, row
from reports.pages.ranking import MARGIN, TARGET, Priority, Rated, importance_line, ranking

STRONG = TARGET - MARGIN
CLEAR = 0.5  # a dot takes a colour when level and need are this far apart


@dataclass(frozen=True, slots=True)
class Listed:
    row: Row
    opened: Opening | None
    toggle: str  # the address that opens this one, or closes it again


@dataclass(frozen=True, slots=True)
class CapabilitiesPage:
    eyebrow: str
    heading: str
    board: Svg | None
    importance_line: str
    level_line: str
    listed: tuple[Listed, ...]
    colophon: str


def capabilities(
    seen: Evidence, *, address: Address, toggle: Address, opened: str
) -> CapabilitiesPage:
    """`opened` is the slug of the capability to open; `toggle` leads to the page with one opened."""
    rubric, found = seen.now.rubric, seen.rated()
    ranks, line = ranking(found), importance_line(found)
    asked = sorted(seen.asked(), key=lambda one: _order(one[1], ranks.get(one[0].slug)))
    rows = [
        row(
            *one,
            rubric,
            language=seen.language,
            address=address,
            ranked=ranks.get(one[0].slug),
            width=200,
        )
        for one in asked
    ]
    count = len(rows)
    number = ngettext("%(count)s capability", "%(count)s capabilities", count) % {"count": count}
    return CapabilitiesPage(
        eyebrow=f"{seen.now.name} · {number}",
        heading=_heading(seen, found, ranks),
        board=_board(seen, found, ranks, opened, line) if line is not None else None,
        importance_line=wording.points(line) if line is not None else "",
        level_line=wording.points(STRONG),
        listed=tuple(
            Listed(
                row=one,
                opened=_opening(seen, one.slug, ranks) if one.slug == opened else None,
                toggle=toggle("" if one.slug == opened else one.slug),
            )
            for one in rows
        ),
        colophon=findings.colophon(
            cycle=seen.now.name,
            closed=seen.closed_on,
            version=rubric.version,
            threshold=seen.now.threshold,
        ),
    )


def _order(cell: Cell | None, ranked: Priority | None) -> tuple[int, float]:
    """By priority; what has a level but no importance after it, what has none last."""
    if ranked is not None:
        return ranked.rank, 0.0
    if cell is None or cell.score is None:
        return 1_001, 0.0
    return 1_000, cell.score


def _heading(seen: Evidence, found: list[Rated], ranks: dict[str, Priority]) -> str:
    develop = [
        one.item.label.in_(seen.language)
        for one in found
        if ranks[one.item.slug].suggestion == "develop" and wording.side(one.level) == "below"
    ]
    return findings.capabilities(develop, known=bool(found))


def _opening(seen: Evidence, slug: str, ranks: dict[str, Priority]) -> Opening:
    item = seen.now.rubric.capability(slug)
    assert item is not None
    cell = seen.item(slug, seen.now)
    return opening(item, cell, seen.importance(slug), ranks.get(slug), seen.language)


def _board(
    seen: Evidence, found: list[Rated], ranks: dict[str, Priority], opened: str, line: float
) -> Svg:
    points = [
        Point(
            one.item.label.in_(seen.language),
            one.level.score or 0.0,
            one.importance.score or 0.0,
            ranks[one.item.slug].rank,
            _side(one.level),
            on=one.item.slug == opened,
        )
        for one in found
    ]
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
