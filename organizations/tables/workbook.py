"""Read the sheets of an Excel workbook (.xlsx). Loaded only for one: openpyxl is large.

A workbook is a compressed archive, so what it unpacks to is limited before anything is unpacked.
"""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from organizations.tables.decoding import NOT_A_TABLE
from organizations.tables.table import (
    MAX_COLUMNS,
    MAX_ROWS,
    Choice,
    InvalidTable,
    Question,
    RawRow,
    Sentence,
    Source,
    TableProblem,
    gettext_noop,
)

MAX_UNPACKED = 64 * 1024 * 1024
MAX_RATIO = 200  # of what is unpacked to what is packed; beyond a megabyte
MAX_CELLS = 300_000
MAX_SHEETS = 30  # of which the first rows are looked at
FIRST_ROWS = 15
SHEET = "sheet"  # the key of the question

BOMB = gettext_noop(
    "This workbook unpacks to more than %(limit)s MB. Copy the list into a new workbook and save that."
)
TOO_MANY_CELLS = gettext_noop(
    "The sheet has more than %(limit)s filled cells. Split it and import the parts."
)
NO_VALUE = gettext_noop(
    "This cell has a formula without a saved value. Open the file in Excel and save it again."
)
NO_SHEET = gettext_noop("This workbook has no visible sheet with values.")
ASK_SHEET = gettext_noop("The workbook has several sheets. Which one should be read?")
SHEET_BEGINS = gettext_noop("%(name)s: %(begins)s")
HIDDEN_SHEETS = gettext_noop("Hidden sheets that were not read: %(names)s")
MERGED = gettext_noop("Merged cells: each of them counts with the value of the whole.")
HIDDEN_ROWS = gettext_noop("Hidden rows are read, too: %(lines)s")

UNREADABLE = (
    *(ArithmeticError, AssertionError, AttributeError, BadZipFile, EOFError, LookupError, OSError),
    *(RuntimeError, SyntaxError, TypeError, ValueError, zlib.error),
)


