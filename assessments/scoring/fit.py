"""Fit: how closely the level matches the need (method 8a), from printed numbers, and whether they differ
by more than chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.composites import Composites, composites
from assessments.scoring.cycle_scores import CycleScores, KindScores
from assessments.scoring.intervals import GlobalStrata, half_width, joint_df
from assessments.scoring.rounding import difference, print_values, round_tenth
from assessments.scoring.survey import Bools, Floats, Survey

MAX_GAP = 4.0  # from level 1 to need 5


@dataclass(frozen=True, eq=False)
class Fit:
    """Needs and gaps in points: (nodes, capabilities). Shares and their limits from 0 to 1, half-widths in
    points: (nodes, capabilities + values + 1). NaN where nothing can be said."""

    need: Floats
    from_target: Bools
    gap: Floats  # level - need
    half_width: Floats  # of the gap, of a composite of the weighted sum of its gaps
    fits: Bools  # (nodes, capabilities): nearer than the half-width, or equal
    share: Floats
    low: Floats
    high: Floats


def fit(scores: CycleScores, level: Floats, importance: Floats, *, raw: bool = False) -> Fit:
    """Compute the fit of every node. `level` and `importance`: (nodes, capabilities), as printed. `raw`: for
    the holder of the answers, without what protects blocks of few people."""
    targets = inherited_targets(scores.survey)
    by_target = ~np.isnan(targets)
    need = np.where(by_target, targets, importance)
    if not raw:
        need = print_values(need, scores.performance.coarse[:, : need.shape[1]])
    gap = difference(level, need)
    both, distances, count = ~np.isnan(gap), np.abs(gap), gap.shape[1]
    composite, known = _composite_distances(scores.survey, by_target, both, distances)
    weights = np.concatenate([np.eye(count) * both[:, :, None], composite.weights], axis=2)
    share = np.where(known, np.clip(1 - _weighted_sums(weights, distances) / MAX_GAP, 0, 1), np.nan)
    of_share, of_gap = _half_widths(scores, by_target, weights, gap, guarded=not raw)
    estimated, width = _estimated_gaps(scores, targets)
    of_gap = np.where(np.isnan(width), of_gap, width)
    of_share[:, :count] = of_gap[:, :count] / MAX_GAP
    of_gap = np.where(known, composite.with_only_parts(of_gap), np.nan)
    of_share = composite.with_only_parts(of_share)
    if not raw:
        coarse = scores.performance.coarse | scores.importance.coarse
        estimated = np.where(coarse, np.nan, estimated)
    estimated = estimated[:, :count]
    apart = np.where(np.isnan(estimated), distances, np.abs(estimated))
    return Fit(
        need=need,
        from_target=by_target,
        gap=gap,
        half_width=of_gap,
        fits=both & ((apart < of_gap[:, :count]) | (apart == 0)),
        share=share,
        low=np.clip(share - of_share, 0, 1),
        high=np.clip(share + of_share, 0, 1),
    )


def _estimated_gaps(scores: CycleScores, targets: Floats) -> tuple[Floats, Floats]:
    """Return the differences of best estimates of level and need, and their half-widths, in points:
    (nodes, capabilities + values + 1), NaN without estimates. Only capabilities have targets."""
    level, importance = scores.performance.estimates, scores.importance.estimates
    target = np.full(level.mean.shape, np.nan)
    target[:, : targets.shape[1]] = targets
    by_target = ~np.isnan(target)
    gap = level.mean - np.where(by_target, target, importance.mean)
    variance = level.variance + np.where(by_target, 0, importance.variance)
    return gap, np.where(np.isnan(gap), np.nan, level.quantile * np.sqrt(variance))


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


def _half_widths(
    scores: CycleScores, by_target: Bools, weights: Floats, gap: Floats, *, guarded: bool
) -> tuple[Floats, Floats]:
    """Return the half-widths of the shares, and of the gaps in points: (nodes, subjects). A higher level
    moves a distance by the sign of its gap; one of 0 moves nothing."""
    sign, count = np.nan_to_num(np.sign(gap))[:, :, None], gap.shape[1]
    of_composites = weights[..., count:] * sign / MAX_GAP
    both = _influence_half_widths(scores, by_target, np.concatenate([weights, of_composites], 2))
    of_gap, of_share = np.split(both, [weights.shape[2]], axis=1)
    if guarded:
        of_gap = _guard_half_widths(scores, by_target, of_gap)
    return np.hstack([of_gap[:, :count] / MAX_GAP, of_share]), of_gap


def _influence_half_widths(scores: CycleScores, by_target: Bools, weights: Floats) -> Floats:
    """Return half-widths (nodes, subjects) from each person's influence: on the level, less that on the
    need where people rated it (no target is set)."""
    level, need = scores.performance.blocks, scores.importance.blocks
    strata = GlobalStrata.of(level)
    level_weights = weights / _total_weight(scores.performance)
    need_weights = np.where(by_target[:, :, None], 0, weights / _total_weight(scores.importance))
    rows, priors = [], None
    for node in range(weights.shape[0]):
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


def _guard_half_widths(scores: CycleScores, by_target: Bools, half: Floats) -> Floats:
    """Replace half-widths of capabilities where a block of few people is inside: there they come from the
    variances of level and need as printed, because each person's own pair of answers would tell how far
    these people are apart."""
    level, need = scores.performance, scores.importance
    count = by_target.shape[1]
    of_level = level.spread.shown[:, :count]
    of_need = np.where(by_target, 0, need.spread.shown[:, :count])
    df = joint_df(
        of_level, level.spread.df_shown[:, :count], of_need, need.spread.df_shown[:, :count]
    )
    few = _has_few_inside(level) | (_has_few_inside(need) & ~by_target)
    single = np.where(few, half_width(of_level + of_need, df), half[:, :count])
    return np.hstack([single, half[:, count:]])


def _has_few_inside(scored: KindScores) -> Bools:
    """Return where a block of fewer than ten ratings is inside: (nodes, capabilities)."""
    inside: Bools = scored.blocks.tree.below(scored.blocks.few.astype(np.int64)) > 0
    return inside


def _total_weight(scored: KindScores) -> Floats:
    """Return the sums of W (nodes, capabilities, 1), with 1 for 0 to divide by."""
    total = scored.blocks.total_weight
    return np.where(total > 0, total, 1.0)[:, :, None]
