"""The quality report (method 10): are there questions that people do not understand? For analysts
alone. A maturity index is made of parts that need not go together: nothing here is a gate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from assessments.scoring.cycle_scores import CycleScores, KindScores
from assessments.scoring.intervals import GlobalStrata
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
MIN_UNIQUENESS = 0.005  # of a question's variance: what no factor may explain away


@dataclass(frozen=True, slots=True)
class Alpha:
    """Of the capabilities of one value, from people who rated all of them."""

    value: str
    n: int
    alpha: float
    low: float
    high: float
    rest: dict[str, float | None]  # correlation of each item with the sum of the others
    dropped: dict[str, float | None]  # alpha without the item
    omega: float | None


@dataclass(frozen=True, slots=True)
class Icc:
    """How far people of one team answer alike, of one value."""

    value: str
    groups: int
    single: float  # ICC(1)
    mean: float  # ICC(2)


def alphas_and_iccs(scores: CycleScores) -> tuple[list[Alpha], list[Icc]]:
    survey, scored = scores.survey, scores.performance
    alphas, iccs = [], []
    for value in survey.dimensions:
        columns = [
            place for place, one in enumerate(survey.capabilities) if one.dimension == value.id
        ]
        weights = np.array([survey.capabilities[place].weight for place in columns])
        ratings = np.where(scored.blocks.rated, scored.blocks.ratings, np.nan)[:, columns]
        found = alpha(value.id, ratings, [survey.capabilities[place].id for place in columns])
        icc = _icc(value.id, scored, ratings, weights)
        alphas += [found] if found else []
        iccs += [icc] if icc else []
    return alphas, iccs


# --- Alpha and omega --------------------------------------------------------------------------


def alpha(value: str, ratings: Floats, names: list[str]) -> Alpha | None:
    """None with fewer than thirty complete rows, where nobody differs on an item (as in the worked
    case), or where everybody's sum is the same."""
    whole = ratings[~np.isnan(ratings).any(axis=1)]
    n, items = whole.shape
    if n < MIN_ROWS or items < 2 or (np.ptp(whole, axis=0) == 0).any():
        return None
    found = _alpha(whole)
    if found is None:
        return None
    low, high = (
        1 - (1 - found) * stats.f.ppf(at, n - 1, (n - 1) * (items - 1)) for at in F_QUANTILES
    )
    without = [np.delete(whole, item, axis=1) for item in range(items)]
    each = list(zip(names, whole.T, without, strict=True))
    return Alpha(
        value=value,
        n=n,
        alpha=found,
        low=float(low),
        high=float(high),
        rest={name: _correlation(item, other.sum(axis=1)) for name, item, other in each},
        dropped={name: _alpha(other) for name, _, other in each} if items > 2 else {},
        omega=omega(whole) if n >= MIN_OMEGA_ROWS else None,
    )


def _alpha(whole: Floats) -> float | None:
    """None where the items cancel out."""
    items, sums = whole.shape[1], whole.sum(axis=1)
    if np.ptp(sums) == 0:
        return None
    return float(items / (items - 1) * (1 - whole.var(axis=0, ddof=1).sum() / sums.var(ddof=1)))


def _correlation(one: Floats, other: Floats) -> float | None:
    """None where the other items cancel out."""
    return None if np.ptp(other) == 0 else float(np.corrcoef(one, other)[0, 1])


def omega(whole: Floats) -> float | None:
    """Omega total of one factor, by maximum likelihood on the correlations; None with fewer than
    three items, or where one follows from the others."""
    if whole.shape[1] < 3:
        return None
    correlations: Floats = np.atleast_2d(np.corrcoef(whole, rowvar=False))
    if np.linalg.eigvalsh(correlations)[0] < 1e-8:
        return None
    unique = _uniquenesses(correlations)
    common = _factor(correlations, unique)[0].sum() ** 2
    return float(common / (common + unique.sum()))


