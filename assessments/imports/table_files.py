"""What both files of an import have in common: a table with a column for teams, and rows of sums."""

from __future__ import annotations

import difflib
from collections.abc import Container, Mapping

from django.utils.translation import gettext as _

from assessments.imports.file_problems import FileReading, RatingsRefused
from organizations.tables import slashes, totals
from organizations.tables.mapping import duplicate_problems, fold, map_columns, positions
from organizations.tables.reading import read_table
from organizations.tables.table import InvalidTable, Table, TableProblem, TableRow
from organizations.team_tree import (
    MAX_DEPTH,
    MAX_NAME_LENGTH,
    TeamPath,
    casefold_path,
    parse_path,
    path_from_root,
)
from organizations.text import normalize_line


def open_table(
    file: FileReading, raw: bytes, words: Mapping[str, str], needless: Container[str]
) -> tuple[Table, dict[str, int]]:
    """Return the table and the position of each field. Raises RatingsRefused if it is none."""
    try:
        table = read_table(raw, file.choices.answers, lambda name: fold(name) in words)
    except InvalidTable as error:
        file.questions += error.questions
        _add_problems(file, error.problems)
        if error.table is None:
            raise RatingsRefused(file.problems) from None
        table = error.table
    else:
        file.questions += table.questions
    file.sheet, file.encoding, file.header_line = table.sheet, table.encoding, table.header_line
    file.notes += table.notes
    file.fields = tuple(dict.fromkeys(words.values()))
    file.columns = map_columns(
        table,
        words,
        needless=needless,
        chosen=file.choices.columns,
        remembered=file.choices.names,
    )
    found = positions(file.columns)
    _add_problems(file, duplicate_problems(table, file.columns))
    if file.whole.is_strict:
        _report_unknown_columns(file)
    if "team" not in found:
        file.add_header_problem(_("Missing column: “team”."))
    if not table.rows and not file.problems:
        file.add_problem(0, _("There are no rows below the header."))
    return table, found


def _add_problems(
    file: FileReading, problems: list[TableProblem] | tuple[TableProblem, ...]
) -> None:
    for problem in problems:
        file.add_problem(problem.line, problem.sentence(_), problem.column)


def _report_unknown_columns(file: FileReading) -> None:
    for column in file.columns:
        if column.is_unknown:
            near = difflib.get_close_matches(column.column.name.lower(), file.fields, n=1)
            values = {"name": column.column.name, "near": near[0] if near else ""}
            text = (
                _("Unknown column: %(name)s. Did you mean %(near)s?")
                if near
                else _("Unknown column: %(name)s")
            )
            file.add_header_problem(text % values, column.index)


def rows_without_totals(file: FileReading, table: Table, team: int) -> list[TableRow]:
    """Return the rows that count. Those of sums are asked about, and slashes in the names of teams."""
    sums = {
        row.line: row.cells[team]
        for row in table.rows
        if (path := parse_path(row.cells[team])) and totals.is_total(path[-1])
    }
    if sums:
        file.questions.append(totals.ask_for_totals(sums))
    file.questions += slashes.ask_for_slashes(row.cells[team] for row in table.rows)
    left_out = totals.left_out_lines(file.questions, file.choices.answers, sums)
    return [row for row in table.rows if row.line not in left_out]


def read_team(file: FileReading, line: int, column: int, cell: str) -> TeamPath:
    any_slash = slashes.separates(file.choices.answers)
    path = tuple(map(normalize_line, parse_path(cell, any_slash=any_slash)))
    if file.whole.organization:
        path = path_from_root(path, file.whole.organization, file.whole.teams)
    values = {"team": cell[:MAX_NAME_LENGTH]}
    if len(path) > MAX_DEPTH:
        file.add_problem(line, _("Teams can be nested up to 8 levels: %(team)s") % values, column)
    if any(not part for part in path):
        file.add_problem(line, _("Part of this path is empty: %(team)s") % values, column)
    if any(len(part) > MAX_NAME_LENGTH for part in path):
        text = _("Names can have up to 120 characters: %(team)s")
        file.add_problem(line, text % values, column)
    return tuple(
        file.spelt.setdefault(casefold_path(path[: depth + 1]), name)
        for depth, name in enumerate(path)
    )
