"""A file is a survey, or every problem is named with its place, whatever stands in it."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assessments.scoring.audit.json_checks import parse_json
from assessments.scoring.audit.json_survey import NoSurvey, from_bytes, from_json
from assessments.scoring.audit.raw_change import report_change
from assessments.scoring.audit.raw_report import report
from assessments.scoring.audit.worked_cases import answer_case

SMALL: dict[str, Any] = {
    "rubric": {
        "value_types": [{"id": "V", "weight": 1}],
        "capabilities": [
            {"id": "A", "value_type": "V", "weight": 1},
            {"id": "B", "value_type": "V", "weight": 2, "market": True},
        ],
    },
    "groups": [
        {"id": "org", "parent": None, "headcount": 1},
        {"id": "team", "parent": "org", "headcount": 9},
    ],
    "responses": [
        {
            "person": f"p{number}",
            "group": "team",
            "role": "member" if number else "leader",
            "performance": [1 + number % 5, None],
            "importance": [4, -1],
        }
        for number in range(8)
    ],
    "config": {"k": 4},
}

Change = Callable[[dict[str, Any]], Any]


def problems(given: Any) -> list[tuple[str, str]]:
    with pytest.raises(NoSurvey) as refused:
        from_json(given)
    return [(problem.path, problem.text) for problem in refused.value.problems]


def with_(change: Change) -> dict[str, Any]:
    given = copy.deepcopy(SMALL)
    change(given)
    return given


RATING = "must be 1 to 5, 0, -1 or null."
WEIGHT = "must be a number from 0 to 1000000."
ONE_PROBLEM: list[tuple[Change, str, str]] = [
    (lambda s: s.pop("groups"), "$.groups", "This is missing."),
    (lambda s: s.update(groups=[]), "$.groups", "must not be empty."),
    (lambda s: s.update(responses={}), "$.responses", "must be a list."),
    (lambda s: s.pop("rubric"), "$.rubric", "This is missing."),
    (lambda s: s["groups"][1].update(headcount=-1), "$.groups[1].headcount", "must be a whole"),
    (lambda s: s["groups"][1].update(headcount=2.5), "$.groups[1].headcount", "must be a whole"),
    (lambda s: s["groups"][1].update(headcount=10**9), "$.groups[1].headcount", "must be a whole"),
    (lambda s: s["groups"].append(s["groups"][1]), "$.groups[2].id", '"team" appears twice.'),
    (lambda s: s["groups"][1].update(parent=None), "$.groups[1].parent", "Only one group"),
    (lambda s: s["groups"][1].update(parent="team"), "$.groups[1].parent", "This group lies below"),
    (lambda s: s["groups"][1].update(parent="?"), "$.groups[1].parent", 'There is no "?".'),
    (lambda s: s["groups"][1].pop("parent"), "$.groups[1].parent", "This is missing."),
    (
        lambda s: s["groups"][0].update(parent=""),
        "$.groups[0].parent",
        "must be text, or null for the root.",
    ),
    (lambda s: s["responses"][2].update(group="x"), "$.responses[2].group", 'There is no "x".'),
    (lambda s: s["responses"][2].update(role="boss"), "$.responses[2].role", "must be member"),
    (lambda s: s["responses"][2].update(person="p1"), "$.responses[2].person", '"p1" appears'),
    (lambda s: s["responses"][2].update(named="yes"), "$.responses[2].named", "must be true"),
    (
        lambda s: s["responses"][2].update(performance=[6, 1]),
        "$.responses[2].performance[0]",
        RATING,
    ),
    (
        lambda s: s["responses"][2].update(performance=[1, True]),
        "$.responses[2].performance[1]",
        RATING,
    ),
    (
        lambda s: s["responses"][2].update(importance=[1, 2.0]),
        "$.responses[2].importance[1]",
        RATING,
    ),
    (lambda s: s["responses"][2].update(importance=[1]), "$.responses[2].importance", "must hold"),
    (lambda s: s["responses"][2].pop("importance"), "$.responses[2].importance", "This is missing"),
    (
        lambda s: s["rubric"]["capabilities"][0].update(weight=math.inf),
        "$.rubric.capabilities[0].weight",
        WEIGHT,
    ),
    (
        lambda s: s["rubric"]["capabilities"][0].update(weight=-1),
        "$.rubric.capabilities[0].weight",
        WEIGHT,
    ),
    (
        lambda s: s["rubric"]["capabilities"][0].update(routine=1),
        "$.rubric.capabilities[0].routine",
        "must be true or false.",
    ),
    (
        lambda s: s["rubric"]["capabilities"][0].update(value_type="W"),
        "$.rubric.capabilities[0].value_type",
        'There is no "W".',
    ),
    (
        lambda s: [one.update(weight=0) for one in s["rubric"]["capabilities"]],
        "$.rubric.value_types[0]",
        "At least one of its capabilities must have a weight.",
    ),
    (
        lambda s: s["rubric"]["value_types"][0].update(weight=0),
        "$.rubric.value_types",
        "At least one must have a weight.",
    ),
    (lambda s: s.update(config=[]), "$.config", "must be an object."),
    (lambda s: s["config"].update(k=3), "$.config.k", "must be a whole number from 4 to 20."),
    (lambda s: s["config"].update(nu=-1), "$.config.nu", "must be a number of answers."),
    (lambda s: s["config"].update(level_rule="best"), "$.config.level_rule", "must be mean or"),
    (lambda s: s["rubric"].update(level_rule="best"), "$.rubric.level_rule", "must be mean or"),
    (
        lambda s: s["config"].update(targets={"team": {"A": 6}}),
        "$.config.targets.team.A",
        "must be a number from 1 to 5.",
    ),
    (
        lambda s: s["config"].update(targets={"a b": {}}),
        '$.config.targets["a b"]',
        'There is no "a b".',
    ),
    (
        lambda s: s["config"].update(targets={"team": {"Z": 3}}),
        "$.config.targets.team.Z",
        'There is no "Z".',
    ),
]


@pytest.mark.parametrize(("change", "path", "text"), ONE_PROBLEM)
def test_one_mistake_is_one_problem_with_its_place(change: Change, path: str, text: str) -> None:
    ((found, told),) = problems(with_(change))
    assert (found, told[: len(text)]) == (path, text)


def test_the_small_survey_itself_is_one() -> None:
    found = report(from_json(SMALL))
    assert found["nodes"]["org"]["capabilities"]["A"]["n"] == 7


def test_all_mistakes_are_told_at_once() -> None:
    given = with_(lambda s: s["groups"][1].update(headcount=-1))
    given["responses"][0]["performance"] = [7, "3"]
    given["config"] = {"k": True, "level_rule": None}
    assert [path for path, _ in problems(given)] == [
        "$.groups[1].headcount",
        "$.responses[0].performance[0]",
        "$.responses[0].performance[1]",
        "$.config.k",
        "$.config.level_rule",
    ]


def test_a_tree_without_a_root_is_a_ring() -> None:
    given = with_(lambda s: s["groups"][0].update(parent="team"))
    told = problems(given)
    assert told[0] == ("$.groups", "One group must be the root: its parent is null.")
    assert [path for path, _ in told[1:]] == ["$.groups[0].parent", "$.groups[1].parent"]


def test_a_ring_of_groups_is_told_for_each_of_them_and_for_nothing_below() -> None:
    ring = [("a", "c"), ("b", "a"), ("c", "b"), ("below", "a")]
    given = with_(
        lambda s: s["groups"].extend({"id": name, "parent": above} for name, above in ring)
    )
    assert [path for path, _ in problems(given)] == [f"$.groups[{at}].parent" for at in (2, 3, 4)]


UNREADABLE = [
    (b"", "$", "The file is not JSON (line 1, column 1"),
    (b"\xff\xfe", "$", "The file must be text in UTF-8."),
    (b"[1, 2", "$", "The file is not JSON"),
    (b"[" * 100_000, "$", "The file"),
    (b"[" * 60 + b"]" * 60, "$" + "[0]" * 51, "This is nested too deeply."),
    (b'{"k": 1' + b"0" * 5000 + b"}", "$", "The file holds a number"),
    (b'{"a": [NaN]}', "$.a[0]", "This is not a finite number."),
    (b'{"a": -Infinity}', "$.a", "This is not a finite number."),
    (b'{"a": 1e999}', "$.a", "This is not a finite number."),
    (b'{"a": {"b c": 1, "b c": 2}}', '$.a["b c"]', "This name is given twice."),
    (b'{"a": "\\ud800"}', "$.a", "This is half a character."),
    (b"3", "$", "The file must hold an object."),
    (b"null", "$", "The file must hold an object."),
]


@pytest.mark.parametrize(("raw", "path", "text"), UNREADABLE)
def test_what_is_no_json_or_means_two_things_is_refused(raw: bytes, path: str, text: str) -> None:
    with pytest.raises(NoSurvey) as refused:
        from_bytes(raw)
    (problem,) = refused.value.problems
    assert (problem.path, problem.text[: len(text)]) == (path, text)


def test_a_mark_before_the_text_does_no_harm() -> None:
    assert len(from_bytes(b"\xef\xbb\xbf" + json.dumps(SMALL).encode()).node_of) == 8


# --- Anything at all --------------------------------------------------------------------------

ANYTHING = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-3, 9)
    | some.integers()
    | some.floats()
    | some.text(max_size=3)
    | some.sampled_from(["org", "team", "A", "V", "p1", "member", "", "\ud800"]),
    lambda inside: (
        some.lists(inside, max_size=3)
        | some.dictionaries(
            some.sampled_from(["id", "k", "parent", "team", "A"]), inside, max_size=3
        )
    ),
    max_leaves=5,
)


def places(given: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) below."""
    keys = (
        given if isinstance(given, dict) else range(len(given)) if isinstance(given, list) else ()
    )
    found = [(given, key) for key in keys]
    return found + [place for _, key in found for place in places(given[key])]


