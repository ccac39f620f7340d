"""Counts how far best estimates of small teams are from the truth, beside plain scores (method 2.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.cycle_scores import KindScores, score_survey
from assessments.scoring.levels import level_of
from assessments.scoring.survey import Bools, Floats, Ints
from tests.assessments.scoring.simulated_coverage import holds
from tests.assessments.scoring.simulated_organizations import (
    CAPABILITIES,
    RESPONSE,
    VALUES,
    responding_by_chance,
    typical_world,
)


@dataclass(frozen=True)
class Accuracy:
    """Of the scores that have an estimate."""

    number: int
    plain_error: float  # of the score: root of the mean squared distance from the truth, in points
    error: float  # the same of the estimate
    coverage: float  # share of likely ranges that hold the truth
    plain_wrong_levels: float  # share of scores that round to another level than the truth
    wrong_levels: float  # the same of estimates

    @property
    def gain(self) -> float:
        """How much smaller the error of the estimate is, as a share of the score's."""
        return 1 - self.error / self.plain_error


@dataclass(frozen=True)
class Accuracies:
    """Of organizations with estimates: teams' capabilities, their values, and their wholes."""

    cells: Accuracy
    values: Accuracy
    wholes: Accuracy


def accuracies(seed: int, *, teams: int, icc: tuple[float, float], worlds: int) -> Accuracies:
    """Count in organizations of so many teams of 5 to 12 people, three in four of whom answer. The ICC is
    drawn evenly between two numbers."""
    chance = np.random.default_rng(seed)
    rows = [_distances(chance, teams, float(chance.uniform(*icc))) for _ in range(worlds)]
    cells, values, wholes = (np.concatenate([row[part] for row in rows]) for part in range(3))
    return Accuracies(_accuracy(cells), _accuracy(values), _accuracy(wholes))


def _distances(chance: np.random.Generator, teams: int, icc: float) -> tuple[Floats, ...]:
    """Return rows of score, estimate, truth, and whether the likely range holds it: of capabilities,
    values and wholes of teams, where there is an estimate."""
    there = typical_world(chance, teams, icc)
    answered = responding_by_chance(chance, np.full(there.teams.size, RESPONSE))
    scored = score_survey(there.survey(answered)).performance
    of_values = there.expected.reshape(teams, VALUES, -1).mean(axis=2)
    truth = np.hstack([there.expected, of_values, of_values.mean(axis=1, keepdims=True)])
    truth = np.vstack([np.full(truth.shape[1], np.nan), truth])  # the root has no estimate
    ends = np.split(np.arange(truth.shape[1]), [CAPABILITIES, CAPABILITIES + VALUES])
    return tuple(_rows(scored, truth, columns) for columns in ends)


def _rows(scored: KindScores, truth: Floats, columns: Ints) -> Floats:
    known: Bools = scored.estimates.known & np.isin(np.arange(truth.shape[1]), columns)
    inside = holds(scored.likely, truth)
    return np.column_stack(
        [scored.score[known], scored.estimates.mean[known], truth[known], inside[known]]
    )


def _accuracy(rows: Floats) -> Accuracy:
    score, estimate, truth, inside = rows.T
    if not rows.size:
        return Accuracy(0, *[float("nan")] * 5)
    return Accuracy(
        len(rows),
        _error(score - truth),
        _error(estimate - truth),
        float(np.mean(inside)),
        float(np.mean(level_of(score) != level_of(truth))),
        float(np.mean(level_of(estimate) != level_of(truth))),
    )


def _error(distances: Floats) -> float:
    return float(np.sqrt(np.mean(distances**2)))
