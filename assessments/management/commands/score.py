"""Score a file without storing anything, for someone who has the answers and wants to check the scoring.

manage.py score SURVEY.json [--compare EARLIER.json]
manage.py score [--rubric SLUG] [--headcounts TEAMS] [--threshold K] RATINGS

JSON, whatever the file's name, holds a survey, a smaller question of the method, or a worked case of
either (assessments/scoring/audit/worked_cases.py).
Prints raw values, neither rounded nor protected: they must not be shown to anyone else. For a file that
cannot be read the exit status is 2, and every problem is printed with its position.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from assessments.cycles.scoring_run import asked_masks, survey_arguments
from assessments.imports.file_problems import RatingsRefused
from assessments.imports.ratings_table import RatingsTable, read_ratings_table
from assessments.management.operators import (
    add_file_options,
    file_choices,
    format_problems,
    read_file,
)
from assessments.rubrics import BUILT_IN, MAIN_RUBRIC, Rubric, built_in
from assessments.scoring import survey as scoring
from assessments.scoring.audit.json_checks import NoSurvey, parse_json
from assessments.scoring.audit.raw_change import report_change
from assessments.scoring.audit.raw_report import report
from assessments.scoring.audit.worked_cases import answer_case, read_survey
from assessments.scoring.cycle_scores import CycleScores, score_survey
from organizations.tables.writing import CellValue, write_table
from organizations.team_tree import TeamPath

SPREADSHEET_OPTIONS = ("rubric", "headcounts", "threshold")
OPTIONS_REFUSED = "A survey brings its own rubric, head-counts and threshold (config.k)."
EXIT_UNREADABLE = 2  # the exit status, as for a wrong argument
COLUMNS = (
    *("team", "kind", "subject_type", "subject", "n", "score", "low", "high"),
    *("estimate", "estimate_low", "estimate_high"),
)


class Command(BaseCommand):
    help = "Score a survey or a spreadsheet and print the raw values; nothing is stored."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ratings", metavar="SURVEY.json | RATINGS")
        parser.add_argument("--compare", metavar="EARLIER.json")
        parser.add_argument("--rubric", choices=BUILT_IN)
        parser.add_argument("--headcounts", metavar="TEAMS")
        parser.add_argument("--threshold", type=int, choices=range(4, 21), metavar="K")
        add_file_options(parser)

    def handle(self, **options: Any) -> None:
        path, earlier = options["ratings"], options["compare"]
        raw = read_file(path)
        if not earlier and not _is_json(path, raw):
            self.stdout.write(_score_spreadsheet(raw, options), ending="")
            return
        if any(options[name] for name in SPREADSHEET_OPTIONS):
            raise CommandError(OPTIONS_REFUSED, returncode=EXIT_UNREADABLE)
        self.stdout.write(_score_surveys(path, raw, earlier))


def _is_json(path: str, raw: bytes) -> bool:
    """Return whether the file begins like JSON or is named so; the latter gets its problems as JSON."""
    first_byte = raw.removeprefix(BOM_UTF8).lstrip()[:1]
    return first_byte in (b"{", b"[") or path.lower().endswith(".json")


def _score_surveys(path: str, raw: bytes, earlier: str | None) -> str:
    problems: list[str] = []
    result = _read_or_collect(path, raw, read_survey if earlier else answer_case, problems)
    earlier_survey = (
        _read_or_collect(earlier, read_file(earlier), read_survey, problems) if earlier else None
    )
    if problems:
        raise CommandError("\n".join(problems), returncode=EXIT_UNREADABLE)
    if earlier_survey is not None:
        result = report(result) | report_change(earlier_survey, result)
    return json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False)


def _read_or_collect(path: str, raw: bytes, read: Callable[[Any], Any], problems: list[str]) -> Any:
    try:
        return read(parse_json(raw))
    except NoSurvey as error:
        problems += [f"{path}: {problem}" for problem in error.problems]


def _score_spreadsheet(raw: bytes, options: dict[str, Any]) -> str:
    rubric = built_in(options["rubric"] or MAIN_RUBRIC)
    headcounts = read_file(options["headcounts"]) if options["headcounts"] else None
    try:
        table = read_ratings_table(rubric, raw, headcounts, file_choices(options))
    except RatingsRefused as error:
        problems = format_problems(error.problems, options)
        raise CommandError(problems, returncode=EXIT_UNREADABLE) from None
    scores = score_survey(survey_from_table(table, rubric, options["threshold"] or 5))
    return write_table(COLUMNS, result_rows(scores, rubric)).decode("utf-8-sig")


def survey_from_table(table: RatingsTable, rubric: Rubric, threshold: int) -> scoring.Survey:
    return scoring.Survey(
        nodes=tuple(
            scoring.SurveyNode(team_path(team), team_path(team[:-1]) if team else None, headcount)
            for team in table.teams
            for headcount in (table.headcounts.get(team, 0),)
        ),
        **survey_arguments(rubric),
        **asked_masks(table.asked, rubric),
        node_of=tuple(team_path(row.team) for row in table.rows),
        performance=code_matrix(row.performance for row in table.rows),
        importance=code_matrix(row.importance for row in table.rows),
        is_lead=np.array([row.role == "lead" for row in table.rows], dtype=bool),
        named=np.array([row.role == "lead" for row in table.rows], dtype=bool),
        k=threshold,
    )


def code_matrix(rows: Iterator[tuple[int | None, ...]]) -> scoring.Codes:
    unanswered = scoring.UNANSWERED
    return np.array(
        [[unanswered if code is None else code for code in row] for row in rows], dtype=np.int8
    )


def team_path(team: TeamPath) -> str:
    return " / ".join(team) or "/"


def result_rows(scores: CycleScores, rubric: Rubric) -> Iterator[list[CellValue]]:
    subjects = [("capability", item.slug) for item in rubric.capabilities]
    subjects += [("value", dimension.slug) for dimension in rubric.dimensions]
    subjects.append(("overall", ""))
    for kind, kind_scores in scores.kinds.items():
        for row, node in enumerate(scores.members.tree.nodes):
            for column, (subject_type, subject) in enumerate(subjects):
                index = (row, column)
                if not np.isnan(kind_scores.score[index]):
                    numbers = [kind_scores.score, *kind_scores.interval]
                    estimates = [kind_scores.estimates.mean, *kind_scores.likely]
                    known = bool(kind_scores.estimates.known[index])
                    yield [
                        node.id,
                        kind,
                        subject_type,
                        subject,
                        int(kind_scores.n[index]),
                        *(float(number[index]) for number in numbers),
                        *(float(number[index]) if known else None for number in estimates),
                    ]
