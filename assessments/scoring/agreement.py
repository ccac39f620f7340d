"""Whether people see the same (method 6): agreement within blocks, in words and, from ten answers
on, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.blocks import Blocks
from assessments.scoring.composites import Composites
from assessments.scoring.intervals import guarded_variance
from assessments.scoring.survey import Floats
from assessments.scoring.visibility import DETAIL_THRESHOLD

UNIFORM_VARIANCE = 2.0  # variance of answers spread evenly over five levels: (5 squared - 1) / 12
WORDS = ((0.91, "very strong"), (0.71, "strong"), (0.51, "moderate"), (0.31, "weak"))
AGREEMENT_CUT = 0.51  # from here on few people "agree"
SPLIT_SHARE = 0.3


@dataclass(frozen=True, eq=False)
class Agreement:
    """Arrays (nodes, capabilities); NaN where nothing is shown."""

    within: Floats  # pooled variance within blocks
    rwg: Floats
    distance: Floats  # AD: mean distance from the block's mean, in points
    histogram: Floats  # (nodes, capabilities, 5): how many gave each level


def agreement(blocks: Blocks) -> Agreement:
    tree, shown = blocks.tree, ~np.isnan(blocks.score)
    freedom = tree.below(np.maximum(blocks.a - 1, 0))
    squares = tree.below(np.maximum(blocks.a - 1, 0) * guarded_variance(blocks))
    within = np.where(shown & (freedom > 0), squares / np.where(freedom > 0, freedom, 1), np.nan)
    away = np.where(blocks.rated, np.abs(blocks.ratings - blocks.of_persons(blocks.mean)), 0)
    away = np.where(blocks.persons_block >= 0, away, 0)
    total = tree.below(blocks.members.per_node(away))
    distance = total / np.where(shown, np.maximum(blocks.n, 1), np.nan)
    counts = [
        tree.below(blocks.members.per_node((blocks.ratings == level) & (blocks.persons_block >= 0)))
        for level in range(1, 6)
    ]
    return Agreement(
        within, np.maximum(0, 1 - within / UNIFORM_VARIANCE), distance, np.stack(counts, 2)
    )


def composite_rwg(whole: Composites, found: Agreement) -> Floats:
    """One minus the mean spread of the shown parts; (nodes, composites)."""
    part = whole.weights > 0
    known = np.nan_to_num(found.within)[:, :, None] * part
    mean = known.sum(axis=1) / np.where(part.sum(axis=1) > 0, part.sum(axis=1), np.nan)
    return np.asarray(np.maximum(0, 1 - mean / UNIFORM_VARIANCE), dtype=np.float64)


def agreement_word(printed: float, n: int) -> str:
    """Of r_wg as it is printed. With few answers five words would give their spread away: two
    remain."""
    if np.isnan(printed):
        return ""
    if n < DETAIL_THRESHOLD:
        return "agree" if printed >= AGREEMENT_CUT else "opinions differ"
    return next((name for least, name in WORDS if printed >= least), "lacking")


def is_split(histogram: Floats) -> bool:
    """Two camps: at least three in ten low, and three in ten high. Only where `Blocks.detailed`."""
    low, high = histogram[:2].sum(), histogram[3:].sum()
    return bool(min(low, high) >= SPLIT_SHARE * histogram.sum())
