"""The quality report (method 10): which questions people may not understand. For analysts alone. The
parts of a maturity index need not correlate, so nothing here is a gate.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats

from assessments.scoring.cycle_scores import CycleScores, KindScores
from assessments.scoring.intervals import GlobalStrata
from assessments.scoring.summary import Alpha, AnswerShares, Icc
from assessments.scoring.survey import (
    NOT_APPLICABLE,
    NOT_SEEN,
    UNANSWERED,
    Bools,
    Codes,
    Floats,
    Ints,
)

MIN_ROWS, MIN_OMEGA_ROWS, MIN_GROUPS, MIN_RESPONSES = 30, 100, 5, 10
F_QUANTILES = (0.975, 0.025)
MIN_UNIQUENESS = 0.005  # share of a question's variance that no factor may explain


def alphas_and_iccs(scores: CycleScores) -> tuple[list[Alpha], list[Icc]]:
    """Compute both for each value that has enough performance ratings, in the rubric's order."""
    survey, scored = scores.survey, scores.performance
    alphas, iccs = [], []
    for value in survey.dimensions:
        columns = [
            column
            for column, capability in enumerate(survey.capabilities)
            if capability.dimension == value.id
        ]
        weights = np.array([survey.capabilities[column].weight for column in columns])
        ratings = np.where(scored.blocks.rated, scored.blocks.ratings, np.nan)[:, columns]
        value_alpha = alpha(
            value.id, ratings, [survey.capabilities[column].id for column in columns]
        )
        icc = _icc_between_teams(value.id, scored, ratings, weights)
        alphas += [value_alpha] if value_alpha else []
        iccs += [icc] if icc else []
    return alphas, iccs


# --- Alpha and omega --------------------------------------------------------------------------


def alpha(value: str, ratings: Floats, names: list[str]) -> Alpha | None:
    """Compute alpha of `ratings` (people, items), NaN without. None with fewer than thirty complete rows,
    where nobody differs on an item (as in the worked case), or where all sums are equal."""
    complete = ratings[~np.isnan(ratings).any(axis=1)]
    n, items = complete.shape
    if n < MIN_ROWS or items < 2 or (np.ptp(complete, axis=0) == 0).any():
        return None
    coefficient = _cronbach_alpha(complete)
    if coefficient is None:
        return None
    low, high = (
        1 - (1 - coefficient) * stats.f.ppf(quantile, n - 1, (n - 1) * (items - 1))
        for quantile in F_QUANTILES
    )
    rests = [np.delete(complete, item, axis=1) for item in range(items)]
    items_with_rest = list(zip(names, complete.T, rests, strict=True))
    return Alpha(
        value=value,
        n=n,
        alpha=coefficient,
        low=float(low),
        high=float(high),
        rest={name: _correlation(item, rest.sum(axis=1)) for name, item, rest in items_with_rest},
        dropped={name: _cronbach_alpha(rest) for name, _, rest in items_with_rest}
        if items > 2
        else {},
        omega=omega(complete) if n >= MIN_OMEGA_ROWS else None,
    )


def _cronbach_alpha(ratings: Floats) -> float | None:
    """Return Cronbach's alpha of complete rows (people, items); None where all sums are equal."""
    items, sums = ratings.shape[1], ratings.sum(axis=1)
    if np.ptp(sums) == 0:
        return None
    return float(items / (items - 1) * (1 - ratings.var(axis=0, ddof=1).sum() / sums.var(ddof=1)))


def _correlation(item: Floats, rest: Floats) -> float | None:
    """Return the correlation of an item with the sum of the others; None where that is constant."""
    return None if np.ptp(rest) == 0 else float(np.corrcoef(item, rest)[0, 1])


def omega(ratings: Floats) -> float | None:
    """Return omega total of one factor for complete rows (people, items), by maximum likelihood on the
    correlations; None with fewer than three items, or where one follows from the others."""
    if ratings.shape[1] < 3:
        return None
    correlations: Floats = np.atleast_2d(np.corrcoef(ratings, rowvar=False))
    if np.linalg.eigvalsh(correlations)[0] < 1e-8:
        return None
    unique = _uniquenesses(correlations)
    common = _factor(correlations, unique)[0].sum() ** 2
    return float(common / (common + unique.sum()))


def _uniquenesses(correlations: Floats) -> Floats:
    """Return the uniquenesses (items,) of the best fit. The minimum is so flat that it is polished by
    solving for a gradient of 0."""
    start = np.clip(0.5 / np.diag(np.linalg.inv(correlations)), MIN_UNIQUENESS, 1)
    best = optimize.minimize(
        _misfit,
        start,
        args=(correlations,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(MIN_UNIQUENESS, 1.0)] * start.size,
        options={"ftol": 1e-15, "gtol": 1e-10},
    ).x
    free = (best > MIN_UNIQUENESS) & (best < 1)
    polished: Floats = best.copy()
    if free.any():
        extra = best, free, correlations
        polished[free] = optimize.root(_slope, best[free], args=extra, options={"xtol": 1e-13}).x
    polished = np.clip(polished, MIN_UNIQUENESS, 1)
    is_near = np.abs(polished - best).max() < 1e-4
    return polished if is_near else np.asarray(best, dtype=np.float64)


