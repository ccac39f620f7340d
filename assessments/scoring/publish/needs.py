"""Need and gap of a published cell: from printed numbers, so that anyone can subtract them again."""

from __future__ import annotations

from typing import Any

import numpy as np

from assessments.scoring.fit import Fit
from assessments.scoring.rounding import BOUNDS, MIXED, round_tenth
from assessments.scoring.survey import Floats


def capability_need(fit: Fit, at: tuple[int, int]) -> dict[str, Any]:
    """Return need and gap of a capability: the difference of two printed numbers and its bound; empty
    where either is not shown."""
    if np.isnan(fit.gap[at]):
        return {}
    bound = int(fit.gap_bound[at])
    return {
        "need": float(fit.need[at]),
        "need_bound": BOUNDS[int(fit.need_bound[at])],
        "need_source": "target" if fit.from_target[at] else "importance",
        "gap": None if bound == MIXED else float(fit.gap[at]),
        "gap_bound": BOUNDS.get(bound, ""),
        "fits": bool(fit.fits[at]),
    }


def composite_need(
    fit: Fit, node: int, weights: Floats, score: float, bound: int
) -> dict[str, Any]:
    """Return need and gap of a composite: the weighted mean of the printed needs of what it shows; empty
    where one of them is not known. `weights`: (capabilities,); `score` and `bound` as printed."""
    used = weights > 0
    needs, bounds = fit.need[node][used], fit.need_bound[node][used]
    if not used.any() or np.isnan(needs).any():
        return {}
    need = float(round_tenth(np.array((weights[used] * needs).sum())))
    directions = {bound, *(-bounds).tolist()} - {0}
    return {
        "need": need,
        "need_source": "target" if fit.from_target[node][used].all() else "importance",
        "gap": None if len(directions) > 1 else round(score - need, 1),
        "gap_bound": BOUNDS[directions.pop()] if len(directions) == 1 else "",
    }
