"""Attackers who learn from made-up organizations how a person's ratings show in everything that is
published of the team and of the groups around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from assessments.scoring.cell import KINDS, Cell, Kind
from assessments.scoring.survey import Floats, Ints
from tests.assessments.scoring.attacks import (
    LEVELS,
    SUBJECTS,
    by_composites,
    by_distributions,
    by_half_levels,
    composite_distance,
    normalized,
    prior,
)
from tests.assessments.scoring.newcomers import (
    CAPABILITIES,
    DEPARTMENT,
    ROOT,
    STAGES,
    TEAM,
    VALUES,
    Published,
    Scene,
    value_of,
)

PLAIN = [
    "score",
    "estimate",
    "low",
    "high",
    "level",
    "need",
    "gap",
    "fits",
    "fit",
    "fit_low",
    "fit_high",
    "n",
    "everyone",
]
WORDS = ("reached", "up", "agree", "higher", "strong", "firm", "clearly_lower", "other_people")
PENALTY = 2e-2  # of squared weights, for each rating that is learned from


def cell_numbers(cell: Cell) -> list[float]:
    """Return every published field of a cell as a number, 0 where it is not shown."""
    detail = cell.detail
    change, ranked, leader, agreement = (
        detail.change,
        detail.priority,
        detail.leader,
        detail.agreement,
    )
    numbers = [getattr(cell, name) for name in PLAIN]
    numbers += detail.if_all or (None, None)
    numbers += [change.size, change.low, change.high, change.detectable] if change else [None] * 4
    numbers += [ranked.value, ranked.rank, ranked.importance_line] if ranked else [None] * 3
    numbers += [leader.gap] if leader else [None]
    numbers += [agreement.rwg, agreement.distance] if agreement else [None] * 2
    words = {
        cell.state,
        change.verdict if change else "",
        agreement.word if agreement else "",
        leader.flag if leader else "",
        ranked.stability if ranked else "",
        ranked.group if ranked else "",
    }
    return [float(number or 0) for number in numbers] + [float(word in words) for word in WORDS]


def rating_numbers(scene: Scene, kind: Kind, place: int) -> list[float]:
    """Return what is published about one capability before, and how it differs after."""
    other: Kind = "importance" if kind == "performance" else "performance"
    subject, value = SUBJECTS[place], value_of(place)
    around: list[tuple[str, Kind, str]] = [
        (node, kind, name) for node in (TEAM, DEPARTMENT, ROOT) for name in (subject, value, "")
    ]
    around += [(TEAM, other, subject), (TEAM, "performance", f"{value}/{STAGES[place % 3]}")]
    first, *later = (
        np.array([number for key in around for number in cell_numbers(one.cells[key])])
        for one in scene.published[scene.plan.before - 1 :]
    )
    return [*first, *(np.mean(later, axis=0) - first)]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one scene gives away: what the other attackers conclude, and everything that is published."""

    scene: Scene
    half_levels: Floats  # (kinds, capabilities, 5): how likely each level is
    composites: Floats
    distributions: Floats

    @classmethod
    def of(cls, scene: Scene) -> Evidence:
        return cls(scene, by_half_levels(scene), by_composites(scene), by_distributions(scene))

    @property
    def direct(self) -> Floats:
        """(attackers, kinds, capabilities, 5): the three, and half levels with distributions together."""
        before = self.scene.published[self.scene.plan.before - 1]
        first = np.array([prior(before, kind) for kind in KINDS])
        both = normalized(np.log(self.half_levels * self.distributions / first + 1e-12))
        return np.array([self.half_levels, self.composites, self.distributions, both])

    @property
    def frequent(self) -> Floats:
        """(kinds, capabilities): the most frequent level of the whole organization before."""
        before = self.scene.published[0]
        return np.array([prior(before, kind).argmax(axis=1) + 1 for kind in KINDS])

    def of_ratings(self) -> Floats:
        """Return numbers for each rating of the person: (kinds, capabilities, numbers)."""
        likely = np.log(np.concatenate(list(self.direct), axis=-1) + 1e-6)
        published = [
            [rating_numbers(self.scene, kind, at) for at in range(CAPABILITIES)] for kind in KINDS
        ]
        return np.concatenate([likely, np.array(published)], axis=-1)

    def of_tone(self) -> Floats:
        """Return numbers for the person's mean rating: (kinds, numbers)."""
        return np.array([self._of_tone(at, kind) for at, kind in enumerate(KINDS)])

    def _of_tone(self, at: int, kind: Kind) -> list[float]:
        scene = self.scene
        before, after = scene.published[scene.plan.before - 1], scene.published[scene.plan.before]
        distances = [
            composite_distance(scene, kind, name)
            for name in ("", *(f"V{value}" for value in range(VALUES)))
        ]
        expected = prior(before, kind) @ LEVELS
        guesses = [
            float((one[at] @ LEVELS - expected).mean())
            for one in (self.half_levels, self.distributions)
        ]
        means = _mean_of(after, kind) - _mean_of(before, kind)
        composites = [float(expected.mean()), distances[0], float(np.mean(distances[1:]))]
        return [*composites, *guesses, *means, *_alignment(before, after)]


