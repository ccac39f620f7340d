"""Read the CSV files that people bring from Excel, and write those that they open in it.

Korean Excel writes CP949, other programs UTF-8 with or without a byte order mark; cells may be
separated by commas, semicolons or tabs. Problems name the line they are in. No written cell is taken
for a formula when the file is opened.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from organizations.text import normalize_nfc

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 100
MAX_CELL_LENGTH = 10_000
CHUNK_SIZE = 16_384  # characters of a table that are written at once
DELIMITERS = (",", ";", "\t")
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .xls
_UTF_32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# What a spreadsheet takes for the beginning of a formula, full-width forms included. Quotes before
# it match as well, so that reading removes exactly the one that writing added.
_FORMULA = re.compile("^'*\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r\n\x00]")


def gettext_noop(text: str) -> str:
    """Mark a sentence for translation; whoever shows it translates it."""
    return text


NOT_A_TABLE = gettext_noop("This isn't a CSV file. In Excel, choose “Save as”, then “CSV UTF-8”.")
EMPTY = gettext_noop("The file is empty. The first line must contain the column names.")
TOO_LARGE = gettext_noop("The file is larger than %(limit)s MB. Split it and import the parts.")
WRONG_ENCODING = gettext_noop(
    "The file is encoded in %(encoding)s. In Excel, choose “Save as”, then “CSV UTF-8”."
)
UNKNOWN_ENCODING = gettext_noop(
    "This line is neither UTF-8 nor Korean CP949. In Excel, choose “Save as”, then “CSV UTF-8”."
)
NUL = gettext_noop("Invalid character (NUL). Delete it.")
OPEN_QUOTE = gettext_noop("This quotation mark is never closed.")
STRAY_QUOTE = gettext_noop(
    "There's a quotation mark in the middle of a cell. Double it or delete it."
)
CELL_TOO_LONG = gettext_noop(
    "A cell is longer than %(limit)s characters. Check for an unclosed quotation mark."
)
TOO_MANY_ROWS = gettext_noop(
    "The file has more than %(limit)s rows. Split it and import the parts."
)
TOO_MANY_COLUMNS = gettext_noop("There are %(found)s columns; the limit is %(limit)s.")
RAGGED = gettext_noop("This row has %(found)s cells, but the header has %(limit)s columns.")
DUPLICATE_HEADER = gettext_noop("The column “%(name)s” appears twice.")


@dataclass(frozen=True, slots=True)
class CsvProblem:
    """What is wrong at a line of the file as an editor counts it; line 0 is the whole file."""

    line: int
    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, translate: Callable[[str], str]) -> str:
        return translate(self.text) % self.values


class InvalidCsv(ValueError):
    """The file cannot be read as a table; `problems` is everything that is wrong with it.

    `table` holds the rows that can be read, where only other rows are wrong.
    """

    def __init__(self, problems: Iterable[CsvProblem], table: CsvTable | None = None) -> None:
        self.problems = tuple(problems)
        self.table = table
        super().__init__("; ".join(f"{each.line}: {each.text}" for each in self.problems))


@dataclass(frozen=True, slots=True)
class CsvRow:
    """`cells` has exactly as many cells as the header; `line` is where the row begins."""

    line: int
    cells: tuple[str, ...]
    missing: int = 0  # cells at the end that the file does not have


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The cells as text without surrounding spaces, in composed letters (NFC). Empty rows are left out."""

    header: tuple[str, ...]
    rows: tuple[CsvRow, ...]
    encoding: str
    delimiter: str


