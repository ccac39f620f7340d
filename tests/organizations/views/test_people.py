"""The pages of people and teams: what is shown, what is kept when refused, what they cost."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organizations.models import Invitation, Membership, Team
from organizations.tenancy.scope import working_for
from tests.conftest import CANARY, Cast, House

PEOPLE = "/o/acme/people/"


def form(house: House, **more: Any) -> dict[str, Any]:
    new = {
        "name": "Noa",
        "email": "noa@acme.example",
        "team": str(house.teams["Growth"].pk),
        "role": "member",
        "language": "ko",
    }
    return new | more


def of(house: House, name: str) -> str:
    return f"{PEOPLE}{house.members[name].pk}/"


def text(answer: Any) -> str:
    content: str = answer.content.decode()
    return content


# --- The tree and the list --------------------------------------------------------------------


def test_the_page_shows_who_is_where(cast: Cast) -> None:
    page = text(cast.acme.browser("Adam").get(PEOPLE))
    assert "6 people, 2 teams" in page
    for name in ("Ada", "Cho", "Adam", "Ana", "Max", "Sue", "Growth / Brand"):
        assert name in page
    assert "Suspended" in page
    assert CANARY not in page


def test_a_team_shows_its_people_and_those_below(cast: Cast) -> None:
    acme = cast.acme
    page = text(acme.browser("Adam").get(PEOPLE, {"team": str(acme.teams["Growth"].pk)}))
    assert "max@acme.example" in page
    assert "ana@acme.example" in page
    assert "cho@acme.example" not in page


@pytest.mark.parametrize("search", ["max@", "MAX"])
def test_someone_is_found_by_name_and_email(cast: Cast, search: str) -> None:
    page = text(cast.acme.browser("Adam").get(PEOPLE, {"q": search}))
    assert "max@acme.example" in page
    assert "cho@acme.example" not in page


def test_a_search_that_finds_nobody_says_so(cast: Cast) -> None:
    page = text(cast.acme.browser("Adam").get(PEOPLE, {"q": "<b>"}))
    assert "No results for “&lt;b&gt;”" in page


@pytest.mark.parametrize("team", ["rival", "nonsense"])
def test_a_team_of_others_is_not_there(cast: Cast, team: str) -> None:
    wanted = str(cast.rival.teams[""].pk) if team == "rival" else team
    assert cast.acme.browser("Adam").get(PEOPLE, {"team": wanted}).status_code == 404


@pytest.mark.parametrize("name", ["Cho", "Ana", "Max"])
def test_only_who_runs_cycles_may_look(cast: Cast, name: str) -> None:
    assert cast.acme.browser(name).get(PEOPLE).status_code == 403


def asked(browser: Client) -> tuple[Any, list[str]]:
    """The page, and what the database was asked for it (a test stands inside a transaction)."""
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(PEOPLE)
    return answer, [each["sql"] for each in queries if "SAVEPOINT" not in each["sql"]]


def test_two_thousand_people_cost_as_much_as_six(cast: Cast) -> None:
    acme = cast.acme
    browser = acme.browser("Adam")
    _first, few = asked(browser)
    with working_for(acme.id):
        made = Team.objects.bulk_create(
            [Team(name=f"Team {n:03}", parent=acme.teams["Growth"]) for n in range(100)]
        )
        Membership.objects.bulk_create(
            [
                Membership(name=f"P {n:04}", email=f"p{n}@acme.example", team=made[n % 100])
                for n in range(2000)
            ]
        )
    answer, many = asked(browser)
    assert len(many) == len(few) <= 9, many
    assert "2006 people, 102 teams" in text(answer)
    assert "Page 1 of 41" in text(answer)
    last = browser.get(PEOPLE, {"page": "41", "team": str(acme.teams["Growth"].pk)})
    assert f"team={acme.teams['Growth'].pk}&amp;page=40" in text(last)


# --- Adding and changing ----------------------------------------------------------------------


def test_someone_is_added_and_invited_in_one_step(cast: Cast) -> None:
    acme = cast.acme
    answer = acme.browser("Adam").post(f"{PEOPLE}add/", form(acme, invite="on"), follow=True)
    assert "Added: Noa" in text(answer)
    with working_for(acme.id):
        noa = Membership.objects.get(email="noa@acme.example")
        assert (noa.language, noa.team_id) == ("ko", acme.teams["Growth"].pk)
        assert Invitation.objects.get(membership=noa).due_at is not None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"email": "Max@ACME.example"}, "Someone with this email is already here."),
        ({"name": "\u200b"}, "This field is required."),
        ({"role": "owner"}, "Select a valid choice. owner is not one of the available choices."),
        ({"team": "7"}, "Select a valid choice. 7 is not one of the available choices."),
    ],
)
def test_bad_input_is_said_and_kept(cast: Cast, wrong: dict[str, str], sentence: str) -> None:
    acme = cast.acme
    typed = form(acme, name="Noa <Kim>") | wrong
    answer = acme.browser("Adam").post(f"{PEOPLE}add/", typed)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "noa@acme.example" in text(answer) or "email" in wrong
    assert "Noa &lt;Kim&gt;" in text(answer) or "name" in wrong
    with working_for(acme.id):
        assert Membership.objects.count() == 6


def test_a_team_of_another_organization_cannot_be_chosen(cast: Cast) -> None:
    typed = form(cast.acme, team=str(cast.rival.teams[""].pk))
    assert cast.acme.browser("Adam").post(f"{PEOPLE}add/", typed).status_code == 422


def test_someone_is_changed(cast: Cast) -> None:
    acme = cast.acme
    typed = form(acme, name="Maxine", email="max@acme.example", leads="on")
    answer = acme.browser("Adam").post(of(acme, "Max"), typed)
    assert answer.status_code == 302
    with working_for(acme.id):
        max_ = Membership.objects.get(email="max@acme.example")
    assert (max_.name, max_.leads, max_.language) == ("Maxine", True, "ko")


def test_an_admin_sees_but_does_not_change_an_owner(cast: Cast) -> None:
    acme = cast.acme
    browser = acme.browser("Adam")
    page = text(browser.get(of(acme, "Ada")))
    assert "Only an owner can change an owner." in page
    assert 'name="email"' not in page
    assert browser.post(of(acme, "Ada"), form(acme)).status_code == 422


def test_a_role_that_one_cannot_give_can_stay(cast: Cast) -> None:
    acme = cast.acme
    typed = form(acme, name="Cho", email="cho@acme.example", role="leader")
    assert acme.browser("Adam").post(of(acme, "Cho"), typed).status_code == 302


@pytest.mark.parametrize("action", ["suspend/", "reinstate/", "remove/", "invite/"])
@pytest.mark.parametrize("name", ["Cho", "Ana"])
def test_an_admin_is_offered_no_power_over_someone_who_may_do_more(
    cast: Cast, name: str, action: str
) -> None:
    acme = cast.acme
    with working_for(acme.id):
        Membership.objects.filter(name=name).update(user=None)
        before = Membership.objects.filter(name=name).values().get()
    browser = acme.browser("Adam")
    page = text(browser.get(of(acme, name)))
    assert "This person has more rights than you. Ask an owner." in page
    assert f"{of(acme, name)}{action}" not in page
    answer = text(browser.post(of(acme, name) + action, follow=True))
    assert "This person has more rights than you. Ask an owner" in answer
    with working_for(acme.id):
        assert Membership.objects.filter(name=name).values().get() == before
        assert not Invitation.objects.exists()


@pytest.mark.parametrize("action", ["", "remove/"])
def test_another_organizations_person_is_not_there(cast: Cast, action: str) -> None:
    address = f"{PEOPLE}{cast.rival.members['Rita'].pk}/{action}"
    assert cast.acme.browser("Ada").get(address).status_code == 404


def press(browser: Client, address: str) -> str:
    return text(browser.post(address, follow=True))


def test_someone_is_suspended_reinstated_and_removed(cast: Cast) -> None:
    acme = cast.acme
    browser = acme.browser("Adam")
    assert "Suspended: Max" in press(browser, f"{of(acme, 'Max')}suspend/")
    assert "This person is suspended." in press(browser, f"{of(acme, 'Max')}invite/")
    assert "Reinstated: Max" in press(browser, f"{of(acme, 'Max')}reinstate/")
    assert "Remove this person?" in text(browser.get(f"{of(acme, 'Max')}remove/"))
    assert "Removed: Max" in press(browser, f"{of(acme, 'Max')}remove/")
    assert browser.get(of(acme, "Max")).status_code == 404


def test_the_last_owner_is_told_why_not(cast: Cast) -> None:
    acme = cast.acme
    typed = form(acme, name="Ada", email="ada@acme.example", role="member")
    answer = acme.browser("Ada").post(of(acme, "Ada"), typed)
    assert answer.status_code == 422
    assert "Keep at least one owner who can sign in." in text(answer)


# --- Teams ------------------------------------------------------------------------------------


def test_a_team_is_added_renamed_moved_and_removed(cast: Cast) -> None:
    acme = cast.acme
    browser = acme.browser("Adam")
    growth, root = str(acme.teams["Growth"].pk), str(acme.teams[""].pk)
    added = browser.post(f"{PEOPLE}teams/add/", {"name": "CRM", "parent": growth}, follow=True)
    assert "Added: CRM" in text(added)
    with working_for(acme.id):
        crm = Team.objects.get(name="CRM")
    address = f"{PEOPLE}teams/{crm.pk}/"
    browser.post(address, {"name": "Data", "parent": root})
    with working_for(acme.id):
        crm.refresh_from_db()
    assert (crm.name, str(crm.parent_id)) == ("Data", root)
    assert "Removed: Data" in press(browser, f"{address}remove/")


def test_a_slash_may_belong_to_the_name_of_a_team(cast: Cast) -> None:
    """As in lists of people: only between spaces it separates."""
    typed = {"name": "B2B/B2C", "parent": str(cast.acme.teams["Growth"].pk)}
    assert cast.acme.browser("Adam").post(f"{PEOPLE}teams/add/", typed).status_code == 302


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "This field is required."),
        ("A / B", "Don&#x27;t use “/” between spaces or at the ends: it separates teams in files."),
        ("/A", "Don&#x27;t use “/” between spaces or at the ends: it separates teams in files."),
        ("Brand", "There&#x27;s already a team with this name here. Choose another."),
        ("x" * 121, "Ensure this value has at most 120 characters (it has 121)."),
    ],
)
def test_a_bad_name_of_a_team_is_said_and_kept(cast: Cast, name: str, sentence: str) -> None:
    typed = {"name": name, "parent": str(cast.acme.teams["Growth"].pk)}
    answer = cast.acme.browser("Adam").post(f"{PEOPLE}teams/add/", typed)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert f'value="{name}"' in text(answer) or not name


def test_a_team_is_not_offered_below_itself(cast: Cast) -> None:
    acme = cast.acme
    page = text(acme.browser("Adam").get(f"{PEOPLE}teams/{acme.teams['Growth'].pk}/"))
    assert f'value="{acme.teams[""].pk}"' in page
    assert f'value="{acme.teams["Brand"].pk}"' not in page


def test_a_team_with_people_is_kept_and_says_why(cast: Cast) -> None:
    acme = cast.acme
    answer = acme.browser("Adam").post(f"{PEOPLE}teams/{acme.teams['Brand'].pk}/remove/")
    assert answer.status_code == 422
    assert "There are people in this team. Move them first." in text(answer)


def test_a_name_in_decomposed_letters_is_found(cast: Cast) -> None:
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Max").update(name="강민재")
    query = {"q": unicodedata.normalize("NFD", "강민재")}
    assert "강민재" in text(cast.acme.browser("Adam").get(PEOPLE, query)).split("</form>", 2)[-1]
