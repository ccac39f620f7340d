"""Worked cases: single questions of the method, such as what is hidden in a tree, which level a score
is, or what may be printed of a cell, in JSON that is short enough to check by hand.
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
from assessments.scoring.audit.raw_change import report_change
from assessments.scoring.audit.raw_report import report
from assessments.scoring.levels import level_of
from assessments.scoring.rounding import print_scores, round_hundredth, round_tenth
from assessments.scoring.survey import Survey, SurveyNode, SurveyTree
from assessments.scoring.visibility import DETAIL_THRESHOLD

SCORE_LIMIT = 1e6  # of scores in level cases, which may lie outside the scale
CaseFunction = Callable[[Any], Any]
CaseResult = TypeVar("CaseResult")
ROUNDERS: Mapping[str, Callable[[float], float]] = {
    "rwg": lambda value: float(round_hundredth(np.array(value))),
    "ad": lambda value: float(round_tenth(np.array(value))),
}


def answer_case(given: Any) -> Any:
    """Answer a survey, one of the small questions, or a worked case that holds either as its "input".
    Raises `NoSurvey`."""
    return _answer_inside(given, lambda inside: _choose_function(inside)(inside))


def read_survey(given: Any) -> Survey:
    """Read a survey, or the survey in a worked case. Raises `NoSurvey`."""
    return _answer_inside(given, from_json)


def _answer_inside(given: Any, answer: Callable[[Any], CaseResult]) -> CaseResult:
    """Answer what is given, or the "input" of a worked case; problems then have paths below $.input."""
    if not isinstance(given, dict) or "input" not in given or "rubric" in given:
        return answer(given)
    try:
        return _answer_inside(given["input"], answer)
    except NoSurvey as error:
        inside = [
            SurveyProblem(f"$.input{problem.path[1:]}", problem.text) for problem in error.problems
        ]
        raise NoSurvey(inside) from None


def _choose_function(given: Any) -> CaseFunction:
    """Return the function that answers a case, by the names it holds."""
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
    return next((answer for name, answer in questions.items() if name in names), report_survey)


def report_survey(given: Any) -> dict[str, Any]:
    return report(from_json(given))


def report_waves(given: Mapping[str, Any]) -> dict[str, Any]:
    """Report the change in {"wave1": survey, "wave2": survey}."""
    problems: list[SurveyProblem] = []
    for wave in ("wave1", "wave2"):
        try:
            check_survey(given.get(wave))
        except NoSurvey as error:
            problems += [
                SurveyProblem(f"$.{wave}{problem.path[1:]}", problem.text)
                for problem in error.problems
            ]
    if problems:
        raise NoSurvey(problems)
    return report_change(from_json(given["wave1"]), from_json(given["wave2"]))


# --- Hiding -----------------------------------------------------------------------------------


def visible_groups(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return which groups of {"groups": [{"id", "parent"}], "answers": {id: how many}, "k"} may be shown."""
    _refuse_problems(_find_tree_problems(given))
    groups, answers = given["groups"], given["answers"]
    tree = SurveyTree.of(tuple(SurveyNode(group["id"], group["parent"], 0) for group in groups))
    counts = np.array([answers.get(node.id, 0) for node in tree.nodes], dtype=np.int64)
    visible = tree.visible(counts, given.get("k", 5))
    return {"visible": sorted(tree.nodes[index].id for index in np.flatnonzero(visible))}


def _find_tree_problems(given: Mapping[str, Any]) -> Iterator[SurveyProblem]:
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
    """Return how the scores of {"score": [...]}, or one score, are printed, and their levels, which are 1
    to 5 whatever the score."""
    scores = given["score"]
    _refuse_problems(_find_score_problems(scores))
    values = np.array(scores, dtype=np.float64)
    return {
        "shown": round_tenth(values).tolist(),
        "level": level_of(values).astype(np.int64).tolist(),
    }


def _find_score_problems(scores: Any) -> Iterator[SurveyProblem]:
    indexed_scores = enumerate(scores) if isinstance(scores, list) else [("", scores)]
    for index, score in indexed_scores:
        if not is_number(score, -SCORE_LIMIT, SCORE_LIMIT):
            yield SurveyProblem(
                f"$.score[{index}]" if index != "" else "$.score", "must be a number."
            )


def printed_cells(given: list[Any]) -> list[dict[str, Any]]:
    """Return what may be printed of [{"score", "ci", "n", "rwg", "ad"}]."""
    _refuse_problems(
        problem
        for index, cell in enumerate(given)
        for problem in _find_cell_problems(cell, f"$[{index}]")
    )
    return [_print_cell(cell) for cell in given]


def printed_cell(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be printed of one such cell."""
    _refuse_problems(_find_cell_problems(given, "$"))
    return _print_cell(given)


def _find_cell_problems(cell: Any, path: str) -> Iterator[SurveyProblem]:
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


def _print_cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    n, ci = cell["n"], cell.get("ci")
    coarse = n < DETAIL_THRESHOLD
    score, low, high = (
        np.array(value, dtype=np.float64) for value in (cell["score"], *(ci or (1, 5)))
    )
    printed = print_scores(score, low, high, np.array(coarse))
    answer: dict[str, Any] = {
        "score": float(printed.score),
        "bound": None,
        "coarse": coarse,
        "ci": [float(printed.low), float(printed.high)] if ci else None,
    }
    known = [name for name in ROUNDERS if not coarse and cell.get(name) is not None]
    return answer | {name: ROUNDERS[name](cell[name]) for name in known}


def _refuse_problems(problems: Iterator[SurveyProblem]) -> None:
    found_problems = list(problems)
    if found_problems:
        raise NoSurvey(found_problems)
