"""The product's arithmetic and a second one, written from the method alone, say the same."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assessments.scoring.audit.json_survey import from_json
from assessments.scoring.audit.raw_change import report_change
from assessments.scoring.audit.raw_report import report
from tests.assessments.scoring.audit.test_raw_report import differences
from tests.assessments.scoring.random_json import next_survey, survey
from tests.assessments.scoring.reference import Cycle
from tests.assessments.scoring.reference_change import change
from tests.assessments.scoring.surveys import CASES, case

TOLERANCE = 1e-6


def cases_with(part: str) -> list[str]:
    return [
        name.stem for name in sorted(CASES.glob("*.json")) if part in case(name.stem)["expected"]
    ]


def two_ways(seed: int) -> list[str]:
    now = survey(seed)
    later = next_survey(seed, now)
    found = report(from_json(now))
    json.dumps(found, allow_nan=False)
    found.pop("quality")
    cycle = Cycle(now)
    apart = differences(found, cycle.report(), TOLERANCE)
    compared = report_change(from_json(now), from_json(later))["change"]
    return apart + differences(compared, change(cycle, Cycle(later)), TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(some.integers(1, 10**6))
def test_two_implementations_of_the_method_agree(seed: int) -> None:
    assert two_ways(seed) == []


@pytest.mark.nightly
def test_two_implementations_agree_on_thousands_of_surveys() -> None:
    assert {seed: apart for seed in range(1, 3001) if (apart := two_ways(seed))} == {}


@pytest.mark.parametrize("name", cases_with("nodes"))
def test_the_second_implementation_agrees_with_the_worked_cases(name: str) -> None:
    worked = case(name)
    wanted = {part: told for part, told in worked["expected"].items() if part != "quality"}
    assert differences(Cycle(worked["input"]).report(), wanted, worked["tolerance"]) == []


@pytest.mark.parametrize("name", cases_with("change"))
def test_the_second_implementation_compares_as_the_worked_cases_do(name: str) -> None:
    worked = case(name)
    found = change(*(Cycle(worked["input"][wave]) for wave in ("wave1", "wave2")))
    assert differences(found, worked["expected"]["change"], worked["tolerance"]) == []
