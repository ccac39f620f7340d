"""Agreement within blocks (method 6): in words and, from ten answers on, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

import numpy as np

from assessments.scoring.blocks import Blocks
from assessments.scoring.cell import AgreementWord
from assessments.scoring.composites import Composites
from assessments.scoring.intervals import guarded_variance
from assessments.scoring.survey import Bools, Floats
from assessments.scoring.visibility import DETAIL_THRESHOLD

UNIFORM_VARIANCE = 2.0  # variance of answers spread evenly over five levels: (5 squared - 1) / 12
WORDS: tuple[tuple[float, AgreementWord], ...] = (
    (0.91, "very strong"),
    (0.71, "strong"),
    (0.51, "moderate"),
    (0.31, "weak"),
)
AGREEMENT_CUT = 0.51  # r_wg from which fewer than ten people "agree"
SPLIT_SHARE = 0.3  # of the ratings, low and high each


@dataclass(frozen=True, eq=False)
class RaterAgreement:
    """Arrays (nodes, capabilities); NaN where nothing is shown."""

    within: Floats  # pooled variance within blocks
    rwg: Floats  # r_wg, 0 to 1
    distance: Floats  # AD: mean distance from the block's mean, in points
    histogram: Floats  # (nodes, capabilities, 5): how many gave each level


def agreement(blocks: Blocks) -> RaterAgreement:
    """Compute the agreement at every node on every capability, within the blocks inside the node."""
    tree, shown = blocks.tree, ~np.isnan(blocks.score)
    freedom = tree.below(np.maximum(blocks.a - 1, 0))
    squares = tree.below(np.maximum(blocks.a - 1, 0) * guarded_variance(blocks))
    within = np.where(shown & (freedom > 0), squares / np.where(freedom > 0, freedom, 1), np.nan)
    distances = np.where(blocks.rated, np.abs(blocks.ratings - blocks.of_persons(blocks.mean)), 0)
    distances = np.where(blocks.persons_block >= 0, distances, 0)
    total = tree.below(blocks.members.per_node(distances))
    distance = total / np.where(shown, np.maximum(blocks.n, 1), np.nan)
    counts = [
        tree.below(blocks.members.per_node((blocks.ratings == level) & (blocks.persons_block >= 0)))
        for level in range(1, 6)
    ]
    return RaterAgreement(
        within, np.maximum(0, 1 - within / UNIFORM_VARIANCE), distance, np.stack(counts, 2)
    )


def composite_rwg(composites: Composites, agreements: RaterAgreement) -> Floats:
    """Return one minus half the mean variance of the shown parts, at least 0: (nodes, composites), NaN
    without parts. Not r_wg(J), which is near 1 almost whatever people say."""
    is_part = composites.weights > 0
    known = np.nan_to_num(agreements.within)[:, :, None] * is_part
    mean = known.sum(axis=1) / np.where(is_part.sum(axis=1) > 0, is_part.sum(axis=1), np.nan)
    return np.asarray(np.maximum(0, 1 - mean / UNIFORM_VARIANCE), dtype=np.float64)


def agreement_word(printed: float, n: int) -> AgreementWord:
    """Return the word for a printed r_wg, empty for NaN. Below ten answers there are two words only:
    five would give their spread away."""
    if isnan(printed):
        return ""
    if n < DETAIL_THRESHOLD:
        return "agree" if printed >= AGREEMENT_CUT else "opinions differ"
    return next((name for least, name in WORDS if printed >= least), "lacking")


def is_split(histogram: Floats) -> Bools:
    """Return where at least 30 % rate 1 or 2 and at least 30 % rate 4 or 5, from how many gave each level
    (..., 5). To be shown only where `Blocks.detailed`."""
    low, high = histogram[..., :2].sum(axis=-1), histogram[..., 3:].sum(axis=-1)
    return np.asarray(np.minimum(low, high) >= SPLIT_SHARE * histogram.sum(axis=-1))