def read_table(content: bytes) -> CsvTable:
    """Return the table in this file. Raises InvalidCsv with every problem that could be found."""
    if len(content) > MAX_BYTES:
        raise InvalidCsv([CsvProblem(0, TOO_LARGE, {"limit": MAX_BYTES // 1024**2})])
    text, encoding = _decode(content)
    delimiter = _detect_delimiter(text)
    rows = _parse_rows(text, delimiter)
    first = next(rows, None)
    if first is None:
        raise InvalidCsv([CsvProblem(0, EMPTY)])
    header = _read_header(first)
    fitted, problems = _fit_rows(rows, len(header))
    table = CsvTable(header, tuple(fitted), encoding, delimiter)
    if problems:
        raise InvalidCsv(problems, table)
    return table


# --- Encoding ---------------------------------------------------------------------------------


def _decode(content: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding."""
    if content.startswith(_WORKBOOK):
        raise InvalidCsv([CsvProblem(0, NOT_A_TABLE)])
    if wide := _wide_encoding(content):
        raise InvalidCsv([CsvProblem(0, WRONG_ENCODING, {"encoding": wide})])
    if b"\x00" in content:
        raise InvalidCsv([_nul_problem(content)])
    unreadable = 0
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding), "UTF-8" if encoding == "utf-8-sig" else "CP949"
        except UnicodeDecodeError as problem:
            unreadable = content.count(b"\n", 0, problem.start) + 1
    raise InvalidCsv([CsvProblem(unreadable, UNKNOWN_ENCODING)])


def _wide_encoding(content: bytes) -> str:
    """Return UTF-32 or UTF-16, known by its mark or by the zero bytes beside Latin letters; else empty."""
    if content.startswith(_UTF_32):
        return "UTF-32"
    sample = content[:2000]
    halves = sample[::2].count(0), sample[1::2].count(0)
    if content.startswith(_UTF_16) or max(halves) > max(4 * min(halves), len(sample) // 10):
        return "UTF-16"
    return ""


def _nul_problem(content: bytes) -> CsvProblem:
    """Return the problem of NUL bytes: a program or a picture has many, a damaged text one or two."""
    if content.count(0) > 20:
        return CsvProblem(0, NOT_A_TABLE)
    return CsvProblem(content.count(b"\n", 0, content.index(0)) + 1, NUL)


# --- Rows -------------------------------------------------------------------------------------


def _detect_delimiter(text: str) -> str:
    """Return the delimiter that is most frequent in the first line, outside quotation marks."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=bare.count)


def _parse_rows(text: str, delimiter: str) -> Iterator[CsvRow]:
    """Yield the rows that are not empty, with the line they begin in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begin = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise InvalidCsv([_parse_problem(str(problem), begin)]) from None
        if any(cell.strip() for cell in cells):
            yield CsvRow(begin, tuple(map(_clean_cell, cells)))
        begin = reader.line_num + 1


def _parse_problem(reason: str, line: int) -> CsvProblem:
    if "field larger" in reason:
        return CsvProblem(line, CELL_TOO_LONG, {"limit": MAX_CELL_LENGTH})
    return CsvProblem(line, OPEN_QUOTE if "end of data" in reason else STRAY_QUOTE)


def _clean_cell(cell: str) -> str:
    cell = normalize_nfc(cell)
    if cell.startswith("'") and _FORMULA.match(cell[1:]):
        cell = cell[1:]
    return cell.strip()


def _read_header(row: CsvRow) -> tuple[str, ...]:
    """Return the names of the columns, without the empty ones that spreadsheets leave at the end."""
    if problem := _find_misfit(row, len(row.cells)):
        raise InvalidCsv([problem])
    names = list(row.cells)
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        values = {"found": len(names), "limit": MAX_COLUMNS}
        raise InvalidCsv([CsvProblem(row.line, TOO_MANY_COLUMNS, values)])
    folded = [name.casefold() for name in names]
    repeated = dict.fromkeys(name for name in names if name and folded.count(name.casefold()) > 1)
    if repeated:
        raise InvalidCsv(
            [CsvProblem(row.line, DUPLICATE_HEADER, {"name": name}) for name in repeated]
        )
    return tuple(names)


def _fit_rows(rows: Iterable[CsvRow], width: int) -> tuple[list[CsvRow], list[CsvProblem]]:
    """Return the rows, each as wide as the header, and the problems of the others.

    Excel drops empty cells at the end; they are added again.
    """
    fitted: list[CsvRow] = []
    problems: list[CsvProblem] = []
    for row in rows:
        if len(fitted) + len(problems) == MAX_ROWS:
            problems.append(CsvProblem(row.line, TOO_MANY_ROWS, {"limit": MAX_ROWS}))
            break
        if problem := _find_misfit(row, width):
            problems.append(problem)
        else:
            missing = max(0, width - len(row.cells))
            fitted.append(CsvRow(row.line, row.cells[:width] + ("",) * missing, missing))
    return fitted, problems


def _find_misfit(row: CsvRow, width: int) -> CsvProblem | None:
    if any(row.cells[width:]):
        return CsvProblem(row.line, RAGGED, {"found": len(row.cells), "limit": width})
    if max(map(len, row.cells)) > MAX_CELL_LENGTH:
        return CsvProblem(row.line, CELL_TOO_LONG, {"limit": MAX_CELL_LENGTH})
    return None


# --- Writing ----------------------------------------------------------------------------------

CellValue = str | int | float | None


def write_table(header: Sequence[str], rows: Iterable[Sequence[CellValue]]) -> bytes:
    """Return CSV for Excel in any language: UTF-8 with its mark, texts quoted and never a formula."""
    return b"".join(stream_table(header, rows))


def stream_table(header: Sequence[str], rows: Iterable[Sequence[CellValue]]) -> Iterator[bytes]:
    """Yield the same in pieces, so that a long table is never held as a whole."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([_escape_formula(name) for name in header])
    yield codecs.BOM_UTF8
    for row in rows:
        writer.writerow([_escape_formula(cell) for cell in row])
        if out.tell() >= CHUNK_SIZE:
            yield _take_written(out)
    yield _take_written(out)


def _take_written(out: io.StringIO) -> bytes:
    piece = out.getvalue().encode()
    out.seek(0)
    out.truncate()
    return piece


def _escape_formula(cell: CellValue) -> CellValue:
    if isinstance(cell, str) and _FORMULA.match(cell):
        return f"'{cell}"
    return "" if cell is None else cell
