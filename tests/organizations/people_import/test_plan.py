"""A list of people: first what it would do, then all of it or nothing."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organizations import people
from organizations.models import AuditEvent, Invitation, Membership, Role, Team
from organizations.people_import.applying import apply_plan
from organizations.people_import.entries import ImportPlan, PlanOutdated
from organizations.people_import.plan import build_plan
from organizations.tables.reading import read_table
from organizations.tenancy.scope import working_for
from tests.conftest import Cast, House
from tests.isolation.forms import forms_in
from tests.isolation.populated_organizations import rows_digest
from tests.organizations.people_lists import import_list

IMPORT = "/o/acme/people/import/"
LIST = """name,e-mail,team,language,role,leads
Noa,noa@acme.example,Growth / CRM,ko,member,no
Max,MAX@acme.example,growth / brand,en,admin,yes
Cho,cho@acme.example,,en,leader,yes
"""


def planned(house: House, text: str | bytes, by: str = "Ada") -> ImportPlan:
    content = text.encode() if isinstance(text, str) else text
    with working_for(house.id):
        return build_plan(content, by=house.members[by].pk)


def done(house: House, text: str, by: str = "Ada") -> ImportPlan:
    with working_for(house.id):
        return import_list(text.encode(), by=house.members[by].pk)


def problems(plan: ImportPlan) -> list[tuple[int, str]]:
    return [(each.line, each.sentence(str)) for each in plan.problems]


def who(house: House, email: str) -> tuple[str, str, str, str, bool]:
    with working_for(house.id):
        person = Membership.objects.select_related("team").get(email=email)
    return person.name, person.team.name, person.language, person.role, person.leads


# --- The dry run ------------------------------------------------------------------------------


def test_the_dry_run_says_everything_and_stores_nothing(cast: Cast) -> None:
    acme = cast.acme
    before = rows_digest(acme)
    plan = planned(acme, LIST)
    assert [(entry.line, entry.profile.email) for entry in plan.new] == [(2, "noa@acme.example")]
    assert [(entry.line, entry.change_texts) for entry in plan.changed] == [
        (3, [("Role", "Member → Administrator"), ("Leads this team", "no → yes")])
    ]
    assert (plan.same, len(plan.missing)) == (1, 3)
    assert (plan.teams, problems(plan)) == ((("Growth", "CRM"),), [])
    assert plan.is_applicable
    assert rows_digest(acme) == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_list_from_korean_excel_means_the_same(cast: Cast, encoding: str, delimiter: str) -> None:
    text = "이름,이메일,부서,언어,역할,팀장,비고\r\n김민지,minji@acme.example,성장 / 브랜드,한국어,분석가,예,신입\r\n"
    plan = planned(cast.acme, text.replace(",", delimiter).encode(encoding))
    assert problems(plan) == []
    (entry,) = plan.new
    told = entry.profile
    assert (told.name, told.language, told.role, told.leads) == ("김민지", "ko", "analyst", True)
    assert plan.teams == (("성장",), ("성장", "브랜드"))
    assert plan.ignored == ("비고",)


def test_every_bad_row_is_named_with_its_line(cast: Cast) -> None:
    deep = " / ".join("abcdefghi")
    text = (
        "name,e-mail,team,language,role,leads\n"
        "Good,good@acme.example,,,,\n"
        ",no.name@acme.example,,,,\n"
        "No mail,,,,,\n"
        "Bad,not-a-mail,,,,\n"
        "Again,GOOD@acme.example,,,,\n"
        f"Deep,deep@acme.example,{deep},,,\n"
        "Gap,gap@acme.example,Growth // Brand,,,\n"
        f"Long,long@acme.example,{'x' * 121},,,\n"
        "Role,role@acme.example,,,boss,\n"
        "Language,language@acme.example,,fr,,\n"
        "Leads,leads@acme.example,,,,perhaps\n"
        f"{'n' * 121},name@acme.example,,,,\n"
    )
    plan = planned(cast.acme, text)
    assert problems(plan) == [
        (3, "Missing name."),
        (4, "Missing email."),
        (5, "Not an email address: not-a-mail"),
        (6, "Duplicate of line 2: good@acme.example"),
        (7, f"Teams can be nested up to 8 levels: {deep}"),
        (8, "Part of this path is empty: Growth // Brand"),
        (9, f"Team names can have up to 120 characters: {'x' * 59}…"),
        (10, "Unknown role: boss. Use owner, leader, admin, analyst or member."),
        (11, "Unknown language: fr. Use one of: en, ko."),
        (12, "Team lead must be yes or no. Found: perhaps"),
        (13, "Names can have up to 120 characters."),
    ]
    assert not plan.is_applicable


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("", 0, "The file is empty. The first line must contain the column names."),
        ("name,team\nMax,\n", 1, "Missing column: email"),
        ("name,이름,email\n", 1, "The column “이름” appears twice."),
        (
            "name,email\n",
            0,
            "There's nobody in this file. Add rows below the column names.",
        ),
        ("name,email\na,b,c\n", 2, "This row has 3 cells, but the header has 2 columns."),
    ],
)
def test_a_file_that_is_no_list_says_why(cast: Cast, text: str, line: int, sentence: str) -> None:
    assert problems(planned(cast.acme, text)) == [(line, sentence)]


def test_a_list_gives_nobody_more_than_its_bringer_may(cast: Cast) -> None:
    text = (
        "name,email,role,leads\n"
        "Max,max@acme.example,owner,\n"
        "Ada 2,ada@acme.example,,\n"
        "Adam,adam@acme.example,,yes\n"
        "New,new@acme.example,leader,\n"
        "Cho,cho@acme.example,leader,yes\n"
    )
    assert problems(planned(cast.acme, text, by="Adam")) == [
        (2, "This role has more rights than yours. Ask an owner to change it."),
        (3, "Only an owner can change an owner."),
        (4, "You can't give yourself access to a team's results. Ask an owner."),
        (5, "This role has more rights than yours. Ask an owner to change it."),
    ]


def test_a_list_takes_no_role_from_someone_who_may_do_more_than_its_bringer(cast: Cast) -> None:
    text = "name,email,role\nCho,cho@acme.example,member\nAna,ana@acme.example,admin\n"
    sentence = "This role has more rights than yours. Ask an owner to change it."
    assert problems(planned(cast.acme, text, by="Adam")) == [(2, sentence), (3, sentence)]


def test_a_column_that_is_not_there_changes_nothing(cast: Cast) -> None:
    plan = planned(cast.acme, "name,email\nCho,cho@acme.example\nMax,max@acme.example\n")
    assert (plan.same, plan.changed, plan.new) == (2, (), ())
    assert not plan.is_applicable


# --- Carrying it out --------------------------------------------------------------------------


def test_a_confirmed_list_is_stored_with_its_teams(cast: Cast) -> None:
    acme = cast.acme
    done(acme, LIST)
    assert who(acme, "noa@acme.example") == ("Noa", "CRM", "ko", "member", False)
    assert who(acme, "max@acme.example") == ("Max", "Brand", "en", "admin", True)
    with working_for(acme.id):
        assert Membership.objects.count() == 7
        told = AuditEvent.objects.get(event="people.imported").detail
        assert told == {"new": 1, "changed": 1, "teams": 1}
        roles = AuditEvent.objects.get(event="person.changed")
    assert roles.subject == acme.members["Max"].pk
    assert roles.detail == {"role": ["member", "admin"], "leads": [False, True]}


def test_bringing_the_same_list_again_changes_nothing(cast: Cast) -> None:
    done(cast.acme, LIST)
    plan = planned(cast.acme, LIST)
    assert (plan.new, plan.changed, plan.teams, plan.same) == ((), (), (), 3)


def test_a_slash_is_the_organization_and_what_is_empty_stays(cast: Cast) -> None:
    done(cast.acme, "name,email,team,role\nAna,ana@acme.example,,\nMax,max@acme.example,/,\n")
    assert who(cast.acme, "ana@acme.example")[1:4] == ("Growth", "en", "analyst")
    assert who(cast.acme, "max@acme.example")[1] == "Acme"


def test_someone_moves_from_the_organization_into_a_new_team(cast: Cast) -> None:
    done(cast.acme, "name,email,team\nCho,cho@acme.example,New / Deep\n")
    assert who(cast.acme, "cho@acme.example")[1] == "Deep"


def test_a_list_that_would_do_something_else_now_is_shown_again(cast: Cast) -> None:
    acme = cast.acme
    shown = planned(acme, LIST)
    with working_for(acme.id):
        Membership.objects.filter(email="max@acme.example").update(role=Role.ANALYST)
    before = rows_digest(acme)
    with working_for(acme.id), pytest.raises(PlanOutdated):
        apply_plan(
            LIST.encode(),
            digest=shown.digest,
            by=acme.members["Ada"].pk,
            moment=timezone.now(),
        )
    assert rows_digest(acme) == before


def test_a_list_leaves_an_owner(cast: Cast) -> None:
    acme = cast.acme
    before = rows_digest(acme)
    with pytest.raises(Exception, match="Keep at least one owner who can sign in"):
        done(acme, "name,email,role\nNew,new@acme.example,\nAda,ada@acme.example,member\n")
    assert rows_digest(acme) == before


def test_another_role_ends_an_open_invitation(cast: Cast) -> None:
    acme = cast.acme
    with working_for(acme.id):
        Invitation.objects.create(
            membership=acme.members["Max"],
            token_hash=b"x",
            invited_by="Ada",
            expires_at="2030-01-01T00:00Z",
        )
    done(acme, LIST)
    with working_for(acme.id):
        assert not Invitation.objects.exists()


def test_ten_thousand_people_come_in_few_statements(cast: Cast) -> None:
    acme = cast.acme
    rows = "".join(f"P {n},p{n}@acme.example,T {n % 50} / U {n % 7}\n" for n in range(10_000))
    with CaptureQueriesContext(connection) as queries:
        plan = done(acme, f"name,email,team\n{rows}")
    assert len(plan.new) == 10_000
    assert len(queries) < 60
    with working_for(acme.id):
        assert Membership.objects.count() == 10_006
        assert Team.objects.count() == 3 + 50 + 350


def test_the_same_team_in_another_spelling_is_one_team(cast: Cast) -> None:
    text = (
        "name,email,team\nA,a@acme.example,Data\nB,b@acme.example,DATA\nC,c@acme.example,GROWTH\n"
    )
    assert planned(cast.acme, text).teams == (("Data",),)


# --- The pages --------------------------------------------------------------------------------


def upload(browser: Client, content: bytes | str) -> Any:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = "people.csv"
    return browser.post(IMPORT, {"file": file})


def hidden(answer: Any) -> dict[str, str]:
    """The fields with which the page sends the preview back as it stands."""
    forms = [form.fields for form in forms_in(answer.content) if "carried" in form.fields]
    return forms[0] if forms else {}


def test_a_list_is_shown_then_stored(cast: Cast) -> None:
    acme = cast.acme
    browser = acme.browser("Ada")
    before = rows_digest(acme)
    shown = upload(browser, LIST)
    assert shown.status_code == 200
    page = shown.content.decode()
    assert "New: 1, changed: 1, unchanged: 1" in page
    assert "Growth / CRM" in page
    assert "Member → Administrator" in page
    assert rows_digest(acme) == before
    answer = browser.post(IMPORT, hidden(shown), follow=True)
    assert "1 person added. 1 person changed." in answer.content.decode()
    assert who(acme, "noa@acme.example")[1] == "CRM"


def test_a_bad_list_names_its_lines_and_offers_no_storing(cast: Cast) -> None:
    answer = upload(cast.acme.browser("Ada"), "name,email\n<b>,x\nMax,max@acme.example\n,y\n")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Fix 3 issues first" in page
    assert "Not an email address: x" in page
    assert ">Import<" not in page
    before = rows_digest(cast.acme)
    assert cast.acme.browser("Ada").post(IMPORT, hidden(answer)).status_code == 422
    assert rows_digest(cast.acme) == before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The submitted file is empty."),
        (b"\xff\xfea\x00", "Missing column: name"),
        (b"a" * (5 * 1024 * 1024 + 1), "The file is larger than 5 MB."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(cast: Cast, content: bytes, sentence: str) -> None:
    answer = upload(cast.acme.browser("Ada"), content)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_no_file_says_so(cast: Cast) -> None:
    answer = cast.acme.browser("Ada").post(IMPORT, {})
    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()


def test_only_who_saw_the_dry_run_can_confirm_it(cast: Cast) -> None:
    acme = cast.acme
    carried = hidden(upload(acme.browser("Ada"), LIST))
    before = rows_digest(acme)
    tampered = carried | {"carried": "x" + carried["carried"]}
    for browser, told in ((acme.browser("Adam"), carried), (acme.browser("Ada"), tampered)):
        answer = browser.post(IMPORT, told)
        assert answer.status_code == 422
        assert "This preview is out of date. Choose the file again." in answer.content.decode()
    assert rows_digest(acme) == before


def test_a_list_that_became_stale_is_shown_anew(cast: Cast) -> None:
    acme = cast.acme
    browser = acme.browser("Ada")
    carried = hidden(upload(browser, LIST))
    with working_for(acme.id):
        people.remove(acme.members["Max"], by=acme.members["Ada"].pk)
    answer = browser.post(IMPORT, carried)
    assert answer.status_code == 422
    assert "Someone else just changed people or teams." in answer.content.decode()
    assert "New: 2, changed: 0, unchanged: 1" in answer.content.decode()
    assert browser.post(IMPORT, hidden(answer)).status_code == 302


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_template_can_be_brought_back_as_it_is(cast: Cast, language: str) -> None:
    browser = cast.acme.browser("Adam")
    browser.cookies["language"] = language
    answer = browser.get(f"{IMPORT}template.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="people.csv"'
    example = {"en": "name,email,team,language,role,leads", "ko": "이름,이메일,팀,언어,역할,리더"}
    assert read_table(answer.content).header == tuple(example[language].split(","))
    plan = planned(cast.acme, answer.content)
    assert (problems(plan), len(plan.new), plan.ignored) == ([], 2, ())