def read_workbook(
    content: bytes, answers: Mapping[str, str], recognizes: Callable[[str], bool]
) -> Source:
    """Return the rows of one sheet: the one that was chosen, else the first that has a header."""
    _check_size(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl cannot keep is of no use here
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            return _read_sheet_of(book, answers, recognizes)
    except InvalidTable:
        raise
    except UNREADABLE:
        raise InvalidTable([TableProblem(0, NOT_A_TABLE)]) from None


def _check_size(content: bytes) -> None:
    """Refuse an archive that would unpack to too much. Never more is unpacked than it says here."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except UNREADABLE:
        raise InvalidTable([TableProblem(0, NOT_A_TABLE)]) from None
    if unpacked > MAX_UNPACKED or unpacked > max(MAX_RATIO * len(content), 1024 * 1024):
        raise InvalidTable([TableProblem(0, BOMB, {"limit": MAX_UNPACKED // 1024**2})])


def _read_sheet_of(
    book: Any, answers: Mapping[str, str], recognizes: Callable[[str], bool]
) -> Source:
    sheets = [sheet for sheet in book.worksheets if isinstance(sheet, ReadOnlyWorksheet)]
    visible = {
        sheet.title: (sheet, first)
        for sheet in sheets[:MAX_SHEETS]
        if sheet.sheet_state == "visible" and (first := _first_rows(sheet))
    }
    hidden = [sheet.title for sheet in sheets if sheet.sheet_state != "visible"]
    if not visible:
        raise InvalidTable([TableProblem(0, NO_SHEET)])
    question = _ask_for_sheet(visible, recognizes) if len(visible) > 1 else None
    title = question.answer(answers) if question else next(iter(visible))
    source = _read_sheet(visible[title][0])
    notes = (Sentence(HIDDEN_SHEETS, {"names": ", ".join(hidden)}),) if hidden else ()
    return Source(
        source.rows,
        sheet=title,
        questions=(question,) if question else (),
        notes=(*notes, *source.notes),
        problems=source.problems,
    )


def _first_rows(sheet: Any) -> list[Sequence[str]]:
    parser = _SheetParser(sheet)
    with sheet._get_source() as source:
        parser.source = source
        rows = (cells for _line, cells in parser.rows() if any(cells))
        return list(islice(rows, FIRST_ROWS))


def _ask_for_sheet(
    visible: Mapping[str, tuple[Any, list[Sequence[str]]]], recognizes: Callable[[str], bool]
) -> Question:
    """Return the question which sheet is meant. Where one alone has a header that is known, it is."""
    known = {
        title: max(sum(map(recognizes, cells)) for cells in rows)
        for title, (_sheet, rows) in visible.items()
    }
    with_header = [title for title, count in known.items() if count > 1]
    default = next(iter(with_header or visible))
    choices = [
        Choice(title, Sentence(SHEET_BEGINS, {"name": title, "begins": _beginning(rows[0])}))
        for title, (_sheet, rows) in visible.items()
    ]
    only = len(with_header) == 1
    return Question(SHEET, Sentence(ASK_SHEET), tuple(choices), default, is_optional=only)


def _beginning(cells: Sequence[str]) -> str:
    return ", ".join([cell[:30] for cell in cells if cell][:4])


class _SheetParser(WorkSheetParser):
    """openpyxl's own parser of a sheet, which also tells merged cells, hidden rows and empty formulas."""

    def __init__(self, sheet: Any) -> None:
        book = sheet.parent
        super().__init__(
            None,  # type: ignore[arg-type]  # the source is set once it is open
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        self.without_value: list[tuple[int, int]] = []  # row and index of the column
        self.cell_count = 0

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            self.without_value.append((cell["row"], cell["column"] - 1))
        return cell

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield line and cells of every row that stands in the sheet."""
        for line, cells in self.parse():
            texts = {
                cell["column"] - 1: _as_text(cell["value"])
                for cell in cells
                if cell["value"] is not None
            }
            width = max((index for index, text in texts.items() if text.strip()), default=-1) + 1
            yield line, [texts.get(index, "") for index in range(width)]


def _read_sheet(sheet: Any) -> Source:
    parser = _SheetParser(sheet)
    rows: dict[int, list[str]] = {}
    count = 0
    with sheet._get_source() as source:
        parser.source = source
        for line, cells in parser.rows():
            count += len(cells)
            if count > MAX_CELLS:
                raise InvalidTable([TableProblem(0, TOO_MANY_CELLS, {"limit": MAX_CELLS})])
            if cells:
                rows[line] = cells
            if len(rows) > MAX_ROWS + FIRST_ROWS:
                break  # too many rows: whoever fits them says so
    notes = _fill_merged(rows, parser)
    problems = [
        TableProblem(line, NO_VALUE, column=index) for line, index in parser.without_value[:50]
    ]
    return Source(
        [RawRow(line, cells) for line, cells in sorted(rows.items())],
        notes=(*notes, *_hidden_rows(rows, parser)),
        problems=tuple(problems),
    )


def _fill_merged(rows: dict[int, list[str]], parser: WorkSheetParser) -> list[Sentence]:
    """Give every cell of a merged area the value of its first cell, in the rows that have any."""
    filled = False
    for area in getattr(parser.merged_cells, "mergeCell", ()):
        left, top, right, bottom = area.min_col - 1, area.min_row, area.max_col, area.max_row
        first = rows.get(top, [])
        value = first[left] if left < len(first) else ""
        if not value or (
            top == bottom and right - left > 1 and len(list(filter(None, first))) == 1
        ):
            continue  # a title above the table
        for line in range(top, min(bottom, top + MAX_ROWS) + 1):
            cells = rows.get(line)
            if cells is not None:
                cells += [""] * (min(right, MAX_COLUMNS) - len(cells))
                cells[left : min(right, MAX_COLUMNS)] = [value] * (min(right, MAX_COLUMNS) - left)
                filled = True
    return [Sentence(MERGED)] if filled else []


def _hidden_rows(rows: Mapping[int, Sequence[str]], parser: WorkSheetParser) -> list[Sentence]:
    hidden = [
        int(line)
        for line, row in parser.row_dimensions.items()
        if row.get("hidden") in ("1", "true") and int(line) in rows
    ]
    if not hidden:
        return []
    shown = ", ".join(map(str, hidden[:10])) + (", …" if len(hidden) > 10 else "")
    return [Sentence(HIDDEN_ROWS, {"lines": shown})]


def _as_text(value: Any) -> str:
    """Return a value as it would stand in CSV: 4 for 4.0, dates and times in ISO form."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta | int) else str(value or "")