@settings(max_examples=400, deadline=None)
@given(some.data())
def test_a_survey_with_anything_in_it_is_scored_or_refused(data: some.DataObject) -> None:
    given = copy.deepcopy(SMALL)
    for _ in range(data.draw(some.integers(1, 3))):
        container, key = data.draw(some.sampled_from(places(given)))
        what = data.draw(some.sampled_from(["replace", "remove", "copy"]))
        if what == "replace":
            container[key] = data.draw(ANYTHING)
        elif what == "remove":
            del container[key]
        elif isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        if not given:
            break
    raw = json.dumps(given).encode()
    try:
        survey = from_bytes(raw)
    except NoSurvey as refused:
        told = [problem.path for problem in refused.problems]
    else:
        found = {**report(survey), **report_change(from_json(SMALL), survey)}
        json.dumps(found, allow_nan=False)
        told = [] if all(1 <= number <= 5 for number in scores_in(found)) else ["nonsense"]
    assert all(path.startswith("$") for path in told)


def scores_in(told: Any) -> list[float]:
    if isinstance(told, list):
        return [number for inside in told for number in scores_in(inside)]
    if not isinstance(told, dict):
        return []
    own = [told[name] for name in ("score", "before", "after") if name in told]
    return own + [number for inside in told.values() for number in scores_in(inside)]


