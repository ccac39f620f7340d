"""The pieces that several results pages share: a row with its dumbbell, and what a cell adds to its number."""

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
"""From the slug of a capability to the address of its page."""


@dataclass(frozen=True, slots=True)
class CapabilityRow:
    """One capability in a list: what it is, where it stands, and how far that is from the need."""

    slug: str
    name: str
    value: str  # the name of its dimension
    address: str
    picture: Svg
    side: str
    score: str
    interval: str
    honest: str  # who answered
    need: str
    gap: str
    next: str = ""  # "Suggested: develop"
    rank: int | None = None
    firm: str = ""
    hidden: bool = False
    result: UUID | None = None  # how the level came about can be asked of it
    chance: str = ""  # what chance alone lets expect of an extreme


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
    ranked = cell_priority(cell)
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
        next=formatting.suggestion(ranked.suggestion) if ranked else "",
        rank=ranked.rank if ranked else None,
        firm=formatting.rank_stability(ranked.firmness) if ranked else "",
        hidden=formatting.is_hidden(cell),
        result=result,
        chance=_chance(cell),
    )


def _chance(cell: Cell | None) -> str:
    """Beside what was chosen for being lowest or highest: extremes move back by themselves."""
    moved = cell_change(cell)
    if moved is None or moved.verdict == "few":
        return ""
    drift = (
        formatting.expected_by_chance(moved.chance)
        if moved.real
        else caveats.expected_by_chance(moved.chance)
    )
    words = (
        formatting.change_sentence(moved.verdict, moved.size, bound=moved.bound)
        if moved.real
        else ""
    )
    return formatting.join_parts(words, drift) if drift else ""


def unlinked_note(cells: Iterable[Cell | None]) -> str:
    """Said where a comparison knows nobody from the last cycle."""
    told = [found for cell in cells if (found := cell_change(cell)) and found.verdict != "few"]
    return (
        caveats.no_linked_respondents() if told and not any(found.linked for found in told) else ""
    )


def unrated_share(cells: Iterable[Cell | None]) -> str:
    """The mean share of those asked who gave no rating, over what tells it; empty where nothing does."""
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
    """Slug -> the name for an axis or a column: without a last word that all of them share."""
    names = {one.slug: one.label.in_(language) for one in dimensions}
    lasts = {name.rpartition(" ")[2] for name in names.values()}
    if len(names) < 2 or len(lasts) > 1 or not all(" " in name for name in names.values()):
        return names
    return {slug: name.rpartition(" ")[0] for slug, name in names.items()}


def level_names(rubric: Rubric, language: str) -> dict[int, str]:
    return {step.level: step.name.in_(language) for step in rubric.scale}


# --- What a published cell carries besides its number -----------------------------------------


@dataclass(frozen=True, slots=True)
class CellChange:
    """What became of a number since the last cycle that can be compared."""

    verdict: str  # up, down, none, few
    size: float | None
    low: float | None
    high: float | None
    seen: float | None  # the least change that could have been seen
    before: float | None
    bound: Bound  # of the size: at least, at most
    chance: float | None  # so much of it may be chance, where the extremes were looked at
    linked: bool  # whether enough people were recognised from the last cycle
    map_verdict: str  # the verdict where all teams and values are looked at together

    @property
    def real(self) -> bool:
        return self.verdict in ("up", "down")

    @property
    def size_interval(self) -> tuple[float | None, float | None]:
        """The interval of the size, whichever way it went."""
        if self.verdict != "down" or self.low is None or self.high is None:
            return self.low, self.high
        return -self.high, -self.low


def cell_change(cell: Cell | None) -> CellChange | None:
    found: Mapping[str, Any] | None = cell.detail.get("change") if cell is not None else None
    if not found:
        return None
    return CellChange(
        verdict=found.get("verdict", ""),
        size=found.get("size"),
        low=found.get("low"),
        high=found.get("high"),
        seen=found.get("seen"),
        before=found.get("before"),
        bound=found.get("bound", ""),
        chance=found.get("chance"),
        linked=found.get("linked", True),
        map_verdict=found.get("map_verdict", found.get("verdict", "")),
    )


