"""What is stored of a group of fewer than ten, and so what the API and tables show: half levels."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from assessments.models import Scorecard
from assessments.results.storage import DECIMAL_COLUMNS, cell_from_row, cell_to_row
from assessments.scoring.cell import Cell
from assessments.scoring.publish.publish import publish
from assessments.scoring.survey import Survey
from tests.assessments.scoring.surveys import random_survey, survey_of_teams

SURVEYS = {
    "nested": random_survey(1),
    "six teams": survey_of_teams(1, teams=6),
    "twelve teams": survey_of_teams(1, teams=12),
}


def stored(cell: Cell) -> dict[str, Any]:
    """Return every number in points of the row that is stored of a cell."""
    row = cell_to_row(cell, Scorecard(), uuid4())
    numbers: dict[str, Any] = {name: getattr(row, name) for name in DECIMAL_COLUMNS}
    nested = row.detail.get("detail", {})
    numbers |= {name: row.detail.get(name) for name in ("gap", "estimate")}
    numbers |= {f"if_all {at}": limit for at, limit in enumerate(nested.get("if_all") or ())}
    return {name: value for name, value in numbers.items() if value is not None}


@pytest.mark.parametrize("survey", SURVEYS.values(), ids=SURVEYS)
def test_rows_of_coarse_cells_hold_half_levels_and_no_estimate(survey: Survey) -> None:
    cells = [cell for cell in publish(survey).cells if cell.coarse]
    assert {cell.subject_type for cell in cells} >= {"capability", "value", "stage"}
    for cell in cells:
        numbers = stored(cell)
        assert "estimate" not in numbers and "score" in numbers
        assert {name: value for name, value in numbers.items() if value * 2 % 1} == {}


def test_a_row_is_the_cell_again() -> None:
    cell = next(cell for cell in publish(SURVEYS["six teams"]).cells if cell.coarse)
    row = cell_to_row(cell, Scorecard(), node := uuid4())
    values = {name: getattr(row, name) for name in ("node_id", "detail", *DECIMAL_COLUMNS)}
    columns = (
        "subject_type",
        "subject",
        "kind",
        "suppressed",
        "n",
        "invited",
        "level",
        "state",
        "fit",
    )
    again = cell_from_row(values | {name: getattr(row, name) for name in columns})
    assert (again.node, again.score, again.coarse) == (str(node), cell.score, True)
