"""Best estimates for small teams (method 2.2): a team's scores drawn towards those of the whole organization,
as far as teams differ by chance. Uses block means, counts, and how far the overall means of a team's
people are apart, so exchanging two people of a block changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assessments.scoring.blocks import Blocks
from assessments.scoring.composites import Composites
from assessments.scoring.intervals import (
    UPPER_QUANTILE,
    GlobalStrata,
    Influences,
    Prior,
    t_quantile,
)
from assessments.scoring.survey import Bools, Floats, Ints
from assessments.scoring.unanimity_guard import is_near_an_end

MIN_TEAMS, MIN_TEAMS_FOR_COMPOSITES = 5, 10
SPREADS = np.arange(49) * 0.025  # tau: how far teams may truly differ, in points
LEAST_SHARE_OF_NOISE = 4  # a residue keeps at least this part of its score's variance


@dataclass(frozen=True, eq=False)
class Estimates:
    """Arrays (nodes, capabilities + values + 1) on the scale 1 to 5, NaN where there is no estimate."""

    mean: Floats
    variance: Floats
    df: int  # teams - 1
    parts: EstimateParts | None

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> Estimates:
        nothing = np.full(shape, np.nan)
        return cls(nothing, nothing, 0, None)

    @cached_property
    def known(self) -> Bools:
        return ~np.isnan(self.mean)

    @property
    def quantile(self) -> float:
        """Of the t distribution: half-width of a 95 % range over its standard error."""
        return float(t_quantile(UPPER_QUANTILE, self.df)) if self.df else np.nan

    @property
    def half_width(self) -> Floats:
        """The half-width of the likely range, in points."""
        return np.asarray(self.quantile * np.sqrt(self.variance))


@dataclass(frozen=True, eq=False)
class EstimateParts:
    """What the estimates of capabilities are made of; NaN at nodes without any."""

    base: Floats  # (capabilities,): the whole organization's scores
    team: Floats  # (nodes,): how far a team is from them on average
    team_variance: Floats
    rest: Floats  # (nodes, capabilities): how far a score is from both
    rest_variance: Floats
    base_share: float  # of the variance of `base` that an estimate carries

    @property
    def mean(self) -> Floats:
        """(nodes, capabilities)."""
        return np.clip(self.base + self.team[:, None] + self.rest, 1, 5)


@dataclass(frozen=True, eq=False)
class Shrunk:
    """Posterior means and variances of values, and the mean share that is kept of them."""

    mean: Floats
    variance: Floats
    kept: float


def shrink(values: Floats, noise: Floats) -> Shrunk:
    """Draw values (cells,) with variances `noise` towards 0, averaged over every spread their true values
    may have, weighted by how well it explains them."""
    spread = SPREADS[:, None] ** 2
    total = spread + noise
    log_weight = -0.5 * (np.log(total) + values**2 / total).sum(axis=1)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    kept = spread / total
    mean = weight @ (kept * values)
    variance = weight @ (kept * noise + (kept * values) ** 2) - mean**2
    return Shrunk(mean, variance, float((weight @ kept).mean()))


def estimate_teams(
    teams: Ints,
    blocks: Blocks,
    composites: Composites,
    prior: Prior,
    score: Floats,
    variance: Floats,
) -> Estimates:
    """Estimate the teams that show anything of the kind. `score` and `variance` (V0 as published): (nodes,
    capabilities + values + 1). Nothing is estimated with fewer than five of them or without a pool."""
    teams, count = teams[blocks.shown[teams].any(axis=1)], blocks.a.shape[1]
    if teams.size < MIN_TEAMS or prior.nu <= 0 or prior.variance <= 0:
        return Estimates.none(score.shape)
    parts = _shrink_teams(blocks, prior, score[:, :count], teams)
    of_base = parts.base_share * variance[0]
    single = parts.team_variance[:, None] + parts.rest_variance + of_base[:count]
    exact = ~is_near_an_end(score[:, :count], blocks.n)
    mean, spread = np.full((2, *score.shape), np.nan)
    mean[:, :count] = np.where(exact, parts.mean, np.nan)
    spread[:, :count] = np.where(exact, single, np.nan)
    if teams.size >= MIN_TEAMS_FOR_COMPOSITES:
        weights, shown = composites.weights, ~np.isnan(score[:, count:])
        sums = np.matmul(np.nan_to_num(parts.mean)[:, None], weights)[:, 0]
        noise = np.matmul(np.nan_to_num(parts.rest_variance)[:, None], weights**2)[:, 0]
        noise = noise + parts.team_variance[:, None] + of_base[count:]
        shown = shown & ~np.isnan(noise)
        mean[:, count:] = np.where(shown, sums, np.nan)
        spread[:, count:] = np.where(shown, noise, np.nan)
    return Estimates(mean, spread, int(teams.size) - 1, parts)


def find_teams(performance: Blocks, overall: Floats) -> Ints:
    """Return the nodes that are visible for whole people, have none such below, and show a whole.
    `overall`: (nodes,)."""
    tree = performance.tree
    visible = GlobalStrata.of(performance).block == np.arange(len(tree.nodes))
    lowest = visible & (tree.below(visible.astype(np.int64)) == 1)
    return np.flatnonzero(lowest & ~np.isnan(overall))


def _shrink_teams(blocks: Blocks, prior: Prior, score: Floats, teams: Ints) -> EstimateParts:
    """Shrink each team's mean distance from the whole organization, and what it leaves of each score."""
    shown = ~np.isnan(score[teams])
    each = shown.sum(axis=1)
    away = np.where(shown, score[teams] - score[0], 0)
    noise = np.where(shown, prior.variance / np.maximum(blocks.n[teams], 1), 0)
    mean_away = away.sum(axis=1) / each
    mean_noise = np.maximum(_variance_of_mean(blocks)[teams], noise.sum(axis=1) / each**2)
    of_team = shrink(mean_away, mean_noise)
    rest_noise = np.maximum(noise - mean_noise[:, None], noise / LEAST_SHARE_OF_NOISE)
    of_rest = shrink((away - mean_away[:, None])[shown], rest_noise[shown])
    rest, rest_variance = np.full((2, *score.shape), np.nan)
    at = teams[np.nonzero(shown)[0]], np.nonzero(shown)[1]
    rest[at], rest_variance[at] = of_rest.mean, of_rest.variance
    team, team_variance = np.full((2, score.shape[0]), np.nan)
    team[teams], team_variance[teams] = of_team.mean, of_team.variance
    return EstimateParts(
        base=score[0],
        team=team,
        team_variance=team_variance,
        rest=rest,
        rest_variance=rest_variance,
        base_share=(1 - of_rest.kept) ** 2,
    )


def _variance_of_mean(blocks: Blocks) -> Floats:
    """Return V0 of the plain mean of what each node shows: (nodes,)."""
    shown = blocks.shown
    weights = shown / np.maximum(shown.sum(axis=1), 1)[:, None]
    return Influences.of(blocks, weights[:, :, None]).spread().shown[:, 0]
