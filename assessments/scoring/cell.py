"""The published cell: the only form in which a number may be shown (method 7.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

SubjectType = Literal["overall", "value", "capability"]
Kind = Literal["performance", "importance"]
Suppressed = Literal["below_threshold", "not_asked", "not_enough_weight"]
Bound = Literal["", "at_least", "at_most"]
State = Literal["reached", "borderline", "held"]

MIN_WEIGHT_SHARE = 2 / 3 - 1e-12  # of a composite's weight must be shown (method 3)


@dataclass(frozen=True, slots=True)
class Cell:
    """A score of one node on one subject, or the reason why it is not shown.

    Scores, limits and needs are on the scale 1 to 5 and gaps in its points, with one decimal; fit is
    a whole per cent. None: not shown or not known.
    """

    node: str
    subject_type: SubjectType
    subject: str  # slug; empty for overall
    kind: Kind
    suppressed: Suppressed | None = None
    score: float | None = None
    bound: Bound = ""
    low: float | None = None
    high: float | None = None
    everyone: bool = False  # all invited have answered: the interval is a point
    n: int | None = None  # people who rated
    invited: int | None = None
    level: int | None = None
    state: State | None = None
    held_by: str = ""
    need: float | None = None
    need_source: Literal["importance", "target"] | None = None
    gap: float | None = None  # score - need, from the published numbers
    gap_bound: Bound = ""
    fits: bool | None = None
    fit: int | None = None
    fit_low: int | None = None
    fit_high: int | None = None
    based_on: int = 0  # capabilities that a composite rests on
    asked_capabilities: int = 0
    detail: Mapping[str, Any] = field(default_factory=dict)
