"""The quality report's numbers against what they are by definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from assessments.scoring import reliability
from assessments.scoring.cycle_scores import score_survey
from assessments.scoring.publish.publish import publish
from assessments.scoring.reliability import alpha, answer_shares, icc, omega
from assessments.scoring.summary import AnswerShares
from assessments.scoring.survey import Floats
from tests.assessments.scoring.surveys import random_survey, team

NAMES = ["a", "b", "c", "d"]


def parallel(people: int, loadings: list[float], seed: int = 1) -> Floats:
    chance = np.random.default_rng(seed)
    common = chance.normal(size=(people, 1))
    noise = chance.normal(size=(people, len(loadings)))
    strength = np.array(loadings)
    return np.asarray(common * strength + noise * np.sqrt(1 - strength**2))


def test_alpha_is_the_mean_correlation_stepped_up_when_variances_are_equal() -> None:
    rows = stats.zscore(parallel(60, [0.7] * 4), ddof=1)
    found = alpha("v", rows, NAMES)
    assert found is not None
    correlations = np.corrcoef(rows, rowvar=False)
    mean = (correlations.sum() - 4) / 12
    assert found.alpha == pytest.approx(4 * mean / (1 + 3 * mean))
    assert found.rest["a"] == pytest.approx(np.corrcoef(rows[:, 0], rows[:, 1:].sum(axis=1))[0, 1])


def test_the_interval_of_feldt_has_the_share_it_says() -> None:
    true = 4 * 0.36 / (1 + 3 * 0.36)
    inside = 0
    for seed in range(300):
        found = alpha("v", parallel(40, [0.6] * 4, seed), NAMES)
        assert found is not None
        inside += found.low <= true <= found.high
    assert 0.91 * 300 <= inside <= 0.985 * 300


def test_people_who_left_one_out_do_not_count_and_thirty_are_needed() -> None:
    rows = parallel(30, [0.7] * 4)
    holed = np.vstack([rows, np.where(np.arange(4) == 2, np.nan, rows[:10])])
    assert alpha("v", holed, NAMES) == alpha("v", rows, NAMES)
    assert alpha("v", rows[:29], NAMES) is None


def test_there_is_no_alpha_where_all_answer_one_question_alike() -> None:
    """Decided by the worked case: the formula would have a value."""
    rows = parallel(120, [0.7] * 4)
    rows[:, 2] = 3
    assert alpha("v", rows, NAMES) is None


def test_what_cancels_out_has_no_alpha_and_goes_with_nothing() -> None:
    rows = np.tile([[1.0, 5.0], [5.0, 1.0]], (20, 1))
    assert alpha("v", rows, ["a", "b"]) is None
    third = np.repeat([2.0, 4.0], 20)
    found = alpha("v", np.column_stack([rows, third]), ["a", "b", "c"])
    assert found is not None
    assert (found.rest["c"], found.dropped["c"]) == (None, None)
    assert found.rest["a"] is not None and found.dropped["a"] is not None


def test_omega_finds_the_loadings_again() -> None:
    strength = np.array([0.8, 0.7, 0.6, 0.5, 0.7])
    common = strength.sum() ** 2
    wanted = common / (common + (1 - strength**2).sum())
    assert omega(parallel(20_000, strength.tolist())) == pytest.approx(wanted, abs=0.01)
    found = alpha("v", parallel(100, [0.7] * 4), NAMES)
    assert found is not None and found.omega is not None
    small = alpha("v", parallel(99, [0.7] * 4), NAMES)
    assert small is not None and small.omega is None


@pytest.mark.parametrize("seed", range(8))
def test_omega_is_at_the_bottom_of_the_misfit(seed: int) -> None:
    """To nine digits: by Newton's method on the slope, from wherever the product stops."""
    chance = np.random.default_rng(seed)
    strength = chance.uniform(0.2, 0.9, int(chance.integers(3, 8)))
    rows = np.clip(np.round(3 + parallel(300, strength.tolist(), seed)), 1, 5)
    correlations = np.asarray(np.corrcoef(rows, rowvar=False))
    unique = reliability._uniquenesses(correlations)
    for _ in range(10):
        columns = []
        for step in np.eye(len(unique)) * 1e-6:
            up, down = (
                reliability._misfit(unique + way * step, correlations)[1] for way in (1, -1)
            )
            columns.append((up - down) / 2e-6)
        slope = reliability._misfit(unique, correlations)[1]
        unique = unique - np.linalg.solve(np.column_stack(columns), slope)
    assert (unique > 0.005).all() and (unique < 1).all()  # none at its limit
    common = reliability._factor(correlations, unique)[0].sum() ** 2
    assert omega(rows) == pytest.approx(common / (common + unique.sum()), abs=1e-9)


def test_a_question_that_the_factor_would_explain_whole_keeps_a_little_of_its_own() -> None:
    """0.8 x 0.8 / 0.5 is more than all there is."""
    correlations = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    unique = reliability._uniquenesses(correlations)
    assert unique[0] == 0.005
    assert np.abs(reliability._misfit(unique, correlations)[1][1:]).max() < 1e-9


def test_icc_is_the_one_of_the_analysis_of_variance() -> None:
    groups: list[list[float]] = [[1, 2, 3], [2, 3, 4, 3], [4, 5, 4], [1, 1, 2], [3, 3, 5, 4, 4]]
    scores = np.concatenate([np.array(group) for group in groups])
    index = np.repeat(np.arange(5), [len(group) for group in groups])
    found = icc("v", scores, index)
    assert found is not None
    ratio = stats.f_oneway(*(np.array(group) for group in groups)).statistic
    sizes = np.array([len(group) for group in groups])
    size = (18 - (sizes**2).sum() / 18) / 4
    assert found.mean == pytest.approx(1 - 1 / ratio)
    assert found.single == pytest.approx((ratio - 1) / (ratio + size - 1))


def test_icc_needs_five_teams_and_is_never_negative() -> None:
    scores = np.array([1.0, 5, 2, 4, 1, 5, 2, 4, 3, 3.1])
    assert icc("v", scores, np.repeat(np.arange(4), [2, 2, 3, 3])) is None
    found = icc("v", scores, np.repeat(np.arange(5), 2))
    assert found is not None
    assert (found.single, found.mean) == (0, 0)


def test_shares_of_answers_are_told_from_ten_people() -> None:
    columns = [[5] * 10, [5] * 9 + [-1], [5] * 8 + [0, -2], *([[5] * 10] * 7)]
    found = answer_shares(score_survey(team(columns)))
    assert found == AnswerShares(unanswered=0, not_seen=0, not_applicable=0, straight=80)
    wide = answer_shares(
        score_survey(team([[-1] * 5 + [3] * 5, [3] * 10], importance=[[3] * 10] * 2))
    )
    assert wide
    assert (wide.not_seen, wide.straight) == (12, 0)
    assert answer_shares(score_survey(team([[5] * 9]))) is None


def test_the_report_carries_the_quality() -> None:
    told = publish(random_survey(4)).quality
    assert told.answers and told.alpha and told.icc
