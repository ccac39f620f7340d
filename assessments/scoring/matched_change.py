"""The change of the same people (method 2.4): whoever rated in both cycles, each compared with what they
rated before. An arrow needs it beside the test of whole groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.intervals import ROUNDING_RESIDUE, two_sided_p
from assessments.scoring.survey import Floats
from assessments.scoring.wave_match import WaveMatch

MIN_MATCHED = 10  # people


@dataclass(frozen=True, eq=False)
class MatchedChange:
    """Arrays (nodes of the later cycle, capabilities + values + 1); NaN where fewer than ten people rated
    in both. Never published."""

    n: Floats
    change: Floats  # mean, in points
    se: Floats
    p: Floats  # two-sided t test

    @property
    def df(self) -> Floats:
        return self.n - 1


def matched_change(match: WaveMatch) -> MatchedChange:
    """Compare at every node the people who rated there in both cycles."""
    count, width = match.common.shape
    weights = match.composites[1].weights
    n, change, se = np.full((3, count, width + weights.shape[2]), np.nan)
    for node in np.flatnonzero(match.common.any(axis=1)).tolist():
        moved = _moved(match, node)
        rated = ~np.isnan(moved)
        share = rated @ weights[node]
        sums = np.nan_to_num(moved) @ weights[node]
        of_composites = np.where(share > 0, sums / np.where(share > 0, share, 1), np.nan)
        n[node], change[node], se[node] = _mean_and_error(np.hstack([moved, of_composites]))
    enough = n >= MIN_MATCHED
    n, change, se = (np.where(enough, values, np.nan) for values in (n, change, se))
    noisy = two_sided_p(np.abs(change) / np.where(se > 0, se, 1), n - 1)
    still = np.where(np.abs(change) < ROUNDING_RESIDUE, 1.0, 0.0)
    return MatchedChange(n, change, se, np.where(enough, np.where(se > 0, noisy, still), np.nan))


def _moved(match: WaveMatch, node: int) -> Floats:
    """Return how far each person below a node moved on what is shown there in both cycles: (people,
    capabilities), NaN without a rating in both."""
    (first, second), (before, after) = match.blocks, match.linked(node)
    before = before + match.earlier.members.start[match.earlier_node[node]]
    after = after + match.later.members.start[node]
    column = np.maximum(match.column, 0)
    then, now = first.ratings[before][:, column], second.ratings[after]
    counted_then = (first.rated & (first.persons_block >= 0))[before][:, column]
    counted_now = (second.rated & (second.persons_block >= 0))[after]
    known = counted_then & counted_now & match.common[node]
    return np.where(known, now.astype(np.float64) - then, np.nan)


def _mean_and_error(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return of each column how many are known, their mean, and its standard error; 0 where all are
    alike."""
    known = ~np.isnan(values)
    n = known.sum(axis=0).astype(np.float64)
    divisor = np.maximum(n, 1)
    mean = np.where(known, values, 0).sum(axis=0) / divisor
    squares = np.where(known, (values - mean) ** 2, 0).sum(axis=0)
    squares = np.where(squares < ROUNDING_RESIDUE, 0, squares)
    return n, mean, np.sqrt(squares / np.maximum(n - 1, 1) / divisor)
