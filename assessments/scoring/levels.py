"""From a score to a level (method 5): rounded as shown, borderline where the interval says so, and
never more than one above the weakest part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assessments.scoring.survey import Floats


def shown(score: Floats) -> Floats:
    """One decimal, halves up: 2.45 is shown as 2.5."""
    rounded: Floats = np.floor(10 * score + 0.5 + 1e-9) / 10
    return rounded


def level_of(score: Floats) -> Floats:
    """1 to 5 of scores on the same scale; NaN stays NaN."""
    levels: Floats = np.clip(np.floor(shown(score) + 0.5 + 1e-9), 1, 5)
    return levels


@dataclass(frozen=True, slots=True)
class Level:
    level: int
    state: Literal["reached", "borderline", "held"]
    held_by: str = ""


def simple(score: float, low: float) -> Level:
    """Of one capability."""
    level = int(level_of(np.array(score)))
    return Level(level, "reached" if low >= level - 0.5 else "borderline")


def composite(
    score: float, low: float, parts: Sequence[tuple[str, float]], rule: str = "held"
) -> Level:
    """`parts` are (id, upper limit) of what the composite is made of and shows."""
    free = simple(score, low)
    if rule != "held" or not parts:
        return free
    weakest, ceiling = min(
        ((int(level_of(np.array(high))) + 1, id_) for id_, high in parts),
        key=lambda part: (part[0], part[1].encode()),
    )[::-1]
    return Level(ceiling, "held", weakest) if free.level > ceiling else free
