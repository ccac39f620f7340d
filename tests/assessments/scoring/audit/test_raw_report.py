"""Every number of every worked case, to its tolerance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assessments.scoring.audit.json_survey import from_json
from assessments.scoring.audit.raw_change import report_change
from assessments.scoring.audit.raw_report import report
from assessments.scoring.estimates import MIN_TEAMS
from tests.assessments.scoring.random_json import survey
from tests.assessments.scoring.surveys import CASES, case


def flat(told: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with the way to it."""
    if isinstance(told, dict):
        for key, inside in told.items():
            yield from flat(inside, f"{path}/{key}")
    elif isinstance(told, list):
        yield path, len(told)
        for place, inside in enumerate(told):
            yield from flat(inside, f"{path}/{place}")
    else:
        yield path, told


def differences(found: Any, wanted: Any, tolerance: float) -> list[str]:
    mine, theirs = dict(flat(found)), dict(flat(wanted))
    ways = sorted(set(mine) ^ set(theirs))
    for way in sorted(set(mine) & set(theirs)):
        one, other = mine[way], theirs[way]
        number = isinstance(one, int | float) and isinstance(other, int | float)
        if not (abs(one - other) <= tolerance if number else one == other):
            ways.append(f"{way}: {one} instead of {other}")
    return ways


CYCLES = sorted(
    path.stem
    for path in CASES.glob("*.json")
    if path.stem.startswith(("cycle", "edge", "estimate", "histogram"))
)


@pytest.mark.parametrize("name", CYCLES)
def test_a_cycle_is_scored_as_in_the_worked_case(name: str) -> None:
    """The edges are those in which a second implementation of the method once differed."""
    given = case(name)
    found = report(from_json(given["input"]))
    kept = {part: found[part] for part in given["expected"]}
    assert differences(kept, given["expected"], given["tolerance"]) == []


def test_two_cycles_are_compared_as_in_the_worked_case() -> None:
    given = case("change_cycles")
    found = report_change(*(from_json(given["input"][wave]) for wave in ("wave1", "wave2")))
    nodes, wanted = found["change"], given["expected"]["change"]
    assert differences({n: nodes[n] for n in wanted}, wanted, given["tolerance"]) == []


def test_a_difference_would_be_seen() -> None:
    found, wanted = {"a": [1.0, True], "b": None}, {"a": [1.1, False], "c": {}}
    assert differences(found, wanted, 0.01) == [
        "/b",
        "/a/0: 1.0 instead of 1.1",
        "/a/1: True instead of False",
    ]


def test_a_file_may_set_what_is_needed_and_who_counts_as_few() -> None:
    given = case("cycle_nested_missing")["input"]
    config = {"k": 7, "level_rule": "mean", "targets": {"A": {"C01": 3}}}
    survey = from_json({**given, "config": config})
    assert (survey.k, survey.level_rule, survey.targets) == (7, "mean", {("A", "C01"): 3.0})


def test_the_quality_of_the_questions_is_told_in_the_words_of_the_file() -> None:
    people = [
        {
            "person": f"p{at}",
            "group": f"t{at % 6}",
            "role": "member",
            "performance": [1 + at % 5, 1 + (at + at // 7) % 5, 1 + at // 3 % 5],
            "importance": [3, 3, 3],
        }
        for at in range(48)
    ]
    names = ["a", "b", "c"]
    told = {
        "rubric": {
            "value_types": [{"id": "V", "weight": 1}],
            "capabilities": [{"id": name, "value_type": "V", "weight": 1} for name in names],
        },
        "groups": [
            {"id": "org", "parent": None},
            *({"id": f"t{at}", "parent": "org", "headcount": 9} for at in range(6)),
        ],
        "responses": people,
    }
    quality = report(from_json(told))["quality"]
    ((alpha,), (icc,)) = quality["alpha"], quality["icc"]
    assert (alpha["value_type"], alpha["n"], alpha["omega"]) == ("V", 48, None)
    assert alpha["ci"][0] < alpha["alpha"] < alpha["ci"][1]
    assert set(alpha["item_rest"]) == set(alpha["alpha_if_dropped"]) == set(names)
    assert (icc["value_type"], icc["groups"]) == ("V", 6)
    assert {"icc1", "icc2"} < set(icc)


@settings(max_examples=20, deadline=None)
@given(some.integers(1, 10**6))
def test_what_has_no_weight_moves_no_composite_in_any_way(seed: int) -> None:
    """Neither its score and interval, nor who contributes, how much they agree, or what holds it. With
    fewer than five teams: an estimate rests on everything that a team rated."""
    one = survey(seed)
    if len(one["groups"]) > MIN_TEAMS:
        return
    light = {**one["rubric"]["capabilities"][-1], "id": "light", "weight": 0}
    rubric = {**one["rubric"], "capabilities": [*one["rubric"]["capabilities"], light]}
    seen = [
        report(from_json({**one, "rubric": rubric, "responses": _with(one["responses"], each)}))
        for each in (lambda at: 1 + at % 2, lambda at: 5 - at % 3)
    ]
    for node in seen[0]["nodes"]:
        mine, other = (each["nodes"][node] for each in seen)
        assert differences(mine["value_types"], other["value_types"], 1e-12) == []
        assert differences({"": mine["overall"]}, {"": other["overall"]}, 1e-12) == []


def _with(responses: list[Any], rating: Callable[[int], int]) -> list[Any]:
    """Everyone who rated the last capability rates one more."""
    return [
        {
            **each,
            "performance": [
                *each["performance"],
                rating(at) if (each["performance"][-1] or 0) > 0 else each["performance"][-1],
            ],
            "importance": [*each["importance"], each["importance"][-1]],
        }
        for at, each in enumerate(responses)
    ]
