"""Raw numbers: equal to the worked cases, and as arithmetic must behave."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assessments.scoring.audit.json_survey import from_json
from assessments.scoring.cell import KINDS
from assessments.scoring.cycle_scores import KindScores, score_survey
from assessments.scoring.levels import level_of, shown_score
from assessments.scoring.survey import Survey, SurveyCapability, SurveyDimension, SurveyNode
from tests.assessments.scoring.surveys import case, random_survey

CASE = case("cycle_nested_missing")
SURVEY = from_json(CASE["input"])
EXPECTED = CASE["expected"]
GROUPS = (
    ("capabilities", "performance"),
    ("importance", "importance"),
    ("value_types", "performance"),
    ("overall", "performance"),
)


def columns(survey: Survey) -> dict[str, int]:
    names = [one.id for one in survey.capabilities] + [one.id for one in survey.dimensions]
    return {name: place for place, name in enumerate([*names, "overall"])}


def said(scored: KindScores, node: int, column: int) -> dict[str, float]:
    at = (node, column)
    return {
        "n": float(scored.n[at]),
        "score": float(scored.score[at]),
        "se_shown": float(np.sqrt(scored.spread.shown[at])),
        "df_shown": float(scored.spread.df_shown[at]),
        "se": float(np.sqrt(scored.spread.if_all[at])),
        "df": float(scored.spread.df_if_all[at]),
        "se_noise": float(np.sqrt(scored.spread.noise[at])),
        "df_noise": float(scored.spread.df_noise[at]),
        "low": float(scored.interval.low[at]),
        "high": float(scored.interval.high[at]),
    }


@pytest.mark.parametrize("node", EXPECTED["nodes"])
@pytest.mark.parametrize(("group", "kind"), GROUPS)
def test_every_number_of_the_worked_case(node: str, group: str, kind: str) -> None:
    scored, place = score_survey(SURVEY).kinds[kind], SURVEY.tree.index_of[node]
    wanted = EXPECTED["nodes"][node][group]
    wanted = {"overall": wanted} if group == "overall" else wanted
    at = columns(SURVEY)
    for subject, numbers in wanted.items():
        if numbers is None:
            assert np.isnan(scored.score[place, at[subject]])
            continue
        low, high = numbers["ci"]
        flat = {**numbers, "low": low, "high": high}
        for name, value in said(scored, place, at[subject]).items():
            assert value == pytest.approx(flat[name], abs=CASE["tolerance"]), (subject, name)
    if group != "overall":
        names = [one.id for one in SURVEY.dimensions]
        inside = names if group == "value_types" else [one.id for one in SURVEY.capabilities]
        assert set(wanted) == {one for one in inside if scored.score[place, at[one]] > 0}


@pytest.mark.parametrize("kind", KINDS)
def test_the_prior_and_the_visible_nodes_of_the_worked_case(kind: str) -> None:
    scores = score_survey(SURVEY)
    scored = scores.kinds[kind]
    wanted = EXPECTED["prior"][kind]["s0"]  # the pooled variance
    assert scored.prior.variance == pytest.approx(wanted, abs=CASE["tolerance"])
    assert scored.prior.nu == EXPECTED["prior"][kind]["nu"]
    assert SURVEY.discarded == EXPECTED["discarded"]
    for subject, nodes in EXPECTED["visible"][kind].items():
        seen = np.flatnonzero(scored.blocks.visible[:, columns(SURVEY)[subject]])
        assert sorted(SURVEY.tree.nodes[place].id for place in seen) == sorted(nodes)


def test_rounding_and_levels_of_the_worked_case() -> None:
    levels = case("level_rounding")
    scores = np.array(levels["input"]["score"])
    assert shown_score(scores).tolist() == levels["expected"]["shown"]
    assert level_of(scores).tolist() == levels["expected"]["level"]


@settings(max_examples=40, deadline=None)
@given(some.integers(0, 10_000))
def test_scores_stay_on_the_scale_inside_their_intervals(seed: int) -> None:
    for scored in score_survey(random_survey(seed)).kinds.values():
        there = ~np.isnan(scored.score)
        assert ((scored.score[there] >= 1) & (scored.score[there] <= 5)).all()
        low, high = scored.interval
        assert (low[there] <= scored.score[there] + 1e-9).all()
        assert (high[there] >= scored.score[there] - 1e-9).all()
        assert (low[there] <= scored.if_all.low[there] + 1e-9).all()  # never narrower
        assert (high[there] >= scored.if_all.high[there] - 1e-9).all()


@settings(max_examples=25, deadline=None)
@given(some.integers(0, 10_000))
def test_who_comes_first_does_not_matter(seed: int) -> None:
    survey = random_survey(seed)
    order = np.random.default_rng(seed).permutation(len(survey.node_of))
    mixed = replace(
        survey,
        node_of=tuple(survey.node_of[place] for place in order),
        performance=survey.performance[order],
        importance=survey.importance[order],
    )
    for kind in KINDS:
        np.testing.assert_array_equal(
            score_survey(survey).kinds[kind].score, score_survey(mixed).kinds[kind].score
        )


@settings(max_examples=25, deadline=None)
@given(some.integers(0, 10_000))
def test_raising_one_answer_never_lowers_a_score(seed: int) -> None:
    survey = random_survey(seed)
    places = np.argwhere((survey.performance >= 1) & (survey.performance <= 4))
    if not places.size:
        return
    row, column = places[seed % len(places)]
    raised = survey.performance.copy()
    raised[row, column] += 1
    before, after = score_survey(survey), score_survey(replace(survey, performance=raised))
    there = ~np.isnan(before.performance.score)
    difference = after.performance.score[there] - before.performance.score[there]
    assert (difference >= -1e-12).all()


@settings(max_examples=20, deadline=None)
@given(some.integers(0, 10_000))
def test_a_capability_without_weight_has_no_effect(seed: int) -> None:
    survey = random_survey(seed)
    last = replace(survey.capabilities[-1], weight=0.0)
    light = replace(survey, capabilities=(*survey.capabilities[:-1], last))
    answers = light.performance.copy()
    rated = answers[:, -1] >= 1
    answers[rated, -1] = 6 - answers[rated, -1]
    other = replace(light, performance=answers)
    count = len(survey.capabilities)
    np.testing.assert_allclose(
        score_survey(light).performance.score[:, count:],
        score_survey(other).performance.score[:, count:],
    )


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_every_level_can_be_reached(level: int) -> None:
    survey = random_survey(3)
    same = np.full_like(survey.performance, level)
    scored = score_survey(replace(survey, performance=same)).performance
    assert level_of(scored.score[0, -1:]).tolist() == [level]


def test_an_empty_cycle_has_no_scores_and_no_trouble() -> None:
    survey = random_survey(1)
    nobody = replace(
        survey,
        node_of=(),
        performance=survey.performance[:0],
        importance=survey.importance[:0],
        is_lead=survey.is_lead[:0],
        named=survey.named[:0],
    )
    assert np.isnan(score_survey(nobody).performance.score).all()


def siblings(order: list[int]) -> Survey:
    """Teams of six to twenty answers and of 9 to a million heads, listed in this order."""
    heads = [9, 1_000_000, 12, 20_000, 10, 300_000]
    chance = np.random.default_rng(5)
    answers = [chance.integers(1, 6, (6 + 14 * (head > 100), 4)).astype(np.int8) for head in heads]
    whole = np.concatenate([answers[at] for at in order])
    named = tuple(f"t{at}" for at in order for _ in answers[at])
    nobody = np.zeros(len(named), dtype=bool)
    return Survey(
        nodes=(
            SurveyNode("org", None, 0),
            *(SurveyNode(f"t{at}", "org", heads[at]) for at in order),
        ),
        dimensions=(SurveyDimension("V"),),
        capabilities=tuple(SurveyCapability(f"C{at}", "V") for at in range(4)),
        node_of=named,
        performance=whole,
        importance=whole[:, ::-1].copy(),
        is_lead=nobody,
        named=nobody,
    )


@pytest.mark.parametrize("order", [[5, 4, 3, 2, 1, 0], [1, 0, 3, 2, 5, 4], [3, 1, 5, 0, 2, 4]])
def test_a_large_team_beside_a_small_one_leaves_its_numbers_alone(order: list[int]) -> None:
    """Whatever stands before it in the list: variances are of very different size."""
    before, after = siblings([0, 1, 2, 3, 4, 5]), siblings(order)
    for kind in KINDS:
        one, other = score_survey(before).kinds[kind], score_survey(after).kinds[kind]
        for name in before.tree.index_of:
            places = before.tree.index_of[name], after.tree.index_of[name]
            column = columns(before)["C1"]
            mine, theirs = (
                said(scored, place, column)
                for scored, place in zip((one, other), places, strict=True)
            )
            assert mine == pytest.approx(theirs, rel=1e-9, abs=1e-9), name
    small, place = score_survey(after).performance, after.tree.index_of["t0"]
    assert small.spread.df_noise[place, 1] == pytest.approx(7, abs=1e-9)  # a - 1 + nu
    freedom = np.maximum(small.blocks.a - 1, 0).sum()
    assert small.spread.df_shown[place, 1] == pytest.approx(freedom)  # of the spread of all
