"""What to do first, and what to do about it (method 8): importance against the distance from strong.

A suggestion is a suggestion: it comes from two printed numbers and three facts about the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from assessments.scoring.levels import shown_score
from assessments.scoring.rounding import PrintedScores, bound_of_difference
from assessments.scoring.survey import Bools, Floats, Ints, SurveyCapability

DEFAULT_TARGET = 4.0  # where nobody has set one
TARGET_MARGIN = 0.5  # half a level below the target a capability counts as strong
TOP_COUNT = 5

Suggestion = Literal["develop", "sustain", "scale_down", "outsource", "automate", "leave"]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Arrays (nodes, capabilities); NaN, 0 or False where level or importance is not shown."""

    value: Floats  # 0 to 100
    bound: Ints
    rank: Ints  # from 1
    matters: Bools
    strong: Bools
    clear: Bools  # neither interval crosses its line
    line: Floats  # (nodes,): the mean importance


def ranking(
    level: PrintedScores, importance: PrintedScores, target: Floats, names: tuple[str, ...]
) -> Ranking:
    """`target`: where one is set, else NaN. `names` decide ties."""
    both = ~np.isnan(level.score) & ~np.isnan(importance.score)
    aim = np.where(np.isnan(target), DEFAULT_TARGET, target)
    value = np.where(both, priority(level.score, importance.score, aim), np.nan)
    line = importance_line(np.where(both, importance.score, np.nan))
    enough = aim - TARGET_MARGIN
    crossed = _crosses(importance, line[:, None]) | _crosses(level, enough)
    return Ranking(
        value=value,
        bound=np.where(value > 0, _bound(level, importance), 0),
        rank=rank(value, importance.score, names),
        matters=both & (importance.score >= line[:, None] - 1e-9),
        strong=both & (shown_score(level.score) >= enough - 1e-9),
        clear=both & ~crossed,
        line=line,
    )


def priority(level: Floats, importance: Floats, target: Floats) -> Floats:
    """100 for the most important work that is not done at all, 0 at the target and above."""
    room = np.where(target > 1, target - 1, 1)
    missing = np.maximum(0, target - level) / room
    value: Floats = 100 * (importance - 1) / 4 * missing
    return value


def importance_line(importance: Floats) -> Floats:
    """The mean importance of what is ranked at each node: stated importance crowds at the top."""
    known = ~np.isnan(importance)
    count = known.sum(axis=1)
    mean: Floats = np.where(known, importance, 0).sum(axis=1) / np.where(count > 0, count, np.nan)
    return mean


def rank(value: Floats, importance: Floats, names: tuple[str, ...]) -> Ints:
    """Places from 1, by priority, importance and name; 0 without a priority."""
    ties = np.broadcast_to(alphabetical(names), value.shape)
    order = np.lexsort((ties, -np.round(importance, 9), -np.round(value, 9)), axis=1)
    places = np.empty(value.shape, dtype=np.int64)
    np.put_along_axis(places, order, np.arange(1, value.shape[1] + 1)[None], axis=1)
    return np.where(np.isnan(value), 0, places)  # NaN comes last


def alphabetical(names: tuple[str, ...]) -> Ints:
    """The place of each name, by bytes."""
    return np.argsort(np.argsort(np.array([name.encode() for name in names]))).astype(np.int64)


def suggest(capability: SurveyCapability, *, matters: bool, strong: bool) -> Suggestion:
    if matters and strong:
        return "sustain"
    if matters:
        handed_over = capability.market and not capability.differentiating
        return "outsource" if handed_over else "develop"
    if capability.routine:
        return "automate"
    if strong:
        return "scale_down"
    return "outsource" if capability.market else "leave"


def _crosses(face: PrintedScores, line: Floats) -> Bools:
    crossed: Bools = (face.low < line - 1e-9) & (line + 1e-9 < face.high)
    return crossed


def _bound(level: PrintedScores, importance: PrintedScores) -> Ints:
    """A lower level and a higher importance both raise the priority."""
    return bound_of_difference(importance.bound, level.bound)
