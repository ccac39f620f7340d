"""The small questions of the method by themselves: what is hidden in a tree, which level a score is,
what may be printed of a cell. In files as short as the question, so that anyone can check one by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from assessments.scoring.checking import (
    MOST_PEOPLE,
    NoSurvey,
    Problem,
    check,
    is_number,
    is_whole,
    tree_problems,
)
from assessments.scoring.filing import from_json
from assessments.scoring.guarding import FEW
from assessments.scoring.hiding import hide
from assessments.scoring.levels import level_of, shown
from assessments.scoring.reporting import report, report_change
from assessments.scoring.showing import BOUNDS, face, hundredth, tenth
from assessments.scoring.survey import Node, Tree

Answer = Callable[[Any], Any]
PRINTED: Mapping[str, Callable[[float], float]] = {
    "rwg": hundredth,
    "ad": lambda value: float(tenth(np.array(value))),
}


def answered(given: Any) -> Any:
    """What the method says to a survey, or to one of the small questions, or to a worked case that
    holds either as its "input". Refuses with `NoSurvey`."""
    if isinstance(given, dict) and "input" in given and "rubric" not in given:
        try:
            return answered(given["input"])
        except NoSurvey as refused:
            problems = refused.problems
            raise NoSurvey(
                Problem(f"$.input{one.path[1:]}", one.text) for one in problems
            ) from None
    return _question(given)(given)


def _question(given: Any) -> Answer:
    if isinstance(given, list):
        return printed
    names = given.keys() if isinstance(given, dict) else ()
    questions: dict[str, Answer] = {"answers": hidden, "score": levels, "wave1": changed}
    for name, question in questions.items():
        if name in names and "rubric" not in names:
            return question
    return surveyed


def surveyed(given: Any) -> dict[str, Any]:
    return report(from_json(given))


def changed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Of {"wave1": survey, "wave2": survey}."""
    problems: list[Problem] = []
    for wave in ("wave1", "wave2"):
        try:
            check(given.get(wave))
        except NoSurvey as refused:
            problems += [Problem(f"$.{wave}{one.path[1:]}", one.text) for one in refused.problems]
    if problems:
        raise NoSurvey(problems)
    return report_change(from_json(given["wave1"]), from_json(given["wave2"]))


# --- Hiding -----------------------------------------------------------------------------------


def hidden(given: Mapping[str, Any]) -> dict[str, Any]:
    """Of {"groups": [{"id", "parent"}], "answers": {id: how many}, "k"}: which may be shown."""
    _refuse(_of_tree(given))
    groups, answers = given["groups"], given["answers"]
    tree = Tree.of(tuple(Node(group["id"], group["parent"], 0) for group in groups))
    counts = np.array([answers.get(node.id, 0) for node in tree.nodes], dtype=np.int64)
    seen = hide(tree, counts, given.get("k", 5))
    return {"visible": sorted(tree.nodes[place].id for place in np.flatnonzero(seen))}


def _of_tree(given: Mapping[str, Any]) -> Iterator[Problem]:
    yield from tree_problems(given)
    if not is_whole(given.get("k", 5), 1, MOST_PEOPLE):
        yield Problem("$.k", "must be a whole number of people.")
    answers, groups = given["answers"], given.get("groups")
    if not isinstance(answers, dict):
        yield Problem("$.answers", "must be an object.")
        return
    listed = groups if isinstance(groups, list) else []
    known = [group.get("id") for group in listed if isinstance(group, dict)]
    for name, number in answers.items():
        if name not in known:
            yield Problem(f"$.answers.{name}", "There is no such group.")
        elif not is_whole(number, 0, MOST_PEOPLE):
            yield Problem(f"$.answers.{name}", "must be a whole number of people.")


# --- Levels and print -------------------------------------------------------------------------


def levels(given: Mapping[str, Any]) -> dict[str, Any]:
    """Of {"score": [...]}: as it is printed, and its level."""
    scores = given["score"]
    _refuse(_of_scores(scores))
    told = np.array(scores, dtype=np.float64)
    return {
        "shown": [round(float(score), 1) for score in shown(told)],
        "level": [int(level) for level in level_of(told)],
    }


def _of_scores(scores: Any) -> Iterator[Problem]:
    if not isinstance(scores, list):
        yield Problem("$.score", "must be a list.")
        return
    for place, score in enumerate(scores):
        if not is_number(score, 1, 5):
            yield Problem(f"$.score[{place}]", "must be a number from 1 to 5.")


def printed(given: list[Any]) -> list[dict[str, Any]]:
    """Of [{"score", "ci", "n", "rwg", "ad"}]: what may be printed."""
    _refuse(
        problem for place, cell in enumerate(given) for problem in _of_cell(cell, f"$[{place}]")
    )
    return [_printed(cell) for cell in given]


def _of_cell(cell: Any, path: str) -> Iterator[Problem]:
    if not isinstance(cell, dict):
        yield Problem(path, "must be an object.")
        return
    ci = cell.get("ci")
    if not is_number(cell.get("score"), 1, 5):
        yield Problem(f"{path}.score", "must be a number from 1 to 5.")
    if not is_whole(cell.get("n"), 1, MOST_PEOPLE):
        yield Problem(f"{path}.n", "must be a whole number of people.")
    if not (isinstance(ci, list) and len(ci) == 2 and all(is_number(end, 1, 5) for end in ci)):
        yield Problem(f"{path}.ci", "must be two numbers from 1 to 5.")
    for name in ("rwg", "ad"):
        if name in cell and not is_number(cell[name], 0, 5):
            yield Problem(f"{path}.{name}", "must be a number from 0 to 5.")


def _printed(cell: Mapping[str, Any]) -> dict[str, Any]:
    n = cell["n"]
    score, low, high = (
        np.array([value], dtype=np.float64) for value in (cell["score"], *cell["ci"])
    )
    one = face(score, low, high, np.array([n], dtype=np.int64))
    bound = BOUNDS[int(one.bound[0])].replace("_", " ")
    told: dict[str, Any] = {
        "score": float(one.score[0]),
        "bound": bound or None,
        "ci": None if bound else [float(one.low[0]), float(one.high[0])],
    }
    if n >= FEW:
        told |= {name: rounded(cell[name]) for name, rounded in PRINTED.items() if name in cell}
    return told


def _refuse(problems: Iterator[Problem]) -> None:
    found = list(problems)
    if found:
        raise NoSurvey(found)
