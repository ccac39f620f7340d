"""The pieces that several results pages share: a row with its dumbbell, and what a cell adds to its number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assessments.rubrics import Capability, Dimension, Rubric
from assessments.scoring.cell import Bound, Cell
from reports import caveats, wording
from reports.charts import Svg, dumbbell

Address = Callable[[str], str]
"""From the slug of a capability to the address of its page."""


@dataclass(frozen=True, slots=True)
class Row:
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


def row(
    item: Capability,
    cell: Cell | None,
    rubric: Rubric,
    *,
    language: str,
    address: Address,
    width: int = 260,
    result: UUID | None = None,
) -> Row:
    ranked = priority(cell)
    return Row(
        slug=item.slug,
        name=item.name.in_(language),
        value=rubric.dimension_of(item.slug).name.in_(language),
        address=address(item.slug),
        picture=picture(cell, width=width),
        side=wording.side(cell),
        score=wording.score(cell),
        interval=wording.interval(cell),
        honest=wording.counted(cell),
        need=wording.need(cell),
        gap=wording.gap(cell),
        next=wording.suggested(ranked.suggestion) if ranked else "",
        rank=ranked.rank if ranked else None,
        firm=wording.firmness(ranked.firmness) if ranked else "",
        hidden=wording.is_hidden(cell),
        result=result,
        chance=_chance(cell),
    )


def _chance(cell: Cell | None) -> str:
    """Beside what was chosen for being lowest or highest: extremes move back by themselves."""
    moved = change(cell)
    if moved is None or moved.verdict == "few":
        return ""
    drift = wording.by_chance(moved.chance) if moved.real else caveats.drift(moved.chance)
    words = wording.change(moved.verdict, moved.size, bound=moved.bound) if moved.real else ""
    return wording.line(words, drift) if drift else ""


def conservative(cells: Iterable[Cell | None]) -> str:
    """Said where a comparison knows nobody from the last cycle."""
    told = [found for cell in cells if (found := change(cell)) and found.verdict != "few"]
    return caveats.unlinked() if told and not any(found.linked for found in told) else ""


def unrated(cells: Iterable[Cell | None]) -> str:
    """The mean share of those asked who gave no rating, over what tells it; empty where nothing does."""
    shares = [
        cell.detail["not_seen"] + cell.detail.get("not_applicable", 0.0)
        for cell in cells
        if cell is not None and cell.detail.get("not_seen") is not None
    ]
    return wording.percent(100 * sum(shares) / len(shares)) if shares else ""


def picture(cell: Cell | None, *, leader: float | None = None, width: int = 260) -> Svg:
    if cell is None:
        return dumbbell(None, None, leader=leader, width=width)
    bounds = (None, None) if cell.bound else (cell.low, cell.high)
    return dumbbell(
        cell.score, cell.need, *bounds, leader=leader, side=wording.side(cell), width=width
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
class Change:
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
    on_map: str  # the verdict where all teams and values are looked at together

    @property
    def real(self) -> bool:
        return self.verdict in ("up", "down")

    @property
    def size_between(self) -> tuple[float | None, float | None]:
        """The interval of the size, whichever way it went."""
        if self.verdict != "down" or self.low is None or self.high is None:
            return self.low, self.high
        return -self.high, -self.low


def change(cell: Cell | None) -> Change | None:
    found: Mapping[str, Any] | None = cell.detail.get("change") if cell is not None else None
    if not found:
        return None
    return Change(
        verdict=found.get("verdict", ""),
        size=found.get("size"),
        low=found.get("low"),
        high=found.get("high"),
        seen=found.get("seen"),
        before=found.get("before"),
        bound=found.get("bound", ""),
        chance=found.get("chance"),
        linked=found.get("linked", True),
        on_map=found.get("map_verdict", found.get("verdict", "")),
    )


@dataclass(frozen=True, slots=True)
class Priority:
    """The place of a capability in the list, what to do about it, and how sure both are."""

    rank: int  # from 1
    suggestion: str
    clear: bool  # neither interval crosses its line
    firmness: str  # firm, likely, contender, or nothing


def priority(cell: Cell | None) -> Priority | None:
    """None where level or importance is not shown."""
    found: Mapping[str, Any] | None = cell.detail.get("priority") if cell is not None else None
    if not found or cell is None:
        return None
    return Priority(
        found["rank"], found["suggestion"], bool(found["clear"]), cell.detail.get("firmness", "")
    )


@dataclass(frozen=True, slots=True)
class Leader:
    """The leader's answer beside the team's, never averaged into it; by name, or all leads as one."""

    level: float
    bound: str
    apart: float | None  # leader minus team, in points; None where bounds leave nothing to say
    apart_bound: Bound  # of it: at least, at most
    far: bool  # a level apart or more, and more than chance
    story: str  # empty for all leads as one
    together: bool  # not one person by name, but all leads who are not named


def leader(cell: Cell | None) -> Leader | None:
    detail: Mapping[str, Any] = cell.detail if cell is not None else {}
    found: Mapping[str, Any] | None = detail.get("leader") or detail.get("leaders")
    if not found:
        return None
    return Leader(
        level=found["level"],
        bound=found.get("bound", ""),
        apart=found.get("gap"),
        apart_bound=found.get("gap_bound", ""),
        far=found.get("flag", "in_line") != "in_line",
        story=found.get("story", ""),
        together="leader" not in detail,
    )


@dataclass(frozen=True, slots=True)
class Alignment:
    """How many of the first five priorities leader and team share, and how they differ on average."""

    shared: int
    of: int
    bias: float | None


def alignment(found: Mapping[str, Any] | None) -> Alignment | None:
    if not found or found.get("shared") is None:
        return None
    return Alignment(found["shared"], found.get("of", 5), found.get("bias"))


@dataclass(frozen=True, slots=True)
class Spread:
    """How far people agree: a word, the average distance, the answers on each level, who saw none."""

    word: str
    distance: float | None  # points from the team's score, on average
    counts: tuple[int, ...]  # answers on levels 1 to 5; empty where they may not be shown
    not_seen: float | None  # share of those asked who have not seen this work
    split: bool  # two camps


@dataclass(frozen=True, slots=True)
class Silent:
    """What those who did not answer could make of a number."""

    share: int  # whole per cent of those invited
    half_a_level: float  # the number would be so much lower, had they rated half a level lower
    between: tuple[float, float] | None  # where it would lie, had all of them given 1 or 5

    @property
    def moderate(self) -> str:
        return caveats.silent(self.share, self.half_a_level)

    @property
    def worst(self) -> str:
        return caveats.worst_case(*self.between) if self.between else ""


def silent(cell: Cell | None) -> Silent | None:
    found: Mapping[str, Any] | None = cell.detail.get("silent") if cell is not None else None
    if not found:
        return None
    low, high = found.get("between") or (None, None)
    between = None if low is None or high is None else (low, high)
    return Silent(found["share"], found["half_a_level"], between)


def spread(cell: Cell | None) -> Spread:
    found: Mapping[str, Any] = cell.detail if cell is not None else {}
    return Spread(
        word=found.get("agreement") or "",
        distance=found.get("ad"),
        counts=tuple(found.get("histogram") or ()),
        not_seen=found.get("not_seen"),
        split=bool(found.get("split")),
    )
