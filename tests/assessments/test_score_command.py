"""An auditor scores a file on the command line: the numbers of the worked cases, or every problem."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.assessments.scoring.audit.test_raw_report import CYCLES, differences
from tests.assessments.scoring.surveys import CASES, case


def scored(*arguments: str) -> Any:
    out = StringIO()
    call_command("score", *arguments, stdout=out)
    return json.loads(out.getvalue())


def filed(folder: Path, name: str, survey: Any) -> str:
    path = folder / name
    path.write_text(json.dumps(survey))
    return str(path)


@pytest.mark.parametrize("name", CYCLES)
def test_a_survey_is_scored_as_in_the_worked_case(name: str, tmp_path: Path) -> None:
    given = case(name)
    found = scored(filed(tmp_path, "survey.json", given["input"]))
    assert set(found) == {
        "discarded",
        "participation",
        "visible",
        "detail",
        "prior",
        "quality",
        "nodes",
    }
    kept = {part: found[part] for part in given["expected"]}
    assert differences(kept, given["expected"], given["tolerance"]) == []


def test_two_surveys_are_compared_as_in_the_worked_case(tmp_path: Path) -> None:
    given = case("change_cycles")
    later, earlier = (filed(tmp_path, wave, given["input"][wave]) for wave in ("wave2", "wave1"))
    found = scored(later, "--compare", earlier)
    nodes = {name: found["change"][name] for name in given["expected"]["change"]}
    assert differences(nodes, given["expected"]["change"], given["tolerance"]) == []
    assert set(found["nodes"]) == {"org", "T1", "T2", "T3", "T4"}


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.json")))
@pytest.mark.parametrize("whole", [True, False])
def test_every_worked_case_can_be_scored_as_it_is(name: str, whole: bool, tmp_path: Path) -> None:
    given = case(name)
    found = scored(filed(tmp_path, "case.json", given if whole else given["input"]))
    expected = given["expected"]
    if name == "change_cycles":
        found["change"] = {node: found["change"][node] for node in expected["change"]}
    kept = {part: found[part] for part in expected} if isinstance(expected, dict) else found
    assert differences({"": kept}, {"": expected}, given["tolerance"]) == []


WRONG: list[tuple[Any, list[str]]] = [
    ({"score": [1e9, 3, "3", True, 5.1]}, ["$.score[0]", "$.score[2]", "$.score[3]"]),
    ({"score": "3"}, ["$.score"]),
    ({"score": 3, "n": 0, "ci": 4}, ["$.n", "$.ci"]),
    ([3, {"score": 9, "n": 0, "ci": [1]}], ["$[0]", "$[1].score", "$[1].n", "$[1].ci"]),
    ([{"score": 3, "n": 12, "ci": [2, 4], "ad": "x"}], ["$[0].ad"]),
    (
        {"answers": {"a": -1, "b": 1}, "groups": [{"id": "a", "parent": None}], "k": 0},
        ["$.k", "$.answers.a", "$.answers.b"],
    ),
    ({"answers": [], "groups": []}, ["$.groups", "$.answers"]),
    (
        {"wave1": 1, "wave2": {"groups": 1}},
        ["$.wave1", "$.wave2.rubric", "$.wave2.groups", "$.wave2.responses"],
    ),
    ({"kind": "level", "input": {"score": ["6"]}}, ["$.input.score[0]"]),
    ({"kind": "cycle", "input": {}}, ["$.input.rubric", "$.input.groups", "$.input.responses"]),
    ({}, ["$.rubric", "$.groups", "$.responses"]),
]


@pytest.mark.parametrize(("given", "paths"), WRONG)
def test_a_small_question_too_is_refused_with_every_place(
    given: Any, paths: list[str], tmp_path: Path
) -> None:
    where = filed(tmp_path, "question.json", given)
    with pytest.raises(CommandError) as refused:
        scored(where)
    lines = str(refused.value).splitlines()
    assert [line.removeprefix(f"{where}: ").partition(": ")[0] for line in lines] == paths
    assert refused.value.returncode == 2


ANSWERED: list[tuple[Any, Any]] = [
    ({"score": 2.45}, {"shown": 2.5, "level": 3}),
    ({"score": [0.2, 5.7, -3]}, {"shown": [0.2, 5.7, -3.0], "level": [1, 5, 1]}),
    ({"score": []}, {"shown": [], "level": []}),
    (
        [{"score": 3.04, "n": 12, "ci": None}],
        [{"score": 3.0, "bound": None, "coarse": False, "ci": None}],
    ),
    (
        {"score": 3.05, "n": 12, "rwg": 0.705, "ad": None},
        {"score": 3.1, "bound": None, "coarse": False, "ci": None, "rwg": 0.71},
    ),
    ({"score": 4.9, "n": 6}, {"score": 5.0, "bound": None, "coarse": True, "ci": None}),
]


@pytest.mark.parametrize(("given", "wanted"), ANSWERED)
def test_what_can_be_answered_is_not_refused(given: Any, wanted: Any, tmp_path: Path) -> None:
    assert scored(filed(tmp_path, "question.json", given)) == wanted


@pytest.mark.parametrize("name", ["case", "case.txt", "case.JSON", "ratings.csv"])
def test_a_file_is_what_it_holds_and_not_what_it_is_called(name: str, tmp_path: Path) -> None:
    where = tmp_path / name
    where.write_bytes(b"\xef\xbb\xbf\n " + json.dumps({"score": [2.45]}).encode())
    assert scored(str(where)) == {"shown": [2.5], "level": [3]}


def test_worked_cases_are_compared_as_their_surveys_are(tmp_path: Path) -> None:
    given = case("change_cycles")["input"]
    plain = [filed(tmp_path, wave, given[wave]) for wave in ("wave2", "wave1")]
    wrapped = [
        filed(tmp_path, f"case of {wave}", {"kind": "cycle", "input": given[wave]})
        for wave in ("wave2", "wave1")
    ]
    found = [scored(later, "--compare", earlier) for later, earlier in (plain, wrapped)]
    assert found[0] == found[1]
    broken = filed(tmp_path, "broken.json", {"input": {**given["wave1"], "groups": 1}})
    with pytest.raises(CommandError, match=r"\$\.input\.groups: must be a list"):
        scored(plain[0], "--compare", broken)


def test_every_problem_of_both_files_is_told_and_nothing_else(tmp_path: Path) -> None:
    """As a program of its own: what counts is how it ends, and that nothing is printed before."""
    given = case("cycle_nested_missing")["input"]
    first, *rest = given["responses"]
    first = {**first, "performance": [6, *first["performance"][1:]]}
    now = filed(tmp_path, "now.json", {**given, "responses": [first, *rest]})
    then = filed(tmp_path, "then.json", {**given, "groups": None})
    command = [sys.executable, "manage.py", "score", now, "--compare", then]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"CommandError: {now}: $.responses[0].performance[0]: must be 1 to 5, 0, -1 or null.",
        f"{then}: $.groups: must be a list.",
    ]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.json: No such file") as refused:
        scored(str(tmp_path / "nowhere.json"))
    assert refused.value.returncode == 2


def test_what_a_survey_brings_along_cannot_be_said_twice(tmp_path: Path) -> None:
    where = filed(tmp_path, "survey.json", case("cycle_nested_missing")["input"])
    with pytest.raises(CommandError, match=r"its own rubric, head-counts and threshold"):
        scored(where, "--threshold", "7")


@pytest.mark.parametrize("threshold", ["3", "21", "-1", "five"])
def test_no_file_is_scored_for_fewer_than_may_be_chosen(threshold: str, tmp_path: Path) -> None:
    sheet = tmp_path / "ratings.csv"
    sheet.write_text("team,growth-agenda\nA,4\n")
    with pytest.raises(CommandError, match="argument --threshold"):
        scored(str(sheet), "--threshold", threshold)
