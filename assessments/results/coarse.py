"""Make published cells of small groups coarse, from what is published alone: for cycles whose answers are
not all there any more, so that they cannot be computed by a method that publishes less of few answers.
"""

from __future__ import annotations

from dataclasses import replace
from math import floor

from assessments.scoring.cell import (
    MIN_PARTS_FOR_TENTHS,
    NO_DETAIL,
    Agreement,
    Cell,
    CellDetail,
    LeaderRating,
    Priority,
    State,
)

MAX_GAP = 4.0  # from level 1 to need 5


def make_coarse(cell: Cell) -> Cell:
    """Return the cell in half levels, without what would tell more of the few answers it rests on."""
    is_single = cell.subject_type == "capability"
    if cell.score is None or not (is_single or cell.based_on < MIN_PARTS_FOR_TENTHS):
        return cell
    score, need = half(cell.score), _optional_half(cell.need)
    gap = None if need is None else round(score - need, 1)
    low, high = _optional_half(cell.low), _optional_half(cell.high)
    level, state = _level(cell, score, low)
    return replace(
        cell,
        score=score,
        estimate=None,
        coarse=True,
        low=low,
        high=high,
        level=level,
        state=state,
        need=need,
        gap=gap,
        fits=None if cell.fits is None else cell.fits or gap == 0,
        fit=_fit(gap) if is_single and cell.fit is not None else None,
        fit_low=None,
        fit_high=None,
        detail=_coarse_detail(cell.detail, score),
    )


def half(value: float) -> float:
    """Round to half levels, halves up."""
    return floor(2 * value + 0.5 + 1e-9) / 2


def _optional_half(value: float | None) -> float | None:
    return None if value is None else half(value)


def _level(cell: Cell, score: float, low: float | None) -> tuple[int | None, State | None]:
    """Return the level of the coarse score and its state. What holds a composite back stays."""
    if cell.level is None or cell.state == "held":
        return cell.level, cell.state
    level = min(5, max(1, floor(score + 0.5)))
    if low is None:
        return level, cell.state
    return level, "reached" if low >= level - 0.5 else "borderline"


def _fit(gap: float | None) -> int | None:
    """Return the fit of a capability as whole per cent."""
    return None if gap is None else floor(100 * (1 - abs(gap) / MAX_GAP) + 0.5 + 1e-9)


def _coarse_detail(detail: CellDetail, score: float) -> CellDetail:
    """Return the word of agreement without numbers, the suggestion without a rank, and leaders beside the
    coarse score; no change, no shares without a rating, nothing about those who did not answer."""
    return replace(
        NO_DETAIL,
        agreement=detail.agreement and Agreement(detail.agreement.word),
        priority=detail.priority and _coarse_priority(detail.priority),
        leader=detail.leader and _coarse_leader(detail.leader, score),
        leaders=detail.leaders and _coarse_leader(detail.leaders, score),
        not_covered=detail.not_covered,
        headcount_missing=detail.headcount_missing,
    )


def _coarse_priority(priority: Priority) -> Priority:
    """Return the suggestion alone: a value and a rank would tell more than half levels."""
    return replace(priority, value=None, rank=None, group="no_clear_order", stability="")


def _coarse_leader(rating: LeaderRating, score: float) -> LeaderRating:
    return replace(rating, gap=round(rating.level - score, 1))
