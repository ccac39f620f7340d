"""Need and gap of a published cell: from printed numbers, so that anyone can subtract them again."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np

from assessments.scoring.fit import Fit
from assessments.scoring.rounding import print_values
from assessments.scoring.survey import Floats


def capability_need(fit: Fit, at: tuple[int, int]) -> dict[str, Any]:
    """Return need and gap of a capability; empty where either is not shown."""
    if isnan(fit.gap[at]):
        return {}
    return {
        "need": float(fit.need[at]),
        "need_source": "target" if fit.from_target[at] else "importance",
        "gap": float(fit.gap[at]),
        "fits": bool(fit.fits[at]),
    }


def composite_need(
    fit: Fit, node: int, weights: Floats, score: float, *, coarse: bool
) -> dict[str, Any]:
    """Return need and gap of a composite: the weighted mean of the printed needs of what it shows; empty
    where one of them is not known. `weights`: (capabilities,); `score` as printed."""
    used = weights > 0
    needs = fit.need[node][used]
    if not used.any() or np.isnan(needs).any():
        return {}
    need = float(print_values((weights[used] * needs).sum(), np.array(coarse)))
    return {
        "need": need,
        "need_source": "target" if fit.from_target[node][used].all() else "importance",
        "gap": round(score - need, 1),
    }
