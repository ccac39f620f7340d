"""How closely the level matches the need (method 8a), from the numbers as they are shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.composites import composites
from assessments.scoring.intervals import Layers, prior_of
from assessments.scoring.levels import shown
from assessments.scoring.scored import Scored, Scores
from assessments.scoring.survey import Bools, Floats, Survey

WIDEST = 4.0  # from level 1 to need 5


@dataclass(frozen=True, eq=False)
class Fit:
    """Capabilities: (nodes, capabilities); composites, each capability's own fit first:
    (nodes, capabilities + values + 1). NaN where nothing can be said."""

    need: Floats
    from_target: Bools
    gap: Floats  # shown score - need
    half_width: Floats  # of the gap
    share: Floats  # fit between 0 and 1
    low: Floats
    high: Floats


def fit(scores: Scores) -> Fit:
    survey, performance, importance = scores.survey, scores.performance, scores.importance
    count = len(survey.capabilities)
    level = shown(performance.score[:, :count])
    targets = target_of(survey)
    from_target = ~np.isnan(targets)
    need = np.where(from_target, targets, shown(importance.score[:, :count]))
    gap = level - need
    both = ~np.isnan(gap)
    whole = composites(survey, both, np.where(both, np.abs(gap), np.nan))
    single = np.broadcast_to(np.eye(count), (len(survey.nodes), count, count)) * both[:, :, None]
    weights = np.concatenate([single, whole.weights], axis=2)
    there = np.concatenate([both, ~np.isnan(whole.score)], axis=1)
    loss = (weights * np.nan_to_num(np.abs(gap))[:, :, None]).sum(axis=1) / WIDEST
    share = np.where(there, np.clip(1 - loss, 0, 1), np.nan)
    half = _half_widths(performance, importance, from_target, np.nan_to_num(np.sign(gap)), weights)
    return Fit(
        need,
        from_target,
        gap,
        np.where(both, half[:, :count] * WIDEST, np.nan),
        share,
        np.clip(share - half, 0, 1),
        np.clip(share + half, 0, 1),
    )


def target_of(survey: Survey) -> Floats:
    """The leader's target at each node or at the nearest above it, NaN without one."""
    tree, columns = survey.tree, {one.id: place for place, one in enumerate(survey.capabilities)}
    found = np.full((len(tree.nodes), len(survey.capabilities)), np.nan)
    for (node, capability), target in survey.targets.items():
        if node in tree.place and capability in columns:
            found[tree.place[node], columns[capability]] = target
    for below in range(1, len(tree.nodes)):
        above = found[tree.parent[below]]
        found[below] = np.where(np.isnan(found[below]), above, found[below])
    return found


def _half_widths(
    performance: Scored, importance: Scored, fixed: Bools, sign: Floats, weights: Floats
) -> Floats:
    """Each person's influence: on the level, less that on the need where people set it."""
    layers = Layers.of(performance.blocks)
    level, level_share = performance.blocks.influence, performance.blocks.per_rating
    need, need_share = importance.blocks.influence, importance.blocks.per_rating
    signed = weights * sign[:, :, None] / WIDEST
    mine = signed / _safe(performance.blocks.total_weight)[:, :, None]
    theirs = np.where(
        fixed[:, :, None], 0, signed / _safe(importance.blocks.total_weight)[:, :, None]
    )
    rows, priors = [], None
    for node in range(signed.shape[0]):
        people = performance.blocks.members.below(node)
        u = level[people] @ mine[node] - need[people] @ theirs[node]
        share = level_share[people] @ np.abs(mine[node]) + need_share[people] @ np.abs(theirs[node])
        found = layers.sums(people, u, share)
        priors = priors or [prior_of(*pair) for pair in found.spreads()]
        rows.append(found.half_width(priors))
    return np.array(rows)


def _safe(total: Floats) -> Floats:
    return np.where(total > 0, total, 1.0)
