"""A spreadsheet is understood whole, or every problem is named with its line."""

from __future__ import annotations

import pytest

from assessments.imports.file_problems import RatingsRefused
from assessments.imports.ratings_table import empty_table, read_ratings_table
from assessments.rubrics import built_in
from organizations.tables.reading import read_table

RUBRIC = built_in("marketing-value")
FIRST, SECOND, THIRD = (capability.slug for capability in RUBRIC.capabilities[:3])


def refusals(ratings: str | bytes, headcounts: str | None = None) -> list[tuple[str, int, str]]:
    raw = ratings.encode() if isinstance(ratings, str) else ratings
    with pytest.raises(RatingsRefused) as refused:
        read_ratings_table(RUBRIC, raw, headcounts.encode() if headcounts is not None else None)
    return [(problem.file, problem.line, problem.text) for problem in refused.value.problems]


def test_every_code_is_understood() -> None:
    codes = ["1", "5", "0", "n/a", "N/A", "?", ""]
    lines = [f"team,{FIRST},{FIRST}.importance", *(f"A,{code},{code}" for code in codes)]
    sheet = read_ratings_table(RUBRIC, "\n".join(lines).encode())
    found = [row.performance[0] for row in sheet.rows]
    assert found == [1, 5, 0, 0, 0, -1, None]
    assert [row.importance[0] for row in sheet.rows] == found
    assert {rating for row in sheet.rows for rating in row.performance[1:]} == {None}


def test_columns_that_are_not_there_were_not_asked() -> None:
    sheet = read_ratings_table(
        RUBRIC, f"team,{THIRD},{FIRST},{SECOND}.importance\nA,1,2,3\n".encode()
    )
    assert sheet.asked == {"performance": [FIRST, THIRD], "importance": [SECOND]}


def test_teams_above_a_team_are_there_and_the_root_has_many_names() -> None:
    ratings = f"Team,{FIRST}\nGrowth / Brand,1\n/,2\nPartners / Agency,4\n,3\n"
    sheet = read_ratings_table(RUBRIC, ratings.encode(), b"team,headcount\nSales,12\n/,3\n")
    assert sheet.teams == (
        (),
        ("Growth",),
        ("Growth", "Brand"),
        ("Partners",),
        ("Partners", "Agency"),
        ("Sales",),
    )
    assert [row.team for row in sheet.rows][1] == ()
    assert sheet.headcounts == {("Sales",): 12, (): 3}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_korean_is_read_as_excel_writes_it(encoding: str) -> None:
    ratings = f"team,role,{FIRST}\r\n브랜드 / 콘텐츠,lead,3\r\n".encode(encoding)
    sheet = read_ratings_table(RUBRIC, ratings)
    assert (sheet.rows[0].team, sheet.rows[0].role) == (("브랜드", "콘텐츠"), "lead")


def test_every_problem_is_named_with_its_line() -> None:
    ratings = "\n".join(
        [
            f"team,role,person,{FIRST}",
            "A,member,p1,3",
            "A,boss,p2,6",
            "A,member,p1,3,extra",
            "A,member,p3",
            "A,member,p1,3.5",
            "a / b / c / d / e / f / g / h / i,,,2",
            "A//B,,,2",
        ]
    )
    assert refusals(ratings, "team,headcount\nA,1\nA,4\nB,many\n") == [
        ("ratings", 3, f"Column {FIRST}: use 1 to 5, 0 or n/a, ?, or leave it empty. Found: 6"),
        ("ratings", 3, "Column role: use member or lead. Found: boss"),
        ("ratings", 4, "This row has 5 cells, but the header has 4 columns."),
        ("ratings", 6, f"Column {FIRST}: use 1 to 5, 0 or n/a, ?, or leave it empty. Found: 3.5"),
        ("ratings", 6, "Duplicate of line 2: p1"),
        ("ratings", 7, "Teams can be nested up to 8 levels: a / b / c / d / e / f / g / h / i"),
        ("ratings", 8, "Part of this path is empty: A//B"),
        (
            "headcounts",
            2,
            "Team size is smaller than the number of responses. Team size: 1, responses: 4, team: A",
        ),
        ("headcounts", 3, "Duplicate of line 2: A"),
        ("headcounts", 4, "Team size must be a whole number. Found: many"),
    ]


def test_an_unknown_column_is_named_with_its_neighbour() -> None:
    assert refusals(f"team,{FIRST}x,shoe-size\nA,1,44\n") == [
        ("ratings", 1, f"Unknown column: {FIRST}x. Did you mean {FIRST}?"),
        ("ratings", 1, "Unknown column: shoe-size"),
    ]


@pytest.mark.parametrize(
    ("ratings", "line"),
    [
        (b"", 0),
        (b"team\nA\n", 1),
        (f"{FIRST}\n3\n".encode(), 1),
        (f"team,{FIRST}\n".encode(), 0),
        (b"PK\x03\x04" + b"\x00" * 40, 0),
        (f"team,{FIRST}\n".encode() + b"\xff\xff,3\n", 2),
        (f"team,{FIRST},{FIRST}\nA,3,3\n".encode(), 1),
        (f'team,{FIRST}\n"A,3\n'.encode(), 2),
    ],
)
def test_what_is_no_table_of_ratings_is_refused(ratings: bytes, line: int) -> None:
    assert [at for _file, at, _text in refusals(ratings)] == [line]


def test_twenty_thousand_rows_are_the_most() -> None:
    rows = "A,3\n" * 20_000
    assert len(read_ratings_table(RUBRIC, f"team,{FIRST}\n{rows}".encode()).rows) == 20_000
    assert [at for _file, at, _text in refusals(f"team,{FIRST}\n{rows}A,3\n")] == [20_002]


def test_two_thousand_teams_are_the_most() -> None:
    rows = "".join(f"Team {number},3\n" for number in range(1_999))
    assert len(read_ratings_table(RUBRIC, f"team,{FIRST}\n{rows}".encode()).teams) == 2_000
    assert refusals(f"team,{FIRST}\n{rows}One more,3\n") == [
        ("ratings", 0, "You can have up to 2,000 teams. Teams in these files: 2001")
    ]


def test_a_formula_is_a_text_and_a_lead_is_no_head() -> None:
    ratings = f"team,role,{FIRST}\n'=SUM(A1),lead,3\n'=SUM(A1),member,3\n".encode()
    sheet = read_ratings_table(RUBRIC, ratings, b"team,headcount\n'=SUM(A1),1\n")
    assert sheet.headcounts == {("=SUM(A1)",): 1}


def test_the_template_can_be_filled_in_and_read() -> None:
    header = read_table(empty_table(RUBRIC) + b"A").header
    assert header[:3] == ("team", "role", "person")
    assert len(header) == 3 + 2 * len(RUBRIC.capabilities)
    cells = ["A", "member", "p1", *["3"] * (len(header) - 3)]
    sheet = read_ratings_table(RUBRIC, empty_table(RUBRIC) + ",".join(cells).encode() + b"\r\n")
    assert sheet.rows[0].importance == (3,) * len(RUBRIC.capabilities)
