"""What holds for the whole organization, and the trail of who changed what."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organizations import audit_history, people
from organizations.models import AuditEvent, Membership, Organization, Role, Team
from organizations.tenancy.scope import working_for
from tests.conftest import CANARY, Cast
from tests.organizations.people_lists import import_list

SETTINGS = "/o/acme/settings/"
SHARED = {"results_by_link": "on", "members_see_capabilities": "on"}
TOLD = {
    "name": "Acme Group",
    "language": "ko",
    "time_zone": "Asia/Seoul",
    "threshold": "7",
} | SHARED


def text(answer: Any) -> str:
    content: str = answer.content.decode()
    return content


def test_an_owner_changes_what_holds_for_everyone(cast: Cast) -> None:
    acme = cast.acme
    answer = acme.browser("Ada").post(SETTINGS, TOLD, follow=True)
    assert "Settings saved." in text(answer)
    with working_for(acme.id):
        row = Organization.objects.get(pk=acme.id)
        assert Team.objects.get(parent=None).name == "Acme Group"
        told = AuditEvent.objects.get(event="organization.changed").detail
    assert (row.name, row.language, row.time_zone, row.threshold) == (
        "Acme Group",
        "ko",
        "Asia/Seoul",
        7,
    )
    assert told["threshold"] == [5, 7]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"threshold": "4"}, "Ensure this value is greater than or equal to 5."),
        ({"threshold": "21"}, "Ensure this value is less than or equal to 20."),
        ({"threshold": "x"}, "Enter a whole number."),
        ({"time_zone": "Mars/Base"}, "Select a valid choice."),
        ({"language": "fr"}, "Select a valid choice."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_bad_input_is_said_and_kept(cast: Cast, wrong: dict[str, str], sentence: str) -> None:
    answer = cast.acme.browser("Ada").post(SETTINGS, TOLD | wrong)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert 'value="Acme Group"' in text(answer) or "name" in wrong
    with working_for(cast.acme.id):
        assert Organization.objects.get(pk=cast.acme.id).threshold == 5


def test_nothing_changed_leaves_no_line(cast: Cast) -> None:
    same = {"name": "Acme", "language": "en", "time_zone": "UTC", "threshold": "5"}
    cast.acme.browser("Ada").post(SETTINGS, same | SHARED)
    with working_for(cast.acme.id):
        assert not AuditEvent.objects.filter(event="organization.changed").exists()


@pytest.mark.parametrize("switch", SHARED)
def test_what_members_see_of_results_is_on_until_an_owner_switches_it_off(
    cast: Cast, switch: str
) -> None:
    ada = cast.acme.browser("Ada")
    assert text(ada.get(SETTINGS)).count(" checked") == len(SHARED)
    rest = {name: value for name, value in TOLD.items() if name != switch}
    assert "Settings saved." in text(ada.post(SETTINGS, rest, follow=True))
    with working_for(cast.acme.id):
        row = Organization.objects.get(pk=cast.acme.id)
        told = AuditEvent.objects.get(event="organization.changed").detail
    assert {name: getattr(row, name) for name in SHARED} == {
        name: name != switch for name in SHARED
    }
    assert told[switch] == [True, False]


@pytest.mark.parametrize("name", ["Cho", "Adam", "Ana", "Max"])
@pytest.mark.parametrize("page", ["", "changes/"])
def test_only_owners_come_in(cast: Cast, name: str, page: str) -> None:
    assert cast.acme.browser(name).get(SETTINGS + page).status_code == 403


def test_the_trail_says_who_did_what_to_whom(cast: Cast) -> None:
    acme = cast.acme
    with working_for(acme.id):
        ada, max_ = acme.members["Ada"].pk, acme.members["Max"]
        wanted = people.profile_of(max_)
        people.change_person(
            max_, people.Profile(**{**_fields(wanted), "role": Role.ADMIN}), by=ada
        )
        people.remove(acme.members["Sue"], by=max_.pk)
        _page, lines = audit_history.latest("1")
    assert [(line.actor, line.event, line.subject) for line in lines] == [
        ("Max", "Person removed", ""),
        ("Ada", "Person changed", "Max · Role: Member → Administrator"),
        ("Ada", "Organization created", "Acme"),
    ]
    page = text(acme.browser("Ada").get(f"{SETTINGS}changes/"))
    assert "Member → Administrator" in page
    assert CANARY not in page


def abouts(cast: Cast, event: str) -> list[str]:
    """What the trail says of events of this kind, the newest first."""
    with working_for(cast.acme.id):
        _page, lines = audit_history.latest("1")
    return [line.subject for line in lines if line.event == str(audit_history.EVENT_LABELS[event])]


def change(cast: Cast, **more: Any) -> None:
    with working_for(cast.acme.id):
        person = Membership.objects.get(pk=cast.acme.members["Max"].pk)
        wanted = replace(people.profile_of(person), **more)
        people.change_person(person, wanted, by=cast.acme.members["Adam"].pk)


def test_a_line_names_every_field_that_changed_and_both_addresses(cast: Cast) -> None:
    root = cast.acme.teams[""].pk
    change(cast, email="max.too@acme.example", team=root, leads=True, language="ko")
    change(cast, name="Maxine")
    told = "Email: max@acme.example → max.too@acme.example · Team · Leads this team · Language"
    assert abouts(cast, "person.changed") == ["Maxine · Name", f"Maxine · {told}"]


def test_the_addresses_of_a_line_go_with_the_person(cast: Cast) -> None:
    change(cast, email="max.too@acme.example")
    with working_for(cast.acme.id):
        people.remove(cast.acme.members["Max"], by=cast.acme.members["Ada"].pk)
        details = list(AuditEvent.objects.values_list("detail", flat=True))
    assert abouts(cast, "person.changed") == ["Email"]
    assert "max" not in str(details).lower()


def test_a_list_of_people_names_the_fields_of_everyone_it_changed(cast: Cast) -> None:
    text = b"name,email,team,role\nMaxine,max@acme.example,Growth,admin\nNoa,n@acme.example,,\n"
    with working_for(cast.acme.id):
        by = cast.acme.members["Ada"].pk
        import_list(text, by=by)
        detail = AuditEvent.objects.get(event="person.changed").detail
    assert detail == {"role": ["member", "admin"], "name": True, "team": True}
    told = "Maxine · Name · Team · Role: Member → Administrator"
    assert abouts(cast, "person.changed") == [told]
    assert abouts(cast, "people.imported") == ["new: 1, changed: 1"]


def test_a_line_about_the_settings_names_what_changed(cast: Cast) -> None:
    cast.acme.browser("Ada").post(SETTINGS, TOLD)
    told = "Name: Acme → Acme Group · Language · Time zone · Anonymity threshold: 5 → 7"
    assert abouts(cast, "organization.changed") == [told]


def _fields(profile: people.Profile) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in profile.__slots__}


def test_every_event_of_every_room_has_its_words() -> None:
    root = Path(__file__).resolve().parents[2]
    sources = [
        path.read_text()
        for room in ("organizations", "assessments", "reports")
        for path in (root / room).rglob("*.py")
    ]
    recorded = set(re.findall(r'record\(\s*"([a-z_]+\.[a-z_]+)"', "\n".join(sources)))
    assert "cycle.opened" in recorded
    assert recorded - set(audit_history.EVENT_LABELS) == set()


def test_a_long_trail_is_paged_at_the_same_cost(cast: Cast) -> None:
    acme = cast.acme
    browser = acme.browser("Ada")
    with CaptureQueriesContext(connection) as few:
        browser.get(f"{SETTINGS}changes/")
    with working_for(acme.id):
        AuditEvent.objects.bulk_create(
            [AuditEvent(event="person.added", actor=acme.members["Max"].pk) for _ in range(120)]
        )
    with CaptureQueriesContext(connection) as many:
        page = text(browser.get(f"{SETTINGS}changes/"))
    assert "Page 1 of 3" in page
    assert len(many) == len(few)
