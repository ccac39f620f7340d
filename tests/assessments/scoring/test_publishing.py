"""What is published looks the same when what it must not tell is different."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assessments.scoring.cells import Cell
from assessments.scoring.publishing import publish
from assessments.scoring.scored import score
from assessments.scoring.showing import BOUNDS, face
from assessments.scoring.survey import Survey
from tests.assessments.scoring.made import case, random_survey, survey_of

WORKED = survey_of(case("cycle_nested_missing")["input"])


def test_the_guard_of_the_worked_case() -> None:
    given = case("publish_guard")
    score, n = ([raw[name] for raw in given["input"]] for name in ("score", "n"))
    low, high = np.array([raw["ci"] for raw in given["input"]]).T
    printed = face(np.array(score), low, high, np.array(n))
    for place, wanted in enumerate(given["expected"]):
        assert printed.score[place] == wanted["score"]
        bound = BOUNDS[int(printed.bound[place])].replace("_", " ")
        assert (bound or None) == wanted["bound"]
        interval = [float(printed.low[place]), float(printed.high[place])]
        assert (interval if not bound else None) == wanted["ci"]


def one_team_of(size: int, column: list[int]) -> Survey:
    """A worked survey in which team A1 answers the first question with `column`."""
    rows = [
        place
        for place, node in enumerate(WORKED.node_of)
        if node == "A1" and not WORKED.is_lead[place]
    ]
    answers = WORKED.performance.copy()
    answers[rows[: len(column)], 0] = column
    answers[rows[len(column) :], 0] = 0
    assert len(column) == size
    return replace(WORKED, performance=answers)


@pytest.mark.parametrize(("agreed", "nearly"), [([5] * 6, [5] * 5 + [4]), ([1] * 6, [1] * 5 + [2])])
def test_all_fives_and_one_four_publish_the_same(agreed: list[int], nearly: list[int]) -> None:
    first, second = publish(one_team_of(6, agreed)), publish(one_team_of(6, nearly))
    assert first.cells == second.cells
    cell = next(c for c in first.cells if (c.node, c.subject) == ("A1", WORKED.capabilities[0].id))
    assert cell.bound in ("at_least", "at_most")
    assert (cell.low, cell.high) == (None, None)


def test_without_the_guard_they_would_differ() -> None:
    first, second = score(one_team_of(6, [5] * 6)), score(one_team_of(6, [5] * 5 + [4]))
    assert not np.array_equal(first.performance.score, second.performance.score, equal_nan=True)


def test_exchanging_two_answers_inside_a_block_changes_no_published_capability() -> None:
    before = _capabilities(publish(WORKED).cells)
    rows = [
        place
        for place, node in enumerate(WORKED.node_of)
        if node == "E" and not WORKED.is_lead[place]
    ]
    for column in range(len(WORKED.capabilities)):
        rated = [row for row in rows if WORKED.performance[row, column] >= 1]
        answers = WORKED.performance.copy()
        answers[rated[0], column], answers[rated[-1], column] = (
            answers[rated[-1], column],
            answers[rated[0], column],
        )
        after = _capabilities(publish(replace(WORKED, performance=answers)).cells)
        assert after == before


def _capabilities(cells: tuple[Cell, ...]) -> list[Cell]:
    """Without what depends on whole people: fit and firmness."""
    return [
        replace(
            cell,
            fit_low=None,
            fit_high=None,
            fits=None,
            detail={name: told for name, told in cell.detail.items() if name != "firmness"},
        )
        for cell in cells
        if cell.subject_type == "capability"
    ]


def test_a_hidden_cell_says_why_and_nothing_else() -> None:
    published = publish(WORKED)
    hidden = [cell for cell in published.cells if cell.suppressed]
    assert {cell.suppressed for cell in hidden} == {"below_threshold", "not_enough_weight"}
    for cell in hidden:
        assert (cell.score, cell.low, cell.high, cell.n, cell.level, cell.fit) == (None,) * 6
        assert cell.detail == {}


def test_what_was_not_asked_is_not_missing() -> None:
    asked = np.ones(len(WORKED.capabilities), dtype=bool)
    asked[:6] = False
    published = publish(replace(WORKED, performance_asked=asked))
    root = [c for c in published.cells if c.node == "org" and c.kind == "performance"]
    reasons = {c.subject: c.suppressed for c in root}
    assert [reasons[one.id] for one in WORKED.capabilities[:6]] == ["not_asked"] * 6
    assert published.discarded <= WORKED.discarded


def test_participation_is_hidden_as_results_are() -> None:
    published = publish(WORKED)
    assert (published.participation["org"].n, published.participation["org"].invited) == (64, 97)
    assert "A3" not in published.participation  # five people, but its department has two more
    assert "D" not in published.participation


def test_every_gap_is_the_difference_of_two_printed_numbers() -> None:
    for seed in range(20):
        for cell in publish(random_survey(seed)).cells:
            if cell.gap is not None and cell.subject_type == "capability":
                assert cell.score is not None and cell.need is not None
                assert cell.gap == pytest.approx(round(cell.score - cell.need, 1))
                assert cell.fit == round(100 * (1 - abs(cell.gap) / 4) + 1e-9)


def test_a_target_takes_the_place_of_the_rated_need() -> None:
    first = WORKED.capabilities[0].id
    published = publish(replace(WORKED, targets={("org", first): 2.0}))
    found = {c.node: c for c in published.cells if (c.subject, c.kind) == (first, "performance")}
    assert (found["org"].need, found["org"].need_source) == (2.0, "target")
    assert (found["A1"].need, found["A1"].need_source) == (2.0, "target")


def test_a_weak_part_holds_the_whole_down() -> None:
    answers = np.full_like(WORKED.performance, 5)
    answers[:, 0] = 1
    published = publish(replace(WORKED, performance=answers))
    value = next(
        c
        for c in published.cells
        if (c.node, c.subject, c.kind) == ("org", WORKED.dimensions[0].id, "performance")
    )
    assert (value.level, value.state, value.held_by) == (2, "held", WORKED.capabilities[0].id)
