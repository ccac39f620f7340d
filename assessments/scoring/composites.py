"""Values and the whole: weighted means of what is shown, or nothing (method 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.cell import MIN_WEIGHT_SHARE
from assessments.scoring.survey import Bools, Floats, Ints, Survey


@dataclass(frozen=True, eq=False)
class Composites:
    """The values in the rubric's order, then the whole; arrays (nodes, composites)."""

    weights: Floats  # lambda: (nodes, capabilities, composites)
    score: Floats  # NaN where too little weight is shown
    based_on: Ints  # capabilities with weight that are shown

    def of_all(self, parts: Bools) -> Bools:
        """What holds of every capability (nodes, capabilities) that a composite rests on."""
        rests = self.weights > 0
        whole = (parts[:, :, None] | ~rests).all(axis=1) & rests.any(axis=1)
        return np.asarray(whole, dtype=bool)

    def from_only_part(self, values: Floats) -> Floats:
        """Of values (nodes, capabilities + composites) the composites', with the capability's where
        one rests on it alone: (nodes, composites)."""
        only = np.take_along_axis(values, self.weights.argmax(axis=1), axis=1)
        return np.where(self.based_on == 1, only, values[:, self.weights.shape[1] :])


def composites(survey: Survey, asked: Bools, shown: Bools, score: Floats) -> Composites:
    """From shown capability scores (nodes, capabilities) to values and the whole. `asked`, of the
    same shape: what was never asked is not missing."""
    belongs, capability_weight, value_weight = _rubric(survey)
    weight = shown[:, :, None] * belongs[None] * capability_weight[None, :, None]
    held = weight.sum(axis=1)
    full = (asked * capability_weight) @ belongs
    enough = (held >= MIN_WEIGHT_SHARE * full) & (held > 0)
    within = np.where(enough[:, None], weight / np.where(held > 0, held, 1)[:, None], 0)
    value_held = (enough * value_weight).sum(axis=1)
    value_full = ((full > 0) * value_weight).sum(axis=1)
    whole = (value_held >= MIN_WEIGHT_SHARE * value_full) & (value_held > 0)
    across = np.where(whole[:, None], enough * value_weight, 0)
    across = across / np.where(value_held > 0, value_held, 1)[:, None]
    overall = (within * across[:, None]).sum(axis=2, keepdims=True)
    weights = np.concatenate([within, overall], axis=2)
    sums = (weights * np.nan_to_num(score)[:, :, None]).sum(axis=1)
    there = np.concatenate([enough, whole[:, None]], axis=1)
    found = np.where(there, sums, np.nan)
    return Composites(weights, found, (weights > 0).sum(axis=1))


def _rubric(survey: Survey) -> tuple[Floats, Floats, Floats]:
    places = {dimension.id: place for place, dimension in enumerate(survey.dimensions)}
    belongs = np.zeros((len(survey.capabilities), len(survey.dimensions)))
    for row, capability in enumerate(survey.capabilities):
        belongs[row, places[capability.dimension]] = 1
    capability_weight = np.array([capability.weight for capability in survey.capabilities])
    return belongs, capability_weight, np.array([one.weight for one in survey.dimensions])
