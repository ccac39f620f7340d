"""Files of ratings as programs and people write them: each was once misread, and has its right meaning here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from assessments.imports.file_problems import FileChoices, RatingsChoices, RatingsRefused
from assessments.imports.rating_words import read_cell, whole_number
from assessments.imports.ratings_table import (
    RatingsReading,
    RatingsTable,
    read_files,
    read_ratings_table,
)
from assessments.rubrics import built_in

RUBRIC = built_in("cmo-collaboration")
FIRST, SECOND = (capability.slug for capability in RUBRIC.capabilities[:2])
NAMES = RUBRIC.capabilities[0].name
HEADER = f"team,{FIRST},{SECOND}"


def choices(answers: Mapping[str, str] | None = None, **more: Any) -> RatingsChoices:
    file = FileChoices(answers=answers or {}, **more)
    return RatingsChoices(file, file)


def as_bytes(text: str | bytes | None) -> bytes | None:
    return text.encode() if isinstance(text, str) else text


def table(
    ratings: str | bytes, headcounts: str | None = None, chosen: RatingsChoices | None = None
) -> RatingsTable:
    raw = as_bytes(ratings) or b""
    return read_ratings_table(RUBRIC, raw, as_bytes(headcounts), chosen or choices())


def reading(
    ratings: str | bytes, headcounts: str | None = None, chosen: RatingsChoices | None = None
) -> RatingsReading:
    raw = as_bytes(ratings) or b""
    return read_files(RUBRIC, raw, as_bytes(headcounts), chosen or choices())


def refusals(ratings: str | bytes, headcounts: str | None = None) -> list[tuple[str, str]]:
    with pytest.raises(RatingsRefused) as refused:
        table(ratings, headcounts)
    return [(problem.place, problem.text) for problem in refused.value.problems]


def first_codes(read: RatingsTable) -> list[int | None]:
    return [row.performance[0] for row in read.rows]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        *(
            (cell, 4)
            for cell in ("4", "4.0", "4,0", "４", "4\u200b", " 4 ", "4점", "Level 4", "'4")
        ),
        *(
            (cell, 5)
            for cell in ("5 - Strongly agree", "매우 그렇다", "Strongly agree", "5. Always")
        ),
        *(
            (cell, 5)
            for cell in (
                "매우 그렇다(5)",
                "Strongly Agree (5)",
                "5) 매우 그렇다",
                "5점: 매우 그렇다",
            )
        ),
        *((cell, 1) for cell in ("1 – Strongly disagree", "전혀 그렇지 않다", "STRONGLY DISAGREE")),
        *((cell, None) for cell in ("", "NA", "nan", "NaN", "NULL", "#N/A", "-", "None", "—")),
        *((cell, 0) for cell in ("N/A", "n/a", "해당 없음", "해당없음", "Not applicable")),
        *((cell, -1) for cell in ("?", "？", "Don't know", "Don’t know", "모르겠음")),
    ],
)
def test_a_rating_has_many_spellings(cell: str, code: int | None) -> None:
    assert first_codes(table(f'{HEADER}\nGrowth,"{cell}",5\n')) == [code]


@pytest.mark.parametrize(
    "cell",
    ["6", "3.5", "4,5", "-1", "10", "5 (out of 7)", "4-5", "3/5", "perhaps", "80%", "11111111111"],
)
def test_what_is_no_rating_is_named_with_its_cell(cell: str) -> None:
    ((place, text),) = refusals(f'{HEADER}\nGrowth,"{cell}",5\n')
    assert (place, text.endswith(f"Found: {cell}")) == ("B2", True)


def test_decimal_commas_come_with_semicolons() -> None:
    assert first_codes(table(f"team;{FIRST};{SECOND}\nGrowth;4,0;5,0\n")) == [4]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("12", 12), ("12.0", 12), ("1,200", 1200), ("1 200", 1200), ("１２", 12), ("12명", 12)),
        *(("12,0", 12), ("0", 0), ("12.5", None), ("1.200", None), ("-3", None), ("many", None)),
        *(("", None), ("1e3", None), ("1234567", None), ("1,20", None)),
    ],
)
def test_a_headcount_has_many_spellings(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_a_missing_last_cell_is_an_empty_one() -> None:
    assert [row.performance[1] for row in table(f"{HEADER}\nGrowth,4,5\nGrowth,4\n").rows] == [
        5,
        None,
    ]


def test_the_line_that_names_the_separator_is_left_out() -> None:
    assert first_codes(table(f"sep=,\r\n{HEADER}\r\nGrowth,4,5\r\n")) == [4]


def test_two_marks_and_a_space_of_no_width() -> None:
    assert first_codes(table(f"\ufeff\ufeff{HEADER}\nGrowth,4\u200b,5\n")) == [4]


def test_a_line_break_in_the_first_header() -> None:
    assert first_codes(table(f'"No.\n번호";team;{FIRST}\n1;Growth;4\n')) == [4]


@pytest.mark.parametrize(
    "header",
    [
        f"팀,{FIRST},{SECOND}",
        f"부서명,{FIRST},{SECOND}",
        f"Department,{NAMES.in_('en')},{SECOND}",
        f"소속,{NAMES.in_('ko')},{SECOND}",
        f"Team,How well do we do this? [{NAMES.in_('en')}],{SECOND}",
    ],
)
def test_columns_have_names_in_both_languages(header: str) -> None:
    assert first_codes(table(f"{header}\nGrowth,4,5\n", "팀,인원\nGrowth,12\n")) == [4]


@pytest.mark.parametrize("name", [f"{NAMES.in_('en')} (importance)", f"{NAMES.in_('ko')} 중요도"])
def test_importance_is_named_in_both_languages(name: str) -> None:
    (row,) = table(f"{HEADER},{name}\nGrowth,4,5,2\n").rows
    assert row.importance[0] == 2


def test_a_scale_from_zero_is_asked() -> None:
    ratings = f"team,{FIRST}\n" + "Growth,0\n" * 5 + "Growth,4\n" * 5
    ((place, text),) = refusals(ratings)
    assert place == ""
    assert text.startswith("Numbers go from 0 to 4, and there's no 5")
    assert "--scale 0-4" in text
    assert first_codes(table(ratings, chosen=choices({"scale": "0-4"}))) == [1] * 5 + [5] * 5
    assert first_codes(table(ratings, chosen=choices({"scale": "1-5"}))) == [0] * 5 + [4] * 5


def test_a_column_from_zero_is_asked_beside_others() -> None:
    rows = "Growth,0,5\n" * 5 + "Growth,4,5\n" * 5
    read = reading(f"{HEADER}\n{rows}")
    (question,) = read.ratings.questions
    assert question.is_open({})
    assert read.table
    assert [row.performance[:2] for row in read.table.rows][::9] == [(1, 5), (5, 5)]


def test_a_zero_among_many_ratings_is_not_applicable() -> None:
    rows = "Growth,0,5\n" + "Growth,4,5\n" * 9
    assert first_codes(table(f"{HEADER}\n{rows}"))[0] == 0


def test_numbers_that_contradict_their_words_are_asked() -> None:
    ratings = f"team,{FIRST}\nGrowth,1 - Strongly agree\nGrowth,5 - Strongly disagree\n"
    ((_place, text),) = refusals(ratings)
    assert text.startswith("Number and words differ: 1 - strongly agree.")
    assert first_codes(table(ratings, chosen=choices({"wording": "word"}))) == [5, 1]
    assert first_codes(table(ratings, chosen=choices({"wording": "number"}))) == [1, 5]


def test_words_of_a_scale_of_seven_are_refused() -> None:
    ratings = f"team,{FIRST}\nGrowth,Agree\nGrowth,Somewhat agree\n"
    assert [place for place, _text in refusals(ratings)] == ["B1"]


# --- Teams ---------------------------------------------------------------------------------------


def test_a_slash_without_spaces_belongs_to_a_name() -> None:
    assert table(f"{HEADER}\nB2B/B2C,4,3\n").teams == ((), ("B2B/B2C",))


def test_unlikely_korean_is_refused_with_its_question() -> None:
    raw = f"{HEADER}\n".encode() + "Área Norte,4,3\n".encode("cp1252") * 6
    ((_place, text),) = refusals(raw)
    assert "--encoding cp1252 (Western European (Windows-1252): Área Norte)" in text
    assert table(raw, chosen=choices({"encoding": "cp1252"})).teams == ((), ("Área Norte",))


RATINGS = f"{HEADER}\n" + "Growth,4,3\n" * 6 + "Brand,2,3\n" * 6


@pytest.mark.parametrize("word", ["Total", "합계", "소계", "TOTAL", "Grand Total", "총계"])
def test_a_row_of_totals_is_asked(word: str) -> None:
    sizes = f"team,headcount\nGrowth,8\nBrand,8\n{word},16\n"
    ((_place, text),) = refusals(RATINGS, sizes)
    assert f"4 ({word})" in text
    left_out = table(RATINGS, sizes, choices({"totals": "leave-out"}))
    assert sum(left_out.headcounts.values()) == 16
    assert len(table(RATINGS, sizes, choices({"totals": "keep"})).teams) == 4


@pytest.mark.parametrize(("answer", "people"), [("included", 16), ("direct", 32)])
def test_a_sum_of_the_teams_below_is_asked(answer: str, people: int) -> None:
    sizes = "team,headcount\n/,16\nGrowth,8\nBrand,8\n"
    ((_place, text),) = refusals(RATINGS, sizes)
    assert text.startswith("The number is the sum of the teams below: /.")
    counted = table(RATINGS, sizes, choices({"parents": answer}))
    assert sum(counted.headcounts.values()) == people


def test_sums_of_several_levels_are_one_question() -> None:
    sizes = "team,headcount\n/,9\nA,9\nA / B,4\nA / C,5\n"
    read = reading(f"{HEADER}\nA / B,4,3\n", sizes)
    assert read.table
    assert dict(read.table.headcounts) == {
        (): 0,
        ("A",): 0,
        ("A", "B"): 4,
        ("A", "C"): 5,
    }


def test_a_team_with_answers_of_its_own_has_people_of_its_own() -> None:
    sizes = "team,headcount\nA,4\nA / B,4\n"
    read = reading(f"{HEADER}\nA / B,4,3\nA,4,3\n", sizes)
    assert read.table
    assert read.table.headcounts[("A",)] == 4


def test_one_pseudonym_has_many_spellings() -> None:
    header = f"team,person,{FIRST}"
    assert [row.person for row in table(f"{header}\nA,1001.0,3\nA,P-1,3\n").rows] == ["1001", "P-1"]
    assert [place for place, _text in refusals(f"{header}\nA,1001,3\nA,１００１.0,3\n")] == ["B3"]


def test_an_unknown_column_is_left_out_or_assigned() -> None:
    ratings = f"Gruppe,{FIRST},Bemerkung\nGrowth,4,gut\n"
    chosen = choices(names={"gruppe": "team", "bemerkung": "-"})
    assert table(ratings, chosen=chosen).teams == ((), ("Growth",))
    read = reading(f"team,{FIRST},shoe size\nGrowth,4,44\n")
    assert read.table is not None
    assert [column.state for column in read.ratings.columns] == ["auto", "auto", "ask"]


# --- Forms ---------------------------------------------------------------------------------------


def test_the_three_header_rows_of_qualtrics() -> None:
    ratings = (
        f"StartDate,Status,ResponseId,Q1,Q2_1,Q2_2\n"
        f'Start Date,Response Type,Response ID,Team,How well? - {FIRST},"{NAMES.in_("en")}"\n'
        '"{""ImportId"":""startDate""}","{""ImportId"":""status""}","{""ImportId"":""_recordId""}",'
        '"{""ImportId"":""QID1""}","{""ImportId"":""QID2_1""}","{""ImportId"":""QID2_2""}"\n'
        "2026-01-01 10:00:00,IP Address,R_1,Growth,3,4\n"
    )
    read = reading(ratings)
    assert read.table
    (row,) = read.table.rows
    assert (row.team, row.performance[0]) == (("Growth",), 4)


def test_the_two_header_rows_of_surveymonkey() -> None:
    ratings = (
        "Respondent ID,Collector ID,Start Date,End Date,IP Address,Which team are you in?,"
        "How well do we do this?,\n"
        f",,,,,Team,{NAMES.in_('en')},{SECOND}\n"
        "1,2,01/02/2026,01/02/2026,1.1.1.1,Growth,Strongly agree,Disagree\n"
    )
    (row,) = table(ratings).rows
    assert (row.team, row.performance[:2]) == (("Growth",), (5, 2))


def test_the_header_of_google_and_microsoft_forms() -> None:
    google = (
        f'Timestamp,Email Address,Team,"How well? [{NAMES.in_("en")}]","How well? [{SECOND}]"\n'
        "2026/01/02 9:00:00 AM GMT+9,a@x.example,Growth,4,5 - Always\n"
    )
    microsoft = (
        f"ID;Start time;Completion time;Email;Name;팀;{NAMES.in_('ko')}\u00a0;{SECOND}\n"
        "1;1.1.26 9:00:00;1.1.26 9:05:00;anonymous;;Growth;매우 그렇다;3\n"
    )
    assert [table(raw).rows[0].performance[:2] for raw in (google, microsoft)] == [(4, 5), (5, 3)]


def test_no_cell_is_two_things() -> None:
    assert read_cell("0").number == 0  # type: ignore[union-attr]  # it is understood
    assert read_cell("happy") is None
