"""From a score to a level (method 5): rounded as shown, borderline where the interval says so, and
never more than one above the weakest part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.cell import State
from assessments.scoring.survey import Bools, Floats, Ints


def half_up(values: Floats, places: int) -> Floats:
    """As everything on a scale is rounded, whatever a half has become in binary."""
    rounded: Floats = np.floor(10**places * values + 0.5 + 1e-9) / 10**places
    return rounded


def shown_score(score: Floats) -> Floats:
    """One decimal, halves up: 2.45 is shown as 2.5."""
    return half_up(score, 1)


def level_of(score: Floats) -> Floats:
    """1 to 5 of scores on the same scale; NaN stays NaN."""
    levels: Floats = np.clip(np.floor(shown_score(score) + 0.5 + 1e-9), 1, 5)
    return levels


@dataclass(frozen=True, eq=False)
class Levels:
    """Arrays (nodes, subjects); 0 where there is no score."""

    level: Ints
    free: Ints  # the level without regard to the weakest part
    borderline: Bools
    holder: Ints  # the part that holds the level down, -1 without

    def state(self, place: tuple[int, int]) -> State:
        if self.holder[place] >= 0:
            return "held"
        return "borderline" if self.borderline[place] else "reached"


def levels(score: Floats, low: Floats, high: Floats, parts: Bools, names: list[str]) -> Levels:
    """`parts` (nodes, subjects, subjects): which shown subjects a composite is made of; nothing is
    held without parts. `names` decide between equally weak ones."""
    free = np.nan_to_num(level_of(score)).astype(np.int64)
    ceiling, weakest = _ceilings(np.nan_to_num(level_of(high), nan=9), parts, names)
    held = (free > ceiling) & (free > 0)
    level = np.where(held, ceiling, free)
    return Levels(
        level=level,
        free=free,
        borderline=~held & ~(low >= level - 0.5 - 1e-9),
        holder=np.where(held, weakest, -1),
    )


def _ceilings(highest: Floats, parts: Bools, names: list[str]) -> tuple[Ints, Ints]:
    """One above the weakest part, and which part that is."""
    order = sorted(range(len(names)), key=lambda place: names[place].encode())
    reached = np.where(parts[:, order], highest[:, order, None], 9)
    first = reached.argmin(axis=1)  # of equals the first by name
    ceiling = reached.min(axis=1).astype(np.int64) + 1
    return ceiling, np.array(order)[first]
