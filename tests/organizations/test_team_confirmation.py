"""Owners and leaders, and nobody else, confirm that people belong to their teams."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from organizations import team_confirmation
from organizations.models import AuditEvent, Membership
from organizations.tenancy.scope import working_for
from organizations.views.team_confirmation import choice_of
from tests.conftest import CANARY, Cast, House

PAGE = "/o/acme/people/teams/confirm/"


def member(house: House, name: str) -> Membership:
    with working_for(house.id):
        return Membership.objects.get(pk=house.members[name].pk)


def confirmed(house: House) -> set[str]:
    with working_for(house.id):
        people = Membership.objects.filter(team_confirmed=True)
        return set(people.values_list("name", flat=True))


@pytest.mark.parametrize("by", ["Ada", "Cho"])
def test_an_owner_or_leader_confirms_those_they_choose(cast: Cast, by: str) -> None:
    acme = cast.acme
    browser = acme.browser(by)
    page = browser.get(PAGE).text
    assert "Max" in page and "Adam" in page and "Growth / Brand" in page
    assert "Ana" not in page and "Sue" not in page and CANARY not in page
    answer = browser.post(PAGE, {"people": [choice_of(member(acme, "Max"))]}, follow=True)
    assert "1 person confirmed." in answer.text
    assert confirmed(acme) == {"Max"}
    with working_for(acme.id):
        event = AuditEvent.objects.get(event="person.team_confirmed")
    assert (event.actor, event.subject) == (acme.members[by].pk, acme.members["Max"].pk)


@pytest.mark.parametrize("by", ["Adam", "Ana", "Max"])
def test_nobody_else_confirms(cast: Cast, by: str) -> None:
    acme = cast.acme
    choice = choice_of(member(acme, "Max"))
    assert acme.browser(by).post(PAGE, {"people": [choice]}).status_code == 403
    with working_for(acme.id), pytest.raises(ValidationError, match="Only owners and leaders"):
        team_confirmation.confirm([], by=acme.members[by].pk)
    assert confirmed(acme) == set()


def test_whoever_was_moved_in_the_meantime_is_not_confirmed(cast: Cast) -> None:
    acme = cast.acme
    choice = choice_of(member(acme, "Max"))
    with working_for(acme.id):
        Membership.objects.filter(name="Max").update(team=acme.teams["Growth"])
    assert acme.browser("Ada").post(PAGE, {"people": [choice]}).status_code == 422
    assert confirmed(acme) == set()


@pytest.mark.parametrize("choice", ["", "x", "1 2 3"])
def test_what_is_no_choice_is_refused(cast: Cast, choice: str) -> None:
    assert cast.acme.browser("Ada").post(PAGE, {"people": [choice]}).status_code == 422


def test_another_organizations_person_cannot_be_confirmed(cast: Cast) -> None:
    rob = member(cast.rival, f"{CANARY} Rob")
    answer = cast.acme.browser("Ada").post(PAGE, {"people": [choice_of(rob)]})
    assert answer.status_code == 422
    assert confirmed(cast.rival) == set()


def test_nobody_chosen_confirms_nobody(cast: Cast) -> None:
    assert "0 people confirmed." in cast.acme.browser("Ada").post(PAGE, {}, follow=True).text
    assert confirmed(cast.acme) == set()
