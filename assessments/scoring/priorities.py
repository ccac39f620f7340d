"""Priorities and suggestions (method 8): importance times the shortfall from the target.

A suggestion comes from two printed numbers and three facts about the work, and is never more than a
suggestion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.cell import Suggestion
from assessments.scoring.levels import shown_score
from assessments.scoring.rounding import PrintedScores
from assessments.scoring.survey import Bools, Floats, Ints, SurveyCapability

DEFAULT_TARGET = 4.0  # where nobody has set one
TARGET_MARGIN = 0.5  # half a level below the target a capability counts as strong
TOP_COUNT = 5


@dataclass(frozen=True, eq=False)
class Ranking:
    """Arrays (nodes, capabilities); NaN, 0 or False where level or importance is not shown."""

    value: Floats  # 0 to 100
    place: Ints  # from 1, each once: by priority, importance and name
    rank: Ints  # from 1; equal priorities of equal importance share it
    matters: Bools  # importance is on or above its line
    strong: Bools  # level is at least target - 0.5
    clear: Bools  # neither interval crosses its line
    line: Floats  # (nodes,): the mean importance


def ranking(
    level: PrintedScores, importance: PrintedScores, target: Floats, names: tuple[str, ...]
) -> Ranking:
    """Rank the capabilities of every node. `target`: where one is set, else NaN. `names` decide ties."""
    both = ~np.isnan(level.score) & ~np.isnan(importance.score)
    aim = np.where(np.isnan(target), DEFAULT_TARGET, target)
    value = np.where(both, priority(level.score, importance.score, aim), np.nan)
    line = importance_line(np.where(both, importance.score, np.nan))
    enough = aim - TARGET_MARGIN
    crossed = _crosses(importance, line[:, None]) | _crosses(level, enough)
    return Ranking(
        value=value,
        place=rank(value, importance.score, names),
        rank=shared_rank(value, importance.score),
        matters=both & (importance.score >= line[:, None] - 1e-9),
        strong=both & (shown_score(level.score) >= enough - 1e-9),
        clear=both & ~crossed,
        line=line,
    )


def priority(level: Floats, importance: Floats, target: Floats) -> Floats:
    """Return priorities: 100 for importance 5 at level 1, 0 at the target and above."""
    target_range = np.where(target > 1, target - 1, 1)
    shortfall = np.maximum(0, target - level) / target_range
    value: Floats = 100 * (importance - 1) / 4 * shortfall
    return value


def importance_line(importance: Floats) -> Floats:
    """Return the mean importance of what is ranked at each node: (nodes,), NaN without. A fixed line would
    not do, because stated importance crowds at the top."""
    known = ~np.isnan(importance)
    count = known.sum(axis=1)
    mean: Floats = np.where(known, importance, 0).sum(axis=1) / np.where(count > 0, count, np.nan)
    return mean


def rank(value: Floats, importance: Floats, names: tuple[str, ...]) -> Ints:
    """Return ranks from 1 within each row, by priority, importance and name; 0 without a priority."""
    ties = np.broadcast_to(alphabetical(names), value.shape)
    order = np.lexsort((ties, -np.round(importance, 9), -np.round(value, 9)), axis=1)
    ranks = np.empty(value.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, np.arange(1, value.shape[1] + 1)[None], axis=1)
    return np.where(np.isnan(value), 0, ranks)  # NaN comes last


def shared_rank(value: Floats, importance: Floats) -> Ints:
    """Return one more than how many in each row come before, by priority and importance; 0 without a
    priority."""
    value, importance = np.round(value, 9), np.round(importance, 9)
    higher = value[:, None] > value[:, :, None]
    equal = value[:, None] == value[:, :, None]
    before = higher | (equal & (importance[:, None] > importance[:, :, None]))
    return np.where(np.isnan(value), 0, 1 + before.sum(axis=2))


def alphabetical(names: tuple[str, ...]) -> Ints:
    """Return the index that each name has when they are sorted by bytes."""
    return np.argsort(np.argsort(np.array([name.encode() for name in names]))).astype(np.int64)


def suggest(capability: SurveyCapability, *, matters: bool, strong: bool) -> Suggestion:
    """Return what to do with a capability, by its quadrant and the facts about the work."""
    if matters and strong:
        return "sustain"
    if matters:
        replaceable = capability.market and not capability.differentiating
        return "outsource" if replaceable else "develop"
    if capability.routine:
        return "automate"
    if strong:
        return "scale_down"
    return "outsource" if capability.market else "leave"


def _crosses(printed: PrintedScores, line: Floats) -> Bools:
    """Return where a line lies strictly inside the printed interval."""
    crossed: Bools = (printed.low < line - 1e-9) & (line + 1e-9 < printed.high)
    return crossed
