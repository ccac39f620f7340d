"""Read a company's own spreadsheet of ratings strictly: either all of it can be understood, or every
problem is reported with its line and nothing is imported.

`RATINGS.csv` has one row a respondent: `team`, optional `role` and `person`, then a column a
capability (`<slug>` for performance, `<slug>.importance`). `TEAMS.csv` has `team,headcount`.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from assessments.rubrics import Rubric
from organizations import csv_files
from organizations.team_tree import MAX_DEPTH, MAX_NAME_LENGTH, TeamPath, casefold_path, parse_path
from organizations.text import normalize_line

MAX_PROBLEMS = 1_000
MAX_TEAMS = 2_000
ROLES = ("member", "lead")
RATING_CODES: dict[str, int | None] = {
    "": None,
    "?": -1,
    "0": 0,
    "n/a": 0,
    **{str(level): level for level in range(1, 6)},
}
IMPORTANCE_SUFFIX = ".importance"


@dataclass(frozen=True, slots=True)
class RatingsProblem:
    """What is wrong, and where: line 1 is the names of the columns, line 0 the file as a whole."""

    file: str  # ratings, headcounts
    line: int
    text: str


class RatingsRefused(ValueError):
    """Nothing was imported, because of these problems."""

    def __init__(self, problems: Iterable[RatingsProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.text for problem in self.problems))


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


@dataclass(slots=True)
class _FileProblems:
    """The problems of one file so far."""

    file: str
    spelt: dict[TeamPath, str] = field(
        default_factory=dict
    )  # folded path -> the name as first seen
    problems: list[RatingsProblem] = field(default_factory=list)

    def add_problem(self, line: int, text: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(RatingsProblem(self.file, line, text))
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(
                RatingsProblem(self.file, line, _("There are more problems below."))
            )

    def stop_if_columns_are_wrong(self) -> None:
        if any(problem.line <= 1 for problem in self.problems):
            raise RatingsRefused(self.problems)


def read_ratings_table(
    rubric: Rubric, ratings: bytes, headcounts: bytes | None = None
) -> RatingsTable:
    """Return the whole spreadsheet. Raises `RatingsRefused` with every problem of both files."""
    answers = _FileProblems("ratings")
    counts = _FileProblems("headcounts", answers.spelt)
    rows: list[RatingsRow] = []
    asked: dict[str, list[str]] = {"performance": [], "importance": []}
    counts_by_team: dict[TeamPath, tuple[int, int]] = {}
    for file, read in (
        (answers, lambda: rows.extend(_read_ratings(answers, rubric, ratings, asked))),
        (
            counts,
            lambda: counts_by_team.update(
                _read_headcounts(counts, headcounts) if headcounts else {}
            ),
        ),
    ):
        _read_file(file, read)
    _compare_headcounts(counts, counts_by_team, rows)
    teams = in_tree_order([*(row.team for row in rows), *counts_by_team])
    if len(teams) > MAX_TEAMS:
        text = _("You can have up to 2,000 teams. Teams in these files: %(teams)s")
        answers.add_problem(0, text % {"teams": len(teams)})
    if answers.problems or counts.problems:
        raise RatingsRefused(sorted([*answers.problems, *counts.problems], key=_sort_key))
    return RatingsTable(
        teams=teams,
        headcounts={team: number for team, (number, _line) in counts_by_team.items()},
        asked=asked,
        rows=tuple(rows),
    )


def _sort_key(problem: RatingsProblem) -> tuple[bool, int]:
    return problem.file != "ratings", problem.line


def _read_file(file: _FileProblems, read: Callable[[], None]) -> None:
    """Read one file. If the reading has to stop, keep its problems, so that the other is still read."""
    try:
        read()
    except RatingsRefused as error:
        file.problems = list(error.problems)


def in_tree_order(teams: Iterable[TeamPath]) -> tuple[TeamPath, ...]:
    """Return every team and every team above it, parents first, siblings by name."""
    known = {team[:depth] for team in teams for depth in range(len(team) + 1)} | {()}
    return tuple(sorted(known, key=casefold_path))


# --- A table of cells ------------------------------------------------------------------------


def _read_table(file: _FileProblems, raw: bytes) -> tuple[list[str], tuple[csv_files.CsvRow, ...]]:
    """Return the names of the columns in small letters, and the rows with as many cells."""
    try:
        table = csv_files.read_table(raw)
    except csv_files.InvalidCsv as error:
        for problem in error.problems:
            file.add_problem(problem.line, problem.sentence(_))
        if error.table is None:
            raise RatingsRefused(file.problems) from None
        table = error.table
    names = [name.lower() for name in table.header]
    if "team" not in names:
        file.add_problem(1, _("Missing column: “team”."))
    if not table.rows and not file.problems:
        file.add_problem(0, _("There are no rows below the header."))
    return names, tuple(row for row in table.rows if _is_complete(file, row))


def _is_complete(file: _FileProblems, row: csv_files.CsvRow) -> bool:
    """Return whether the row has all its cells; cells that are missing at the end are not guessed."""
    if row.missing:
        values = {"found": len(row.cells) - row.missing, "limit": len(row.cells)}
        file.add_problem(row.line, _(csv_files.RAGGED) % values)
    return not row.missing


def _report_unknown_column(file: _FileProblems, name: str, known: Sequence[str]) -> None:
    near = difflib.get_close_matches(name, known, n=1)
    values = {"name": name, "near": near[0] if near else ""}
    if near:
        file.add_problem(1, _("Unknown column: %(name)s. Did you mean %(near)s?") % values)
    else:
        file.add_problem(1, _("Unknown column: %(name)s") % values)


def _parse_team(file: _FileProblems, line: int, cell: str) -> TeamPath:
    path = tuple(map(normalize_line, parse_path(cell)))
    values = {"team": cell[:MAX_NAME_LENGTH]}
    if len(path) > MAX_DEPTH:
        file.add_problem(line, _("Teams can be nested up to 8 levels: %(team)s") % values)
    if any(not part for part in path):
        file.add_problem(line, _("Part of this path is empty: %(team)s") % values)
    if any(len(part) > MAX_NAME_LENGTH for part in path):
        file.add_problem(line, _("Names can have up to 120 characters: %(team)s") % values)
    return tuple(
        file.spelt.setdefault(casefold_path(path[: depth + 1]), name)
        for depth, name in enumerate(path)
    )


# --- RATINGS.csv -----------------------------------------------------------------------------


def _read_ratings(
    file: _FileProblems, rubric: Rubric, raw: bytes, slugs_by_kind: dict[str, list[str]]
) -> Iterator[RatingsRow]:
    names, rows = _read_table(file, raw)
    columns = _rating_columns(file, rubric, names, slugs_by_kind)
    file.stop_if_columns_are_wrong()
    width = len(rubric.capabilities)
    first_lines: dict[str, int] = {}
    for row in rows:
        cells = dict(zip(names, row.cells, strict=True))
        yield _parse_row(file, row.line, cells, columns, width)
        _report_repeated_person(file, row.line, cells.get("person", ""), first_lines)


def _rating_columns(
    file: _FileProblems, rubric: Rubric, names: list[str], slugs_by_kind: dict[str, list[str]]
) -> dict[str, tuple[str, int]]:
    """Return column name -> the kind of rating and its index in the rubric."""
    slugs = [capability.slug for capability in rubric.capabilities]
    known = {slug: ("performance", index) for index, slug in enumerate(slugs)}
    known |= {slug + IMPORTANCE_SUFFIX: ("importance", index) for index, slug in enumerate(slugs)}
    for name in names:
        if name not in known and name not in ("team", "role", "person"):
            _report_unknown_column(file, name, [*known, "team", "role", "person"])
    columns = {name: known[name] for name in names if name in known}
    for kind, position in sorted(columns.values()):
        slugs_by_kind[kind].append(slugs[position])
    if not slugs_by_kind["performance"] and not any(problem.line <= 1 for problem in file.problems):
        file.add_problem(1, _("No column matches a capability of this rubric."))
    return columns


def _parse_row(
    file: _FileProblems,
    line: int,
    cells: dict[str, str],
    columns: Mapping[str, tuple[str, int]],
    width: int,
) -> RatingsRow:
    ratings: dict[str, list[int | None]] = {
        "performance": [None] * width,
        "importance": [None] * width,
    }
    for name, (kind, index) in columns.items():
        value = cells[name].lower()
        if value in RATING_CODES:
            ratings[kind][index] = RATING_CODES[value]
        else:
            values = {"name": name, "value": value[:40]}
            text = _(
                "Column %(name)s: use 1 to 5, 0 or n/a, ?, or leave it empty. Found: %(value)s"
            )
            file.add_problem(line, text % values)
    return RatingsRow(
        team=_parse_team(file, line, cells["team"]),
        role=_parse_role(file, line, cells.get("role", "")),
        person=cells.get("person", ""),
        performance=tuple(ratings["performance"]),
        importance=tuple(ratings["importance"]),
    )


def _parse_role(file: _FileProblems, line: int, cell: str) -> str:
    role = cell.lower() or ROLES[0]
    if role not in ROLES:
        text = _("Column role: use member or lead. Found: %(value)s")
        file.add_problem(line, text % {"value": cell[:40]})
    return role


def _report_repeated_person(
    file: _FileProblems, line: int, person: str, first_lines: dict[str, int]
) -> None:
    if not person:
        return
    first = first_lines.setdefault(person, line)
    if first != line:
        values = {"person": person[:40], "line": first}
        text = _("Duplicate of line %(line)s: %(person)s")
        file.add_problem(line, text % values)


# --- TEAMS.csv -------------------------------------------------------------------------------


def _read_headcounts(file: _FileProblems, raw: bytes) -> dict[TeamPath, tuple[int, int]]:
    """Return team -> how many people are directly in it, and its line."""
    names, rows = _read_table(file, raw)
    if "headcount" not in names:
        file.add_problem(1, _("Missing column: “headcount”."))
    for name in names:
        if name not in ("team", "headcount"):
            _report_unknown_column(file, name, ("team", "headcount"))
    file.stop_if_columns_are_wrong()
    counts: dict[TeamPath, tuple[int, int]] = {}
    for row in rows:
        _parse_headcount(file, row.line, dict(zip(names, row.cells, strict=True)), counts)
    return counts


def _parse_headcount(
    file: _FileProblems, line: int, cells: dict[str, str], counts: dict[TeamPath, tuple[int, int]]
) -> None:
    team, number = _parse_team(file, line, cells["team"]), cells["headcount"]
    if team in counts:
        values = {"line": counts[team][1], "team": cells["team"]}
        text = _("Duplicate of line %(line)s: %(team)s")
        file.add_problem(line, text % values)
    if not (number.isascii() and number.isdigit() and len(number) <= 6):
        text = _("Team size must be a whole number. Found: %(value)s")
        file.add_problem(line, text % {"value": number[:40]})
    else:
        counts.setdefault(team, (int(number), line))


def _compare_headcounts(
    file: _FileProblems, counts: Mapping[TeamPath, tuple[int, int]], rows: list[RatingsRow]
) -> None:
    """Report teams with more ratings than people. Leads are not counted in a head-count."""
    answered = Counter(row.team for row in rows if row.role == "member")
    for team, (number, line) in counts.items():
        if number < answered[team]:
            values = {"team": " / ".join(team) or "/", "rows": answered[team], "number": number}
            text = _(
                "Team size is smaller than the number of responses. Team size: %(number)s, "
                "responses: %(rows)s, team: %(team)s"
            )
            file.add_problem(line, text % values)


# --- A template to fill in -------------------------------------------------------------------


def empty_table(rubric: Rubric) -> bytes:
    """Return an empty RATINGS.csv of this rubric."""
    slugs = [capability.slug for capability in rubric.capabilities]
    importance = [slug + IMPORTANCE_SUFFIX for slug in slugs]
    return csv_files.write_table(["team", "role", "person", *slugs, *importance], [])