def _uniquenesses(correlations: Floats) -> Floats:
    """Of the best fit. The minimum is so flat that its bottom is found by where the slope is 0."""
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
        more = best, free, correlations
        polished[free] = optimize.root(_slope, best[free], args=more, options={"xtol": 1e-13}).x
    polished = np.clip(polished, MIN_UNIQUENESS, 1)
    near = np.abs(polished - best).max() < 1e-4
    return polished if near else np.asarray(best, dtype=np.float64)


def _slope(some: Floats, unique: Floats, free: Bools, correlations: Floats) -> Floats:
    whole = unique.copy()
    whole[free] = np.maximum(some, MIN_UNIQUENESS)
    return _misfit(whole, correlations)[1][free]


def _misfit(unique: Floats, correlations: Floats) -> tuple[float, Floats]:
    """Of one factor (Jöreskog's function of the uniquenesses), and its gradient."""
    loadings, roots = _factor(correlations, unique)
    value = float((roots - np.log(roots)).sum() - roots.size)
    return value, (loadings**2 + unique - 1) / unique**2


def _factor(correlations: Floats, unique: Floats) -> tuple[Floats, Floats]:
    """Loadings of the first factor, and the roots of what it leaves."""
    scale = 1 / np.sqrt(unique)
    roots, vectors = np.linalg.eigh(correlations * np.outer(scale, scale))
    loadings: Floats = np.sqrt(unique) * vectors[:, -1] * np.sqrt(max(roots[-1] - 1, 0))
    return loadings, roots[:-1]


# --- Teams ------------------------------------------------------------------------------------


def _icc(value: str, scored: KindScores, ratings: Floats, weights: Floats) -> Icc | None:
    """Between the published blocks that are exactly one answering team."""
    answered = (~np.isnan(ratings) * weights).sum(axis=1)
    enough = (answered >= weights.sum() / 2) & (answered > 0)
    total = np.where(np.isnan(ratings), 0, ratings * weights).sum(axis=1)
    mean = total / np.where(answered > 0, answered, 1)
    single = _single_teams(scored)
    block = GlobalStrata.of(scored.blocks).of_person
    inside = enough & (block >= 0) & single[np.maximum(block, 0)]
    return icc(value, mean[inside], block[inside])


def _single_teams(scored: KindScores) -> Bools:
    members = scored.blocks.members
    block = GlobalStrata.of(scored.blocks).of_person
    pairs = np.unique(np.column_stack([block, members.node])[block >= 0], axis=0)
    teams = np.bincount(pairs[:, 0], minlength=len(members.tree.nodes))
    single: Bools = teams == 1
    return single


def icc(value: str, scores: Floats, group: Ints) -> Icc | None:
    """None with fewer than five teams, or where nobody differs."""
    kept, index, sizes = np.unique(group, return_inverse=True, return_counts=True)
    groups, n = kept.size, scores.size
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


def response_shares(scores: CycleScores) -> dict[str, int]:
    """Shares in whole per cent; empty with fewer than ten responses, or than may be shown."""
    if scores.members.rows.size < max(MIN_RESPONSES, scores.survey.k):
        return {}
    asked = [
        scored.blocks.ratings[:, scores.survey.asked(kind)] for kind, scored in scores.kinds.items()
    ]
    whole = np.hstack(asked)
    codes = {"unanswered": UNANSWERED, "not_seen": NOT_SEEN, "not_applicable": NOT_APPLICABLE}
    found = {name: float((whole == code).mean()) for name, code in codes.items()}
    found["straight"] = float(np.mean(_straight(scores.performance.blocks.ratings)))
    return {name: round(100 * share) for name, share in found.items()}


def _straight(ratings: Codes) -> Bools:
    """Who gave one and the same level to everything: flagged, never removed."""
    rated = ratings >= 1
    same = np.where(rated, ratings, 0).max(axis=1) == np.where(rated, ratings, 9).min(axis=1)
    found: Bools = same & (rated.sum(axis=1) >= MIN_RESPONSES)
    return found
