"""What someone sees of a closed cycle: the team in which they were asked, wherever they are moved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assessments.results import queries, visible_teams
from assessments.results.queries import ClosedCycle
from organizations import people, team_confirmation
from organizations.models import Membership
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import ask
from tests.assessments.results.test_queries import closed
from tests.conftest import Cast, House
from tests.organizations.people_lists import import_list


def seen(house: House, cycle: ClosedCycle, name: str = "Max") -> set[str]:
    with working_for(house.id):
        position = visible_teams.find_position(cycle.id, house.members[name].pk)
        return {node.name for node in visible_teams.nodes_visible_to(queries.tree(cycle), position)}


def change(house: House, by: str = "Ada", **more: Any) -> None:
    """Something about Max."""
    with working_for(house.id):
        person = Membership.objects.get(pk=house.members["Max"].pk)
        wanted = replace(people.profile_of(person), **more)
        people.change_person(person, wanted, by=house.members[by].pk)


def confirm(house: House, *names: str) -> None:
    with working_for(house.id):
        rows = Membership.objects.filter(name__in=names)
        chosen = [(row.pk, row.team_id, row.leads) for row in rows]
        team_confirmation.confirm(chosen, by=house.members["Cho"].pk)


def test_someone_sees_the_team_they_were_asked_in_else_the_nearest_shown_above(cast: Cast) -> None:
    cycle = closed(cast.acme, "Spring")
    ask(cast.acme, cycle.id, "Max", "Brand")
    ask(cast.acme, cycle.id, "Adam", "")
    assert seen(cast.acme, cycle, "Max") == {"Brand"}
    assert seen(cast.acme, cycle, "Adam") == {"Acme"}


def test_whoever_was_asked_as_a_lead_sees_everything_below_and_nothing_beside(cast: Cast) -> None:
    cycle = closed(cast.acme, "Spring")
    ask(cast.acme, cycle.id, "Max", "Growth", "lead")
    assert seen(cast.acme, cycle) == {"Growth", "Brand"}


def test_where_too_few_answered_nothing_is_seen(cast: Cast) -> None:
    cycle = closed(cast.acme, "Spring", people=4)
    ask(cast.acme, cycle.id, "Max", "Brand")
    assert seen(cast.acme, cycle) == set()


def test_whoever_was_not_asked_sees_nothing(cast: Cast) -> None:
    assert seen(cast.acme, closed(cast.acme, "Spring")) == set()


@pytest.mark.parametrize("team", ["", "Growth", "Brand"])
@pytest.mark.parametrize("leads", [False, True])
@pytest.mark.parametrize("asked", [False, True])
def test_moving_or_leading_opens_nothing(cast: Cast, team: str, leads: bool, asked: bool) -> None:
    cycle = closed(cast.acme, "Spring")
    if asked:
        ask(cast.acme, cycle.id, "Max", "Brand")
    change(cast.acme, team=cast.acme.teams[team].pk, leads=leads)
    assert seen(cast.acme, cycle) == ({"Brand"} if asked else set())


def test_once_confirmed_the_team_of_today_counts(cast: Cast) -> None:
    cycle = closed(cast.acme, "Spring")
    change(cast.acme, team=cast.acme.teams["Growth"].pk, leads=True)
    confirm(cast.acme, "Max")
    assert seen(cast.acme, cycle) == {"Growth", "Brand"}


def test_an_imported_cycle_is_seen_once_the_team_is_confirmed(cast: Cast) -> None:
    cycle = closed(cast.acme, "Spring", imported=True)
    assert seen(cast.acme, cycle) == set()
    confirm(cast.acme, "Max")
    assert seen(cast.acme, cycle) == {"Brand"}


@pytest.mark.parametrize("entrance", ["page", "list"])
@pytest.mark.parametrize("field", ["team", "leads"])
def test_another_team_has_to_be_confirmed_anew(cast: Cast, entrance: str, field: str) -> None:
    acme, cycle = cast.acme, closed(cast.acme, "Spring")
    confirm(acme, "Max")
    if entrance == "page":
        place = acme.teams["Growth"].pk if field == "team" else acme.teams["Brand"].pk
        change(acme, by="Adam", team=place, leads=field == "leads")
    else:
        cells = {"team": "Growth,no", "leads": "Growth / Brand,yes"}[field]
        text = f"name,email,team,leads\nMax,max@acme.example,{cells}\n".encode()
        with working_for(acme.id):
            by = acme.members["Adam"].pk
            import_list(text, by=by)
    assert seen(acme, cycle) == set()


def test_another_name_leaves_the_team_confirmed(cast: Cast) -> None:
    cycle = closed(cast.acme, "Spring")
    confirm(cast.acme, "Max")
    change(cast.acme, name="Maxine")
    assert seen(cast.acme, cycle) == {"Brand"}


def test_a_new_team_below_another_shows_nothing_of_it(cast: Cast) -> None:
    """Whoever makes a team and puts it where they like does not see the cycles of its neighbours."""
    acme, cycle = cast.acme, closed(cast.acme, "Spring")
    acme.add_team("New", "Brand")
    change(acme, team=acme.teams["New"].pk, leads=True)
    confirm(acme, "Max")
    assert seen(acme, cycle) == set()
