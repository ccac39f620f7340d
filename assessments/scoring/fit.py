"""How closely the level matches the need (method 8a), from the numbers as they are printed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.composites import Composites, composites
from assessments.scoring.cycle_scores import CycleScores, KindScores
from assessments.scoring.intervals import GlobalStrata, half_width, joint_df
from assessments.scoring.rounding import (
    MIXED,
    PrintedScores,
    bound_of_difference,
    difference,
    round_tenth,
)
from assessments.scoring.survey import Bools, Floats, Ints, Survey

MAX_GAP = 4.0  # from level 1 to need 5


@dataclass(frozen=True, eq=False)
class Fit:
    """Needs, gaps and half-widths: (nodes, capabilities). The share: each capability's own first,
    then the composites (nodes, capabilities + values + 1). NaN where nothing can be said."""

    need: Floats
    need_bound: Ints
    from_target: Bools
    gap: Floats  # level - need
    gap_bound: Ints
    half_width: Floats  # of the gap
    fits: Bools
    share: Floats  # fit between 0 and 1; of numbers with a bound the least it can be
    bounded: Bools
    low: Floats
    high: Floats


def fit(scores: CycleScores, level: PrintedScores, importance: PrintedScores) -> Fit:
    """`level` and `importance`: the capabilities as they are printed."""
    survey = scores.survey
    targets = inherited_targets(survey)
    by_target = ~np.isnan(targets)
    need = PrintedScores(
        score=np.where(by_target, targets, importance.score),
        bound=np.where(by_target, 0, importance.bound),
        low=importance.low,
        high=importance.high,
    )
    gap, gap_bound = (
        difference(level.score, need.score),
        bound_of_difference(level.bound, need.bound),
    )
    widest = _widest(level, need)
    both = ~np.isnan(gap)
    whole, there = _composites(survey, by_target, both, widest)
    weights = np.concatenate([np.eye(both.shape[1]) * both[:, :, None], whole.weights], axis=2)
    loss = _parts(weights, widest) / MAX_GAP
    share = np.where(there, np.clip(1 - loss, 0, 1), np.nan)
    half = _half_widths(scores, by_target, _signed(weights, gap) / MAX_GAP)
    half = _guarded(scores, by_target, whole, half)
    width = np.where(both, half[:, : both.shape[1]] * MAX_GAP, np.nan)
    return Fit(
        need=need.score,
        need_bound=need.bound,
        from_target=by_target,
        gap=gap,
        gap_bound=gap_bound,
        half_width=width,
        fits=both & ((widest < width) | (widest == 0) | (gap_bound == MIXED)),
        share=share,
        bounded=_parts(weights, (gap_bound != 0).astype(np.float64)) > 0,
        low=np.clip(share - half, 0, 1),
        high=np.clip(share + half, 0, 1),
    )


def inherited_targets(survey: Survey) -> Floats:
    """The leader's target at each node or at the nearest above it, NaN without one."""
    tree, columns = survey.tree, {one.id: place for place, one in enumerate(survey.capabilities)}
    found = np.full((len(tree.nodes), len(survey.capabilities)), np.nan)
    for (node, capability), target in survey.targets.items():
        if node in tree.place and capability in columns:
            found[tree.place[node], columns[capability]] = round_tenth(np.array(target))
    for below in range(1, len(tree.nodes)):
        above = found[tree.parent[below]]
        found[below] = np.where(np.isnan(found[below]), above, found[below])
    return found


def _widest(level: PrintedScores, need: PrintedScores) -> Floats:
    """How far level and need can be apart, where one is only known to lie beyond a bound."""
    lowest, highest = level.least - need.most, level.most - need.least
    furthest: Floats = np.maximum(np.abs(lowest), np.abs(highest))
    return np.asarray(np.round(furthest, 1), dtype=np.float64)


def _composites(
    survey: Survey, by_target: Bools, both: Bools, widest: Floats
) -> tuple[Composites, Bools]:
    """Of the distances, and where there is a fit: (nodes, capabilities + values + 1)."""
    asked = survey.asked("performance") & (survey.asked("importance") | by_target)
    whole = composites(survey, asked, both, widest)
    return whole, np.concatenate([both, ~np.isnan(whole.score)], axis=1)


def _parts(weights: Floats, values: Floats) -> Floats:
    """Weighted sums over the capabilities."""
    summed: Floats = np.matmul(np.nan_to_num(values)[:, None, :], weights)[:, 0]
    return summed


def _signed(weights: Floats, gap: Floats) -> Floats:
    """Which way a higher level moves the distance. A capability's own gap of nothing has a width
    too; in a composite it moves nothing."""
    sign, count = np.nan_to_num(np.sign(gap))[:, :, None], gap.shape[1]
    own, whole = weights[..., :count], weights[..., count:]
    return np.concatenate([own * np.where(sign == 0, 1, sign), whole * sign], axis=2)


def _half_widths(scores: CycleScores, by_target: Bools, signed: Floats) -> Floats:
    """Each person's influence: on the level, less that on the need where people set it."""
    level, need = scores.performance.blocks, scores.importance.blocks
    layers = GlobalStrata.of(level)
    mine = signed / _total(scores.performance)
    theirs = np.where(by_target[:, :, None], 0, signed / _total(scores.importance))
    rows, priors = [], None
    for node in range(signed.shape[0]):
        people = level.members.below(node)
        u = level.influence[people] @ mine[node] - need.influence[people] @ theirs[node]
        share = level.per_rating[people] @ np.abs(mine[node])
        share = share + need.per_rating[people] @ np.abs(theirs[node])
        found = layers.sums(people, u, share)
        priors = priors or found.priors(level.nu)  # the root is first
        rows.append(found.half_width(priors))
    return np.array(rows)


def _guarded(scores: CycleScores, by_target: Bools, whole: Composites, half: Floats) -> Floats:
    """Where a block of few people is inside, a capability's width is made of the two printed
    intervals: each person's own pair of answers would tell how far these people are apart."""
    level, need = scores.performance, scores.importance
    count = by_target.shape[1]
    of_level = level.spread.level[:, :count]
    of_need = np.where(by_target, 0, need.spread.level[:, :count])
    df = joint_df(of_level, level.spread.df[:, :count], of_need, need.spread.df[:, :count])
    few = _few_inside(level) | (_few_inside(need) & ~by_target)
    single = np.where(few, half_width(of_level + of_need, df) / MAX_GAP, half[:, :count])
    half = np.hstack([single, half[:, count:]])
    return np.hstack([single, whole.from_only_part(half)])


def _few_inside(scored: KindScores) -> Bools:
    inside: Bools = scored.blocks.tree.below(scored.blocks.few.astype(np.int64)) > 0
    return inside


def _total(scored: KindScores) -> Floats:
    total = scored.blocks.total_weight
    return np.where(total > 0, total, 1.0)[:, :, None]
