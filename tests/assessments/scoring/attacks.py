"""Attackers who know that exactly one person of a team is new, and guess what that person rated from
what was published before and after. Each returns how likely every level is: (kinds, capabilities, 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from assessments.scoring.cell import KINDS, Cell, Kind
from assessments.scoring.survey import Floats
from assessments.scoring.unanimity_guard import is_near_an_end
from tests.assessments.scoring.newcomers import (
    CAPABILITIES,
    DEPARTMENT,
    ROOT,
    TEAM,
    VALUES,
    Plan,
    Published,
    Scene,
    value_of,
)

LEVELS = np.arange(1, 6)
SPREAD = 0.9  # of single ratings around a capability's mean, in points
TOLERANCE, SLIP = 0.04, 1e-3  # of what the attacker computes, and its chance to be wrong altogether
OF_TONE, OF_REST = 0.4**2, 0.75**2  # variances of people's means, and of ratings around them
SHIFTS, KEPT = np.linspace(-0.7, 0.7, 15), np.linspace(0.2, 1, 9)  # of a team's estimates
NEARBY = np.linspace(-0.075, 0.075, 7)
SUBJECTS = [f"C{at:02}" for at in range(CAPABILITIES)]


def capability_cells(published: Published, node: str, kind: Kind) -> list[Cell]:
    return [published.cell(node, kind, name) for name in SUBJECTS]


def scores(published: Published, node: str, kind: Kind) -> Floats:
    """Return the printed scores of all capabilities at a node: (capabilities,)."""
    return np.array([cell.score for cell in capability_cells(published, node, kind)], dtype=float)


def prior(published: Published, kind: Kind) -> Floats:
    """Return how often each level is given in the whole organization (capabilities, 5): the distribution,
    else what its mean lets one expect."""
    cells = capability_cells(published, ROOT, kind)
    counts = [cell.detail.agreement.histogram if cell.detail.agreement else () for cell in cells]
    if all(counts):
        shares = np.array(counts, dtype=float) + 0.5
    else:
        shares = np.exp(-(((LEVELS - scores(published, ROOT, kind)[:, None]) / SPREAD) ** 2) / 2)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def normalized(log_likelihood: Floats) -> Floats:
    """Turn log likelihoods (..., 5) into probabilities."""
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=-1, keepdims=True))
    return np.asarray(likelihood / likelihood.sum(axis=-1, keepdims=True))


# --- Half levels ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class HalfLevels:
    """What one cycle says of one kind in the team: (capabilities,). Ranges lie around the half level, as wide
    for all capabilities, and gaps are computed from it: they add nothing."""

    n: int
    score: Floats  # the best estimate in half levels
    base: Floats  # of the whole organization

    @classmethod
    def of(cls, published: Published, kind: Kind) -> HalfLevels:
        n = published.cell(TEAM, kind, SUBJECTS[0]).n or 0
        return cls(n, scores(published, TEAM, kind), scores(published, ROOT, kind))

    def likelihood(self, expected: Floats) -> Floats:
        """Return how likely what is printed is for every sum of the team's ratings, from 0 on:
        (capabilities, sums). `expected`: how likely each sum is. How far estimates are drawn is the same for
        all capabilities, so all of them together tell it."""
        total = np.arange(expected.shape[1])
        mean = total / self.n
        near = is_near_an_end(mean, np.full(len(total), self.n))
        mean = np.where(near, np.where(mean > 3, 5, 1), mean)
        possible = (total >= self.n) & (total <= 5 * self.n)
        return possible * self._best_fit(mean, expected * possible)

    def _best_fit(self, mean: Floats, expected: Floats) -> Floats:
        """Return how likely each score is (capabilities, sums), with the estimates that fit all best."""
        base = self.base[:, None]

        def printed(shift: float, kept: float) -> Floats:
            estimate = np.clip(base + shift + kept * (mean[None] - base), 1, 5)
            return _rounded(self.score[:, None], estimate)

        def fit(pair: tuple[float, float]) -> float:
            return float(np.log((expected * printed(*pair)).sum(axis=1) + 1e-12).sum())

        rough = max(((shift, kept) for shift in SHIFTS for kept in KEPT), key=fit)
        near = ((rough[0] + shift, rough[1] + kept) for shift in NEARBY for kept in NEARBY[::3])
        return printed(*max(near, key=fit))


def _rounded(printed: Floats, value: Floats) -> Floats:
    """Return how likely a value, known to TOLERANCE, is printed so."""
    above = np.where(printed >= 5, np.inf, printed + 0.25 - value)
    below = np.where(printed <= 1, -np.inf, printed - 0.25 - value)
    share = ndtr(above / TOLERANCE) - ndtr(below / TOLERANCE)
    return np.asarray(share * (1 - SLIP) + SLIP)


def by_half_levels(scene: Scene) -> Floats:
    """Enumerate every sum of the team's ratings and every rating of the person, over all cycles."""
    sums = 5 * (scene.plan.others + 1) + 1
    answers = np.empty((len(KINDS), CAPABILITIES, 5))
    for at, kind in enumerate(KINDS):
        first = prior(scene.published[0], kind)
        told = [_told(HalfLevels.of(one, kind), first, sums) for one in scene.published]
        likely = _before(told[: scene.plan.before], first, scene.plan)
        later = _after(told[scene.plan.before :], scene.plan)
        moved = likely @ _moves(scene.plan, scene.plan.others, sums)
        joint = [(moved[:, :-x] * later[:, x:]).sum(axis=1) for x in LEVELS]
        answers[at] = normalized(np.log(np.array(joint).T * first + 1e-12))
    return answers


