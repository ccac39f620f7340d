"""Parts that several results pages share: a row with its dumbbell chart, notes and names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle, ResultNode
from assessments.rubrics import Capability, Dimension, Rubric
from assessments.scoring.cell import NO_DETAIL, Cell, CellDetail, Change, Priority
from reports import caveats, formatting
from reports.charts import Svg, dumbbell
from reports.presenters import headlines

DAYS_A_MONTH, A_YEAR_WITHIN = 365.25 / 12, 1.5  # days; months

CapabilityUrl = Callable[[str], str]
"""Turns the slug of a capability into the address of its page."""
TeamUrl = Callable[[ResultNode], str]
"""Turns a team into the address of its page; "" for one that the reader may not open."""


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
    rank: int | None = None  # of the first five
    group: str = ""  # of all others: "no clear order"
    rank_stability: str = ""
    hidden: bool = False
    result: UUID | None = None  # id for the page that explains the level


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
        suggestion=_with_reason(formatting.suggestion, priority),
        decision=_with_reason(formatting.decision, priority),
        rank=priority.rank if priority else None,
        group=formatting.priority_group(priority.group) if priority else "",
        rank_stability=formatting.rank_stability(priority.stability) if priority else "",
        hidden=formatting.is_hidden(cell),
        result=result,
    )


def _with_reason(words: Callable[[str], str], priority: Priority | None) -> str:
    """Return the suggestion in words. Why a list of priorities says to do nothing is said with it."""
    if priority is None:
        return ""
    text = words(priority.suggestion)
    return formatting.join_parts(text, formatting.leave_reason(priority.suggestion))


@dataclass(frozen=True, slots=True)
class LeadingChange:
    """The change of a cell that says something, and since when."""

    change: Change
    since: str  # "since the last survey", "in a year"

    @property
    def sentence(self) -> str:
        return formatting.change_sentence(self.change, self.since)

    @property
    def side(self) -> Literal["up", "down", "none"]:
        return formatting.change_side(self.change.verdict)


def leading_change(cell: Cell | None, year: str) -> LeadingChange | None:
    """Return the change since the last cycle; the one over a year where only that is clear. `year`: the
    words for it; "" where the cycle before a year is not shown."""
    detail = detail_of(cell)
    last, long = detail.change, detail.year_change
    if year and long and long.is_clear and not (last and last.is_clear):
        return LeadingChange(long, year)
    return LeadingChange(last, formatting.since_last()) if last else None


def change_sentences(named: Iterable[tuple[str, Cell | None]], year: str) -> list[str]:
    """Return sentences on what really changed, the largest first: since the last cycle, or where nothing
    did, over a year. `named`: names with their cells."""
    pairs = [(name, detail_of(cell)) for name, cell in named]
    for since, changes in (
        (formatting.since_last(), [(name, detail.change) for name, detail in pairs]),
        (year, [(name, detail.year_change) for name, detail in pairs] if year else []),
    ):
        known = [(change, name) for name, change in changes if change and change.is_clear]
        known.sort(key=lambda pair: -abs(pair[0].size))
        up, down = (
            [name for change, name in known if change.verdict == side] for side in ("up", "down")
        )
        if sentences := headlines.moved(up, down, since):
            return sentences
    return []


def since_year(now: ClosedCycle, before: ClosedCycle | None) -> str:
    """Return the words for the change since the cycle about a year before."""
    if before is None:
        return ""
    months = (now.closed_at - before.closed_at).days / DAYS_A_MONTH
    if abs(months - 12) < A_YEAR_WITHIN:
        return _("in a year")
    return _("since %(cycle)s") % {"cycle": before.name}


def range_note(cells: Iterable[Cell | None]) -> str:
    """Return once for a page how small groups and small teams are shown, where it shows any."""
    shown = [cell for cell in cells if cell is not None and cell.score is not None]
    notes = (
        caveats.small_groups() if any(cell.coarse for cell in shown) else "",
        caveats.best_estimates() if any(cell.is_estimated for cell in shown) else "",
    )
    return " ".join(note for note in notes if note)


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


def level_chart(
    cell: Cell | None,
    *,
    leader: float | None = None,
    organization: float | None = None,
    width: int = 260,
) -> Svg:
    if cell is None:
        return dumbbell(None, None, leader=leader, width=width)
    return dumbbell(
        cell.score,
        cell.need,
        cell.low,
        cell.high,
        leader=leader,
        organization=organization,
        side=formatting.need_side(cell),
        width=width,
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
