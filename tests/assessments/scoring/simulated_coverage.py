"""Counts how many intervals hold the truth: of these people had all answered (`if_all`), and of how good
a team is, whoever its members are (`interval`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from assessments.scoring.cycle_scores import Limits, score_survey
from assessments.scoring.intervals import UPPER_QUANTILE, Prior
from assessments.scoring.survey import MODERATION, Bools, Floats, Ints
from assessments.scoring.visibility import DETAIL_THRESHOLD
from tests.assessments.scoring.simulated_organizations import (
    RESPONSE,
    World,
    camps_world,
    responding,
    responding_by_chance,
    typical_world,
)

TIGHT = 1e-9


@dataclass(frozen=True)
class Coverage:
    """Shares of teams' intervals that hold what would come out had everyone answered."""

    method: float
    whole: float  # of the root's composite
    plain: float  # the textbook's t interval, with the finite population
    without_width: float  # of the textbook's intervals: everybody said the same
    moderated: float  # had every team kept most of its own spread, without the unanimity guard
    widest: float  # the method, of the tenth of cells with the largest spread
    widest_moderated: float  # the same, had every team kept most of its own
    widest_pooled: float  # the same, had every team been given the spread of all


def coverage(n: int, seed: int, *, worlds: int = 40, teams: int = 12, width: int = 12) -> Coverage:
    """Count in organizations of teams with `n` answers each, three in four of their people."""
    chance = np.random.default_rng(seed)
    rows = [_covered(chance, n, teams, width) for _ in range(worlds)]
    cells, wholes = [row[0] for row in rows], [row[1] for row in rows]
    inside = np.concatenate([cell.reshape(4, -1) for cell in cells], axis=1)
    thin = np.concatenate([row[2].ravel() for row in rows])
    spread = np.concatenate([row[3].ravel() for row in rows])
    wide = spread >= np.quantile(spread, 0.9)
    method, plain, moderated, pooled = inside
    return Coverage(
        float(method.mean()),
        float(np.mean(wholes)),
        float(plain.mean()),
        float(thin.mean()),
        float(moderated.mean()),
        float(method[wide].mean()),
        float(moderated[wide].mean()),
        float(pooled[wide].mean()),
    )


def _covered(
    chance: np.random.Generator, n: int, teams: int, width: int
) -> tuple[Floats, bool, Floats, Floats]:
    there = camps_world(chance, teams, round(n / RESPONSE), width, split=0.05)
    answered = responding(chance, there.teams, n)
    scored, truth = score_survey(there.survey(answered)).performance, there.truth()
    cut = scored.blocks
    shown = Limits(*(limit[1:, :width] for limit in scored.if_all))
    assert not np.isnan(shown.low).any()  # every team is shown
    variance, prior = cut.variance[1:], scored.prior
    short = (1 - cut.fraction[1:]) / n
    ways = [
        np.abs(cut.mean[1:] - truth) <= _half(variance, n, short, way) + TIGHT
        for way in (Prior(0, 0), Prior(prior.variance, MODERATION), Prior(prior.variance, 1e9))
    ]
    of_root = Limits(scored.if_all.low[0, -1:], scored.if_all.high[0, -1:])
    whole = truth.mean(keepdims=True)[0]  # teams are of one size, capabilities of one weight
    real = np.array([there.opinions[there.teams == t].var(axis=0, ddof=1) for t in range(teams)])
    inside = np.array([holds(shown, truth), *ways], dtype=float)
    return inside, bool(holds(of_root, whole).all()), variance == 0, real


def _half(variance: Floats, n: int, short: Floats, prior: Prior) -> Floats:
    freedom = n - 1 + prior.nu
    moderated = ((n - 1) * variance + prior.nu * prior.variance) / freedom
    return np.asarray(stats.t.ppf(UPPER_QUANTILE, freedom) * np.sqrt(moderated * short))


