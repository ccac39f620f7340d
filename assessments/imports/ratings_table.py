"""A company's own spreadsheet of ratings, read strictly: either all of it can be understood, or every
problem is named with its line and nothing is taken over.

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
    """What is wrong, and where: line 1 names the columns, line 0 is the file as a whole."""

    file: str  # ratings, headcounts
    line: int
    text: str


class RatingsRefused(ValueError):
    """Nothing was taken over."""

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

    teams: tuple[TeamPath, ...]  # in tree order; every team above a team is there
    headcounts: Mapping[TeamPath, int]  # people directly in a team, where it was told
    asked: Mapping[str, list[str]]  # kind -> slugs of the capabilities that have a column
    rows: tuple[RatingsRow, ...]


@dataclass(slots=True)
class _FileProblems:
    """What has been found wrong so far in one file."""

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
    """The whole spreadsheet, or `SheetRefused` with every problem of both files."""
    answers = _FileProblems("ratings")
    counts = _FileProblems("headcounts", answers.spelt)
    rows: list[RatingsRow] = []
    asked: dict[str, list[str]] = {"performance": [], "importance": []}
    told: dict[TeamPath, tuple[int, int]] = {}
    for reading, read in (
        (answers, lambda: rows.extend(_read_ratings(answers, rubric, ratings, asked))),
        (counts, lambda: told.update(_read_headcounts(counts, headcounts) if headcounts else {})),
    ):
        _attempt(reading, read)
    _compare(counts, told, rows)
    teams = in_tree_order([*(row.team for row in rows), *told])
    if len(teams) > MAX_TEAMS:
        text = _("There may be at most 2,000 teams. Teams in these files: %(teams)s")
        answers.add_problem(0, text % {"teams": len(teams)})
    if answers.problems or counts.problems:
        raise RatingsRefused(sorted([*answers.problems, *counts.problems], key=_place))
    return RatingsTable(
        teams=teams,
        headcounts={team: number for team, (number, _line) in told.items()},
        asked=asked,
        rows=tuple(rows),
    )


def _place(problem: RatingsProblem) -> tuple[bool, int]:
    return problem.file != "ratings", problem.line


def _attempt(reading: _FileProblems, read: Callable[[], None]) -> None:
    """A file that cannot be read on is not read on; the other file still is."""
    try:
        read()
    except RatingsRefused as refused:
        reading.problems = list(refused.problems)


def in_tree_order(teams: Iterable[TeamPath]) -> tuple[TeamPath, ...]:
    """Every team and every team above it, parents first, siblings by name."""
    known = {team[:depth] for team in teams for depth in range(len(team) + 1)} | {()}
    return tuple(sorted(known, key=casefold_path))


# --- A table of cells ------------------------------------------------------------------------


def _table(reading: _FileProblems, raw: bytes) -> tuple[list[str], tuple[csv_files.CsvRow, ...]]:
    """The names of the columns in small letters, and the rows that fit below them."""
    try:
        table = csv_files.read_table(raw)
    except csv_files.InvalidCsv as refused:
        for problem in refused.problems:
            reading.add_problem(problem.line, problem.sentence(_))
        if refused.table is None:
            raise RatingsRefused(reading.problems) from None
        table = refused.table
    names = [name.lower() for name in table.header]
    if "team" not in names:
        reading.add_problem(1, _("The column “team” is missing."))
    if not table.rows and not reading.problems:
        reading.add_problem(0, _("There is no row below the first line."))
    return names, tuple(row for row in table.rows if _is_whole(reading, row))


def _is_whole(reading: _FileProblems, row: csv_files.CsvRow) -> bool:
    """Cells that are missing at the end are not guessed."""
    if row.missing:
        told = {"found": len(row.cells) - row.missing, "limit": len(row.cells)}
        reading.add_problem(row.line, _(csv_files.RAGGED) % told)
    return not row.missing


def _unknown_column(reading: _FileProblems, name: str, known: Sequence[str]) -> None:
    near = difflib.get_close_matches(name, known, n=1)
    told = {"name": name, "near": near[0] if near else ""}
    if near:
        reading.add_problem(1, _("Unknown column: %(name)s. Perhaps: %(near)s") % told)
    else:
        reading.add_problem(1, _("Unknown column: %(name)s") % told)


def _team(reading: _FileProblems, line: int, cell: str) -> TeamPath:
    path = tuple(map(normalize_line, parse_path(cell)))
    told = {"team": cell[:MAX_NAME_LENGTH]}
    if len(path) > MAX_DEPTH:
        reading.add_problem(line, _("Teams may stand at most 8 deep: %(team)s") % told)
    if any(not part for part in path):
        reading.add_problem(line, _("A part of this path is empty: %(team)s") % told)
    if any(len(part) > MAX_NAME_LENGTH for part in path):
        reading.add_problem(line, _("A name may have at most 120 characters: %(team)s") % told)
    return tuple(
        reading.spelt.setdefault(casefold_path(path[: depth + 1]), name)
        for depth, name in enumerate(path)
    )


# --- RATINGS.csv -----------------------------------------------------------------------------


def _read_ratings(
    reading: _FileProblems, rubric: Rubric, raw: bytes, asked: dict[str, list[str]]
) -> Iterator[RatingsRow]:
    names, rows = _table(reading, raw)
    places = _places(reading, rubric, names, asked)
    reading.stop_if_columns_are_wrong()
    width = len(rubric.capabilities)
    seen: dict[str, int] = {}
    for line in rows:
        cells = dict(zip(names, line.cells, strict=True))
        yield _row(reading, line.line, cells, places, width)
        _once(reading, line.line, cells.get("person", ""), seen)


def _places(
    reading: _FileProblems, rubric: Rubric, names: list[str], asked: dict[str, list[str]]
) -> dict[str, tuple[str, int]]:
    """Column name -> the kind of rating and its place in the rubric."""
    slugs = [capability.slug for capability in rubric.capabilities]
    known = {slug: ("performance", place) for place, slug in enumerate(slugs)}
    known |= {slug + IMPORTANCE_SUFFIX: ("importance", place) for place, slug in enumerate(slugs)}
    for name in names:
        if name not in known and name not in ("team", "role", "person"):
            _unknown_column(reading, name, [*known, "team", "role", "person"])
    found = {name: known[name] for name in names if name in known}
    for kind, place in sorted(found.values()):
        asked[kind].append(slugs[place])
    if not asked["performance"] and not any(problem.line <= 1 for problem in reading.problems):
        reading.add_problem(1, _("There is no column of a capability of this rubric."))
    return found


def _row(
    reading: _FileProblems,
    line: int,
    cells: dict[str, str],
    places: Mapping[str, tuple[str, int]],
    width: int,
) -> RatingsRow:
    given: dict[str, list[int | None]] = {
        "performance": [None] * width,
        "importance": [None] * width,
    }
    for name, (kind, place) in places.items():
        value = cells[name].lower()
        if value in RATING_CODES:
            given[kind][place] = RATING_CODES[value]
        else:
            told = {"name": name, "value": value[:40]}
            text = _("Column %(name)s: use 1 to 5, 0 or n/a, ? or nothing. Found: %(value)s")
            reading.add_problem(line, text % told)
    return RatingsRow(
        team=_team(reading, line, cells["team"]),
        role=_role(reading, line, cells.get("role", "")),
        person=cells.get("person", ""),
        performance=tuple(given["performance"]),
        importance=tuple(given["importance"]),
    )


def _role(reading: _FileProblems, line: int, cell: str) -> str:
    role = cell.lower() or ROLES[0]
    if role not in ROLES:
        text = _("Column role: use member or lead. Found: %(value)s")
        reading.add_problem(line, text % {"value": cell[:40]})
    return role


def _once(reading: _FileProblems, line: int, person: str, seen: dict[str, int]) -> None:
    if not person:
        return
    first = seen.setdefault(person, line)
    if first != line:
        told = {"person": person[:40], "line": first}
        text = _("The same person stands on line %(line)s already: %(person)s")
        reading.add_problem(line, text % told)


# --- TEAMS.csv -------------------------------------------------------------------------------


def _read_headcounts(reading: _FileProblems, raw: bytes) -> dict[TeamPath, tuple[int, int]]:
    """Team -> how many people are directly in it, and the line that says so."""
    names, rows = _table(reading, raw)
    if "headcount" not in names:
        reading.add_problem(1, _("The column “headcount” is missing."))
    for name in names:
        if name not in ("team", "headcount"):
            _unknown_column(reading, name, ("team", "headcount"))
    reading.stop_if_columns_are_wrong()
    found: dict[TeamPath, tuple[int, int]] = {}
    for row in rows:
        _headcount(reading, row.line, dict(zip(names, row.cells, strict=True)), found)
    return found


def _headcount(
    reading: _FileProblems, line: int, cells: dict[str, str], found: dict[TeamPath, tuple[int, int]]
) -> None:
    team, number = _team(reading, line, cells["team"]), cells["headcount"]
    if team in found:
        told = {"line": found[team][1], "team": cells["team"]}
        text = _("The same team stands on line %(line)s already: %(team)s")
        reading.add_problem(line, text % told)
    if not (number.isascii() and number.isdigit() and len(number) <= 6):
        text = _("A head-count is a whole number. Found: %(value)s")
        reading.add_problem(line, text % {"value": number[:40]})
    else:
        found.setdefault(team, (int(number), line))


def _compare(
    reading: _FileProblems, told: Mapping[TeamPath, tuple[int, int]], rows: list[RatingsRow]
) -> None:
    """Nobody answers who is not there. Leads are not counted in a head-count."""
    answered = Counter(row.team for row in rows if row.role == "member")
    for team, (number, line) in told.items():
        if number < answered[team]:
            told_now = {"team": " / ".join(team) or "/", "rows": answered[team], "number": number}
            text = _(
                "Fewer people than rows in the ratings. Head-count: %(number)s, rows: %(rows)s, "
                "team: %(team)s"
            )
            reading.add_problem(line, text % told_now)


# --- A template to fill in -------------------------------------------------------------------


def empty_table(rubric: Rubric) -> bytes:
    """An empty RATINGS.csv of this rubric."""
    slugs = [capability.slug for capability in rubric.capabilities]
    importance = [slug + IMPORTANCE_SUFFIX for slug in slugs]
    return csv_files.write_table(["team", "role", "person", *slugs, *importance], [])
