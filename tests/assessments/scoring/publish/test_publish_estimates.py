"""What is published beside best estimates, and beside an earlier cycle that recognizes everybody, looks
the same when what it must not tell is different.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assessments.scoring.cell import KINDS, Cell, Change
from assessments.scoring.publish.publish import EarlierCycle, PublishedSurvey, publish
from assessments.scoring.survey import Survey
from tests.assessments.scoring.publish.test_publish import everything, of_answers, swapped
from tests.assessments.scoring.surveys import survey_of_teams

TEAMS, SEEDS = (6, 12), range(3)


def cycle_before(survey: Survey, seed: int) -> EarlierCycle:
    """The same people, half of whose answers are another level."""
    step = np.random.default_rng(seed).choice([-1, 0, 0, 1], survey.performance.shape)
    answers = np.clip(survey.performance + step, 1, 5).astype(np.int8)
    same = {node.id: node.id for node in survey.nodes}
    names = [one.id for one in survey.capabilities]
    return EarlierCycle(replace(survey, performance=answers), same, names)


def swaps(survey: Survey, seed: int) -> Iterator[Survey]:
    """Two people of one block exchange an answer, once for each of some questions of either kind."""
    for kind in KINDS:
        for column in (0, 3, 6):
            after = swapped(survey, kind, column, seed)
            if after is not None:
                yield after


def of_answers_alone(published: PublishedSurvey) -> str:
    """Without the tests of a change between recognized people, which pair each one's two answers; of a
    composite that shows estimates also without the best estimate, its fit and what holds it."""
    cells = [replace(cell, **_of_people(cell)) for cell in published.cells]
    return of_answers(replace(published, build_cells=lambda: iter(cells)))


def _of_people(cell: Cell) -> dict[str, Any]:
    """Return replacements of what rests on several answers of one person. How far a team's estimates are
    drawn does: a half level can move by one step."""
    own: dict[str, Any] = {}
    if cell.subject_type == "stage":
        own = {"score": None if cell.coarse else cell.score, "need": None, "gap": None}
    elif cell.subject_type != "capability":
        own = dict.fromkeys(("estimate", "need", "gap", "fit", "fit_low"))
    if cell.coarse and cell.is_estimated:
        own |= dict.fromkeys(("score", "low", "high", "level", "state", "need", "gap", "fits"))
        own["detail"] = replace(cell.detail, if_all=None, priority=None, leader=None)
    change = cell.detail.change
    if change:
        bare = Change("none", change.before, change.size, is_linked=change.is_linked)
        own["detail"] = replace(own.get("detail", cell.detail), change=bare)
    return own


@pytest.mark.parametrize("teams", TEAMS)
@pytest.mark.parametrize("seed", SEEDS)
def test_exchanging_two_answers_beside_estimates_changes_only_what_rests_on_people(
    teams: int, seed: int
) -> None:
    survey = survey_of_teams(seed, teams=teams)
    before = cycle_before(survey, seed)
    published, tried = publish(survey, before), 0
    assert any(cell.is_estimated for cell in published.cells)
    assert any(cell.detail.change and cell.detail.change.is_linked for cell in published.cells)
    for after in swaps(survey, seed):
        again = publish(after, before)
        assert of_answers_alone(again) == of_answers_alone(published)
        for one, other in zip(published.cells, again.cells, strict=True):
            assert abs((one.score or 0) - (other.score or 0)) <= (0.5 if one.coarse else 0)
        tried += 1
    assert tried >= 4


def with_team(survey: Survey, answers: list[int]) -> Survey:
    """The first people of the smallest team answer the first question so, all others of it alike."""
    sizes = {node.id: survey.node_of.count(node.id) for node in survey.nodes[1:]}
    rows = np.array(survey.node_of) == min(sizes, key=lambda name: sizes[name])
    assert rows.sum() < 10
    performance = survey.performance.copy()
    performance[rows, 0] = answers[:1] * (int(rows.sum()) - 1) + answers[1:]
    return replace(survey, performance=performance)


@pytest.mark.parametrize("teams", TEAMS)
@pytest.mark.parametrize(("end", "near"), [(5, 4), (1, 2)])
def test_all_fives_and_one_four_publish_the_same_beside_estimates(
    teams: int, end: int, near: int
) -> None:
    """In the later and in the earlier cycle, with everybody recognized."""
    survey = survey_of_teams(1, teams=teams)
    agreed, nearly = with_team(survey, [end, end]), with_team(survey, [end, near])
    before = cycle_before(survey, 1)
    assert everything(publish(agreed, before)) == everything(publish(nearly, before))
    earlier = (replace(before, survey=one) for one in (agreed, nearly))
    first, second = (everything(publish(survey, one)) for one in earlier)
    assert first == second
