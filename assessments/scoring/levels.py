"""Levels of scores (method 5): rounded from the shown score, borderline where the lower limit misses
the cut, and of a composite at most one above its weakest part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.cell import State
from assessments.scoring.survey import Bools, Floats, Ints


def half_up(values: Floats, places: int) -> Floats:
    """Round to `places` decimals, halves up. The 1e-9 lifts halves that are a little less in binary."""
    rounded: Floats = np.floor(10**places * values + 0.5 + 1e-9) / 10**places
    return rounded


def shown_score(score: Floats) -> Floats:
    """Round to one decimal, halves up: 2.45 is shown as 2.5."""
    return half_up(score, 1)


def level_of(score: Floats) -> Floats:
    """Return the levels 1 to 5 of scores on the same scale; NaN stays NaN."""
    levels: Floats = np.clip(np.floor(shown_score(score) + 0.5 + 1e-9), 1, 5)
    return levels


@dataclass(frozen=True, eq=False)
class Levels:
    """Arrays (nodes, subjects); 0 where there is no score."""

    level: Ints
    free: Ints  # the level before the weakest part caps it
    borderline: Bools
    holder: Ints  # column of the part that caps the level, -1 without

    def state(self, index: tuple[int, int]) -> State:
        if self.holder[index] >= 0:
            return "held"
        return "borderline" if self.borderline[index] else "reached"


def levels(score: Floats, low: Floats, high: Floats, parts: Bools, names: list[str]) -> Levels:
    """Return the levels of scores and limits (nodes, subjects).

    `parts` (nodes, subjects, subjects): which shown subjects each composite (last axis) is made of;
    nothing is held without parts. `names` decide ties between equally weak parts.
    """
    free = np.nan_to_num(level_of(score)).astype(np.int64)
    ceiling, weakest = _find_ceilings(np.nan_to_num(level_of(high), nan=9), parts, names)
    held = (free > ceiling) & (free > 0)
    level = np.where(held, ceiling, free)
    return Levels(
        level=level,
        free=free,
        borderline=~held & ~(low >= level - 0.5 - 1e-9),
        holder=np.where(held, weakest, -1),
    )


def _find_ceilings(highest: Floats, parts: Bools, names: list[str]) -> tuple[Ints, Ints]:
    """Return one above the level of the weakest part, and that part's column; both (nodes,
    subjects)."""
    order = sorted(range(len(names)), key=lambda column: names[column].encode())
    reached = np.where(parts[:, order], highest[:, order, None], 9)
    first = reached.argmin(axis=1)  # of equals the first by name
    ceiling = reached.min(axis=1).astype(np.int64) + 1
    return ceiling, np.array(order)[first]