@dataclass(frozen=True, slots=True)
class CellPriority:
    """The place of a capability in the list, what to do about it, and how sure both are."""

    rank: int  # from 1
    suggestion: str
    clear: bool  # neither interval crosses its line
    firmness: str  # firm, likely, contender, or nothing


def cell_priority(cell: Cell | None) -> CellPriority | None:
    """None where level or importance is not shown."""
    found: Mapping[str, Any] | None = cell.detail.get("priority") if cell is not None else None
    if not found or cell is None:
        return None
    return CellPriority(
        found["rank"], found["suggestion"], bool(found["clear"]), cell.detail.get("firmness", "")
    )


@dataclass(frozen=True, slots=True)
class LeaderAnswer:
    """The leader's answer beside the team's, never averaged into it; by name, or all leads as one."""

    level: float
    bound: str
    apart: float | None  # leader minus team, in points; None where bounds leave nothing to say
    distance_bound: Bound  # of it: at least, at most
    far: bool  # a level apart or more, and more than chance
    story: str  # empty for all leads as one
    together: bool  # not one person by name, but all leads who are not named


def leader_answer(cell: Cell | None) -> LeaderAnswer | None:
    detail: Mapping[str, Any] = cell.detail if cell is not None else {}
    found: Mapping[str, Any] | None = detail.get("leader") or detail.get("leaders")
    if not found:
        return None
    return LeaderAnswer(
        level=found["level"],
        bound=found.get("bound", ""),
        apart=found.get("gap"),
        distance_bound=found.get("gap_bound", ""),
        far=found.get("flag", "in_line") != "in_line",
        story=found.get("story", ""),
        together="leader" not in detail,
    )


@dataclass(frozen=True, slots=True)
class LeaderAlignment:
    """How many of the first five priorities leader and team share, and how they differ on average."""

    shared: int
    of: int
    bias: float | None


def leader_alignment(found: Mapping[str, Any] | None) -> LeaderAlignment | None:
    if not found or found.get("shared") is None:
        return None
    return LeaderAlignment(found["shared"], found.get("of", 5), found.get("bias"))


@dataclass(frozen=True, slots=True)
class AnswerSpread:
    """How far people agree: a word, the average distance, the answers on each level, who saw none."""

    word: str
    distance: float | None  # points from the team's score, on average
    counts: tuple[int, ...]  # answers on levels 1 to 5; empty where they may not be shown
    not_seen: float | None  # share of those asked who have not seen this work
    split: bool  # two camps


@dataclass(frozen=True, slots=True)
class NonresponseEffect:
    """What those who did not answer could make of a number."""

    share: int  # whole per cent of those invited
    half_level_effect: float  # the number would be so much lower, had they rated half a level lower
    between: tuple[float, float] | None  # where it would lie, had all of them given 1 or 5

    @property
    def moderate(self) -> str:
        return caveats.nonresponse_effect(self.share, self.half_level_effect)

    @property
    def worst(self) -> str:
        return caveats.nonresponse_extremes(*self.between) if self.between else ""


def nonresponse_effect(cell: Cell | None) -> NonresponseEffect | None:
    found: Mapping[str, Any] | None = cell.detail.get("silent") if cell is not None else None
    if not found:
        return None
    low, high = found.get("between") or (None, None)
    between = None if low is None or high is None else (low, high)
    return NonresponseEffect(found["share"], found["half_a_level"], between)


def answer_spread(cell: Cell | None) -> AnswerSpread:
    found: Mapping[str, Any] = cell.detail if cell is not None else {}
    return AnswerSpread(
        word=found.get("agreement") or "",
        distance=found.get("ad"),
        counts=tuple(found.get("histogram") or ()),
        not_seen=found.get("not_seen"),
        split=bool(found.get("split")),
    )
