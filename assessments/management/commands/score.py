"""Scores a file without storing anything, for whoever holds the answers and wants to check us.

manage.py score SURVEY.json [--compare EARLIER.json]
manage.py score [--rubric SLUG] [--headcounts TEAMS.csv] [--threshold K] RATINGS.csv

JSON, whatever the file is called, holds a survey, a smaller question of the method, or a worked case
of either (assessments/scoring/audit/worked_cases.py).
Prints raw values, neither rounded nor guarded: they are not what anyone else may be shown. A file
that cannot be read ends it with 2 and every problem with its place.
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
from assessments.imports.ratings_table import RatingsRefused, RatingsTable, read_ratings_table
from assessments.management.operators import format_problems, read_file
from assessments.rubrics import BUILT_IN, MAIN_RUBRIC, Rubric, built_in
from assessments.scoring import survey as scoring
from assessments.scoring.audit.json_checks import NoSurvey, parse_json
from assessments.scoring.audit.raw_report import report, report_change
from assessments.scoring.audit.worked_cases import answer_case, read_survey
from assessments.scoring.cycle_scores import CycleScores, score_survey
from organizations.csv_files import CellValue, write_table
from organizations.team_tree import TeamPath

SPREADSHEET_OPTIONS = ("rubric", "headcounts", "threshold")
OPTIONS_REFUSED = "A survey brings its own rubric, head-counts and threshold (config.k)."
EXIT_UNREADABLE = 2  # how the command ends then, as with a wrong argument
COLUMNS = ("team", "kind", "subject_type", "subject", "n", "score", "low", "high")


class Command(BaseCommand):
    help = "Score a survey or a spreadsheet and print the raw values; nothing is stored."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ratings", metavar="SURVEY.json | RATINGS.csv")
        parser.add_argument("--compare", metavar="EARLIER.json")
        parser.add_argument("--rubric", choices=BUILT_IN)
        parser.add_argument("--headcounts", metavar="TEAMS.csv")
        parser.add_argument("--threshold", type=int, choices=range(4, 21), metavar="K")

    def handle(self, **options: Any) -> None:
        path, earlier = options["ratings"], options["compare"]
        raw = read_file(path)
        if not earlier and not _is_json(path, raw):
            self.stdout.write(_of_sheet(raw, options), ending="")
            return
        if any(options[name] for name in SPREADSHEET_OPTIONS):
            raise CommandError(OPTIONS_REFUSED, returncode=EXIT_UNREADABLE)
        self.stdout.write(_of_surveys(path, raw, earlier))


def _is_json(path: str, raw: bytes) -> bool:
    """By what it holds; a file that only claims to be is told what is wrong with it."""
    begins = raw.removeprefix(BOM_UTF8).lstrip()[:1]
    return begins in (b"{", b"[") or path.lower().endswith(".json")


def _of_surveys(path: str, raw: bytes, earlier: str | None) -> str:
    problems: list[str] = []
    found = _tried(path, raw, read_survey if earlier else answer_case, problems)
    before = _tried(earlier, read_file(earlier), read_survey, problems) if earlier else None
    if problems:
        raise CommandError("\n".join(problems), returncode=EXIT_UNREADABLE)
    if before is not None:
        found = report(found) | report_change(before, found)
    return json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False)


def _tried(path: str, raw: bytes, question: Callable[[Any], Any], problems: list[str]) -> Any:
    try:
        return question(parse_json(raw))
    except NoSurvey as refused:
        problems += [f"{path}: {problem}" for problem in refused.problems]


def _of_sheet(raw: bytes, options: dict[str, Any]) -> str:
    rubric = built_in(options["rubric"] or MAIN_RUBRIC)
    headcounts = read_file(options["headcounts"]) if options["headcounts"] else None
    try:
        sheet = read_ratings_table(rubric, raw, headcounts)
    except RatingsRefused as refused:
        problems = format_problems(refused.problems, options)
        raise CommandError(problems, returncode=EXIT_UNREADABLE) from None
    scores = score_survey(survey_from_table(sheet, rubric, options["threshold"] or 5))
    return write_table(COLUMNS, result_rows(scores, rubric)).decode("utf-8-sig")


def survey_from_table(sheet: RatingsTable, rubric: Rubric, threshold: int) -> scoring.Survey:
    return scoring.Survey(
        nodes=tuple(
            scoring.SurveyNode(team_path(team), team_path(team[:-1]) if team else None, headcount)
            for team in sheet.teams
            for headcount in (sheet.headcounts.get(team, 0),)
        ),
        **survey_arguments(rubric),
        **asked_masks(sheet.asked, rubric),
        node_of=tuple(team_path(row.team) for row in sheet.rows),
        performance=code_matrix(row.performance for row in sheet.rows),
        importance=code_matrix(row.importance for row in sheet.rows),
        is_lead=np.array([row.role == "lead" for row in sheet.rows], dtype=bool),
        named=np.array([row.role == "lead" for row in sheet.rows], dtype=bool),
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
    subjects = [("capability", one.slug) for one in rubric.capabilities]
    subjects += [("value", one.slug) for one in rubric.dimensions]
    subjects.append(("overall", ""))
    for kind, found in scores.kinds.items():
        for place, node in enumerate(scores.members.tree.nodes):
            for column, (subject_type, subject) in enumerate(subjects):
                at = (place, column)
                if not np.isnan(found.score[at]):
                    numbers = (float(found.score[at]), float(found.low[at]), float(found.high[at]))
                    yield [node.id, kind, subject_type, subject, int(found.n[at]), *numbers]
