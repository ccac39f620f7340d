"""Lists of people as programs and people write them: each was once misread, and has its right meaning here."""

from __future__ import annotations

import unicodedata

import pytest

from organizations.models import Membership
from organizations.people_import.entries import (
    CHOOSE,
    NO_CHOICES,
    SUSPEND,
    ImportChoices,
    ImportPlan,
)
from organizations.people_import.plan import build_plan
from organizations.tenancy.scope import working_for
from tests.conftest import Cast, House
from tests.organizations.people_lists import import_list


def plan_of(
    house: House, content: bytes | str, choices: ImportChoices = NO_CHOICES, by: str = "Ada"
) -> ImportPlan:
    raw = content.encode() if isinstance(content, str) else content
    with working_for(house.id):
        return build_plan(raw, by=house.members[by].pk, choices=choices)


def problems(plan: ImportPlan) -> list[tuple[str, str]]:
    return [(each.place, each.sentence(str)) for each in plan.problems]


def people(plan: ImportPlan) -> list[tuple[str, str, tuple[str, ...], bool]]:
    assert problems(plan) == []
    return [
        (each.profile.name, each.profile.email, each.path, each.profile.leads) for each in plan.new
    ]


@pytest.mark.parametrize(
    ("mark", "leads"),
    [
        *((mark, True) for mark in ("O", "o", "○", "Ｏ", "ㅇ", "✓", "V", "v", "예", "TRUE", "1.0")),
        *((mark, False) for mark in ("X", "x", "×", "Ｘ", "아니오", "No", "0", "")),
    ],
)
def test_o_means_yes_and_x_means_no(cast: Cast, mark: str, leads: bool) -> None:
    plan = plan_of(cast.acme, f"이름,이메일,팀장\n강하나,hana@x.example,{mark}\n")
    assert [each[3] for each in people(plan)] == [leads]


def test_o_and_x_of_korean_excel(cast: Cast) -> None:
    text = "이름,이메일,부서,팀장\n강하나,hana@x.example,성장,O\n이두리,duri@x.example,성장,X\n"
    assert [each[3] for each in people(plan_of(cast.acme, text.encode("cp949")))] == [True, False]


@pytest.mark.parametrize(
    ("text", "encoding", "default", "name"),
    [
        (
            "name,email\nÁngel Torres,angel@x.example\nÅsa Berg,a@x.example\n",
            "cp1252",
            "cp1252",
            "Ángel Torres",
        ),
        ("name,email\n田中,tanaka@x.example\n", "cp932", "cp932", "田中"),
        ("name,email\n张伟,zhang@x.example\n", "gbk", "gbk", "张伟"),
    ],
)
def test_unlikely_korean_is_asked(
    cast: Cast, text: str, encoding: str, default: str, name: str
) -> None:
    plan = plan_of(cast.acme, text.encode(encoding))
    (question,) = plan.questions
    assert (question.key, question.default) == ("encoding", default)
    assert question.is_open({})
    assert people(plan)[0][0] == name
    choices = ImportChoices(answers={"encoding": "cp949"})
    assert people(plan_of(cast.acme, text.encode(encoding), choices))[0][0] != name


def test_korean_in_cp949_is_not_asked(cast: Cast) -> None:
    text = "이름,이메일\n강하나,hana@x.example\n뷁똠방각하,b@x.example\n김펲시 Kim,c@x.example\n"
    plan = plan_of(cast.acme, (text + "이두리,d@x.example\n" * 1).encode("cp949"))
    assert (plan.questions, plan.encoding, len(people(plan))) == ((), "CP949", 4)


@pytest.mark.parametrize(
    "header",
    [
        "Department",
        "Org Unit",
        "부서명",
        "팀명",
        "부서",
        "소속",
        "Team Name",
        "DEPARTMENT NAME",
        "dept.",
    ],
)
def test_a_department_is_a_team(cast: Cast, header: str) -> None:
    plan = plan_of(cast.acme, f"Name,Email,{header}\nAnna,anna@x.example,Growth\n")
    assert people(plan) == [("Anna", "anna@x.example", ("Growth",), False)]


def test_new_people_without_a_team_are_noted(cast: Cast) -> None:
    plan = plan_of(cast.acme, "name,email\nAnna,anna@x.example\n")
    text = "New people without a team join the organization itself: 1"
    assert [note.sentence(str) for note in plan.notes] == [text]


def test_a_slash_without_spaces_belongs_to_a_name(cast: Cast) -> None:
    text = "name,email,team\nAnna,anna@x.example,B2B/B2C\nBen,ben@x.example,R&D / A/B Testing\n"
    plan = plan_of(cast.acme, text)
    assert plan.teams == (("B2B/B2C",), ("R&D",), ("R&D", "A/B Testing"))
    (question,) = plan.questions
    assert (question.key, question.is_open({})) == ("slashes", False)
    levels = plan_of(cast.acme, text, ImportChoices(answers={"slashes": "levels"}))
    assert levels.teams[:2] == (("B2B",), ("B2B", "B2C"))


