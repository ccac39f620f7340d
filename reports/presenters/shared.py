"""Parts that several results pages share: a row with its dumbbell chart, and the details of a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assessments.rubrics import Capability, Dimension, Rubric
from assessments.scoring.cell import Bound, Cell
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
    honest: str  # who answered
    need: str
    gap: str
    next: str = ""  # the suggestion: "Suggested: develop"
    rank: int | None = None
    firm: str = ""
    hidden: bool = False
    result: UUID | None = None  # id for the page that explains the level
    chance: str = ""  # how much change chance alone explains for an extreme


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
    priority = cell_priority(cell)
    return CapabilityRow(
        slug=item.slug,
        name=item.name.in_(language),
        value=rubric.dimension_of(item.slug).name.in_(language),
        address=address(item.slug),
        picture=level_chart(cell, width=width),
        side=formatting.need_side(cell),
        score=formatting.score(cell),
        interval=formatting.interval(cell),
        honest=formatting.cell_responses(cell),
        need=formatting.need(cell),
        gap=formatting.gap(cell),
        next=formatting.suggestion(priority.suggestion) if priority else "",
        rank=priority.rank if priority else None,
        firm=formatting.rank_stability(priority.firmness) if priority else "",
        hidden=formatting.is_hidden(cell),
        result=result,
        chance=_chance_note(cell),
    )


def _chance_note(cell: Cell | None) -> str:
    """Return how much of a change chance explains, for capabilities listed as lowest or highest.

    Extremes regress to the mean even when nothing real has changed.
    """
    change = cell_change(cell)
    if change is None or change.verdict == "few":
        return ""
    drift = (
        formatting.expected_by_chance(change.chance)
        if change.real
        else caveats.expected_by_chance(change.chance)
    )
    words = (
        formatting.change_sentence(change.verdict, change.size, bound=change.bound)
        if change.real
        else ""
    )
    return formatting.join_parts(words, drift) if drift else ""


def unlinked_note(cells: Iterable[Cell | None]) -> str:
    """Return a note where no respondent of the compared cells could be linked to the last cycle."""
    changes = [
        change for cell in cells if (change := cell_change(cell)) and change.verdict != "few"
    ]
    return (
        caveats.no_linked_respondents()
        if changes and not any(change.linked for change in changes)
        else ""
    )


def unrated_share(cells: Iterable[Cell | None]) -> str:
    """Return the mean share of those asked who gave no rating, in per cent, over the cells that publish
    it; empty where none does."""
    shares = [
        cell.detail["not_seen"] + cell.detail.get("not_applicable", 0.0)
        for cell in cells
        if cell is not None and cell.detail.get("not_seen") is not None
    ]
    return formatting.percent(100 * sum(shares) / len(shares)) if shares else ""


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


# --- Details of a published cell ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CellChange:
    """The change of a number since the last comparable cycle, in points."""

    verdict: str  # up, down, none, few
    size: float | None
    low: float | None
    high: float | None
    seen: float | None  # the least change that could have been detected
    before: float | None
    bound: Bound  # of the size: at least, at most
    chance: float | None  # the part that may be chance, where extremes were selected
    linked: bool  # whether enough respondents could be linked to the last cycle
    map_verdict: str  # the verdict adjusted for testing all teams and values together

    @property
    def real(self) -> bool:
        return self.verdict in ("up", "down")

    @property
    def size_interval(self) -> tuple[float | None, float | None]:
        """The interval of the absolute size: negated and swapped where the number went down."""
        if self.verdict != "down" or self.low is None or self.high is None:
            return self.low, self.high
        return -self.high, -self.low


def cell_change(cell: Cell | None) -> CellChange | None:
    stored: Mapping[str, Any] | None = cell.detail.get("change") if cell is not None else None
    if not stored:
        return None
    return CellChange(
        verdict=stored.get("verdict", ""),
        size=stored.get("size"),
        low=stored.get("low"),
        high=stored.get("high"),
        seen=stored.get("seen"),
        before=stored.get("before"),
        bound=stored.get("bound", ""),
        chance=stored.get("chance"),
        linked=stored.get("linked", True),
        map_verdict=stored.get("map_verdict", stored.get("verdict", "")),
    )


@dataclass(frozen=True, slots=True)
class CellPriority:
    """The rank of a capability, the suggestion for it, and how sure both are."""

    rank: int  # from 1
    suggestion: str
    clear: bool  # neither interval crosses its dividing line
    firmness: str  # firm, likely, contender, or empty


def cell_priority(cell: Cell | None) -> CellPriority | None:
    """Return the priority, or None where level or importance is not shown."""
    stored: Mapping[str, Any] | None = cell.detail.get("priority") if cell is not None else None
    if not stored or cell is None:
        return None
    return CellPriority(
        stored["rank"], stored["suggestion"], bool(stored["clear"]), cell.detail.get("firmness", "")
    )


@dataclass(frozen=True, slots=True)
class LeaderAnswer:
    """The leader's answer, never averaged into the team's: one named leader, or all leads together."""

    level: float
    bound: str
    apart: float | None  # leader minus team, in points; None where bounds leave it unknown
    distance_bound: Bound  # of `apart`: at least, at most
    far: bool  # a level apart or more, and more than chance
    story: str  # empty for all leads together
    together: bool  # all leads who are not named, instead of one named leader


def leader_answer(cell: Cell | None) -> LeaderAnswer | None:
    detail: Mapping[str, Any] = cell.detail if cell is not None else {}
    stored: Mapping[str, Any] | None = detail.get("leader") or detail.get("leaders")
    if not stored:
        return None
    return LeaderAnswer(
        level=stored["level"],
        bound=stored.get("bound", ""),
        apart=stored.get("gap"),
        distance_bound=stored.get("gap_bound", ""),
        far=stored.get("flag", "in_line") != "in_line",
        story=stored.get("story", ""),
        together="leader" not in detail,
    )


@dataclass(frozen=True, slots=True)
class LeaderAlignment:
    """How many of the first five priorities leader and team share, and their mean difference in points."""

    shared: int
    of: int
    bias: float | None


def leader_alignment(stored: Mapping[str, Any] | None) -> LeaderAlignment | None:
    if not stored or stored.get("shared") is None:
        return None
    return LeaderAlignment(stored["shared"], stored.get("of", 5), stored.get("bias"))


@dataclass(frozen=True, slots=True)
class AnswerSpread:
    """How far people agree: a word, the mean distance, the answers on each level, the not-seen share."""

    word: str
    distance: float | None  # mean distance from the team's score, in points
    counts: tuple[int, ...]  # answers on levels 1 to 5; empty where they may not be shown
    not_seen: float | None  # share of those asked who have not seen this work
    split: bool  # answers form two groups


@dataclass(frozen=True, slots=True)
class NonresponseEffect:
    """How far those who did not answer could move a number."""

    share: int  # whole per cent of those invited
    half_level_effect: float  # points the number would lose, had they rated half a level lower
    between: tuple[float, float] | None  # the number, had all of them given 1 or all given 5

    @property
    def moderate(self) -> str:
        return caveats.nonresponse_effect(self.share, self.half_level_effect)

    @property
    def worst(self) -> str:
        return caveats.nonresponse_extremes(*self.between) if self.between else ""


def nonresponse_effect(cell: Cell | None) -> NonresponseEffect | None:
    stored: Mapping[str, Any] | None = cell.detail.get("silent") if cell is not None else None
    if not stored:
        return None
    low, high = stored.get("between") or (None, None)
    between = None if low is None or high is None else (low, high)
    return NonresponseEffect(stored["share"], stored["half_a_level"], between)


def answer_spread(cell: Cell | None) -> AnswerSpread:
    detail: Mapping[str, Any] = cell.detail if cell is not None else {}
    return AnswerSpread(
        word=detail.get("agreement") or "",
        distance=detail.get("ad"),
        counts=tuple(detail.get("histogram") or ()),
        not_seen=detail.get("not_seen"),
        split=bool(detail.get("split")),
    )
