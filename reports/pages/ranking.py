"""What to do first: importance against distance from strong, worked out from the numbers as printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from assessments.rubric import Capability
from assessments.scoring.cells import Cell

TARGET = 4.0  # where the leader has set none: the level from which work counts as managed
MARGIN = 0.5  # half a level below the target a capability already counts as strong

Suggestion = Literal["develop", "sustain", "scale_down", "outsource", "automate", "leave"]


@dataclass(frozen=True, slots=True)
class Priority:
    """The place of a capability in the list, what to do about it, and whether that is clear."""

    value: float  # 0 to 100
    rank: int  # from 1
    suggestion: Suggestion
    clear: bool  # neither interval crosses its line
    firmness: str  # firm, likely, contender, or nothing


@dataclass(frozen=True, slots=True)
class Rated:
    """A capability whose level and importance may both be shown."""

    item: Capability
    level: Cell
    importance: Cell

    @property
    def target(self) -> float:
        mine = self.level
        return mine.need if mine.need_source == "target" and mine.need is not None else TARGET

    @property
    def strong(self) -> float:
        return self.target - MARGIN

    @property
    def value(self) -> float:
        """100 for the most important work that is not done at all, 0 at the target and above."""
        level, weight = _number(self.level), _number(self.importance)
        room = max(self.target - 1, 0.1)
        return 100 * (weight - 1) / 4 * max(0.0, self.target - level) / room

    @property
    def order(self) -> tuple[float, float, str]:
        return -self.value, -_number(self.importance), self.item.slug


def _number(cell: Cell) -> float:
    assert cell.score is not None
    return cell.score


def rated(
    items: Iterable[Capability],
    levels: Mapping[str, Cell | None],
    weights: Mapping[str, Cell | None],
) -> list[Rated]:
    found = []
    for item in items:
        level, weight = levels.get(item.slug), weights.get(item.slug)
        if level and weight and level.score is not None and weight.score is not None:
            found.append(Rated(item, level, weight))
    return sorted(found, key=lambda one: one.order)


def importance_line(found: Iterable[Rated]) -> float | None:
    """The mean of the importance that is shown: stated importance crowds at the top."""
    weights = [_number(one.importance) for one in found]
    return sum(weights) / len(weights) if weights else None


def ranking(found: list[Rated]) -> dict[str, Priority]:
    """Slug -> its priority. `found` comes in order."""
    line = importance_line(found)
    if line is None:
        return {}
    return {
        one.item.slug: Priority(
            value=one.value,
            rank=place,
            suggestion=suggestion(one, line),
            clear=not _crosses(one.importance, line) and not _crosses(one.level, one.strong),
            firmness=one.level.detail.get("firmness") or "",
        )
        for place, one in enumerate(found, start=1)
    }


def suggestion(one: Rated, line: float) -> Suggestion:
    """Whether it matters, whether it is strong, and three facts about the work itself."""
    matters, strong = _number(one.importance) >= line, _number(one.level) >= one.strong
    if matters and strong:
        return "sustain"
    if matters:
        handed_over = one.item.market and not one.item.differentiating
        return "outsource" if handed_over else "develop"
    if one.item.routine:
        return "automate"
    if strong:
        return "scale_down"
    return "outsource" if one.item.market else "leave"


def _crosses(cell: Cell, line: float) -> bool:
    """Whether the number might as well lie on the other side. Bounds are on the far side for sure."""
    if cell.low is None or cell.high is None:
        return False
    return cell.low <= line <= cell.high