def holds(interval: Limits, truth: Floats) -> Bools:
    """Return which intervals hold the truth."""
    inside: Bools = (interval.low - TIGHT <= truth) & (truth <= interval.high + TIGHT)
    return inside


# --- How good a team is ------------------------------------------------------------------------


@dataclass(frozen=True)
class TrueCoverage:
    """Shares of intervals that hold the mean of all people from whom the members are drawn."""

    cells: float
    if_all: float  # of the same cells, the interval for "had everyone answered"
    teams: float  # of the composites of teams
    whole: float  # of the root's composite
    below_ten: float  # cells of fewer than ten answers
    widest_below_ten: float  # of them, the tenth with the largest true spread
    widest_moderated: float  # the same, had small teams kept most of their spread


@dataclass(frozen=True, eq=False)
class _Counted:
    """What one organization adds, cell by cell; cells are in one line."""

    cells: Bools
    if_all: Bools
    moderated: Bools
    n: Ints
    spread: Floats
    teams: Bools
    whole: Bools


def true_coverage(
    seed: int, *, response: float = RESPONSE, worlds: int = 300, leniency: float = 0
) -> TrueCoverage:
    """Count in organizations of twelve teams of 5 to 12 people, ICC .05 to .30."""
    chance = np.random.default_rng(seed)

    def draw() -> World:
        return typical_world(chance, 12, float(chance.uniform(0.05, 0.30)), leniency=leniency)

    return _summed([_count(chance, draw(), response) for _ in range(worlds)])


def true_coverage_with_camps(seed: int, n: int, *, worlds: int = 300) -> TrueCoverage:
    """Count in organizations of twelve teams with `n` answers each whose spread differs."""
    chance = np.random.default_rng(seed)
    rows = []
    for _ in range(worlds):
        there = camps_world(chance, 12, round(n / RESPONSE), 12, split=0.05)
        rows.append(_count(chance, there, RESPONSE, responding(chance, there.teams, n)))
    return _summed(rows)


def _count(
    chance: np.random.Generator, there: World, response: float, answered: Ints | None = None
) -> _Counted:
    if answered is None:
        answered = responding_by_chance(chance, np.full(there.teams.size, response))
    scored = score_survey(there.survey(answered)).performance
    width = there.expected.shape[1]
    shown = ~np.isnan(scored.score[1:, :width])
    noise, df = scored.spread.noise, scored.spread.df_noise
    half = stats.t.ppf(UPPER_QUANTILE, np.where(df > 0, df, 1)) * np.sqrt(noise)
    moderated = Limits(scored.score - half, scored.score + half)

    def of_cells(interval: Limits) -> Bools:
        inside = holds(Limits(*(limit[1:, :width] for limit in interval)), there.expected)
        return np.asarray(inside[shown])

    def of_whole(rows: slice, truth: Floats) -> Bools:
        return holds(Limits(*(limit[rows, -1] for limit in scored.interval)), truth)

    means = there.expected.mean(axis=1)
    known = ~np.isnan(scored.score[1:, -1])
    asked = np.isin(np.arange(len(means)), there.teams[answered])  # others are not in the estimate
    root = np.average(means, weights=there.heads * asked)[None]
    return _Counted(
        of_cells(scored.interval),
        of_cells(scored.if_all),
        of_cells(moderated),
        scored.n[1:, :width][shown],
        there.spread[shown],
        of_whole(slice(1, None), means)[known],
        of_whole(slice(0, 1), root),
    )


def _summed(rows: list[_Counted]) -> TrueCoverage:
    cells, if_all, moderated, n, spread, teams, whole = (
        np.concatenate([getattr(row, name) for row in rows])
        for name in ("cells", "if_all", "moderated", "n", "spread", "teams", "whole")
    )
    few = n < DETAIL_THRESHOLD
    wide = few & (spread >= np.quantile(spread[few], 0.9)) if few.any() else few
    shares = (cells, if_all, teams, whole, cells[few], cells[wide], moderated[wide])
    return TrueCoverage(*(float(np.mean(share)) if share.size else np.nan for share in shares))
