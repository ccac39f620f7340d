"""Parts that several results pages share: a row with its dumbbell chart, notes and names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from assessments.rubrics import Capability, Dimension, Rubric
from assessments.scoring.cell import NO_DETAIL, Cell, CellDetail
from reports import caveats, formatting
from reports.charts import Svg, dumbbell

CapabilityUrl = Callable[[str], str]
"""Turns the slug of a capability into the address of its page."""


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    """One capability in a list: its level, the need, and the gap between them."""

    slug: str
    name: str
    value: str  # name of its dimension
    address: str
    picture: Svg
    side: str
    score: str
    interval: str
    responses: str  # who answered
    need: str
    gap: str
    suggestion: str = ""  # "Suggested: develop"
    decision: str = ""  # the same in a table: "develop"
    rank: int | None = None
    rank_stability: str = ""
    hidden: bool = False
    result: UUID | None = None  # id for the page that explains the level
    chance_note: str = ""  # how much change chance alone explains for an extreme


def capability_row(
    item: Capability,
    cell: Cell | None,
    rubric: Rubric,
    *,
    language: str,
    address: CapabilityUrl,
    width: int = 260,
    result: UUID | None = None,
) -> CapabilityRow:
    priority = detail_of(cell).priority
    return CapabilityRow(
        slug=item.slug,
        name=item.name.in_(language),
        value=rubric.dimension_of(item.slug).name.in_(language),
        address=address(item.slug),
        picture=level_chart(cell, width=width),
        side=formatting.need_side(cell),
        score=formatting.score(cell),
        interval=formatting.interval(cell),
        responses=formatting.cell_responses(cell),
        need=formatting.need(cell),
        gap=formatting.gap(cell),
        suggestion=formatting.suggestion(priority.suggestion) if priority else "",
        decision=formatting.decision(priority.suggestion) if priority else "",
        rank=priority.rank if priority else None,
        rank_stability=formatting.rank_stability(priority.stability) if priority else "",
        hidden=formatting.is_hidden(cell),
        result=result,
        chance_note=_chance_note(cell),
    )


def _chance_note(cell: Cell | None) -> str:
    """Return how much of a change chance explains, for capabilities listed as lowest or highest.

    Extremes regress to the mean even when nothing real has changed.
    """
    change = detail_of(cell).change
    if change is None or change.verdict == "few":
        return ""
    if not change.is_clear:
        return caveats.expected_by_chance(change.chance)
    drift = formatting.expected_by_chance(change.chance)
    words = formatting.change_sentence(change)
    return formatting.join_parts(words, drift) if drift else ""


def unlinked_note(cells: Iterable[Cell | None]) -> str:
    """Return a note where no respondent of the compared cells could be linked to the last cycle."""
    changes = [
        change for cell in cells if (change := detail_of(cell).change) and change.verdict != "few"
    ]
    return (
        caveats.no_linked_respondents()
        if changes and not any(change.is_linked for change in changes)
        else ""
    )


def unrated_share(cell: Cell | None) -> str:
    """Return the share of those asked who gave no rating, in per cent; empty where it is not published."""
    unrated = detail_of(cell).unrated
    return formatting.percent(100 * unrated.total) if unrated else ""


def level_chart(cell: Cell | None, *, leader: float | None = None, width: int = 260) -> Svg:
    if cell is None:
        return dumbbell(None, None, leader=leader, width=width)
    bounds = (None, None) if cell.bound else (cell.low, cell.high)
    return dumbbell(
        cell.score, cell.need, *bounds, leader=leader, side=formatting.need_side(cell), width=width
    )


def short_names(dimensions: Sequence[Dimension], language: str) -> dict[str, str]:
    """Return slug -> name for an axis or a column, without a last word that all of them share."""
    names = {dimension.slug: dimension.label.in_(language) for dimension in dimensions}
    last_words = {name.rpartition(" ")[2] for name in names.values()}
    if len(names) < 2 or len(last_words) > 1 or not all(" " in name for name in names.values()):
        return names
    return {slug: name.rpartition(" ")[0] for slug, name in names.items()}


def level_names(rubric: Rubric, language: str) -> dict[int, str]:
    return {step.level: step.name.in_(language) for step in rubric.scale}


def detail_of(cell: Cell | None) -> CellDetail:
    """Return what is published of a cell apart from its numbers."""
    return NO_DETAIL if cell is None else cell.detail
