"""The grid of customer value by stage: worked out from printed levels, and silent where they are."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from assessments.scoring.cell import Cell
from reports.presenters.customer_stages import StageCell, StageTable, stage_table
from tests.reports.published_cells import COLLABORATION, NOW, RUBRIC, cell, cycle, evidence

FIRST, SECOND = (
    "needs-insight",
    "segmentation-targeting",
)  # exchange value, before there is intent to buy


def grid(*cells: Cell, language: str = "en", **fields: Any) -> StageTable:
    with translation.override(language):
        found = stage_table(evidence(*cells, language=language, **fields), str)
    assert found
    return found


def corner(*cells: Cell) -> StageCell:
    """Exchange value at the stage of attracting."""
    return grid(*cells).lines[0].cells[0]


def item(slug: str, score: float, **fields: Any) -> Cell:
    return cell(NOW.root, "capability", slug, score, **fields)


def without(slug: str, reason: Any) -> Cell:
    return Cell(str(NOW.root), "capability", slug, "performance", suppressed=reason)


def test_three_kinds_of_value_stand_at_three_stages_two_capabilities_each() -> None:
    found = grid()
    assert [name for name, _meaning in found.columns] == ["Attract", "Acquire", "Retain"]
    assert [line.name for line in found.lines] == [
        "Exchange value",
        "Experience value",
        "Engagement value",
    ]
    assert [len(one.inside) for line in found.lines for one in line.cells] == [2] * 9
    assert [name for name, _meaning in grid(language="ko").columns] == ["유치", "획득", "유지"]


def test_a_rubric_without_stages_has_no_grid() -> None:
    assert stage_table(evidence(cycles=(cycle("Autumn", COLLABORATION),)), str) is None


def test_a_field_is_the_mean_of_its_printed_levels() -> None:
    found = corner(item(FIRST, 2.4, need=4.0), item(SECOND, 3.1, need=3.5))
    assert (found.score, found.gap, found.hidden) == ("2.8", "1.0 short", False)
    assert [(one.name, one.score) for one in found.inside] == [
        ("Customer needs insight", "2.4"),
        ("Segmentation & targeting", "3.1"),
    ]


@pytest.mark.parametrize(
    ("second", "score", "hidden"),
    [
        (without(SECOND, "below_threshold"), "too few parts to show", True),
        (without(SECOND, "not_asked"), "4.8", False),
        (item(SECOND, 1.2, bound="at_most"), "at most 3.0", False),
    ],
)
def test_a_field_says_no_more_than_its_capabilities_may(
    second: Cell, score: str, hidden: bool
) -> None:
    found = corner(item(FIRST, 4.8), second)
    assert (found.score, found.hidden) == (score, hidden)


def test_bounds_that_pull_both_ways_leave_no_number() -> None:
    found = corner(item(FIRST, 4.8, bound="at_least"), item(SECOND, 1.2, bound="at_most"))
    assert (found.score, found.gap) == ("too few parts to show", "")


def test_a_level_of_at_least_falls_short_by_at_most() -> None:
    found = corner(item(FIRST, 4.4, need=5.0, bound="at_least"), item(SECOND, 4.0, need=5.0))
    assert (found.score, found.gap) == ("at least 4.2", "at most 0.8 short")


def test_what_was_not_asked_is_empty_and_not_hatched() -> None:
    found = corner(without(FIRST, "not_asked"), without(SECOND, "not_asked"))
    assert (found.score, found.hidden) == ("not asked", False)


def test_where_nothing_may_be_shown_the_field_says_why() -> None:
    found = corner(without(FIRST, "below_threshold"), without(SECOND, "below_threshold"))
    assert (found.score, found.hidden, found.honest) == ("not enough answers", True, "")


def test_a_field_says_how_many_of_its_capabilities_it_rests_on() -> None:
    assert corner(item(FIRST, 4.0), item(SECOND, 3.0)).honest == "2 of 2 capabilities"
    assert corner(item(FIRST, 4.0), without(SECOND, "not_asked")).honest == "1 of 1 capability"


def weighing(first: float, second: float, *cells: Cell) -> StageCell:
    """The same field where the rubric weighs its two capabilities like this."""
    weights = {FIRST: first, SECOND: second}
    exchange = RUBRIC.dimensions[0]
    inside = tuple(
        one.model_copy(update={"weight": weights.get(one.slug, one.weight)})
        for one in exchange.capabilities
    )
    heavier = exchange.model_copy(update={"capabilities": inside})
    rubric = RUBRIC.model_copy(update={"dimensions": (heavier, *RUBRIC.dimensions[1:])})
    return grid(*cells, cycles=(cycle("Autumn", rubric),)).lines[0].cells[0]


def test_capabilities_without_weight_make_no_field_and_change_none() -> None:
    both = (item(FIRST, 4.0), item(SECOND, 1.1, bound="at_most"))
    assert weighing(0, 0, *both).score == "too few parts to show"
    found = weighing(1, 0, *both)
    assert (found.score, found.honest) == ("4.0", "1 of 2 capabilities")


def test_two_thirds_of_the_weight_are_enough() -> None:
    assert weighing(0.2, 0.1, item(FIRST, 4.0), without(SECOND, "below_threshold")).score == "4.0"


def test_the_finding_names_the_field_furthest_below_its_need() -> None:
    below = (item(FIRST, 2.0, need=4.0), item(SECOND, 2.0, need=4.0))
    assert grid(*below).finding == "Furthest below the need: Exchange value, Attract (2.0 short)."
    assert (
        grid(*below, language="ko").finding
        == "필요 수준에서 가장 먼 곳: 교환 가치, 유치 (2.0 부족)."
    )
    assert grid().finding == ""
