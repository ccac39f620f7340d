"""Before the first results an owner looks at the groups and confirms them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from assessments.cycles import groups, lifecycle
from assessments.models import Cycle
from organizations.models import AuditEvent, Membership, Role
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import confirmed, fill, opened, planned
from tests.assessments.made_up_people import (
    FIRST,
    LONG_AGO,
    NOW,
    around_one_person,
    closed,
    company,
    everyone_answers,
    here_since,
    move,
)
from tests.conftest import Cast, House

TEAMS = {"Acme", "Growth", "Brand", "Sales", "South"}


def test_an_imported_cycle_is_no_earlier_result(cast: Cast) -> None:
    acme = company(cast)
    first = opened(acme, FIRST, name="First")
    everyone_answers(acme, first)
    closed(acme, first)
    with working_for(acme.id):
        Cycle.objects.update(imported=True)
        assert groups.preview_opening(5, NOW).needs_owner


def test_where_nothing_could_be_shown_an_owner_confirms_again(cast: Cast) -> None:
    """Four of eight people have changed: the whole is below ten and too new."""
    acme = cast.acme
    fill(acme, "", 4)
    first = opened(acme, FIRST, name="First")
    everyone_answers(acme, first)
    closed(acme, first)
    here_since(acme, LONG_AGO)
    with working_for(acme.id):
        assert not groups.preview_opening(5, NOW).needs_owner
        Membership.objects.filter(name__in=("Top 0", "Top 1", "Top 2", "Mia", "Max")).update(
            team_since=NOW
        )
        opening = groups.preview_opening(5, NOW)
        assert (opening.needs_owner, opening.counting.held) == (True, frozenset())


def page_of(house: House, name: str, cycle: Cycle) -> str:
    return house.browser(name).get(f"/o/acme/cycles/{cycle.pk}/").content.decode()


def test_before_the_first_results_an_owner_confirms_the_groups(cast: Cast) -> None:
    acme = company(cast)
    cycle = planned(acme, timezone.now())
    adam, ada = acme.browser("Adam"), acme.browser("Ada")
    where = f"/o/acme/cycles/{cycle.pk}/"
    told = page_of(acme, "Adam", cycle)
    assert "An owner needs to confirm the groups first" in told
    assert "Owners: Ada" in told
    assert "Confirm groups" not in told
    assert "Launch and invite" not in told
    refused = adam.post(f"{where}open/", follow=True).content.decode()
    assert "An owner needs to check and confirm the groups first." in refused
    assert adam.post(f"{where}confirm/", {"seen": seen(acme, cycle)}).status_code == 403
    asked = page_of(acme, "Ada", cycle)
    assert "Confirm groups" in asked
    assert all(f'<th scope="row">{name}</th>' in asked for name in TEAMS)
    done = ada.post(f"{where}confirm/", {"seen": seen(acme, cycle)}, follow=True).content.decode()
    assert "Groups confirmed. You can launch the survey now." in done
    assert "An owner confirmed these groups." in page_of(acme, "Adam", cycle)
    with working_for(acme.id):
        line = AuditEvent.objects.get(event="cycle.groups_confirmed")
        assert (line.actor, line.subject) == (acme.members["Ada"].pk, cycle.pk)
    adam.post(f"{where}open/")
    with working_for(acme.id):
        assert Cycle.objects.get().stage == Cycle.Stage.OPEN


def seen(house: House, cycle: Cycle) -> str:
    with working_for(house.id):
        return groups.preview_opening(cycle.threshold, timezone.now()).digest


def swap(house: House) -> None:
    """As many people as before, but others."""
    move(house, "Brand 0", "North")
    move(house, "North 0", "Brand")


@pytest.mark.parametrize(
    "change",
    [around_one_person, swap, lambda house: move(house, "Max", "Brand", email="x@acme.example")],
    ids=["added", "swapped", "somebody else"],
)
def test_changed_groups_are_confirmed_again(cast: Cast, change: Callable[[House], object]) -> None:
    acme = company(cast)
    cycle = planned(acme, timezone.now())
    stale = seen(acme, cycle)
    confirmed(acme, cycle)
    change(acme)
    by = acme.members["Adam"].pk
    with working_for(acme.id):
        with pytest.raises(ValidationError, match="confirm the groups first"):
            lifecycle.open_cycle(cycle, by=by, moment=timezone.now())
        owner = acme.members["Ada"].pk
        with pytest.raises(ValidationError, match="changed in the meantime"):
            groups.confirm(cycle, seen=stale, by=owner, moment=timezone.now())
    confirmed(acme, cycle)
    with working_for(acme.id):
        lifecycle.open_cycle(cycle, by=by, moment=timezone.now())


@pytest.mark.parametrize("role", [Role.ADMIN, Role.LEADER, Role.ANALYST, Role.MEMBER])
def test_only_an_owner_confirms(cast: Cast, role: str) -> None:
    cycle = planned(cast.acme, timezone.now())
    by = cast.acme.add("Zoe", role)
    digest = seen(cast.acme, cycle)
    with working_for(cast.acme.id):
        with pytest.raises(ValidationError, match="Only an owner"):
            groups.confirm(cycle, seen=digest, by=by.pk, moment=timezone.now())
        assert Cycle.objects.get().groups_confirmed == ""
