"""Make published cells of small groups coarse, from what is published alone: for cycles whose answers are
not all there any more, so that they cannot be computed by a method that publishes less of few answers.
"""

from __future__ import annotations

from dataclasses import replace
from math import floor

from assessments.scoring.cell import (
    NO_DETAIL,
    Agreement,
    Bound,
    Cell,
    CellDetail,
    LeaderRating,
    State,
)

FEW_ANSWERS = 10  # below it the cells of a node are coarse
MANY_CAPABILITIES = 6  # a composite of as many keeps its decimal
BOUNDED_SCORES: dict[Bound, float] = {"at_least": 5.0, "at_most": 1.0}
MAX_GAP = 4.0  # from level 1 to need 5


def make_coarse(cell: Cell) -> Cell:
    """Return the cell in half levels, without what would tell more of the few answers it rests on."""
    is_single = cell.subject_type == "capability"
    if cell.score is None or not (is_single or cell.based_on < MANY_CAPABILITIES):
        return cell
    score = _coarse_score(cell.score, cell.bound)
    need = None if cell.need is None else _coarse_score(cell.need, cell.need_bound)
    gap = None if need is None else round(score - need, 1)
    low, high = _optional_half(cell.low), _optional_half(cell.high)
    level, state = _level(cell, score, low)
    return replace(
        cell,
        score=score,
        bound="",
        low=low,
        high=high,
        level=level,
        state=state,
        need=need,
        need_bound="",
        gap=gap,
        gap_bound="",
        fits=None if cell.fits is None else cell.fits or gap == 0,
        fit=_fit(gap) if is_single and cell.fit is not None else None,
        fit_bound="",
        fit_low=None,
        fit_high=None,
        detail=_coarse_detail(cell.detail, score),
    )


def half(value: float) -> float:
    """Round to half levels, halves up."""
    return floor(2 * value + 0.5 + 1e-9) / 2


def _coarse_score(score: float, bound: Bound) -> float:
    """Return the score in half levels; beyond a bound it is the end of the scale."""
    return BOUNDED_SCORES.get(bound, half(score))


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
    """Return the word of agreement without numbers, the rank without its value, and leaders beside the
    coarse score; no change, no shares without a rating, nothing about those who did not answer."""
    return replace(
        NO_DETAIL,
        agreement=detail.agreement and Agreement(detail.agreement.word),
        priority=detail.priority and replace(detail.priority, value=None, bound="", stability=""),
        leader=detail.leader and _coarse_leader(detail.leader, score),
        leaders=detail.leaders and _coarse_leader(detail.leaders, score),
        not_covered=detail.not_covered,
        headcount_missing=detail.headcount_missing,
    )


def _coarse_leader(rating: LeaderRating, score: float) -> LeaderRating:
    return replace(rating, gap=round(rating.level - score, 1), gap_bound=rating.level_bound)
