"""Since when someone is in a team, and a team below its parent: groups of new people wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from organizations import people, teams
from organizations.models import Membership, Team
from organizations.people import profile_of
from organizations.tenancy.scope import working_for
from tests.conftest import Cast, House
from tests.organizations.people_lists import import_list

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def acme(cast: Cast) -> House:
    with working_for(cast.acme.id):
        Membership.objects.update(team_since=LONG_AGO)
        Team.objects.update(parent_since=LONG_AGO)
    return cast.acme


def change(house: House, **different: object) -> None:
    person = Membership.objects.get(name="Max")
    wanted = {
        field: getattr(profile_of(person), field)
        for field in ("name", "email", "team", "role", "language", "leads")
    }
    people.change_person(person, people.Profile(**(wanted | different)), by=None)


def by_list(house: House, team: str) -> None:
    content = f"name,email,team\nMaximilian,max@acme.example,{team}\n".encode()
    import_list(content, by=None)


def come_back(house: House) -> None:
    person = Membership.objects.get(name="Max")
    people.suspend(person, by=None, moment=timezone.now())
    people.reinstate(person, by=None)


@pytest.mark.parametrize(
    ("act", "is_new"),
    [
        (lambda house: change(house, team=house.teams["Growth"].pk), True),
        (lambda house: change(house, email="other@acme.example"), True),
        (lambda house: change(house, leads=True), True),
        (lambda house: by_list(house, "Growth"), True),
        (come_back, True),
        (lambda house: change(house, name="Maximilian", language="ko"), False),
        (lambda house: by_list(house, "Growth / Brand"), False),
    ],
    ids=["moved", "other address", "leads", "moved by list", "reinstated", "renamed", "listed"],
)
def test_who_may_be_somebody_else_in_a_team_is_new_there(
    acme: House, act: Callable[[House], None], *, is_new: bool
) -> None:
    before = timezone.now()
    with working_for(acme.id):
        act(acme)
        since = dict(Membership.objects.values_list("email", "team_since"))
        mine = since.pop("other@acme.example", None) or since.pop("max@acme.example")
    assert (mine >= before) is is_new
    assert set(since.values()) == {LONG_AGO}


def test_who_is_added_is_new(acme: House) -> None:
    with working_for(acme.id):
        team = acme.teams["Brand"].pk
        noa = people.add_person(people.Profile("Noa", "noa@acme.example", team), by=None)
        noa.refresh_from_db()
        content = b"name,email,team\nLee,lee@acme.example,Growth / Brand\n"
        import_list(content, by=None)
        lee = Membership.objects.get(name="Lee")
    assert min(noa.team_since, lee.team_since) > LONG_AGO


def test_a_team_that_is_moved_is_new_below_its_parent_and_a_renamed_one_is_not(
    acme: House,
) -> None:
    before = timezone.now()
    with working_for(acme.id):
        brand, growth = acme.teams["Brand"], acme.teams["Growth"]
        teams.change_team(brand, name="Renamed", parent=growth.pk, by=None)
        assert Team.objects.get(pk=brand.pk).parent_since == LONG_AGO
        teams.change_team(brand, name="Renamed", parent=acme.teams[""].pk, by=None)
        since = dict(Team.objects.values_list("pk", "parent_since"))
    assert since.pop(brand.pk) >= before
    assert set(since.values()) == {LONG_AGO}
