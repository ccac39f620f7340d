"""Write CSV that opens in Excel in any language: UTF-8 with its mark, and no cell is taken for a formula."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

CHUNK_SIZE = 16_384  # characters of a table that are written at once
# What a spreadsheet takes for the beginning of a formula, full-width forms included. Quotes before
# it match as well, so that reading removes exactly the one that writing added.
FORMULA = re.compile("^'*\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r\n\x00]")

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
    if isinstance(cell, str) and FORMULA.match(cell):
        return f"'{cell}"
    return "" if cell is None else cell
