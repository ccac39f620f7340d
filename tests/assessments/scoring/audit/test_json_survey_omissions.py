"""What a file of a survey may leave out, and what that means."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest

from assessments.scoring.audit.json_survey import NoSurvey, from_bytes, from_json
from assessments.scoring.audit.raw_change import report_change
from assessments.scoring.audit.raw_report import report
from tests.assessments.scoring.audit.test_json_survey import SMALL, with_
from tests.assessments.scoring.surveys import case


def test_importance_that_nobody_was_asked_for_is_not_missing() -> None:
    given = with_(lambda s: [one.pop("importance") for one in s["responses"]])
    for response in given["responses"]:
        response["performance"] = [3, None]  # half of what was asked
    survey = from_json(given)
    assert survey.discarded == 0
    found = report(survey)
    assert found["visible"]["importance"] == {"A": [], "B": []}
    assert found["nodes"]["org"]["capabilities"]["A"]["score"] == 3


def test_people_without_a_name_are_nobody_of_another_file() -> None:
    given = with_(lambda s: [one.update(person=None) for one in s["responses"]])
    without = with_(lambda s: [one.pop("person") for one in s["responses"]])
    for file in (given, without):
        compared = report_change(from_json(file), from_json(file))["change"]["org"]
        assert compared["capabilities"]["A"]["pairs"] == 0
    same = report_change(from_json(SMALL), from_json(SMALL))["change"]["org"]
    assert same["capabilities"]["A"]["pairs"] == 7


def test_a_head_count_may_be_missing_or_unknown() -> None:
    given = with_(lambda s: s["groups"][1].update(headcount=None))
    given["groups"][0].pop("headcount")
    found = report(from_json(given))
    assert found["participation"]["org"]["invited"] == 0
    assert found["nodes"]["org"]["capabilities"]["A"]["se"] == 0


def test_one_target_may_stand_for_all_and_others_override_it() -> None:
    given = with_(lambda s: s["config"].update(target=2, targets={"team": {"A": 3}}))
    assert from_json(given).targets == {("org", "A"): 2, ("org", "B"): 2, ("team", "A"): 3}


@pytest.mark.parametrize(
    ("rubric", "config", "rule"),
    [({}, {}, "held"), ("mean", {}, "mean"), ({}, "mean", "mean"), ("mean", "held", "held")],
)
def test_the_rule_of_levels_is_the_rubrics_unless_the_settings_say_otherwise(
    rubric: Any, config: Any, rule: str
) -> None:
    given = copy.deepcopy(SMALL)
    for name, told in (("rubric", rubric), ("config", config)):
        given[name] |= {"level_rule": told} if told else {}
    assert from_json(given).level_rule == rule


def test_settings_that_nobody_knows_are_refused_by_name() -> None:
    given = with_(lambda s: s["config"].update(K=9, bootstrap={"seed": 1}, note=None))
    with pytest.raises(NoSurvey) as error:
        from_json(given)
    assert [problem.path for problem in error.value.problems] == [
        "$.config.K",
        "$.config.bootstrap",
        "$.config.note",
    ]
    assert "There are: k, level_rule, nu, target, targets." in str(error.value)


def test_null_importance_is_not_asked() -> None:
    given = with_(lambda s: [one.update(importance=None) for one in s["responses"]])
    missing = with_(lambda s: [one.pop("importance") for one in s["responses"]])
    assert report(from_json(given)) == report(from_json(missing))
    nothing = with_(
        lambda s: [one.update(importance=None, performance=None) for one in s["responses"]]
    )
    with pytest.raises(NoSurvey):
        from_json(nothing)


def test_without_moderation_intervals_are_those_of_a_stratified_sample() -> None:
    """nu = 0: the mean of strata, its variance with finite populations, and their freedom."""
    given = case("change_cycles")["input"]["wave1"]
    survey = from_json({**given, "config": {"nu": 0}})
    found = report(survey)
    assert found["prior"]["performance"]["nu"] == 0
    told = found["nodes"]["org"]["capabilities"]["C02"]
    parts = []
    for group in given["groups"][1:]:
        rows = [one["performance"][1] for one in given["responses"] if one["group"] == group["id"]]
        rated, m = [y for y in rows if y], sum(y == 0 for y in rows)
        assert np.std(rated) > 0
        n, heads = len(rated), group["headcount"]
        weight = heads * n / (n + m)
        parts.append((weight, np.mean(rated), np.var(rated, ddof=1) / n, 1 - (n + m) / heads, n))
    weights, means, variances, short, n = np.array(parts).T
    share = weights / weights.sum()
    each = share**2 * variances * short
    assert told["score"] == pytest.approx(share @ means, abs=1e-12)
    assert told["se"] == pytest.approx(np.sqrt(each.sum()), abs=1e-12)
    assert told["df"] == pytest.approx(each.sum() ** 2 / (each**2 / (n - 1)).sum())


def test_a_large_file_is_read_in_the_same_way() -> None:
    whole = case("cycle_nested_missing")["input"]
    np.testing.assert_array_equal(
        from_bytes(json.dumps(whole).encode()).performance, from_json(whole).performance
    )
