"""Agreement in words, who does not know the work, and what those who did not answer could change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assessments.scoring.agreement import agreement_word
from assessments.scoring.audit.worked_cases import answer_case
from assessments.scoring.cell import Agreement, Cell, CellDetail, NonResponse, UnratedShares
from assessments.scoring.publish.publish import publish
from assessments.scoring.rounding import round_hundredth
from assessments.scoring.survey import SurveyNode
from tests.assessments.scoring.publish.test_publish import level_cell
from tests.assessments.scoring.surveys import team


def agreement_of(cell: Cell) -> Agreement:
    assert cell.detail.agreement
    return cell.detail.agreement


def test_who_does_not_know_the_work_is_told_from_ten_ratings() -> None:
    ten = [[3] * 5 + [4] * 5 + [-1] * 4 + [0] * 2, [3] * 16]
    cell = level_cell(team(ten))
    assert cell.detail.unrated == UnratedShares(0.25, 0.12)
    assert agreement_of(cell).histogram == (0, 0, 5, 5, 0)
    few = level_cell(team([[3] * 4 + [4] * 5 + [-1] * 4 + [0] * 2, [3] * 15]))
    alone = Agreement(agreement_of(few).word)
    detail = CellDetail(agreement=alone, priority=few.detail.priority, if_all=few.detail.if_all)
    assert few.detail == detail


def test_who_gave_no_rating_of_a_composite_is_the_mean_of_its_parts() -> None:
    known = [3] * 5 + [4] * 5
    survey = team([[*known, -1, -1, 0, 0, 0, 0], [*known, *[3] * 6], [*known[:9], *[-1] * 7]])
    assert level_cell(survey, "V").detail.unrated == UnratedShares(0.06, 0.125)
    assert level_cell(survey, "").detail.unrated == UnratedShares(0.06, 0.125)
    few = team([[3] * 5 + [-1] * 4])
    assert level_cell(few, "V").detail.unrated is None


def test_two_camps_are_called_split() -> None:
    split = agreement_of(level_cell(team([[1] * 4 + [3] * 4 + [5] * 4])))
    assert (split.is_split, split.word) == (True, "lacking")
    assert not agreement_of(level_cell(team([[1] * 3 + [3] * 5 + [5] * 4]))).is_split


def test_of_few_only_two_words_say_whether_they_agree() -> None:
    assert agreement_of(level_cell(team([[3] * 9]))).word == "agree"
    assert agreement_of(level_cell(team([[3] * 5 + [4] * 2 + [2] * 2]))).word == "agree"
    assert agreement_of(level_cell(team([[1] * 4 + [4] * 5]))).word == "opinions differ"
    assert agreement_of(level_cell(team([[3] * 12]))).word == "very strong"
    assert [agreement_word(rwg, 9) for rwg in (0.5, 0.51, 1)] == [
        "opinions differ",
        "agree",
        "agree",
    ]


def test_of_few_a_composite_has_the_same_two_words() -> None:
    assert agreement_of(level_cell(team([[3] * 9, [4] * 9]), "V")).word == "agree"
    apart = level_cell(team([[1, 1, 1, 1, 5, 5, 5, 5, 3]] * 2), "")
    assert agreement_of(apart).word == "opinions differ"


@pytest.mark.parametrize("answers", [[5] * 4, [5, 5, 5, 4], [1] * 4, [1, 1, 2, 1], [5] * 9])
def test_of_few_who_all_but_agree_people_agree(answers: list[int]) -> None:
    published = publish(replace(team([answers] * 3, importance=[answers] * 3), k=4))
    assert {cell.score for cell in published.cells} <= {1, 5}
    assert {agreement_of(cell).word for cell in published.cells} == {"agree"}


@pytest.mark.parametrize(
    ("rwg", "printed", "told"),
    [
        (0.705, 0.71, "strong"),
        (0.7049, 0.7, "moderate"),
        (0.625, 0.63, "moderate"),
        (0.905, 0.91, "very strong"),
        (0.505, 0.51, "moderate"),
        (0.305, 0.31, "weak"),
    ],
)
def test_agreement_is_rounded_and_named_alike(rwg: float, printed: float, told: str) -> None:
    rounded = float(round_hundredth(np.array(rwg)))
    assert (rounded, agreement_word(rounded, 12)) == (printed, told)
    cell = {"score": 3, "ci": [2, 4], "n": 12, "rwg": rwg, "ad": 0.25}
    assert answer_case([cell])[0] == {
        "score": 3.0,
        "bound": None,
        "coarse": False,
        "ci": [2.0, 4.0],
        "rwg": printed,
        "ad": 0.3,
    }


def test_those_who_did_not_answer_could_change_the_whole() -> None:
    cell = level_cell(team([[3] * 5 + [4] * 5], headcount=20), "")
    assert cell.detail.non_response == NonResponse(50, 0.3, (2.3, 4.3))


def test_of_what_was_not_asked_nothing_is_missed() -> None:
    both = team([[3, 4, 3, 4, 3]] * 6)
    half = replace(both, performance_asked=np.array([True] * 3 + [False] * 3))
    whole = level_cell(half, "V")
    assert (whole.suppressed, whole.based_on, whole.asked_capabilities) == (None, 3, 3)
    blank = both.performance.copy()
    blank[:, 3:] = 0
    assert level_cell(replace(both, performance=blank), "V").suppressed == "not_enough_weight"


def test_a_team_from_which_nobody_answered_is_outside_the_estimate() -> None:
    one = team([[3, 4, 3, 2, 3, 4]], headcount=6)
    nodes = (
        SurveyNode("root", None, 0),
        SurveyNode("a", "root", 6),
        SurveyNode("b", "root", 5),
        SurveyNode("b1", "b", 7),
        SurveyNode("c", "root", 8),
    )
    survey = replace(one, nodes=nodes, node_of=("a",) * 6)
    published = publish(survey)
    whole = next(c for c in published.cells if (c.node, c.subject) == ("root", ""))
    assert whole.detail.not_covered == 20
    assert (whole.n, whole.invited, whole.everyone) == (6, 26, False)
    assert whole.detail.if_all == (whole.score, whole.score)  # of teams that answered, all did
    assert published.participation["b1"].n == 0


def test_fit_misses_nothing_that_was_not_asked() -> None:
    both = team([[3, 4, 3, 4, 3] * 2] * 6)
    half = replace(both, importance_asked=np.array([True] * 3 + [False] * 3))
    assert level_cell(half, "V").fit == level_cell(both, "V").fit
    aimed = replace(half, targets={("root", f"C{at}"): 3.4 for at in range(6)})
    assert (level_cell(aimed, "V").fit, level_cell(aimed, "V").need) == (100, 3.4)