def _mean_of(published: Published, kind: Kind) -> Floats:
    """Return the means of scores and limits over the team's capabilities."""
    cells = (published.cell(TEAM, kind, name) for name in SUBJECTS)
    told = [[cell.score, cell.low, cell.high, cell.need, cell.gap] for cell in cells]
    return np.asarray(np.nan_to_num(np.array(told, dtype=float)).mean(axis=0))


def _alignment(before: Published, after: Published) -> list[float]:
    told = [
        [one.alignment.bias, one.alignment.apart, one.alignment.order, one.alignment.shared]
        if one.alignment
        else [None] * 4
        for one in (before, after)
    ]
    first, second = (np.array([float(number or 0) for number in row]) for row in told)
    return list(second - first)


@dataclass(frozen=True, eq=False)
class Learned:
    """Weights for standardized numbers."""

    centre: Floats
    scale: Floats
    weights: Floats

    def apply(self, numbers: Floats) -> Floats:
        return np.asarray(_with_one((numbers - self.centre) / self.scale) @ self.weights)


def _with_one(numbers: Floats) -> Floats:
    return np.hstack([numbers, np.ones((len(numbers), 1))])


def learn_levels(numbers: Floats, ratings: Ints) -> Learned:
    """Fit a multinomial logistic regression: numbers (rows, columns), ratings (rows,)."""
    centre, scale = numbers.mean(axis=0), numbers.std(axis=0) + 1e-6
    known, target = _with_one((numbers - centre) / scale), np.eye(5)[ratings - 1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(-1, 5)
        value = known @ weights
        value -= value.max(axis=1, keepdims=True)
        total = np.exp(value).sum(axis=1, keepdims=True)
        away = np.exp(value) / total - target
        cost = (np.log(total[:, 0]) - (value * target).sum(axis=1)).mean()
        slope = known.T @ away / len(known) + PENALTY * weights
        return float(cost + PENALTY / 2 * (weights**2).sum()), slope.ravel()

    start = np.zeros(known.shape[1] * 5)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 150})
    return Learned(centre, scale, found.x.reshape(-1, 5))


def learn_tone(numbers: Floats, tones: Floats, penalty: float = 3.0) -> Learned:
    """Fit a ridge regression: numbers (rows, columns), tones (rows,)."""
    centre, scale = numbers.mean(axis=0), numbers.std(axis=0) + 1e-6
    known = _with_one((numbers - centre) / scale)
    ridge = penalty * np.eye(known.shape[1])
    ridge[-1, -1] = 0
    weights = np.linalg.solve(known.T @ known + ridge, known.T @ tones)
    return Learned(centre, scale, weights.astype(np.float64))


# --- How much is guessed right ----------------------------------------------------------------


@dataclass(frozen=True)
class Success:
    """Shares of the person's single ratings that are guessed right, and R2 of the mean rating."""

    chance: float  # the most frequent level of the whole organization before
    half_levels: float
    composites: float
    distributions: float
    together: float  # half levels and distributions
    learned: float
    tone: float
    error: float  # standard error of the best share

    @property
    def best(self) -> float:
        return max(
            self.half_levels,
            self.composites,
            self.distributions,
            self.together,
            self.learned,
        )


def attack(scenes: list[Scene]) -> Success:
    """Learn from one half of the scenes, count in the other, and the same the other way round."""
    evidence = [Evidence.of(scene) for scene in scenes]
    known = np.array([scene.ratings for scene in scenes]).astype(np.int64)
    numbers = np.array([one.of_ratings() for one in evidence])
    right = np.empty(known.shape, dtype=bool)
    for learn, test in _halves(len(scenes)):
        learned = learn_levels(_rows(numbers[learn]), known[learn].ravel())
        levels = learned.apply(_rows(numbers[test])).argmax(axis=1) + 1
        right[test] = levels.reshape(known[test].shape) == known[test]
    by_scene = right.mean(axis=(1, 2))
    direct = np.array([one.direct.argmax(axis=-1) + 1 for one in evidence])
    half_levels, composites, distributions, together = (direct == known[:, None]).mean(
        axis=(0, 2, 3)
    )
    return Success(
        chance=float((np.array([one.frequent for one in evidence]) == known).mean()),
        half_levels=float(half_levels),
        composites=float(composites),
        distributions=float(distributions),
        together=float(together),
        learned=float(by_scene.mean()),
        tone=_tone_known(evidence),
        error=float(by_scene.std() / np.sqrt(len(by_scene))),
    )


def _halves(count: int) -> list[tuple[slice, slice]]:
    first, second = slice(0, count // 2), slice(count // 2, None)
    return [(first, second), (second, first)]


def _rows(numbers: Floats) -> Floats:
    return numbers.reshape(-1, numbers.shape[-1])


def _tone_known(evidence: list[Evidence]) -> float:
    """Return R2 of the person's mean rating."""
    numbers = np.array([one.of_tone() for one in evidence])
    tones = np.array([one.scene.ratings.mean(axis=1) for one in evidence])
    left = np.empty(tones.shape)
    for learn, test in _halves(len(evidence)):
        learned = learn_tone(_rows(numbers[learn]), tones[learn].ravel())
        left[test] = tones[test] - learned.apply(_rows(numbers[test])).reshape(tones[test].shape)
    return float(1 - (left**2).mean() / tones.var())
