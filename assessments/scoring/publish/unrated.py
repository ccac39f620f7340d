"""Shares of those who were asked and gave no rating, as they are published."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from statistics import fmean

import numpy as np

from assessments.scoring.cell import UnratedShares
from assessments.scoring.cycle_scores import KindScores
from assessments.scoring.survey import Bools

Shares = list[UnratedShares | None]


def unrated_shares(
    scored: KindScores, detailed: Bools, parts: Sequence[Sequence[int]]
) -> list[Shares]:
    """Return who had not seen the work and to whom it does not apply, by node and column, where the node is
    `detailed` (nodes, capabilities); of a composite the means over its `parts` for which this holds."""
    count = detailed.shape[1]
    unrated, unseen = scored.blocks.unrated_below, scored.blocks.not_seen_below
    asked = np.where(detailed, scored.n[:, :count] + unrated, np.nan)
    rows = zip((unseen / asked).tolist(), ((unrated - unseen) / asked).tolist(), strict=True)
    of_capabilities = [
        [_rounded(*shares) for shares in zip(*of_kinds, strict=True)] for of_kinds in rows
    ]
    return [
        [*shares, *(_mean([shares[part] for part in inside]) for inside in parts[count:])]
        for shares in of_capabilities
    ]


def _rounded(not_seen: float, not_applicable: float) -> UnratedShares | None:
    return (
        None
        if isnan(not_seen)
        else UnratedShares(not_seen=round(not_seen, 2), not_applicable=round(not_applicable, 2))
    )


def _mean(parts: Sequence[UnratedShares | None]) -> UnratedShares | None:
    known = [part for part in parts if part]
    return (
        UnratedShares(
            not_seen=round(fmean([part.not_seen for part in known]), 4),
            not_applicable=round(fmean([part.not_applicable for part in known]), 4),
        )
        if known
        else None
    )
