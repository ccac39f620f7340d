"""Scores as they may be printed (method 7.4): one decimal, and only a bound where fewer than ten
people all but agree. Everything derived is computed from this, never from the raw number.
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
    """Scores and limits as printed; arrays of one shape, NaN where there is nothing to print."""

    score: Floats
    bound: Ints  # 1 "at least", -1 "at most", 0 no bound
    low: Floats
    high: Floats

    @property
    def least(self) -> Floats:
        """The lowest score that would be printed like this."""
        return np.where(self.bound < 0, 1.0, self.score)

    @property
    def most(self) -> Floats:
        """The highest score that would be printed like this."""
        return np.where(self.bound > 0, 5.0, self.score)


@dataclass(frozen=True, eq=False)
class PrintedDifference:
    """Differences of printed scores, in points with one decimal, and their bounds (as in
    `PrintedScores`, or MIXED); arrays of one shape."""

    size: Floats
    bound: Ints

    def at(self, index: tuple[int, int] | int) -> tuple[float | None, Bound]:
        """Return size and bound at an index; no size where nothing can be said."""
        bound = int(self.bound[index])
        return (None, "") if bound == MIXED else (float(self.size[index]), BOUNDS[bound])


def printed_difference(first: PrintedScores, second: PrintedScores) -> PrintedDifference:
    """Subtract the second scores from the first."""
    return PrintedDifference(
        difference(first.score, second.score), bound_of_difference(first.bound, second.bound)
    )


def unguarded_scores(score: Floats) -> PrintedScores:
    """Round scores that need no protection, such as those of leaders who are named."""
    printed = round_tenth(score)
    return PrintedScores(printed, np.zeros(printed.shape, dtype=np.int64), printed, printed)


def printed_scores(score: Floats, low: Floats, high: Floats, n: Ints) -> PrintedScores:
    """Round scores and limits of `n` ratings each. Below ten ratings a score within 1/n of an end
    of the scale becomes a bound without limits: "all gave a 5" and "one gave a 4" look the same."""
    margin = 1 / np.maximum(n, 1)
    few = (n > 0) & (n < DETAIL_THRESHOLD)
    top = few & (score >= 5 - margin - 1e-9)
    bottom = few & (score <= 1 + margin + 1e-9)
    bound = top.astype(np.int64) - bottom
    guarded = np.where(top, 5 - margin, np.where(bottom, 1 + margin, score))
    bounded = bound != 0
    return PrintedScores(
        round_tenth(guarded),
        bound,
        np.where(bounded, np.nan, round_tenth(low)),
        np.where(bounded, np.nan, round_tenth(high)),
    )


def round_tenth(values: Floats) -> Floats:
    """Round to the float that is printed with one decimal, halves up."""
    rounded: Floats = np.round(shown_score(values), 1)
    return rounded


def round_hundredth(values: Floats) -> Floats:
    """Round to two decimals, halves up, as agreement is printed."""
    rounded: Floats = np.round(half_up(values, 2), 2)
    return rounded


def difference(first: Floats, second: Floats) -> Floats:
    """Subtract printed numbers; the result has one decimal again."""
    rounded: Floats = np.round(first - second, 1) + 0.0  # no minus before a zero
    return rounded


def bound_of_difference(first: Ints, second: Ints) -> Ints:
    """Return the bound of first - second. "At least 4.8" less "at least 4.6" says nothing: MIXED."""
    bound: Ints = np.where((first == second) & (first != 0), MIXED, np.clip(first - second, -1, 1))
    return bound