SHORT: list[Any] = [
    {"score": [1.45, 3, 5]},
    {"groups": SMALL["groups"], "answers": {"org": 1, "team": 6}, "k": 5},
    [{"score": 4.9, "n": 6, "ci": [4, 5], "rwg": 0.6, "ad": 0.4}],
    {"score": 4.9, "n": 6, "ci": [4, 5]},
    {"wave1": SMALL, "wave2": SMALL},
    {"kind": "cycle", "input": SMALL},
]


@settings(max_examples=200, deadline=None)
@given(some.data())
def test_a_short_question_with_anything_in_it_is_answered_or_refused(data: some.DataObject) -> None:
    given = copy.deepcopy(data.draw(some.sampled_from(SHORT)))
    container, key = data.draw(some.sampled_from(places(given)))
    container[key] = data.draw(ANYTHING)
    try:
        json.dumps(answer_case(parse_json(json.dumps(given).encode())), allow_nan=False)
        told = []
    except NoSurvey as refused:
        told = [problem.path for problem in refused.problems] or ["nothing"]
    assert all(path.startswith("$") for path in told)


@settings(max_examples=100, deadline=None)
@given(
    some.binary(max_size=40)
    | some.text(max_size=40).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_refused_with_a_place(raw: bytes) -> None:
    with pytest.raises(NoSurvey):
        from_bytes(raw)
