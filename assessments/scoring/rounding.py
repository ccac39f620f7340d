"""Scores as they may be printed: one decimal, or half levels where fewer than ten people rated (method
2.5). Everything derived is computed from what is printed, never from the raw number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.levels import half_up, shown_score
from assessments.scoring.survey import Bools, Floats

TENTH, HALF_LEVEL = 0.1, 0.5


@dataclass(frozen=True, eq=False)
class PrintedScores:
    """Scores and limits as printed; arrays of one shape, NaN where there is nothing to print."""

    score: Floats
    low: Floats
    high: Floats


def print_scores(score: Floats, low: Floats, high: Floats, coarse: Bools) -> PrintedScores:
    """Round scores and limits. A limit that would be printed as the score itself moves outwards by one
    step, unless it is the score."""
    printed, lowest, highest = (print_values(values, coarse) for values in (score, low, high))
    step = np.where(coarse, HALF_LEVEL, TENTH)
    wide = high - low > 1e-9  # an interval, not a point
    lowest = np.where(wide & (lowest == printed), np.maximum(1, lowest - step), lowest)
    highest = np.where(wide & (highest == printed), np.minimum(5, highest + step), highest)
    return PrintedScores(printed, np.round(lowest, 1), np.round(highest, 1))


def print_values(values: Floats, coarse: Bools) -> Floats:
    """Round to one decimal, to half levels where `coarse`."""
    return np.where(coarse, round_half_level(values), round_tenth(values))


def round_half_level(values: Floats) -> Floats:
    """Round to half levels, halves up: 2.75 becomes 3."""
    rounded: Floats = np.floor(2 * values + 0.5 + 1e-9) / 2
    return rounded


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