def test_a_path_may_begin_with_the_organization(cast: Cast) -> None:
    rows = "A,a@x.example,Acme / Growth\nB,b@x.example,ACME\nC,c@x.example,/Growth/Brand\n"
    plan = plan_of(cast.acme, f"name,email,team\n{rows}")
    assert [each[2] for each in people(plan)] == [("Growth",), (), ("Growth", "Brand")]
    assert plan.teams == ()


def test_an_empty_cell_leaves_what_holds(cast: Cast) -> None:
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Max").update(leads=True)
    plan = plan_of(cast.acme, "name,email,language,team,leads\n,max@acme.example,ko,,\n")
    assert problems(plan) == []
    assert [list(each.changes) for each in plan.changed] == [["language"]]


def test_the_line_that_cannot_be_read_is_named(cast: Cast) -> None:
    lines = [f"김민지{n},p{n}@x.example".encode() for n in range(50)]
    lines[38] = "김민지38,p38@x.example".encode("cp949")
    plan = plan_of(cast.acme, b"name,email\n" + b"\n".join(lines))
    assert [(place, text[:34]) for place, text in problems(plan)] == [
        ("A40", "This line is neither UTF-8 nor Kor")
    ]


def test_the_line_that_names_the_separator_is_left_out(cast: Cast) -> None:
    text = "sep=;\r\nname;email;team\r\nAnna;anna@x.example;Growth\r\nBen;ben@x.example;Growth\r\n"
    for raw in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16")):
        plan = plan_of(cast.acme, raw)
        assert [each[0] for each in people(plan)] == ["Anna", "Ben"]
        assert [each.line for each in plan.new] == [2, 3]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff\ufeffname,email\nAnna,anna@x.example\n",
        "name,\u200bemail\nAnna,anna@x.example\n",
        "name,email,team\nAnna,anna@x.example,Growth\n\u200b,,\n",
        "name,email\nAn\u200bna,an\u00adna@x.example\n\u3164,\u2060\n",
        "Ｎａｍｅ,ｅｍａｉｌ\nAnna,ａｎｎａ＠ｘ．ｅｘａｍｐｌｅ\n",
    ],
)
def test_what_cannot_be_seen_changes_nothing(cast: Cast, text: str) -> None:
    assert [each[:2] for each in people(plan_of(cast.acme, text))] == [("Anna", "anna@x.example")]


@pytest.mark.parametrize(
    "content",
    [
        b"<html><head><meta charset=utf-8></head><body><table><tr><td>name</td></tr></table></html>",
        b"\r\n<!DOCTYPE html><html></html>",
        b"\xef\xbb\xbf<?xml version='1.0'?><Workbook></Workbook>",
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"PK\x03\x04" + bytes(600),
        b"%PDF-1.7\n" + bytes(range(256)) * 4 + bytes(30),
    ],
)
def test_what_only_looks_like_a_table_is_called_so(cast: Cast, content: bytes) -> None:
    ((place, text),) = problems(plan_of(cast.acme, content))
    assert place == ""
    assert text.startswith("This isn't a CSV file or an Excel workbook (.xlsx)")


@pytest.mark.parametrize("delimiter", ["\t", ";", ","])
def test_a_line_break_in_the_first_header(cast: Cast, delimiter: str) -> None:
    text = (
        f'"No.\n번호"{delimiter}name{delimiter}email\n1{delimiter}Anna{delimiter}anna@x.example\n'
    )
    plan = plan_of(cast.acme, text)
    assert [each[0] for each in people(plan)] == ["Anna"]
    assert [each.line for each in plan.new] == [2]


GOOGLE = (
    "First Name [Required],Last Name [Required],Email Address [Required],Org Unit Path [Required]\n"
    "Anna,Berg,anna@x.example,/Growth/Brand\n"
)


@pytest.mark.parametrize(
    ("text", "name", "team"),
    [
        (
            "displayName,mail,department,jobTitle\nAnna,anna@x.example,Growth,Lead\n",
            "Anna",
            ("Growth",),
        ),
        ("First Name,Last Name,Email\nAnna,Berg,anna@x.example\n", "Anna Berg", ()),
        ("Last Name,First Name,Email\nBerg,Anna,anna@x.example\n", "Anna Berg", ()),
        (
            GOOGLE,
            "Anna Berg",
            ("Growth", "Brand"),
        ),
        ("성명,이메일주소,부서명,직책\n김하나,anna@x.example,성장,팀장\n", "김하나", ("성장",)),
        ('"이름\nName","이메일\nEmail"\n김하나,anna@x.example\n', "김하나", ()),
        ("성,이름,이메일\n김,하나,anna@x.example\n", "김하나", ()),
    ],
)
def test_columns_have_many_names(cast: Cast, text: str, name: str, team: tuple[str, ...]) -> None:
    assert people(plan_of(cast.acme, text)) == [(name, "anna@x.example", team, False)]


