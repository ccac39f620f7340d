"""The small questions of the method by themselves: what is hidden in a tree, which level a score is,
what may be printed of a cell. In files as short as the question, so that anyone can check one by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np

from assessments.scoring.audit.json_checks import (
    MAX_PEOPLE,
    NoSurvey,
    SurveyProblem,
    check_survey,
    is_number,
    is_whole_number,
    tree_problems,
)
from assessments.scoring.audit.json_survey import from_json
from assessments.scoring.audit.raw_report import report, report_change
from assessments.scoring.levels import level_of
from assessments.scoring.rounding import BOUNDS, printed_scores, round_hundredth, round_tenth
from assessments.scoring.survey import Survey, SurveyNode, SurveyTree
from assessments.scoring.visibility import DETAIL_THRESHOLD, hide

SCORE_LIMIT = 1e6  # from the scale: a score of its own making, and still a number
CaseFunction = Callable[[Any], Any]
CaseResult = TypeVar("CaseResult")
ROUNDERS: Mapping[str, Callable[[float], float]] = {
    "rwg": lambda value: float(round_hundredth(np.array(value))),
    "ad": lambda value: float(round_tenth(np.array(value))),
}


def answer_case(given: Any) -> Any:
    """What the method says to a survey, or to one of the small questions, or to a worked case that
    holds either as its "input". Refuses with `NoSurvey`."""
    return _within(given, lambda inside: _question(inside)(inside))


def read_survey(given: Any) -> Survey:
    """A survey, or a worked case that holds one. Refuses with `NoSurvey`."""
    return _within(given, from_json)


def _within(given: Any, ask: Callable[[Any], CaseResult]) -> CaseResult:
    if not isinstance(given, dict) or "input" not in given or "rubric" in given:
        return ask(given)
    try:
        return _within(given["input"], ask)
    except NoSurvey as refused:
        inside = [SurveyProblem(f"$.input{one.path[1:]}", one.text) for one in refused.problems]
        raise NoSurvey(inside) from None


def _question(given: Any) -> CaseFunction:
    if isinstance(given, list):
        return printed_cells
    names = given.keys() if isinstance(given, dict) else ()
    if "rubric" in names:
        return report_survey
    if "score" in names and "n" in names:
        return printed_cell
    questions: dict[str, CaseFunction] = {
        "answers": visible_groups,
        "score": shown_levels,
        "wave1": report_waves,
    }
    return next((ask for name, ask in questions.items() if name in names), report_survey)


def report_survey(given: Any) -> dict[str, Any]:
    return report(from_json(given))


def report_waves(given: Mapping[str, Any]) -> dict[str, Any]:
    """Of {"wave1": survey, "wave2": survey}."""
    problems: list[SurveyProblem] = []
    for wave in ("wave1", "wave2"):
        try:
            check_survey(given.get(wave))
        except NoSurvey as refused:
            problems += [
                SurveyProblem(f"$.{wave}{one.path[1:]}", one.text) for one in refused.problems
            ]
    if problems:
        raise NoSurvey(problems)
    return report_change(from_json(given["wave1"]), from_json(given["wave2"]))


# --- Hiding -----------------------------------------------------------------------------------


def visible_groups(given: Mapping[str, Any]) -> dict[str, Any]:
    """Of {"groups": [{"id", "parent"}], "answers": {id: how many}, "k"}: which may be shown."""
    _refuse(_of_tree(given))
    groups, answers = given["groups"], given["answers"]
    tree = SurveyTree.of(tuple(SurveyNode(group["id"], group["parent"], 0) for group in groups))
    counts = np.array([answers.get(node.id, 0) for node in tree.nodes], dtype=np.int64)
    seen = hide(tree, counts, given.get("k", 5))
    return {"visible": sorted(tree.nodes[place].id for place in np.flatnonzero(seen))}


def _of_tree(given: Mapping[str, Any]) -> Iterator[SurveyProblem]:
    yield from tree_problems(given)
    if not is_whole_number(given.get("k", 5), 1, MAX_PEOPLE):
        yield SurveyProblem("$.k", "must be a whole number of people.")
    answers, groups = given["answers"], given.get("groups")
    if not isinstance(answers, dict):
        yield SurveyProblem("$.answers", "must be an object.")
        return
    listed = groups if isinstance(groups, list) else []
    known = [group.get("id") for group in listed if isinstance(group, dict)]
    for name, number in answers.items():
        if name not in known:
            yield SurveyProblem(f"$.answers.{name}", "There is no such group.")
        elif not is_whole_number(number, 0, MAX_PEOPLE):
            yield SurveyProblem(f"$.answers.{name}", "must be a whole number of people.")


# --- Levels and print -------------------------------------------------------------------------


def shown_levels(given: Mapping[str, Any]) -> dict[str, Any]:
    """Of {"score": [...]}, or of one: as it is printed, and its level, which is 1 to 5 whatever the
    score."""
    scores = given["score"]
    _refuse(_of_scores(scores))
    told = np.array(scores, dtype=np.float64)
    return {"shown": round_tenth(told).tolist(), "level": level_of(told).astype(np.int64).tolist()}


def _of_scores(scores: Any) -> Iterator[SurveyProblem]:
    each = enumerate(scores) if isinstance(scores, list) else [("", scores)]
    for place, score in each:
        if not is_number(score, -SCORE_LIMIT, SCORE_LIMIT):
            yield SurveyProblem(
                f"$.score[{place}]" if place != "" else "$.score", "must be a number."
            )


def printed_cells(given: list[Any]) -> list[dict[str, Any]]:
    """Of [{"score", "ci", "n", "rwg", "ad"}]: what may be printed."""
    _refuse(
        problem for place, cell in enumerate(given) for problem in _of_cell(cell, f"$[{place}]")
    )
    return [_printed(cell) for cell in given]


def printed_cell(given: Mapping[str, Any]) -> dict[str, Any]:
    """Of one such cell."""
    _refuse(_of_cell(given, "$"))
    return _printed(given)


def _of_cell(cell: Any, path: str) -> Iterator[SurveyProblem]:
    if not isinstance(cell, dict):
        yield SurveyProblem(path, "must be an object.")
        return
    ci = cell.get("ci")
    if not is_number(cell.get("score"), 1, 5):
        yield SurveyProblem(f"{path}.score", "must be a number from 1 to 5.")
    if not is_whole_number(cell.get("n"), 1, MAX_PEOPLE):
        yield SurveyProblem(f"{path}.n", "must be a whole number of people.")
    if ci is not None and not _is_interval(ci):
        yield SurveyProblem(f"{path}.ci", "must be two numbers from 1 to 5, or null.")
    for name in ROUNDERS:
        if cell.get(name) is not None and not is_number(cell[name], 0, 5):
            yield SurveyProblem(f"{path}.{name}", "must be a number from 0 to 5.")


def _is_interval(given: Any) -> bool:
    return isinstance(given, list) and len(given) == 2 and all(is_number(e, 1, 5) for e in given)


def _printed(cell: Mapping[str, Any]) -> dict[str, Any]:
    n, ci = cell["n"], cell.get("ci")
    score, low, high = (np.array(one, dtype=np.float64) for one in (cell["score"], *(ci or (1, 5))))
    one = printed_scores(score, low, high, np.array(n, dtype=np.int64))
    bound = BOUNDS[int(one.bound)].replace("_", " ")
    told: dict[str, Any] = {
        "score": float(one.score),
        "bound": bound or None,
        "ci": [float(one.low), float(one.high)] if ci and not bound else None,
    }
    known = [name for name in ROUNDERS if n >= DETAIL_THRESHOLD and cell.get(name) is not None]
    return told | {name: ROUNDERS[name](cell[name]) for name in known}


def _refuse(problems: Iterator[SurveyProblem]) -> None:
    found = list(problems)
    if found:
        raise NoSurvey(found)
