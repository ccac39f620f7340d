"""The small questions of the method by themselves: what is hidden in a tree, which level a score is,
what may be printed of a cell. In files as short as the question, so that anyone can check one by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

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
from assessments.scoring.hiding import FEW, hide
from assessments.scoring.levels import level_of
from assessments.scoring.reporting import report, report_change
from assessments.scoring.showing import BOUNDS, face, hundredth, tenth
from assessments.scoring.survey import Node, Survey, Tree

FURTHEST = 1e6  # from the scale: a score of its own making, and still a number
Answer = Callable[[Any], Any]
Told = TypeVar("Told")
PRINTED: Mapping[str, Callable[[float], float]] = {
    "rwg": lambda value: float(hundredth(np.array(value))),
    "ad": lambda value: float(tenth(np.array(value))),
}


def answered(given: Any) -> Any:
    """What the method says to a survey, or to one of the small questions, or to a worked case that
    holds either as its "input". Refuses with `NoSurvey`."""
    return _within(given, lambda inside: _question(inside)(inside))


def survey_in(given: Any) -> Survey:
    """A survey, or a worked case that holds one. Refuses with `NoSurvey`."""
    return _within(given, from_json)


def _within(given: Any, ask: Callable[[Any], Told]) -> Told:
    if not isinstance(given, dict) or "input" not in given or "rubric" in given:
        return ask(given)
    try:
        return _within(given["input"], ask)
    except NoSurvey as refused:
        inside = [Problem(f"$.input{one.path[1:]}", one.text) for one in refused.problems]
        raise NoSurvey(inside) from None


def _question(given: Any) -> Answer:
    if isinstance(given, list):
        return printed
    names = given.keys() if isinstance(given, dict) else ()
    if "rubric" in names:
        return surveyed
    if "score" in names and "n" in names:
        return printed_alone
    questions: dict[str, Answer] = {"answers": hidden, "score": levels, "wave1": changed}
    return next((ask for name, ask in questions.items() if name in names), surveyed)


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
    """Of {"score": [...]}, or of one: as it is printed, and its level, which is 1 to 5 whatever the
    score."""
    scores = given["score"]
    _refuse(_of_scores(scores))
    told = np.array(scores, dtype=np.float64)
    return {"shown": tenth(told).tolist(), "level": level_of(told).astype(np.int64).tolist()}


def _of_scores(scores: Any) -> Iterator[Problem]:
    each = enumerate(scores) if isinstance(scores, list) else [("", scores)]
    for place, score in each:
        if not is_number(score, -FURTHEST, FURTHEST):
            yield Problem(f"$.score[{place}]" if place != "" else "$.score", "must be a number.")


def printed(given: list[Any]) -> list[dict[str, Any]]:
    """Of [{"score", "ci", "n", "rwg", "ad"}]: what may be printed."""
    _refuse(
        problem for place, cell in enumerate(given) for problem in _of_cell(cell, f"$[{place}]")
    )
    return [_printed(cell) for cell in given]


def printed_alone(given: Mapping[str, Any]) -> dict[str, Any]:
    """Of one such cell."""
    _refuse(_of_cell(given, "$"))
    return _printed(given)


def _of_cell(cell: Any, path: str) -> Iterator[Problem]:
    if not isinstance(cell, dict):
        yield Problem(path, "must be an object.")
        return
    ci = cell.get("ci")
    if not is_number(cell.get("score"), 1, 5):
        yield Problem(f"{path}.score", "must be a number from 1 to 5.")
    if not is_whole(cell.get("n"), 1, MOST_PEOPLE):
        yield Problem(f"{path}.n", "must be a whole number of people.")
    if ci is not None and not _is_interval(ci):
        yield Problem(f"{path}.ci", "must be two numbers from 1 to 5, or null.")
    for name in PRINTED:
        if cell.get(name) is not None and not is_number(cell[name], 0, 5):
            yield Problem(f"{path}.{name}", "must be a number from 0 to 5.")


def _is_interval(given: Any) -> bool:
    return isinstance(given, list) and len(given) == 2 and all(is_number(e, 1, 5) for e in given)


def _printed(cell: Mapping[str, Any]) -> dict[str, Any]:
    n, ci = cell["n"], cell.get("ci")
    score, low, high = (np.array(one, dtype=np.float64) for one in (cell["score"], *(ci or (1, 5))))
    one = face(score, low, high, np.array(n, dtype=np.int64))
    bound = BOUNDS[int(one.bound)].replace("_", " ")
    told: dict[str, Any] = {
        "score": float(one.score),
        "bound": bound or None,
        "ci": [float(one.low), float(one.high)] if ci and not bound else None,
    }
    known = [name for name in PRINTED if n >= FEW and cell.get(name) is not None]
    return told | {name: PRINTED[name](cell[name]) for name in known}


def _refuse(problems: Iterator[Problem]) -> None:
    found = list(problems)
    if found:
        raise NoSurvey(found)
