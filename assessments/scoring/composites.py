"""Composites, that is values, their parts by stage of the customer, and the whole: weighted means of what
is shown, or nothing (method 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from assessments.scoring.cell import MIN_WEIGHT_SHARE, Suppressed
from assessments.scoring.survey import Bools, Floats, Ints, Survey


@dataclass(frozen=True, eq=False)
class Composites:
    """The values in the rubric's order, then the whole; or the stages. Arrays (nodes, composites)."""

    weights: Floats  # lambda: (nodes, capabilities, composites); 0 where nothing is shown
    score: Floats  # NaN where too little weight is shown
    based_on: Ints  # capabilities with weight that are shown

    def of_all(self, parts: Bools) -> Bools:
        """Return where `parts` (nodes, capabilities) holds of every capability that a composite rests
        on: (nodes, composites); False where it rests on none."""
        is_part = self.weights > 0
        holds = (parts[:, :, None] | ~is_part).all(axis=1) & is_part.any(axis=1)
        return np.asarray(holds, dtype=bool)

    def with_only_parts(self, values: Floats) -> Floats:
        """Return values (nodes, capabilities + composites) with the capability's own value where a
        composite rests on it alone."""
        count = self.weights.shape[1]
        only = np.take_along_axis(values, self.weights.argmax(axis=1), axis=1)
        composite = np.where(self.based_on == 1, only, values[:, count:])
        return np.hstack([values[:, :count], composite])


def composites(survey: Survey, asked: Bools, shown: Bools, score: Floats) -> Composites:
    """Compute values and the whole from capability scores (nodes, capabilities) that are `shown`.
    Weight that was not `asked` is not missing. A composite needs two thirds of the asked weight."""
    belongs, capability_weight, value_weight = _rubric_weights(survey)
    value_shares = _shares_of_groups(belongs, capability_weight, asked, shown)
    enough = value_shares.sum(axis=1) > 0
    asked_weight = (asked * capability_weight) @ belongs
    shown_value_weight = (enough * value_weight).sum(axis=1)
    asked_value_weight = ((asked_weight > 0) * value_weight).sum(axis=1)
    enough_overall = (shown_value_weight >= MIN_WEIGHT_SHARE * asked_value_weight) & (
        shown_value_weight > 0
    )
    overall_shares = np.where(enough_overall[:, None], enough * value_weight, 0)
    overall_shares = (
        overall_shares / np.where(shown_value_weight > 0, shown_value_weight, 1)[:, None]
    )
    overall = (value_shares * overall_shares[:, None]).sum(axis=2, keepdims=True)
    known = np.concatenate([enough, enough_overall[:, None]], axis=1)
    return _weighted(np.concatenate([value_shares, overall], axis=2), known, score)


def stage_composites(survey: Survey, asked: Bools, shown: Bools, score: Floats) -> Composites:
    """Compute each value at each stage of the customer, as in `Survey.stage_parts`, by the rule of values."""
    groups = survey.stage_parts.values()
    belongs = np.zeros((len(survey.capabilities), len(groups)))
    for group, columns in enumerate(groups):
        belongs[columns, group] = 1
    weight = np.array([capability.weight for capability in survey.capabilities])
    shares = _shares_of_groups(belongs, weight, asked, shown)
    return _weighted(shares, shares.sum(axis=1) > 0, score)


def suppression_reason(score: float, asked: Sequence[int], shown: Bools) -> Suppressed | None:
    """Return why a composite or a capability shows no score at a node; None where it shows one. `asked`: the
    columns of its capabilities that were asked. `shown`: (capabilities,) at the node."""
    if not asked:
        return "not_asked"
    if not isnan(score):
        return None
    return "not_enough_weight" if shown[list(asked)].any() else "below_threshold"


def _shares_of_groups(belongs: Floats, weight: Floats, asked: Bools, shown: Bools) -> Floats:
    """Return each capability's share of each group (nodes, capabilities, groups); 0 throughout where less
    than two thirds of the group's asked weight is shown. `belongs`: (capabilities, groups), 0 or 1."""
    shown_weights = shown[:, :, None] * belongs[None] * weight[None, :, None]
    total = shown_weights.sum(axis=1)
    enough = (total >= MIN_WEIGHT_SHARE * ((asked * weight) @ belongs)) & (total > 0)
    return np.where(enough[:, None], shown_weights / np.where(total > 0, total, 1)[:, None], 0)


def _weighted(weights: Floats, known: Bools, score: Floats) -> Composites:
    """Return the weighted means where they are `known`: (nodes, composites)."""
    sums = (weights * np.nan_to_num(score)[:, :, None]).sum(axis=1)
    return Composites(weights, np.where(known, sums, np.nan), (weights > 0).sum(axis=1))


def _rubric_weights(survey: Survey) -> tuple[Floats, Floats, Floats]:
    """Return which capability belongs to which value (capabilities, values; 0 or 1), the weights of
    capabilities, and those of values."""
    columns = {value.id: column for column, value in enumerate(survey.dimensions)}
    belongs = np.zeros((len(survey.capabilities), len(survey.dimensions)))
    for row, capability in enumerate(survey.capabilities):
        belongs[row, columns[capability.dimension]] = 1
    capability_weight = np.array([capability.weight for capability in survey.capabilities])
    return (
        belongs,
        capability_weight,
        np.array([dimension.weight for dimension in survey.dimensions]),
    )
