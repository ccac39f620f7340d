"""Read a company's own spreadsheet of ratings: either all of it can be understood, or every problem is
reported with its cell and nothing is imported.

The file of ratings has one row a respondent: `team`, optional `role` and `person`, then a column a capability
(its short name or its name for the level, with `.importance` for the importance). That of head-counts has
`team` and `headcount`. What a file leaves open is a question with a default.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from assessments.imports import rating_columns, scales
from assessments.imports.file_problems import (
    HEADCOUNTS,
    NO_CHOICES,
    RATINGS,
    FileReading,
    RatingsChoices,
    RatingsProblem,
    RatingsRefused,
    read_file,
)
from assessments.imports.headcounts import (
    Headcounts,
    compare_headcounts,
    read_headcounts,
    settle_parents,
)
from assessments.imports.rating_columns import IMPORTANCE_SUFFIX
from assessments.imports.rating_words import NO_RATING, RatingCell, read_cell
from assessments.imports.table_files import open_table, read_team, rows_without_totals
from assessments.rubrics import Rubric
from organizations.languages import words_by_meaning
from organizations.tables.mapping import fold
from organizations.tables.table import Question, Table, TableRow
from organizations.tables.writing import write_table
from organizations.team_tree import TeamPath, casefold_path
from organizations.text import plain

MAX_TEAMS = 2_000
MEMBER, LEAD = "member", "lead"


@dataclass(frozen=True, slots=True)
class RatingsRow:
    """One respondent. Codes as in the database: 1-5, 0 not applicable, -1 not seen, None open."""

    team: TeamPath
    role: str
    person: str  # a pseudonym that links cycles; empty if there is none
    performance: tuple[int | None, ...]  # in the order of the rubric
    importance: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class RatingsTable:
    """A spreadsheet that was understood."""

    teams: tuple[TeamPath, ...]  # in tree order, with every team above a team
    headcounts: Mapping[TeamPath, int]  # people directly in a team, where given
    asked: Mapping[str, list[str]]  # kind -> slugs of the capabilities that have a column
    rows: tuple[RatingsRow, ...]

    @property
    def digest(self) -> str:
        """A hash that changes as soon as something else would be imported."""
        whole = repr((self.teams, sorted(self.headcounts.items()), self.asked, self.rows))
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class RatingsReading:
    """Both files as far as they were understood. Without a table they have problems."""

    ratings: FileReading
    headcounts: FileReading | None
    table: RatingsTable | None
    problems: tuple[RatingsProblem, ...]

    @property
    def files(self) -> tuple[FileReading, ...]:
        return (self.ratings, self.headcounts) if self.headcounts else (self.ratings,)


def read_ratings_table(
    rubric: Rubric,
    ratings: bytes,
    headcounts: bytes | None = None,
    choices: RatingsChoices = NO_CHOICES,
) -> RatingsTable:
    """Return the whole spreadsheet, without a guess: a column that is not known and a question that is not
    answered are problems. Raises `RatingsRefused` with every problem of both files."""
    reading = read_files(rubric, ratings, headcounts, replace(choices, is_strict=True))
    problems = list(reading.problems)
    for file in reading.files:
        if not file.problems:
            questions = (_in_words(question) for question in file.open_questions)
            problems += [RatingsProblem(file.file, 0, text) for text in questions]
    if problems or reading.table is None:
        raise RatingsRefused(sorted(problems, key=_sort_key))
    return reading.table


def _in_words(question: Question) -> str:
    """Return the question with its answers, as options of the command."""
    answers = "; ".join(
        f"--{question.key} {each.value} ({each.words.sentence(_)})" for each in question.choices
    )
    return f"{question.words.sentence(_)} {answers}"


def _sort_key(problem: RatingsProblem) -> tuple[bool, int]:
    return problem.file != RATINGS, problem.line


def read_files(
    rubric: Rubric,
    ratings: bytes,
    headcounts: bytes | None = None,
    choices: RatingsChoices = NO_CHOICES,
) -> RatingsReading:
    """Return what was understood of both files, by the defaults of their questions where nothing was chosen."""
    answers = FileReading(RATINGS, choices.ratings, choices)
    counts = FileReading(HEADCOUNTS, choices.headcounts, choices, answers.spelt)
    rows: list[RatingsRow] = []
    asked: dict[str, list[str]] = {"performance": [], "importance": []}
    by_team: Headcounts = {}
    read_file(answers, lambda: rows.extend(_read_ratings(answers, rubric, ratings, asked)))
    if headcounts:
        read_file(counts, lambda: by_team.update(read_headcounts(counts, headcounts)))
    answered = Counter(row.team for row in rows if row.role == MEMBER)
    settle_parents(counts, by_team, answered)
    compare_headcounts(counts, by_team, answered)
    teams = in_tree_order([*(row.team for row in rows), *by_team])
    if len(teams) > MAX_TEAMS:
        text = _("You can have up to 2,000 teams. Teams in these files: %(teams)s")
        answers.add_problem(0, text % {"teams": len(teams)})
    problems = tuple(sorted([*answers.problems, *counts.problems], key=_sort_key))
    numbers = {team: number for team, (number, _line) in by_team.items()}
    table = None if problems else RatingsTable(teams, numbers, asked, tuple(rows))
    return RatingsReading(answers, counts if headcounts else None, table, problems)


def in_tree_order(teams: Iterable[TeamPath]) -> tuple[TeamPath, ...]:
    """Return every team and every team above it, parents first, siblings by name."""
    known = {team[:depth] for team in teams for depth in range(len(team) + 1)} | {()}
    return tuple(sorted(known, key=casefold_path))


# --- The file of ratings ----------------------------------------------------------------------


def _read_ratings(
    file: FileReading, rubric: Rubric, raw: bytes, asked: dict[str, list[str]]
) -> list[RatingsRow]:
    table, found = open_table(
        file, raw, rating_columns.rating_words(rubric), rating_columns.needless_names()
    )
    slugs = [capability.slug for capability in rubric.capabilities]
    for slug in slugs:
        asked["performance"] += [slug] if slug in found else []
        asked["importance"] += [slug] if slug + IMPORTANCE_SUFFIX in found else []
    if not asked["performance"] and not file.problems:
        file.add_header_problem(_("No column matches a capability of this rubric."))
    file.stop_if_columns_are_wrong()
    rows = rows_without_totals(file, table, found["team"])
    codes = _read_codes(file, table, rows, found)
    return list(_build_rows(file, rows, found, codes, slugs))


def _read_codes(
    file: FileReading, table: Table, rows: Sequence[TableRow], found: Mapping[str, int]
) -> dict[str, list[int | None]]:
    """Return the codes of each rated column, on the scale that its file has."""
    fields = [field for field in found if field not in rating_columns.RATING_HEADERS]
    cells = {field: _read_column(file, table, rows, found[field]) for field in fields}
    names = {field: table.columns[found[field]].name for field in fields}
    kinds = [
        {field: cells[field] for field in fields if field.endswith(IMPORTANCE_SUFFIX) == wanted}
        for wanted in (False, True)
    ]
    from_zero = {field for kind in kinds for field in scales.zero_based_columns(kind)}
    file.questions += scales.ask_for_scale([names[field] for field in fields if field in from_zero])
    file.questions += scales.ask_for_wording(cells)
    if file.answer(scales.SCALE) != scales.FROM_ZERO:
        from_zero = set()
    by_word = file.answer(scales.WORDING) == scales.BY_WORD
    return {
        field: [
            scales.code(cell, from_zero=field in from_zero, by_word=by_word)
            for cell in cells[field]
        ]
        for field in fields
    }


def _read_column(
    file: FileReading, table: Table, rows: Sequence[TableRow], position: int
) -> list[RatingCell]:
    column = table.columns[position]
    texts = [row.cells[position] for row in rows]
    cells: list[RatingCell] = []
    for row, text in zip(rows, texts, strict=True):
        cell = read_cell(text)
        if cell is None:
            values = {"name": column.name, "value": text[:40]}
            problem = _(
                "Column %(name)s: use 1 to 5, 0 or n/a, ?, or leave it empty. Found: %(value)s"
            )
            file.add_problem(row.line, problem % values, column.index)
        cells.append(cell or NO_RATING)
    file.meanings[column.index] = scales.meanings(texts)
    if found := scales.words_of_one_level(cells):
        levels = {"level": found[0], "words": ", ".join(found[1][:4])}
        file.add_problem(table.header_line, _(scales.TWO_WORDS) % levels, column.index)
    return cells


def _build_rows(
    file: FileReading,
    rows: Sequence[TableRow],
    found: Mapping[str, int],
    codes: Mapping[str, Sequence[int | None]],
    slugs: Sequence[str],
) -> Iterator[RatingsRow]:
    places = {each.field: each.index for each in file.columns if each.field}
    roles = words_by_meaning(rating_columns.ROLE_WORDS)
    nothing: list[int | None] = [None] * len(rows)
    performance = [codes.get(slug, nothing) for slug in slugs]
    importance = [codes.get(slug + IMPORTANCE_SUFFIX, nothing) for slug in slugs]
    first_lines: dict[str, int] = {}
    for number, row in enumerate(rows):
        cells = {field: row.cells[position] for field, position in found.items()}
        person = plain(cells.get("person", ""))
        yield RatingsRow(
            team=read_team(file, row.line, places["team"], cells["team"]),
            role=_read_role(file, row.line, places, cells.get("role", ""), roles),
            person=person,
            performance=tuple(column[number] for column in performance),
            importance=tuple(column[number] for column in importance),
        )
        _report_repeated_person(file, row.line, places, person, first_lines)


def _read_role(
    file: FileReading,
    line: int,
    places: Mapping[str, int],
    cell: str,
    roles: Mapping[str, str],
) -> str:
    if not cell:
        return MEMBER
    if fold(cell) not in roles:
        text = _("Column role: use member or lead. Found: %(value)s")
        file.add_problem(line, text % {"value": cell[:40]}, places["role"])
    return roles.get(fold(cell), MEMBER)


def _report_repeated_person(
    file: FileReading,
    line: int,
    places: Mapping[str, int],
    person: str,
    first_lines: dict[str, int],
) -> None:
    if not person:
        return
    first = first_lines.setdefault(person, line)
    if first != line:
        values = {"person": person[:40], "line": first}
        text = _("Duplicate of line %(line)s: %(person)s")
        file.add_problem(line, text % values, places["person"])


# --- A template to fill in -------------------------------------------------------------------


def empty_table(rubric: Rubric) -> bytes:
    """Return an empty file of ratings for this rubric."""
    return write_table(["team", "role", "person", *rating_columns.rating_fields(rubric)], [])