def _slope(free_values: Floats, unique: Floats, free: Bools, correlations: Floats) -> Floats:
    """Return the gradient of the misfit in the free uniquenesses, with the others fixed."""
    uniquenesses = unique.copy()
    uniquenesses[free] = np.maximum(free_values, MIN_UNIQUENESS)
    return _misfit(uniquenesses, correlations)[1][free]


def _misfit(unique: Floats, correlations: Floats) -> tuple[float, Floats]:
    """Return the misfit of one factor (Jöreskog's function of the uniquenesses) and its gradient."""
    loadings, roots = _factor(correlations, unique)
    value = float((roots - np.log(roots)).sum() - roots.size)
    return value, (loadings**2 + unique - 1) / unique**2


def _factor(correlations: Floats, unique: Floats) -> tuple[Floats, Floats]:
    """Return the loadings of the first factor, and the eigenvalues of what it leaves."""
    scale = 1 / np.sqrt(unique)
    roots, vectors = np.linalg.eigh(correlations * np.outer(scale, scale))
    loadings: Floats = np.sqrt(unique) * vectors[:, -1] * np.sqrt(max(roots[-1] - 1, 0))
    return loadings, roots[:-1]


# --- Teams ------------------------------------------------------------------------------------


def _icc_between_teams(
    value: str, scored: KindScores, ratings: Floats, weights: Floats
) -> Icc | None:
    """Compute the ICC of person scores with at least half the weight answered, between the strata that
    are exactly one answering team."""
    answered = (~np.isnan(ratings) * weights).sum(axis=1)
    answered_half = (answered >= weights.sum() / 2) & (answered > 0)
    total = np.where(np.isnan(ratings), 0, ratings * weights).sum(axis=1)
    mean = total / np.where(answered > 0, answered, 1)
    single = _single_teams(scored)
    stratum = GlobalStrata.of(scored.blocks).of_person
    inside = answered_half & (stratum >= 0) & single[np.maximum(stratum, 0)]
    return icc(value, mean[inside], stratum[inside])


def _single_teams(scored: KindScores) -> Bools:
    """Return which nodes name a stratum whose people all sit in one node."""
    members = scored.blocks.members
    stratum = GlobalStrata.of(scored.blocks).of_person
    pairs = np.unique(np.column_stack([stratum, members.node])[stratum >= 0], axis=0)
    team_counts = np.bincount(pairs[:, 0], minlength=len(members.tree.nodes))
    single: Bools = team_counts == 1
    return single


def icc(value: str, scores: Floats, group: Ints) -> Icc | None:
    """Compute ICC(1) and ICC(2) of person scores (people,) in groups (people,). None with fewer than five
    teams, with one person in each, or where team means do not differ."""
    teams, index, sizes = np.unique(group, return_inverse=True, return_counts=True)
    groups, n = teams.size, scores.size
    if groups < MIN_GROUPS or n <= groups:
        return None
    means = np.bincount(index, scores) / sizes
    between = (sizes * (means - scores.mean()) ** 2).sum() / (groups - 1)
    within = ((scores - means[index]) ** 2).sum() / (n - groups)
    size = (n - (sizes**2).sum() / n) / (groups - 1)
    if between <= 0:
        return None
    single = (between - within) / (between + (size - 1) * within)
    return Icc(value, int(groups), max(0.0, float(single)), max(0.0, float(1 - within / between)))


# --- How people answered ----------------------------------------------------------------------


def answer_shares(scores: CycleScores) -> AnswerShares | None:
    """Return how people answered; None with fewer than max(10, k) responses."""
    if scores.members.rows.size < max(MIN_RESPONSES, scores.survey.k):
        return None
    asked = [
        scored.blocks.ratings[:, scores.survey.asked(kind)] for kind, scored in scores.kinds.items()
    ]
    answers = np.hstack(asked)
    return AnswerShares(
        unanswered=_share(answers == UNANSWERED),
        not_seen=_share(answers == NOT_SEEN),
        not_applicable=_share(answers == NOT_APPLICABLE),
        straight=_share(_find_straight_lining(scores.performance.blocks.ratings)),
    )


def _share(holds: Bools) -> int:
    """Return where it holds, in whole per cent."""
    return round(100 * float(holds.mean()))


def _find_straight_lining(ratings: Codes) -> Bools:
    """Return who gave one level to everything they rated, ten questions at least: (people,). They are
    flagged and never removed."""
    rated = ratings >= 1
    same = np.where(rated, ratings, 0).max(axis=1) == np.where(rated, ratings, 9).min(axis=1)
    straight: Bools = same & (rated.sum(axis=1) >= MIN_RESPONSES)
    return straight
