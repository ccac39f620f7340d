"""What comes first, what is suggested, and how firm that is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assessments.scoring import rank_stability as firm
from assessments.scoring.cycle_scores import score_survey
from assessments.scoring.fit import inherited_targets
from assessments.scoring.priorities import priority, rank, ranking, shared_rank, suggest
from assessments.scoring.publish.publish import publish
from assessments.scoring.rounding import PrintedScores
from assessments.scoring.survey import Floats, Survey, SurveyCapability
from tests.assessments.scoring.surveys import random_survey, team

SUGGESTIONS = [
    # matters, strong, differentiating, routine, market
    ((True, False, True, False, True), "develop"),
    ((True, False, False, False, False), "develop"),
    ((True, False, False, False, True), "outsource"),
    ((True, True, False, True, True), "sustain"),
    ((False, False, True, True, True), "automate"),
    ((False, False, True, False, True), "outsource"),
    ((False, False, True, False, False), "leave"),
    ((False, True, True, True, False), "automate"),
    ((False, True, True, False, True), "scale_down"),
]


@pytest.mark.parametrize(("facts", "wanted"), SUGGESTIONS)
def test_six_suggestions_from_two_numbers_and_three_facts(
    facts: tuple[bool, ...], wanted: str
) -> None:
    matters, strong, differentiating, routine, market = facts
    capability = SurveyCapability("c", "v", 1.0, differentiating, routine, market)
    assert suggest(capability, matters=matters, strong=strong) == wanted


def test_priority_is_zero_at_the_target_and_full_where_all_is_missing() -> None:
    level = np.array([4.0, 4.6, 1.0, 3.0, 2.0, 1.0])
    importance = np.array([5.0, 5.0, 5.0, 3.0, 1.0, 4.0])
    target = np.array([4.0, 4.0, 4.0, 5.0, 4.0, 1.0])
    assert priority(level, importance, target).tolist() == [0, 0, 100, 25, 0, 0]


def test_equal_priorities_are_ordered_by_importance_and_then_by_name() -> None:
    value = np.array([[10.0, 20.0, 10.0, np.nan, 10.0]])
    importance = np.array([[3.0, 2.0, 4.0, 5.0, 3.0]])
    assert rank(value, importance, ("z", "b", "c", "d", "a")).tolist() == [[4, 1, 2, 0, 3]]


def face(score: Floats, width: float = 0.1) -> PrintedScores:
    return PrintedScores(score, score - width, score + width)


def test_an_interval_across_a_line_is_a_close_call() -> None:
    level, importance = np.array([[3.5, 3.6, 2.0]]), np.array([[4.8, 3.0, 3.0]])  # line 3.6
    none = np.full(level.shape, np.nan)
    found = ranking(face(level), face(importance), none, ("a", "b", "c"))
    assert found.strong.tolist() == [[True, True, False]]
    assert found.matters.tolist() == [[True, False, False]]
    assert found.clear.tolist() == [[False, True, True]]  # 3.5 itself is the limit of b


def test_equal_priorities_of_equal_importance_share_a_rank() -> None:
    value = np.array([[10.0, 20.0, 10.0, np.nan, 10.0]])
    importance = np.array([[3.0, 2.0, 4.0, 5.0, 3.0]])
    assert shared_rank(value, importance).tolist() == [[3, 1, 2, 0, 3]]


def test_only_the_first_five_carry_a_rank() -> None:
    columns = [[level, level, level + 1] * 4 for level in (1, 1, 2, 2, 2, 2, 3, 3, 4)]
    importance = [[5 - at % 2] * 12 for at in range(9)]
    cells = [c for c in publish(team(columns, importance=importance)).cells if c.detail.priority]
    told = {c.subject: c.detail.priority for c in cells}
    ranked = [one for one in told.values() if one and one.rank]
    assert sorted(one.rank or 0 for one in ranked)[:1] == [1]
    assert all((one.rank or 0) <= 5 and not one.group for one in ranked)
    others = [one for one in told.values() if one and one.rank is None]
    assert {one.group for one in others} <= {"no_clear_order", "clearly_lower"} and others
    assert not any(one.stability for one in others)


# --- Firmness ---------------------------------------------------------------------------------


def shares(survey: Survey) -> Floats:
    scores = score_survey(survey)
    compared = scores.performance.blocks.shown & scores.importance.blocks.shown
    return firm.firmness(scores, compared, inherited_targets(survey))


def test_a_clear_lead_is_firm_and_what_needs_nothing_comes_after_what_does() -> None:
    levels = [[1, 1, 2, 1, 1, 2], *([[3, 2, 3, 3, 2, 3]] * 6), [5, 5, 4, 5, 5, 5]]
    importance = [[5, 5, 4, 5, 5, 5], *([[3, 4, 3, 3, 3, 4]] * 6), [5, 5, 5, 5, 5, 4]]
    found = shares(team(levels, importance=importance))[0]
    assert found[0] == 1 and firm.stability_word(found[0]) == "firm"
    assert found[7] == 0 and firm.stability_word(found[7]) == ""
    assert found[1:7].sum() == pytest.approx(4)


def test_what_needs_nothing_comes_after_what_does_by_importance_and_name() -> None:
    """All are ranked: three of seven lack something, the first two of the others follow."""
    strong = [[5, 5, 4, 5, 5, 5]] * 4
    levels = [*strong, [1, 1, 2, 1, 1, 2], [2, 1, 2, 1, 2, 2], [1, 2, 2, 1, 1, 2]]
    importance = [[3] * 6, [4] * 6, [2] * 6, [3] * 6, [5] * 6, [5] * 6, [5] * 6]
    assert shares(team(levels, importance=importance))[0].tolist() == [1, 1, 0, 0, 1, 1, 1]


def test_the_first_five_are_the_first_five_of_the_ranking() -> None:
    chance = np.random.default_rng(3)
    value = chance.integers(0, 5, (40, 3, 9)) * 10.0 + chance.choice([0, 1e-12], (40, 3, 9))
    value[chance.random(value.shape) < 0.2] = np.nan
    importance = chance.integers(1, 4, value.shape) * 1.0
    names = tuple("cbaihgfed")
    places = rank(value.reshape(-1, 9), importance.reshape(-1, 9), names).reshape(value.shape)
    found = firm._first(value, importance, names)
    assert (found == ((places > 0) & (places <= 5))).all()


def test_firmness_is_the_same_whoever_comes_first_and_whatever_they_are_called() -> None:
    for seed in range(4):
        survey = random_survey(seed, capabilities=8)
        order = np.random.default_rng(seed).permutation(len(survey.node_of))
        mixed = replace(
            survey,
            node_of=tuple(survey.node_of[place] for place in order),
            performance=survey.performance[order],
            importance=survey.importance[order],
            persons=tuple(str(place).encode() for place in order),
        )
        np.testing.assert_array_equal(shares(survey), shares(mixed))


def test_resampled_scores_lie_around_the_score() -> None:
    survey = random_survey(7)
    scores = score_survey(survey)
    resampling = firm._Resampling.of(scores)
    blocks, root = scores.performance.blocks, np.array([0])
    means = [
        firm._means(blocks, resampling.sums(drawn, "performance"), root)
        for drawn in resampling.draws()
    ]
    assert sum(each.shape[1] for each in means) == firm.RESAMPLES
    average = np.concatenate(means, axis=1).mean(axis=1)
    np.testing.assert_allclose(average[0], blocks.score[0], atol=0.05)


def test_five_or_fewer_are_not_called_firm() -> None:
    cells = publish(team([[1, 2, 1, 2, 1, 3]] * 5)).cells
    stabilities = {cell.detail.priority.stability for cell in cells if cell.detail.priority}
    assert stabilities == {""}
