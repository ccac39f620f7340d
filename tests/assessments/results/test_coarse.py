"""What little is left of a cell that rests on few answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assessments.results.coarse import half, make_coarse
from assessments.scoring.cell import (
    Agreement,
    Cell,
    CellDetail,
    Change,
    LeaderRating,
    NonResponse,
    Priority,
    UnratedShares,
)

FINE = Cell(
    node="0",
    subject_type="capability",
    subject="growth-agenda",
    kind="performance",
    score=3.3,
    low=2.7,
    high=3.9,
    n=8,
    invited=9,
    level=3,
    state="borderline",
    need=4.2,
    need_source="importance",
    gap=-0.9,
    fits=False,
    fit=78,
    fit_low=70,
    fit_high=86,
    based_on=1,
    detail=CellDetail(
        agreement=Agreement("weak", 0.4, 0.9, (1, 2, 2, 2, 1), is_split=True),
        unrated=UnratedShares(0.1, 0.2),
        change=Change("up", before=2.9, size=0.4),
        priority=Priority(
            54, "develop", is_clear=True, importance_line=3.8, rank=2, stability="firm"
        ),
        leader=LeaderRating(level=4.0, gap=0.7, flag="higher"),
        non_response=NonResponse(11, 0.1, (3.0, 3.5)),
        not_covered=2,
    ),
)


@pytest.mark.parametrize(
    ("value", "expected"), [(3.2, 3.0), (3.3, 3.5), (3.7, 3.5), (3.8, 4.0), (3.25, 3.5), (5.0, 5.0)]
)
def test_halves_are_rounded_up(value: float, expected: float) -> None:
    assert half(value) == expected


def test_a_cell_keeps_half_levels_and_words() -> None:
    assert make_coarse(FINE) == replace(
        FINE,
        score=3.5,
        coarse=True,
        low=2.5,
        high=4.0,
        level=4,
        need=4.0,
        gap=-0.5,
        fit=88,
        fit_low=None,
        fit_high=None,
        detail=CellDetail(
            agreement=Agreement("weak"),
            priority=Priority(
                None, "develop", is_clear=True, importance_line=3.8, group="no_clear_order"
            ),
            leader=LeaderRating(level=4.0, gap=0.5, flag="higher"),
            not_covered=2,
        ),
    )


def test_equal_halves_fit() -> None:
    assert make_coarse(replace(FINE, need=3.6)).fits is True


@pytest.mark.parametrize("subject_type", ["value", "stage", "overall"])
def test_a_composite_is_coarse_only_where_it_rests_on_few_capabilities(subject_type: str) -> None:
    composite = replace(FINE, subject_type=subject_type, based_on=6)  # type: ignore[arg-type]  # one of them
    assert make_coarse(composite) == composite
    coarse = make_coarse(replace(composite, based_on=5))
    assert (coarse.score, coarse.fit) == (3.5, None)


def test_what_holds_a_composite_back_stays() -> None:
    held = replace(FINE, subject_type="value", based_on=3, level=2, state="held", held_by="x")
    coarse = make_coarse(held)
    assert (coarse.level, coarse.state, coarse.held_by) == (2, "held", "x")


def test_a_hidden_cell_and_a_coarse_one_stay_as_they_are() -> None:
    hidden = Cell("0", "capability", "x", "importance", suppressed="below_threshold")
    assert make_coarse(hidden) == hidden
    assert make_coarse(make_coarse(FINE)) == make_coarse(FINE)
