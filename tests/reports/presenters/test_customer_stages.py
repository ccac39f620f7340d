"""The grid of customer value by stage: as published, and silent where nothing is."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from assessments.scoring.cell import Cell
from reports.presenters.customer_stages import StageCell, StageTable, stage_table
from tests.reports.published_cells import COLLABORATION, NOW, cell, cycle, evidence

FIRST, SECOND = (
    "needs-insight",
    "segmentation-targeting",
)  # exchange value, before there is intent to buy
CORNER = "exchange/attract"


def grid(*cells: Cell, language: str = "en", **fields: Any) -> StageTable:
    with translation.override(language):
        found = stage_table(evidence(*cells, language=language, **fields), str)
    assert found
    return found


def corner(*cells: Cell) -> StageCell:
    """Exchange value at the stage of attracting."""
    return grid(*cells).rows[0].cells[0]


def item(slug: str, score: float, **fields: Any) -> Cell:
    return cell(NOW.root, "capability", slug, score, **fields)


def test_three_kinds_of_value_stand_at_three_stages_two_capabilities_each() -> None:
    found = grid()
    assert [name for name, _meaning in found.columns] == ["Attract", "Acquire", "Retain"]
    assert [line.name for line in found.rows] == [
        "Exchange value",
        "Experience value",
        "Engagement value",
    ]
    assert [len(one.capabilities) for line in found.rows for one in line.cells] == [2] * 9
    assert [name for name, _meaning in grid(language="ko").columns] == ["유치", "획득", "유지"]


def test_a_rubric_without_stages_has_no_grid() -> None:
    assert stage_table(evidence(cycles=(cycle("Autumn", COLLABORATION),)), str) is None


def test_a_field_stands_with_its_capabilities() -> None:
    stage = cell(NOW.root, "stage", CORNER, 2.8, need=3.8, based_on=2, asked_capabilities=2)
    found = corner(stage, item(FIRST, 2.4), item(SECOND, 3.1))
    assert (found.score, found.gap, found.basis) == ("2.8", "1.0 below", "2 of 2 capabilities")
    assert (found.step, found.hidden) == ("b3", False)
    assert [(one.name, one.score) for one in found.capabilities] == [
        ("Customer needs insight", "2.4"),
        ("Segmentation & targeting", "3.1"),
    ]


@pytest.mark.parametrize(
    ("reason", "score", "hidden"),
    [
        ("below_threshold", "not enough responses", True),
        ("not_enough_weight", "too few parts to show", True),
        ("not_asked", "not asked", False),
    ],
)
def test_a_field_without_a_number_says_why(reason: Any, score: str, hidden: bool) -> None:
    found = corner(Cell(str(NOW.root), "stage", CORNER, "performance", suppressed=reason))
    assert (found.score, found.hidden, found.basis) == (score, hidden, "")


def test_the_finding_names_the_field_furthest_below_its_need() -> None:
    below = cell(NOW.root, "stage", CORNER, 2.0, need=4.0)
    other = cell(NOW.root, "stage", "experience/retain", 3.0, need=3.5)
    found = grid(below, other).heading
    assert found == "Largest gap: Exchange value, Attract (2.0 below)."
    assert grid(below, other, language="ko").heading == "가장 부족한 곳: 교환 가치, 유치 (2.0 부족)"
    assert grid().heading == ""
