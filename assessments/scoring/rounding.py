"""A score as it may be printed (method 7.4): one decimal, and where fewer than ten people all but
agree, only that they do. Everything derived is computed from this, never from the raw number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.cell import Bound
from assessments.scoring.levels import half_up, shown_score
from assessments.scoring.survey import Floats, Ints
from assessments.scoring.visibility import DETAIL_THRESHOLD

BOUNDS: dict[int, Bound] = {1: "at_least", 0: "", -1: "at_most"}
MIXED = 2  # bounded from both sides: nothing can be said


@dataclass(frozen=True, eq=False)
class PrintedScores:
    """What may be printed of scores; arrays of one shape, NaN where there is nothing to print."""

    score: Floats
    bound: Ints  # 1 at least, -1 at most, 0 as it is
    low: Floats
    high: Floats

    @property
    def least(self) -> Floats:
        """The lowest number that would be printed like this."""
        return np.where(self.bound < 0, 1.0, self.score)

    @property
    def most(self) -> Floats:
        return np.where(self.bound > 0, 5.0, self.score)


@dataclass(frozen=True, eq=False)
class PrintedDifference:
    """How far printed numbers lie from others."""

    size: Floats
    bound: Ints

    def at(self, place: tuple[int, int] | int) -> tuple[float | None, Bound]:
        bound = int(self.bound[place])
        return (None, "") if bound == MIXED else (float(self.size[place]), BOUNDS[bound])


def printed_difference(one: PrintedScores, other: PrintedScores) -> PrintedDifference:
    return PrintedDifference(
        difference(one.score, other.score), bound_of_difference(one.bound, other.bound)
    )


def unguarded_scores(score: Floats) -> PrintedScores:
    """Of numbers that nobody needs to be protected by."""
    printed = round_tenth(score)
    return PrintedScores(printed, np.zeros(printed.shape, dtype=np.int64), printed, printed)


def printed_scores(score: Floats, low: Floats, high: Floats, n: Ints) -> PrintedScores:
    margin = 1 / np.maximum(n, 1)
    few = (n > 0) & (n < DETAIL_THRESHOLD)
    top = few & (score >= 5 - margin - 1e-9)
    bottom = few & (score <= 1 + margin + 1e-9)
    bound = top.astype(np.int64) - bottom
    guarded = np.where(top, 5 - margin, np.where(bottom, 1 + margin, score))
    unsaid = bound != 0
    return PrintedScores(
        round_tenth(guarded),
        bound,
        np.where(unsaid, np.nan, round_tenth(low)),
        np.where(unsaid, np.nan, round_tenth(high)),
    )


def round_tenth(values: Floats) -> Floats:
    """The float that is printed with one decimal."""
    rounded: Floats = np.round(shown_score(values), 1)
    return rounded


def round_hundredth(values: Floats) -> Floats:
    """The same with two decimals, as agreement is printed."""
    rounded: Floats = np.round(half_up(values, 2), 2)
    return rounded


def difference(one: Floats, other: Floats) -> Floats:
    """Of printed numbers; again one decimal."""
    rounded: Floats = np.round(one - other, 1) + 0.0  # no minus before a zero
    return rounded


def bound_of_difference(one: Ints, other: Ints) -> Ints:
    """At least a 4.8 less at least a 4.6 says nothing: MIXED."""
    told: Ints = np.where((one == other) & (one != 0), MIXED, np.clip(one - other, -1, 1))
    return told
