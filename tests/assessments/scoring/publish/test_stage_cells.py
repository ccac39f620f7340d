"""Each value at each stage of the customer: one more composite, hidden and rounded as values are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assessments.scoring.cell import Cell
from assessments.scoring.publish.publish import publish
from assessments.scoring.survey import Survey, SurveyCapability, SurveyDimension, SurveyNode
from tests.assessments.scoring.surveys import random_survey, team

ABSENT = [-1, -1, -1, -1, -1, -1]


def staged(
    columns: list[list[int]], stages: str = "aab", weights: Sequence[float] = (1, 1, 1), **more: Any
) -> Survey:
    """One team and one value, whose capabilities belong to these stages."""
    survey = team(columns, **more)
    capabilities = tuple(
        SurveyCapability(f"C{place}", "V", weight, stage=stage)
        for place, (stage, weight) in enumerate(zip(stages, weights, strict=True))
    )
    return replace(survey, capabilities=capabilities, stages=("a", "b", "c"))


def stages(survey: Survey) -> dict[str, Cell]:
    return {cell.subject: cell for cell in publish(survey).cells if cell.subject_type == "stage"}


def test_a_stage_is_the_weighted_mean_of_its_capabilities() -> None:
    columns = [[2, 2, 3, 3, 3, 3] * 2, [4, 4, 4, 3, 3, 3] * 2, [5, 4, 3, 2, 1, 1] * 2]
    found = stages(staged(columns, weights=(3, 1, 1)))
    assert list(found) == ["V/a", "V/b", "V/c"]
    assert found["V/a"].score == round((3 * 16 / 6 + 21 / 6) / 4, 1)  # 2.875
    assert (found["V/a"].based_on, found["V/a"].asked_capabilities) == (2, 2)
    assert (found["V/b"].score, found["V/b"].based_on) == (2.7, 1)
    assert found["V/c"].suppressed == "not_asked"  # no capability belongs to it


def test_need_and_gap_come_from_printed_numbers() -> None:
    importance = [[4, 4, 4, 4, 4, 3], [3, 3, 3, 3, 3, 4], [4] * 6]
    found = stages(staged([[2] * 6, [3] * 6, [3] * 6], importance=importance))
    assert (found["V/a"].score, found["V/a"].need, found["V/a"].gap) == (2.5, 3.5, -1.0)
    assert found["V/a"].need_source == "importance"


def test_of_fewer_than_ten_a_stage_is_made_of_half_levels() -> None:
    columns = [[2, 2, 3, 3, 3, 3], [4, 4, 4, 3, 3, 3], [5, 4, 3, 2, 1, 1]]  # 2.7, 3.5, 2.7
    found = stages(staged(columns, weights=(3, 1, 1)))
    assert (found["V/a"].score, found["V/a"].coarse) == (3.0, True)  # (3 * 2.5 + 3.5) / 4
    assert (found["V/b"].score, found["V/b"].coarse) == (2.5, True)


def test_a_value_at_its_only_stage_is_the_value() -> None:
    for seed in range(6):
        survey = random_survey(seed)
        alone = tuple(replace(one, stage="early") for one in survey.capabilities)
        cells = publish(replace(survey, capabilities=alone)).cells
        dimension = {one.id: one.dimension for one in alone}
        coarse = {  # where half levels are inside, a stage is made of them
            (cell.node, dimension[cell.subject])
            for cell in cells
            if cell.coarse and cell.subject_type == "capability"
        }
        shown = [
            {
                (cell.node, cell.subject.partition("/")[0]): (
                    cell.score,
                    cell.suppressed,
                    cell.need,
                    cell.gap,
                )
                for cell in cells
                if cell.kind == "performance"
                and cell.subject_type == kind
                and (cell.node, cell.subject.partition("/")[0]) not in coarse
                and "/late" not in cell.subject
            }
            for kind in ("value", "stage")
        ]
        assert shown[0] == shown[1] != {}


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ((1, 1, 1), "not_enough_weight"),  # half of the weight is hidden
        ((2, 1, 1), None),  # two thirds are enough
        ((1, 0, 1), None),  # what has no weight is not missed
        ((0, 0, 1), "not_enough_weight"),
    ],
)
def test_two_thirds_of_the_weight_must_be_shown(
    weights: tuple[float, float, float], reason: str | None
) -> None:
    found = stages(staged([[2, 2, 3, 3, 3, 3], ABSENT, [3] * 6], weights=weights))["V/a"]
    assert found.suppressed == reason
    assert (found.score is None) is (reason is not None)


def test_what_was_not_asked_is_not_missing_and_what_is_hidden_says_so() -> None:
    survey = staged([[2, 2, 3, 3, 3, 3], [3] * 6, ABSENT])
    asked = replace(survey, performance_asked=np.array([True, False, True]))
    found = stages(asked)
    assert (found["V/a"].score, found["V/a"].asked_capabilities) == (2.5, 1)  # in half levels
    assert found["V/b"].suppressed == "below_threshold"
    unasked = replace(survey, performance_asked=np.array([False, False, True]))
    assert stages(unasked)["V/a"].suppressed == "not_asked"


def test_of_few_who_all_but_agree_the_same_is_told() -> None:
    agreed, nearly = (
        stages(staged([[5] * 6, column, [3] * 6])) for column in ([5] * 6, [5] * 5 + [4])
    )
    assert agreed == nearly
    assert (agreed["V/a"].score, agreed["V/a"].coarse) == (5.0, True)


def test_every_node_has_its_stages_and_a_small_one_hides_them() -> None:
    survey = staged([[2] * 9, [3] * 9, [4] * 9])
    nodes = (
        SurveyNode("root", None, 0),
        SurveyNode("large", "root", 6),
        SurveyNode("small", "root", 3),
    )
    placed = replace(survey, nodes=nodes, node_of=("large",) * 6 + ("small",) * 3)
    cells = [cell for cell in publish(placed).cells if cell.subject == "V/b"]
    assert {cell.node: cell.suppressed for cell in cells} == {
        "root": None,
        "large": "below_threshold",
        "small": "below_threshold",
    }


def test_a_value_without_stages_has_no_such_cells() -> None:
    survey = staged([[2] * 6, [3] * 6, [4] * 6])
    plain = SurveyCapability("C3", "plain")
    more = replace(
        survey,
        dimensions=(*survey.dimensions, SurveyDimension("plain")),
        capabilities=(*survey.capabilities, plain),
        performance=np.hstack([survey.performance, survey.performance[:, :1]]),
        importance=np.hstack([survey.importance, survey.importance[:, :1]]),
    )
    assert {subject.partition("/")[0] for subject in stages(more)} == {"V"}
    assert stages(replace(more, stages=())) == {}
