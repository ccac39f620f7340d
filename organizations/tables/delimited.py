"""Read the rows of a text with delimiters: CSV, semicolons, tabs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from organizations.tables.decoding import UNKNOWN_ENCODING, decode
from organizations.tables.table import (
    MAX_CELL_LENGTH,
    InvalidTable,
    RawRow,
    Source,
    TableProblem,
    gettext_noop,
)

DELIMITERS = (",", ";", "\t")
MAX_DAMAGED = 50  # cells that are named
OPEN_QUOTE = gettext_noop("This quotation mark is never closed.")
STRAY_QUOTE = gettext_noop(
    "There's a quotation mark in the middle of a cell. Double it or delete it."
)
CELL_TOO_LONG = gettext_noop(
    "A cell is longer than %(limit)s characters. Check for an unclosed quotation mark."
)
_MARKS = "\ufeff\u200b\u2060"
_SEPARATOR_LINE = re.compile(rf'[{_MARKS}]*"?sep=(.)"?[ ,;\t]*(?:\r\n|\r|\n)', re.IGNORECASE)
_DAMAGE = re.compile("[\udc80-\udcff]")


def read_delimited(content: bytes, answers: Mapping[str, str]) -> Source:
    """Return the rows of the file. Raises InvalidTable where they cannot be told apart."""
    decoded = decode(content, answers)
    text = decoded.text.lstrip(_MARKS)
    questions = (decoded.question,) if decoded.question else ()
    delimiter, text = _split_separator_line(text)
    delimiter = delimiter or _detect_delimiter(text)
    try:
        rows = list(_parse_rows(text, delimiter))
    except InvalidTable as invalid:
        raise InvalidTable(invalid.problems, questions=questions) from None
    if damaged := _find_damage(rows) if _DAMAGE.search(text) else []:
        raise InvalidTable(damaged, questions=questions)
    return Source(rows, decoded.encoding, delimiter, questions=questions)


def _split_separator_line(text: str) -> tuple[str, str]:
    """Return the delimiter that Excel's own first line (sep=;) names, and the text below; Excel does not
    count that line."""
    found = _SEPARATOR_LINE.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)


def _detect_delimiter(text: str) -> str:
    """Return the delimiter that is most frequent in the first line that has one, outside quotation marks."""
    bare = re.sub(r'"[^"]*"', "", text[:200_000])
    lines = (line for line in io.StringIO(bare) if any(map(line.__contains__, DELIMITERS)))
    return max(DELIMITERS, key=next(lines, "").count)


def _parse_rows(text: str, delimiter: str) -> Iterator[RawRow]:
    """Yield the rows, empty ones left out, with their number in a spreadsheet."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 0
    while True:
        line += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise InvalidTable([_parse_problem(str(problem), line)]) from None
        if any(cells):
            yield RawRow(line, cells)


def _parse_problem(reason: str, line: int) -> TableProblem:
    if "field larger" in reason:
        return TableProblem(line, CELL_TOO_LONG, {"limit": MAX_CELL_LENGTH})
    return TableProblem(line, OPEN_QUOTE if "end of data" in reason else STRAY_QUOTE)


def _find_damage(rows: list[RawRow]) -> list[TableProblem]:
    """Return a problem for each cell with bytes that could not be read."""
    places = (
        TableProblem(row.line, UNKNOWN_ENCODING, column=index)
        for row in rows
        for index, cell in enumerate(row.cells)
        if _DAMAGE.search(cell)
    )
    return [problem for problem, _number in zip(places, range(MAX_DAMAGED), strict=False)]
