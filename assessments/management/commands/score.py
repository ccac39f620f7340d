"""Scores a file without storing anything, for whoever holds the answers and wants to check us.

manage.py score SURVEY.json [--compare EARLIER.json]
manage.py score [--rubric SLUG] [--headcounts TEAMS.csv] [--threshold K] RATINGS.csv

JSON, whatever the file is called, holds a survey, a smaller question of the method, or a worked case
of either (assessments/scoring/cases.py).
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

from assessments.counting import asked_of, parts_of
from assessments.management.operators import read, told
from assessments.rubric import BUILT_IN, MAIN, Rubric, built_in
from assessments.scoring import survey as scoring
from assessments.scoring.cases import answered, survey_in
from assessments.scoring.checking import NoSurvey, parsed
from assessments.scoring.reporting import report, report_change
from assessments.scoring.scored import Scores, score
from assessments.sheets import Sheet, SheetRefused, read_sheet
from organizations.csv_files import CellValue, write_table
from organizations.team_tree import TeamPath

OF_SPREADSHEETS = ("rubric", "headcounts", "threshold")
BRINGS_ALONG = "A survey brings its own rubric, head-counts and threshold (config.k)."
UNREADABLE = 2  # how the command ends then, as with a wrong argument
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
        raw = read(path)
        if not earlier and not _is_json(path, raw):
            self.stdout.write(_of_sheet(raw, options), ending="")
            return
        if any(options[name] for name in OF_SPREADSHEETS):
            raise CommandError(BRINGS_ALONG, returncode=UNREADABLE)
        self.stdout.write(_of_surveys(path, raw, earlier))


def _is_json(path: str, raw: bytes) -> bool:
    """By what it holds; a file that only claims to be is told what is wrong with it."""
    begins = raw.removeprefix(BOM_UTF8).lstrip()[:1]
    return begins in (b"{", b"[") or path.lower().endswith(".json")


def _of_surveys(path: str, raw: bytes, earlier: str | None) -> str:
    problems: list[str] = []
    found = _tried(path, raw, survey_in if earlier else answered, problems)
    before = _tried(earlier, read(earlier), survey_in, problems) if earlier else None
    if problems:
        raise CommandError("\n".join(problems), returncode=UNREADABLE)
    if before is not None:
        found = report(found) | report_change(before, found)
    return json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False)


def _tried(path: str, raw: bytes, question: Callable[[Any], Any], problems: list[str]) -> Any:
    try:
        return question(parsed(raw))
    except NoSurvey as refused:
        problems += [f"{path}: {problem}" for problem in refused.problems]


def _of_sheet(raw: bytes, options: dict[str, Any]) -> str:
    rubric = built_in(options["rubric"] or MAIN)
    headcounts = read(options["headcounts"]) if options["headcounts"] else None
    try:
        sheet = read_sheet(rubric, raw, headcounts)
    except SheetRefused as refused:
        problems = told(refused.problems, options)
        raise CommandError(problems, returncode=UNREADABLE) from None
    scores = score(survey_of(sheet, rubric, options["threshold"] or 5))
    return write_table(COLUMNS, lines(scores, rubric)).decode("utf-8-sig")


def survey_of(sheet: Sheet, rubric: Rubric, threshold: int) -> scoring.Survey:
    return scoring.Survey(
        nodes=tuple(
            scoring.Node(spelt(team), spelt(team[:-1]) if team else None, headcount)
            for team in sheet.teams
            for headcount in (sheet.headcounts.get(team, 0),)
        ),
        **parts_of(rubric),
        **asked_of(sheet.asked, rubric),
        node_of=tuple(spelt(row.team) for row in sheet.rows),
        performance=codes(row.performance for row in sheet.rows),
        importance=codes(row.importance for row in sheet.rows),
        is_lead=np.array([row.role == "lead" for row in sheet.rows], dtype=bool),
        named=np.array([row.role == "lead" for row in sheet.rows], dtype=bool),
        k=threshold,
    )


def codes(rows: Iterator[tuple[int | None, ...]]) -> scoring.Codes:
    unanswered = scoring.UNANSWERED
    return np.array(
        [[unanswered if code is None else code for code in row] for row in rows], dtype=np.int8
    )


def spelt(team: TeamPath) -> str:
    return " / ".join(team) or "/"


def lines(scores: Scores, rubric: Rubric) -> Iterator[list[CellValue]]:
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
