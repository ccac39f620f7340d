"""Tables from Excel: what is read, what is refused with its line, and what never is a formula."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from organizations.tables import reading
from organizations.tables.reading import read_table
from organizations.tables.table import MAX_BYTES, MAX_ROWS, InvalidTable, TableProblem, TableRow
from organizations.tables.writing import write_table
from organizations.text import remove_unseen

PEOPLE = "이름,이메일,팀\n조 리더,cho@acme.example,성장 / 브랜드\nMax,max@acme.example,\n"
CELLS = (
    ("조 리더", "cho@acme.example", "성장 / 브랜드"),
    ("Max", "max@acme.example", ""),
)


def problems(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(InvalidTable) as raised:
        read_table(content)
    return [(problem.line, problem.sentence(str)) for problem in raised.value.problems]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_what_korean_excel_and_others_write_is_read(
    encoding: str, delimiter: str, newline: str
) -> None:
    content = PEOPLE.replace(",", delimiter).replace("\n", newline).encode(encoding)
    table = read_table(content)
    assert table.header == ("이름", "이메일", "팀")
    assert tuple(row.cells for row in table.rows) == CELLS
    assert [row.line for row in table.rows] == [2, 3]
    assert table.delimiter == delimiter
    names = {"utf-8": "UTF-8", "utf-1": "UTF-16", "utf-3": "UTF-32"}
    assert table.encoding == names.get(encoding[:5], "CP949")


def test_lines_are_counted_as_a_spreadsheet_counts_them() -> None:
    table = read_table(b'a,b\r\n\r\n"two\r\nlines",x\r\n,\r\nlast,y\r\n')
    assert [(row.line, row.cells) for row in table.rows] == [
        (3, ("two\r\nlines", "x")),
        (5, ("last", "y")),
    ]


def test_empty_columns_at_the_end_are_dropped_and_missing_ones_come_back() -> None:
    table = read_table(b"a,b,c,,\n1,2,3,,\n1\n")
    assert table.header == ("a", "b", "c")
    assert [row.cells for row in table.rows] == [("1", "2", "3"), ("1", "", "")]


def test_decomposed_hangul_is_composed() -> None:
    table = read_table(unicodedata.normalize("NFD", PEOPLE).encode())
    assert table.rows[0].cells == CELLS[0]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", 0, "empty"),
        (b"\n , \n\n", 0, "empty"),
        ("name\nMüller\n".encode("latin-1"), 2, "neither UTF-8 nor Korean CP949"),
        (b"PK\x03\x04" + bytes(100), 0, "isn't a CSV file"),
        (b"\x89PNG" + bytes(range(256)) * 9 + bytes(30), 0, "isn't a CSV file"),
        (b"a,b\n1,2\n3,\x00\n", 3, "NUL"),
        (b'a,b\n1,2\n3,"4\n5,6\n', 3, "never closed"),
        (b'a,b\n1,"2"3\n', 2, "middle of a cell"),
        (b'a,b\n1,"' + b"x" * 200_000 + b'"\n', 2, "longer than 10000"),
        (b"a,b\n1," + b"x" * 10_001 + b"\n", 2, "longer than 10000"),
        (b"x" * 10_001 + b"\n", 1, "longer than 10000"),
        (b"a," * 201 + b"a\n", 1, "202 columns"),
        (b"a\n" + b"1\n" * (MAX_ROWS + 1), MAX_ROWS + 2, "more than 20000 rows"),
        (b"a\n" + b"1" * MAX_BYTES, 0, "larger than 5 MB"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(content: bytes, line: int, words: str) -> None:
    found = problems(content)
    assert found[0][0] == line
    assert words in found[0][1]


def test_every_ragged_row_is_named() -> None:
    found = problems(b"a,b\n1,2,3\n1,2\n1,2,,4\n")
    assert found == [
        (2, "This row has 3 cells, but the header has 2 columns."),
        (4, "This row has 4 cells, but the header has 2 columns."),
    ]


def test_the_largest_allowed_table_is_read() -> None:
    assert len(read_table(b"a\n" + b"1\n" * MAX_ROWS).rows) == MAX_ROWS


@settings(deadline=None)  # the first workbook loads what reads it
@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_refusal(content: bytes) -> None:
    found: tuple[TableProblem, ...] = ()
    rows: tuple[TableRow, ...] = ()
    width = 0
    try:
        rows, width = (table := read_table(content)).rows, len(table.header)
    except InvalidTable as raised:
        found = raised.problems
        assert found
    assert all(problem.sentence(str) for problem in found)
    assert all(len(row.cells) == width for row in rows)


@pytest.mark.parametrize(
    "text",
    [*"=+-@\uff1d\uff0b\uff0d\uff20", "=1+1", "-1", "@SUM(A1)", " =1", "'=1", "''=1"],
)
def test_a_text_is_never_a_formula_and_comes_back_as_it_was(text: str) -> None:
    written = write_table(["a", text], [[text, 3], ["plain", None]])
    assert written.startswith(b"\xef\xbb\xbf")
    assert f'"\'{text}",3'.encode() in written
    table = read_table(written)
    assert table.header == ("a", text.strip())
    assert [row.cells for row in table.rows] == [(text.strip(), "3"), ("plain", "")]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)))
def test_what_was_written_is_read_again(texts: list[str]) -> None:
    table = read_table(write_table(["key", "text"], [["k", text] for text in texts]))
    expected = [remove_unseen(unicodedata.normalize("NFC", text)).strip() for text in texts]
    assert [row.cells[1] for row in table.rows] == expected


def test_a_problem_says_its_sentence_in_the_readers_language() -> None:
    problem = TableProblem(2, reading.TOO_LARGE, {"limit": 5})
    assert problem.sentence(lambda _: "%(limit)s MB까지 돼요.") == "5 MB까지 돼요."