def _told(cycle: HalfLevels, first: Floats, sums: int) -> Floats:
    return cycle.likelihood(_expected(first, cycle.n, sums))


def _expected(first: Floats, people: int, sums: int) -> Floats:
    """Return how likely each sum of so many ratings is in a team; teams differ, so wider than by chance."""
    return np.array([_sum_shares(row, people, sums) for row in first]) ** 0.5


def _before(told: list[Floats], first: Floats, plan: Plan) -> Floats:
    """Return how likely every sum of the others is in the last cycle without the person."""
    sums = told[0].shape[1]
    likely = _expected(first, plan.others, sums) * told[0]
    for one in told[1:]:
        likely = (likely @ _moves(plan, plan.others, sums)) * one
    return likely


def _after(told: list[Floats], plan: Plan) -> Floats:
    """Return how likely all cycles with the person are for every sum in the first of them."""
    later = told[-1]
    for one in reversed(told[:-1]):
        later = one * (later @ _moves(plan, plan.others + 1, told[0].shape[1]).T)
    return later


def _sum_shares(shares: Floats, people: int, sums: int) -> Floats:
    """Return the distribution of the sum of so many independent ratings."""
    total = np.ones(1)
    for _ in range(people):
        total = np.convolve(total, np.concatenate([[0], shares]))
    return np.concatenate([total, np.zeros(sums)])[:sums]


def _moves(plan: Plan, people: int, sums: int) -> Floats:
    """Return how likely each sum becomes each other one in the next cycle: (sums, sums)."""
    total = np.ones(1)
    for _ in range(people):
        total = np.convolve(total, [plan.moved / 2, 1 - plan.moved, plan.moved / 2])
    step = np.arange(sums) - np.arange(sums)[:, None]
    return np.where(np.abs(step) <= people, total[np.clip(step + people, 0, 2 * people)], 0)


# --- Composites -------------------------------------------------------------------------------


def composite_distance(scene: Scene, kind: Kind, subject: str) -> float:
    """Return the person's distance from the whole organization on a composite, by subtraction."""
    before, after = scene.published[scene.plan.before - 1], scene.published[scene.plan.before]
    team = [one.cell(TEAM, kind, subject).score or 0.0 for one in (before, after)]
    others = scene.plan.others
    base = before.cell(ROOT, kind, subject).score or 0.0
    return (others + 1) * team[1] - others * team[0] - base


def by_composites(scene: Scene) -> Floats:
    """Compute the person's mean on each value by subtraction, and spread it over its capabilities by
    least squares."""
    others, parts = scene.plan.others, CAPABILITIES // VALUES
    noise = ((others + 1) ** 2 + others**2) / 1200 + others * scene.plan.moved / parts
    kept = (OF_TONE + OF_REST / parts) / (OF_TONE + OF_REST / parts + noise)
    answers = np.empty((len(KINDS), CAPABILITIES, 5))
    for at, kind in enumerate(KINDS):
        values = [composite_distance(scene, kind, value_of(c)) for c in range(CAPABILITIES)]
        centre = scores(scene.published[scene.plan.before - 1], ROOT, kind) + kept * np.array(
            values
        )
        answers[at] = normalized(-((LEVELS - centre[:, None]) ** 2) / (2 * OF_REST))
    return answers


# --- Distributions ----------------------------------------------------------------------------


def by_distributions(scene: Scene) -> Floats:
    """Subtract the distributions of the smallest published group around the team, before from after."""
    answers = np.empty((len(KINDS), CAPABILITIES, 5))
    before, after = scene.published[scene.plan.before - 1], scene.published[scene.plan.before]
    for at, kind in enumerate(KINDS):
        first = prior(before, kind)
        for place, subject in enumerate(SUBJECTS):
            counts = [_rest(one, kind, subject) for one in (before, after)]
            told = np.zeros(5)
            if counts[0] is not None and counts[1] is not None:
                told = _flows(counts[0], counts[1], scene.plan.moved)
            answers[at, place] = normalized(told + np.log(first[place]))
    return answers


def _histogram(cell: Cell) -> Floats | None:
    agreement = cell.detail.agreement
    return np.array(agreement.histogram, float) if agreement and agreement.histogram else None


def _rest(published: Published, kind: Kind, subject: str) -> Floats | None:
    """Return the distribution of the smallest group around the team, less those of other teams in it."""
    for above in (TEAM, DEPARTMENT, ROOT):
        whole = _histogram(published.cell(above, kind, subject))
        if whole is None:
            continue
        for node in sorted({node for node, _, _ in published.cells}):
            is_part = node[:2] == above or above == ROOT
            if not is_part or node in (ROOT, DEPARTMENT, TEAM) or (above == ROOT and len(node) > 2):
                continue
            part = _histogram(published.cell(node, kind, subject))
            whole = whole if part is None else whole - part
        return whole
    return None


def _flows(before: Floats, after: Floats, moved: float) -> Floats:
    """Return log likelihoods (5,) of the person's level: what else changed are answers that crossed from
    one level to the next."""
    left = (after - before) - np.eye(5)
    crossed = -np.cumsum(left, axis=1)[:, :-1]
    expected = moved / 2 * (before[:-1] - before[1:])
    variance = moved / 2 * (before[:-1] + before[1:]) + 0.02
    return np.asarray(-((crossed - expected) ** 2 / variance).sum(axis=1) / 2)
