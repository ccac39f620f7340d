"""Excel workbooks: what stands in their cells, and what they unpack to."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from organizations.tables import workbook
from organizations.tables.reading import read_table
from organizations.tables.table import InvalidTable, Table

KNOWN = {"name", "email", "team"}


def book(*sheets: tuple[str, Any]) -> Workbook:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return made


def content(made: Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(raw: bytes, **answers: str) -> Table:
    return read_table(raw, answers, lambda name: name.lower() in KNOWN)


def problems(raw: bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidTable) as raised:
        read(raw)
    return [(problem.place, problem.sentence(str)) for problem in raised.value.problems]


def test_values_are_read_as_they_would_stand_in_csv() -> None:
    values = [
        1001,
        1001.0,
        4.5,
        True,
        date(2026, 3, 1),
        datetime(2026, 3, 1, 9, 30),  # noqa: DTZ001  # a cell has no zone
        time(9),
        "1001",
    ]
    made = book(("A", [list("abcdefgh"), values]))
    (row,) = read(content(made)).rows
    assert row.cells == (
        *("1001", "1001", "4.5", "TRUE", "2026-03-01", "2026-03-01 09:30:00", "09:00:00", "1001"),
    )


def test_lines_and_columns_are_those_of_the_sheet() -> None:
    made = book(
        ("A", [["사내 명단"], [], ["name", "email"], ["Anna", "a@x.example"], [], ["B", "b"]])
    )
    table = read(content(made))
    assert table.header == ("name", "email")
    assert [row.line for row in table.rows] == [4, 6]
    assert [note.sentence(str) for note in table.notes] == [
        "Lines above the column names that were left out: 1"
    ]


def test_the_first_sheet_with_a_header_is_offered() -> None:
    people = [["name", "email"], ["Anna", "a@x.example"]]
    made = book(("Read me", [["Fill in sheet 2"]]), ("People", people), ("Hidden", people))
    made["Hidden"].sheet_state = "hidden"
    table = read(content(made))
    assert table.sheet == "People"
    (question,) = table.questions
    assert [choice.value for choice in question.choices] == ["Read me", "People"]
    assert not question.is_open({})  # only one has a header
    assert [note.sentence(str) for note in table.notes] == [
        "Hidden sheets that were not read: Hidden"
    ]
    assert read(content(made), sheet="Read me").header == ("Fill in sheet 2",)


def test_two_sheets_with_a_header_are_asked() -> None:
    made = book(("Now", [["name", "email"], ["A", "a"]]), ("Gone", [["name", "email"], ["B", "b"]]))
    table = read(content(made))
    assert (table.sheet, table.questions[0].is_open({})) == ("Now", True)
    assert read(content(made), sheet="Gone").rows[0].cells == ("B", "b")


def test_merged_cells_have_the_value_of_the_whole() -> None:
    rows = [["name", "email", "team"], ["A", "a", "Growth"], ["B", "b", None], ["C", "c", "Brand"]]
    made = book(("A", rows))
    made["A"].merge_cells("C2:C3")
    table = read(content(made))
    assert [row.cells[2] for row in table.rows] == ["Growth", "Growth", "Brand"]
    assert len(table.notes) == 1


def test_a_formula_counts_with_its_saved_value_and_without_one_is_named() -> None:
    made = book(("A", [["name", "email"], ["A", '=B1&"x"'], ["B", "b"]]))
    sentence = "This cell has a formula without a saved value."
    ((place, text),) = problems(content(made))
    assert (place, text.startswith(sentence)) == ("B2", True)
    with_value = _edit(content(made), "xl/worksheets/sheet1.xml", b"<v />", b"<v>77</v>")
    assert read(with_value).rows[0].cells == ("A", "77")


def test_hidden_rows_are_read_and_noted() -> None:
    made = book(("A", [["name"], ["A"], ["B"]]))
    made["A"].row_dimensions[2].hidden = True
    table = read(content(made))
    assert [row.cells for row in table.rows] == [("A",), ("B",)]
    assert [note.sentence(str) for note in table.notes] == ["Hidden rows are read, too: 2"]


def _edit(raw: bytes, member: str, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with ZipFile(io.BytesIO(raw)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == member:
                assert old in data
                data = data.replace(old, new)
            target.writestr(name, data)
    return out.getvalue()


def _with(raw: bytes, member: str, data: bytes) -> bytes:
    out = io.BytesIO(raw)
    with ZipFile(out, "a", ZIP_DEFLATED) as target:
        target.writestr(member, data)
    return out.getvalue()


PLAIN = [["name", "email"], ["Anna", "a@x.example"]]


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = content(book(("A", PLAIN)))
    for size in (workbook.MAX_UNPACKED + 1, 30 * 1024 * 1024):  # too much; too much for its size
        ((place, text),) = problems(_with(raw, "xl/media/x", bytes(size)))
        assert (place, "unpacks to more than" in text) == ("", True)


@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        (
            "xl/worksheets/sheet1.xml",
            b"<worksheet",
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet',
        ),
        (
            "xl/workbook.xml",
            b"<workbook",
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><workbook',
        ),
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b""),
        ("xl/workbook.xml", b"<sheets>", b"<sheet>"),
        ("[Content_Types].xml", b"<Types", b"<Typos"),
    ],
)
def test_a_workbook_that_is_none_is_refused(member: str, old: bytes, new: bytes) -> None:
    ((place, text),) = problems(_edit(content(book(("A", PLAIN))), member, old, new))
    assert (place, "isn't a CSV file or an Excel workbook" in text) == ("", True)


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_CELLS", 3)
    assert problems(content(book(("A", PLAIN)))) == [
        ("", "The sheet has more than 3 filled cells. Split it and import the parts.")
    ]


def test_a_value_far_to_the_right_is_named() -> None:
    made = book(("A", PLAIN))
    made["A"]["XFD2"] = "x"
    ((place, text),) = problems(content(made))
    assert (place, "the header has 2 columns" in text) == ("2", True)


def test_a_workbook_without_values_says_so() -> None:
    made = book(("A", [[]]))
    assert problems(content(made)) == [("", "This workbook has no visible sheet with values.")]