def test_an_unknown_column_is_shown_and_can_be_assigned_and_is_remembered(cast: Cast) -> None:
    acme = cast.acme
    text = (
        "이름,이메일,직책,근무지\n김하나,hana@x.example,팀장,서울\n이두리,d@x.example,팀원,부산\n"
    )
    plan = plan_of(acme, text)
    assert plan.unknown == ("직책", "근무지")
    assert [each.column.samples for each in plan.columns][2:] == [
        ("팀장", "팀원"),
        ("서울", "부산"),
    ]
    choices = ImportChoices(columns={"직책": "leads", "근무지": "-"}, remember=True)
    with working_for(acme.id):
        import_list(text.encode(), by=acme.members["Ada"].pk, choices=choices)
        assert Membership.objects.get(name="김하나").leads
    again = plan_of(acme, text)
    assert (again.unknown, again.same) == ((), 2)
    assert plan_of(cast.rival, text, by="Rita").unknown == ("직책", "근무지")


def test_a_choice_can_be_changed_and_is_remembered_anew(cast: Cast) -> None:
    text = b"name,email,spot\nA,a@x.example,Growth\n"
    for field in ("-", "team"):
        with working_for(cast.acme.id):
            by = cast.acme.members["Ada"].pk
            choices = ImportChoices(columns={"spot": field}, remember=True)
            import_list(text, by=by, choices=choices)
            Membership.objects.filter(email="a@x.example").delete()
    assert [each.field for each in plan_of(cast.acme, text).columns] == ["name", "email", "team"]


@pytest.mark.parametrize(
    "email",
    [
        "MAX@Acme.Example",
        "ｍａｘ@acme.example",
        unicodedata.normalize("NFD", "max@acme.example"),
        "\u200bmax@acme.example",
    ],
)
def test_one_address_has_many_spellings(cast: Cast, email: str) -> None:
    assert plan_of(cast.acme, f"name,email\nMax,{email}\n").same == 1


def test_an_international_domain_is_the_same_in_both_notations(cast: Cast) -> None:
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Max").update(email="max@xn--bcher-kva.example")
    assert plan_of(cast.acme, "name,email\nMax,max@bücher.example\n").same == 1
    text = "name,email\nA,a@bücher.example\nB,a@xn--bcher-kva.example\n"
    assert [place for place, _text in problems(plan_of(cast.acme, text))] == ["B3"]


@pytest.mark.parametrize("team", ["growth", "Ｇｒｏｗｔｈ", "GROWTH ", "Gro\u200bwth"])
def test_one_team_has_many_spellings(cast: Cast, team: str) -> None:
    plan = plan_of(cast.acme, f"name,email,team\nA,a@x.example,{team}\n")
    assert (plan.teams, people(plan)[0][2]) == ((), ("Growth",))


def test_a_row_of_totals_is_asked(cast: Cast) -> None:
    text = "name,email,team\nA,a@x.example,Growth\n합계,,1명\n"
    plan = plan_of(cast.acme, text)
    assert [question.key for question in plan.questions] == ["totals"]
    assert len(people(plan)) == 1
    kept = plan_of(cast.acme, text, ImportChoices(answers={"totals": "keep"}))
    assert problems(kept) == [("B3", "Missing email.")]


# --- Who is missing -----------------------------------------------------------------------------


def test_who_is_missing_is_named_and_suspended_by_choice(cast: Cast) -> None:
    acme = cast.acme
    text = "name,email\nAda,ada@acme.example\nCho,cho@acme.example\n"
    assert [person.name for person in plan_of(acme, text).missing] == ["Adam", "Ana", "Max"]
    assert not plan_of(acme, text).is_applicable
    everyone = plan_of(acme, text, ImportChoices(missing=SUSPEND))
    assert [person.name for person in everyone.suspended] == ["Adam", "Ana", "Max"]
    one = ImportChoices(missing=CHOOSE, suspended=frozenset({str(acme.members["Max"].pk)}))
    with working_for(acme.id):
        import_list(text.encode(), by=acme.members["Ada"].pk, choices=one)
        suspended = Membership.objects.exclude(suspended_at=None).exclude(name="Sue")
        assert [person.name for person in suspended] == ["Max"]


def test_nobody_suspends_who_may_do_more_or_themselves(cast: Cast) -> None:
    plan = plan_of(
        cast.acme, "name,email\nMax,max@acme.example\n", ImportChoices(missing=SUSPEND), by="Adam"
    )
    assert {person.name for person in plan.missing} == {"Ada", "Adam", "Ana", "Cho"}
    assert {person.name for person in plan.suspended} <= {"Ana"}
