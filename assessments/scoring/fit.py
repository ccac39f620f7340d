"""Fit: how closely the level matches the need (method 8a), from printed numbers."""

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
    """Needs, gaps and half-widths in points: (nodes, capabilities). Shares and their limits from 0 to 1:
    (nodes, capabilities + values + 1). NaN where nothing can be said."""

    need: Floats
    need_bound: Ints
    from_target: Bools
    gap: Floats  # level - need
    gap_bound: Ints
    half_width: Floats  # of the gap
    fits: Bools  # nearer than the half-width, equal, or bounds on the same side
    share: Floats  # fit; of numbers with a bound the least it can be
    bounded: Bools  # a number with a bound is inside
    low: Floats
    high: Floats


def fit(scores: CycleScores, level: PrintedScores, importance: PrintedScores) -> Fit:
    """Compute the fit of every node. `level` and `importance`: (nodes, capabilities), as printed."""
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
    distances = _largest_distances(level, need)
    both = ~np.isnan(gap)
    composite, known = _composite_distances(survey, by_target, both, distances)
    weights = np.concatenate([np.eye(both.shape[1]) * both[:, :, None], composite.weights], axis=2)
    loss = _weighted_sums(weights, distances) / MAX_GAP
    share = np.where(known, np.clip(1 - loss, 0, 1), np.nan)
    half = _half_widths(scores, by_target, _signed_weights(weights, gap) / MAX_GAP)
    half = _guard_half_widths(scores, by_target, composite, half)
    width = np.where(both, half[:, : both.shape[1]] * MAX_GAP, np.nan)
    return Fit(
        need=need.score,
        need_bound=need.bound,
        from_target=by_target,
        gap=gap,
        gap_bound=gap_bound,
        half_width=width,
        fits=both & ((distances < width) | (distances == 0) | (gap_bound == MIXED)),
        share=share,
        bounded=_weighted_sums(weights, (gap_bound != 0).astype(np.float64)) > 0,
        low=np.clip(share - half, 0, 1),
        high=np.clip(share + half, 0, 1),
    )


def inherited_targets(survey: Survey) -> Floats:
    """Return the target of each node or of the nearest node above it with one: (nodes, capabilities), NaN
    without."""
    tree, columns = (
        survey.tree,
        {capability.id: column for column, capability in enumerate(survey.capabilities)},
    )
    targets = np.full((len(tree.nodes), len(survey.capabilities)), np.nan)
    for (node_id, name), target in survey.targets.items():
        if node_id in tree.index_of and name in columns:
            targets[tree.index_of[node_id], columns[name]] = round_tenth(np.array(target))
    for node in range(1, len(tree.nodes)):
        above = targets[tree.parent[node]]
        targets[node] = np.where(np.isnan(targets[node]), above, targets[node])
    return targets


def _largest_distances(level: PrintedScores, need: PrintedScores) -> Floats:
    """Return the largest possible |level - need|, where either is only known to lie beyond a bound."""
    lowest, highest = level.least - need.most, level.most - need.least
    distances: Floats = np.maximum(np.abs(lowest), np.abs(highest))
    return np.asarray(np.round(distances, 1), dtype=np.float64)


def _composite_distances(
    survey: Survey, by_target: Bools, both: Bools, distances: Floats
) -> tuple[Composites, Bools]:
    """Return the composites of the distances, and where there is a fit: (nodes, capabilities + values +
    1)."""
    asked = survey.asked("performance") & (survey.asked("importance") | by_target)
    composite = composites(survey, asked, both, distances)
    return composite, np.concatenate([both, ~np.isnan(composite.score)], axis=1)


def _weighted_sums(weights: Floats, values: Floats) -> Floats:
    """Return sums over the capabilities, weighted by (nodes, capabilities, subjects): (nodes, subjects)."""
    summed: Floats = np.matmul(np.nan_to_num(values)[:, None, :], weights)[:, 0]
    return summed


def _signed_weights(weights: Floats, gap: Floats) -> Floats:
    """Return weights with the sign in which a higher level moves the distance. A capability's own gap of
    0 counts as positive, so that it has a width too; in a composite it moves nothing."""
    sign, count = np.nan_to_num(np.sign(gap))[:, :, None], gap.shape[1]
    own, composite = weights[..., :count], weights[..., count:]
    return np.concatenate([own * np.where(sign == 0, 1, sign), composite * sign], axis=2)


def _half_widths(scores: CycleScores, by_target: Bools, signed: Floats) -> Floats:
    """Return half-widths (nodes, subjects) from each person's influence: on the level, less that on the
    need where people rated it (no target is set)."""
    level, need = scores.performance.blocks, scores.importance.blocks
    strata = GlobalStrata.of(level)
    level_weights = signed / _total_weight(scores.performance)
    need_weights = np.where(by_target[:, :, None], 0, signed / _total_weight(scores.importance))
    rows, priors = [], None
    for node in range(signed.shape[0]):
        people = level.members.below(node)
        u = (
            level.influence[people] @ level_weights[node]
            - need.influence[people] @ need_weights[node]
        )
        share = level.per_rating[people] @ np.abs(level_weights[node])
        share = share + need.per_rating[people] @ np.abs(need_weights[node])
        node_strata = strata.sums(people, u, share)
        priors = priors or node_strata.priors(level.nu)  # the root is first
        rows.append(node_strata.half_width(priors))
    return np.array(rows)


def _guard_half_widths(
    scores: CycleScores, by_target: Bools, composite: Composites, half: Floats
) -> Floats:
    """Replace half-widths of capabilities where a block of few people is inside: there they come from the
    variances of level and need as printed, because each person's own pair of answers would tell how far
    these people are apart."""
    level, need = scores.performance, scores.importance
    count = by_target.shape[1]
    of_level = level.spread.level[:, :count]
    of_need = np.where(by_target, 0, need.spread.level[:, :count])
    df = joint_df(of_level, level.spread.df[:, :count], of_need, need.spread.df[:, :count])
    few = _has_few_inside(level) | (_has_few_inside(need) & ~by_target)
    single = np.where(few, half_width(of_level + of_need, df) / MAX_GAP, half[:, :count])
    half = np.hstack([single, half[:, count:]])
    return np.hstack([single, composite.from_only_part(half)])


def _has_few_inside(scored: KindScores) -> Bools:
    """Return where a block of fewer than ten ratings is inside: (nodes, capabilities)."""
    inside: Bools = scored.blocks.tree.below(scored.blocks.few.astype(np.int64)) > 0
    return inside


def _total_weight(scored: KindScores) -> Floats:
    """Return the sums of W (nodes, capabilities, 1), with 1 for 0 to divide by."""
    total = scored.blocks.total_weight
    return np.where(total > 0, total, 1.0)[:, :, None]
