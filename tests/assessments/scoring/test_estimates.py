"""What must hold of the best estimates for small teams, whatever people answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assessments.scoring.cell import KINDS
from assessments.scoring.cycle_scores import CycleScores, score_survey
from assessments.scoring.estimates import MIN_TEAMS, MIN_TEAMS_FOR_COMPOSITES, shrink
from assessments.scoring.survey import Floats, Survey
from tests.assessments.scoring.surveys import survey_of_teams

SEEDS = some.integers(0, 10_000)


def known_nodes(scores: CycleScores, kind: str) -> int:
    """Return how many nodes have an estimate of any capability."""
    scored = scores.kinds[kind]
    count = len(scores.survey.capabilities)
    return int(scored.estimates.known[:, :count].any(axis=1).sum())


@settings(max_examples=20, deadline=None)
@given(SEEDS, some.sampled_from([-1, 1]))
def test_a_team_that_deviates_alike_is_drawn_towards_the_organization(seed: int, by: int) -> None:
    """Between its own scores and those of the whole organization, on every capability."""
    survey = survey_of_teams(seed, teams=8, exact=True)
    team = np.array(survey.node_of) == "t00"
    answers = np.full_like(survey.performance, 3)
    answers[::2] = 2  # so that there is a spread to learn from
    answers[1::4] = 4
    answers[team] = 3 + by
    scored = score_survey(replace(survey, performance=answers)).performance
    at, count = survey.tree.index_of["t00"], len(survey.capabilities)
    own, whole = scored.score[at, :count], scored.score[0, :count]
    estimate = scored.estimates.parts.mean[at] if scored.estimates.parts else np.full(count, np.nan)
    low, high = np.minimum(own, whole), np.maximum(own, whole)
    assert (low - 1e-9 <= estimate).all() and (estimate <= high + 1e-9).all()
    assert (estimate != own).any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("teams", [2, 3, 4, 5, 6])
def test_fewer_than_five_teams_have_no_estimates(teams: int, kind: str) -> None:
    scores = score_survey(survey_of_teams(1, teams=teams))
    assert known_nodes(scores, kind) == (teams if teams >= MIN_TEAMS else 0)


@pytest.mark.parametrize("teams", [6, 9, 10, 12])
def test_composites_have_estimates_from_ten_teams_on(teams: int) -> None:
    survey = survey_of_teams(2, teams=teams)
    known = score_survey(survey).performance.estimates.known[:, len(survey.capabilities) :]
    assert known.any() == (teams >= MIN_TEAMS_FOR_COMPOSITES)


def test_without_a_pool_there_are_no_estimates() -> None:
    scores = score_survey(replace(survey_of_teams(3, teams=8), nu=0.0))
    assert [known_nodes(scores, kind) for kind in KINDS] == [0, 0]


def estimates_by_team(survey: Survey) -> dict[str, Floats]:
    mean = score_survey(survey).performance.estimates.mean
    return {node.id: mean[at] for at, node in enumerate(survey.tree.nodes)}


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_neither_order_nor_names_matter(seed: int) -> None:
    survey = survey_of_teams(seed, teams=7)
    order = np.random.default_rng(seed).permutation(len(survey.node_of))
    names = {node.id: f"x{7 * at % 11}" for at, node in enumerate(survey.nodes)}
    mixed = replace(
        survey,
        nodes=tuple(
            replace(node, id=names[node.id], parent=names[node.parent] if node.parent else None)
            for node in (survey.nodes[0], *reversed(survey.nodes[1:]))
        ),
        node_of=tuple(names[survey.node_of[at]] for at in order),
        performance=survey.performance[order],
        importance=survey.importance[order],
        is_lead=survey.is_lead[order],
        named=survey.named[order],
        persons=(),
    )
    before, after = estimates_by_team(survey), estimates_by_team(mixed)
    for node, mean in before.items():
        np.testing.assert_allclose(mean, after[names[node]], atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(some.lists(some.floats(-2, 2), min_size=5, max_size=20), some.floats(0.01, 1))
def test_what_is_drawn_in_keeps_its_sign_and_never_grows(values: list[float], noise: float) -> None:
    drawn = shrink(np.array(values), np.full(len(values), noise))
    assert (np.abs(drawn.mean) <= np.abs(values) + 1e-12).all()
    assert (drawn.mean * np.array(values) >= 0).all()
    assert (drawn.variance >= -1e-12).all() and 0 <= drawn.kept <= 1
