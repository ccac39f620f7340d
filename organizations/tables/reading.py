"""Read a table from a file, whatever program wrote it: find its header, fit its rows, clean its cells.

Forms bring more rows above the answers than a list does: Qualtrics three, SurveyMonkey two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

from organizations.tables.delimited import CELL_TOO_LONG, read_delimited
from organizations.tables.table import (
    MAX_BYTES,
    MAX_CELL_LENGTH,
    MAX_COLUMNS,
    MAX_ROWS,
    SAMPLES,
    InvalidTable,
    RawRow,
    Sentence,
    Source,
    Table,
    TableColumn,
    TableProblem,
    TableRow,
    gettext_noop,
)
from organizations.tables.writing import FORMULA
from organizations.text import comparable, normalize_nfc, remove_unseen, shorten

EMPTY = gettext_noop("The file is empty. The first line must contain the column names.")
TOO_LARGE = gettext_noop("The file is larger than %(limit)s MB. Split it and import the parts.")
TOO_MANY_ROWS = gettext_noop(
    "The file has more than %(limit)s rows. Split it and import the parts."
)
TOO_MANY_COLUMNS = gettext_noop("There are %(found)s columns; the limit is %(limit)s.")
RAGGED = gettext_noop("This row has %(found)s cells, but the header has %(limit)s columns.")
LINES_ABOVE = gettext_noop("Lines above the column names that were left out: %(lines)s")
HEADER_LINES = gettext_noop("The column names stand in lines %(first)s to %(last)s.")

ARCHIVE = b"PK\x03\x04"
LINES_SEARCHED = 15  # for a header below titles
NO_ANSWERS: Mapping[str, str] = MappingProxyType({})


def _recognizes_nothing(_name: str) -> bool:
    return False


def read_table(
    content: bytes,
    answers: Mapping[str, str] = NO_ANSWERS,
    recognizes: Callable[[str], bool] = _recognizes_nothing,
) -> Table:
    """Return the table in this file. `recognizes` tells the names of columns from other cells, `answers`
    are those given to the questions of the file. Raises InvalidTable with every problem that was found."""
    if len(content) > MAX_BYTES:
        raise InvalidTable([TableProblem(0, TOO_LARGE, {"limit": MAX_BYTES // 1024**2})])
    if content.startswith(ARCHIVE):
        workbook = import_module("organizations.tables.workbook")
        source: Source = workbook.read_workbook(content, answers, recognizes)
    else:
        source = read_delimited(content, answers)
    return _build_table(source, recognizes)


def _build_table(source: Source, recognizes: Callable[[str], bool]) -> Table:
    rows = [RawRow(row.line, [clean_cell(cell) for cell in row.cells]) for row in source.rows]
    rows = [row for row in rows if any(comparable(cell) for cell in row.cells)]
    if not rows:
        raise InvalidTable([TableProblem(0, EMPTY)], questions=source.questions)
    first, last = _find_header(rows, recognizes)
    header = rows[first : last + 1]
    body = rows[last + 1 :]
    try:
        width = _header_width(header)
    except InvalidTable as invalid:
        raise InvalidTable(invalid.problems, questions=source.questions) from None
    fitted, problems = _fit_rows(body, width)
    columns = _build_columns(header, fitted, width, recognizes)
    kept = [column.index for column in columns]
    table = Table(
        columns=columns,
        rows=tuple(TableRow(row.line, tuple(row.cells[at] for at in kept)) for row in fitted),
        header_line=header[0].line,
        encoding=source.encoding,
        delimiter=source.delimiter,
        sheet=source.sheet,
        questions=source.questions,
        notes=(*source.notes, *_header_notes(rows[:first], header)),
    )
    if problems := [*source.problems, *problems]:
        raise InvalidTable(problems, table)
    return table


def clean_cell(cell: str) -> str:
    """Return the text of a cell without what cannot be seen, and without the quote that hides a formula."""
    if cell.isascii() and not cell.startswith("'"):
        return cell.strip()
    cell = remove_unseen(normalize_nfc(cell))
    if cell.startswith("'") and FORMULA.match(cell[1:]):
        cell = cell[1:]
    return cell.strip()


# --- The header -------------------------------------------------------------------------------


def _find_header(rows: Sequence[RawRow], recognizes: Callable[[str], bool]) -> tuple[int, int]:
    """Return the first and the last row of the header: those that a form writes, else the first row with
    known names, below titles, else the first row."""
    top = rows[:LINES_SEARCHED]
    for index, row in enumerate(top[:4]):
        if sum(cell.startswith('{"ImportId"') for cell in row.cells) * 2 > len(row.cells):
            return 0, index  # Qualtrics
    if len(top) > 1 and comparable(top[0].cells[0]) in ("respondent id", "응답자 id"):
        if not top[1].cells[0]:
            return 0, 1  # SurveyMonkey
        return 0, 0
    known = [sum(any(map(recognizes, names_in(cell))) for cell in row.cells) for row in top]
    if known[0] < 2 and max(known) > 1:
        return (best := known.index(max(known))), best
    return 0, 0


def names_in(cell: str) -> list[str]:
    """Return what a column may be called by this cell: as a whole, and what forms put in brackets after the
    question."""
    bracket = re.search(r"\[([^\[\]]+)\]\s*$", cell)
    return [cell, bracket[1]] if bracket else [cell]


def _header_width(header: Sequence[RawRow]) -> int:
    """Return how many columns have a name; spreadsheets leave empty ones at the end."""
    width = max(
        index + 1 for row in header for index, cell in enumerate(row.cells) if cell or index == 0
    )
    for row in header:
        if problem := _long_cell(row):
            raise InvalidTable([problem])
    if width > MAX_COLUMNS:
        values = {"found": width, "limit": MAX_COLUMNS}
        raise InvalidTable([TableProblem(header[0].line, TOO_MANY_COLUMNS, values)])
    return width


def _build_columns(
    header: Sequence[RawRow],
    rows: Sequence[RawRow],
    width: int,
    recognizes: Callable[[str], bool],
) -> tuple[TableColumn, ...]:
    columns = []
    for index in range(width):
        written = [row.cells[index] for row in header if index < len(row.cells)]
        texts = [" ".join(text.split()) for text in written]
        texts = [text for text in texts if text and not text.startswith('{"ImportId"')]
        names = [name for text in texts for name in names_in(text)]
        shown = next((name for name in names if recognizes(name)), names[0] if names else "")
        values = dict.fromkeys(cell for row in rows if (cell := row.cells[index]))
        samples = tuple(
            shorten(value, 30) for value, _ in zip(values, range(SAMPLES), strict=False)
        )
        if names or samples:
            lines = tuple(filter(None, map(str.strip, written[0].splitlines())))
            columns.append(TableColumn(index, shorten(shown, 200), tuple(names), samples, lines))
    return tuple(columns)


def _header_notes(above: Sequence[RawRow], header: Sequence[RawRow]) -> list[Sentence]:
    notes = []
    if above:
        lines = ", ".join(str(row.line) for row in above)
        notes.append(Sentence(LINES_ABOVE, {"lines": lines}))
    if len(header) > 1:
        lines_of_header = {"first": header[0].line, "last": header[-1].line}
        notes.append(Sentence(HEADER_LINES, lines_of_header))
    return notes


# --- The rows ---------------------------------------------------------------------------------


def _fit_rows(rows: Sequence[RawRow], width: int) -> tuple[list[RawRow], list[TableProblem]]:
    """Return the rows, each as wide as the header, and the problems of the others.

    Spreadsheets leave out empty cells at the end; they are added again.
    """
    fitted: list[RawRow] = []
    problems: list[TableProblem] = []
    for row in rows:
        if len(fitted) + len(problems) == MAX_ROWS:
            problems.append(TableProblem(row.line, TOO_MANY_ROWS, {"limit": MAX_ROWS}))
            break
        if problem := _find_misfit(row, width):
            problems.append(problem)
        else:
            cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
            fitted.append(RawRow(row.line, cells))
    return fitted, problems


def _find_misfit(row: RawRow, width: int) -> TableProblem | None:
    if any(row.cells[width:]):
        return TableProblem(row.line, RAGGED, {"found": len(row.cells), "limit": width})
    return _long_cell(row)


def _long_cell(row: RawRow) -> TableProblem | None:
    lengths = list(map(len, row.cells))
    if max(lengths, default=0) <= MAX_CELL_LENGTH:
        return None
    values = {"limit": MAX_CELL_LENGTH}
    return TableProblem(row.line, CELL_TOO_LONG, values, lengths.index(max(lengths)))
