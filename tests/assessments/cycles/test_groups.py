"""Nobody is alone among made-up people: small groups of new people count in larger ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from assessments.cycles import groups, lifecycle, nightly_counts
from assessments.cycles.verification import verify
from assessments.models import Cycle, CycleTeam, Participation, Scorecard
from organizations import people
from organizations.models import AuditEvent, Membership, Role, Team
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import confirmed, fill, opened, planned
from tests.assessments.made_up_people import (
    ATTACKS,
    FIRST,
    LONG_AGO,
    NOW,
    around_one_person,
    closed,
    company,
    directly_in_a_department,
    everyone_answers,
    here_since,
    make_up,
    move,
    seen_with,
    shown,
    with_results,
)
from tests.assessments.respondent_clients import token_of
from tests.conftest import Cast, House

Attack = Callable[[House], str]
STABLE = {"Acme": 50, "Growth": 19, "Brand": 6, "Sales": 18, "South": 9}


def is_real(name: str) -> bool:
    return not name.startswith("Sham")


# --- Made-up people -------------------------------------------------------------------------------


def test_where_nobody_is_new_every_group_stays(cast: Cast) -> None:
    acme = with_results(cast)
    cycle = opened(acme, NOW)
    everyone_answers(acme, cycle)
    assert shown(acme, closed(acme, cycle)) == STABLE


@pytest.mark.parametrize("days", [0, 13, 20, 60])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_made_up_people_never_make_a_group_around_one(
    cast: Cast, attack: Attack, days: int
) -> None:
    """So many days before the opening, but after the last cycle."""
    acme = with_results(cast)
    name = attack(acme)
    here_since(acme, NOW - timedelta(days=days))
    cycle = opened(acme, NOW)
    everyone_answers(acme, cycle)
    with working_for(acme.id):
        victim = Participation.objects.get(cycle=cycle, membership__name=name)
        told = groups.group_of(cycle.pk, victim.membership_id)
    done = closed(acme, cycle)
    others = {other for other in seen_with(acme, done, name) if other != name}
    if attack.__name__ == "behind_other_addresses":  # these five are somebody else now
        others -= {f"Brand {at}" for at in range(5)}
    assert len(set(filter(is_real, others))) >= 10
    assert told is not None
    assert told.name in shown(acme, done)
    with working_for(acme.id):
        assert verify(done).differences == ()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_who_comes_or_moves_while_a_cycle_is_open_is_not_asked_and_makes_nothing_visible(
    cast: Cast, attack: Attack
) -> None:
    acme = with_results(cast)
    cycle = opened(acme, NOW - timedelta(days=1))
    with working_for(acme.id):
        asked = set(Participation.objects.filter(cycle=cycle).values_list("membership", "node"))
        heads = list(CycleTeam.objects.filter(cycle=cycle).values_list("pk", "headcount"))
    attack(acme)
    with working_for(acme.id):
        now = Participation.objects.filter(cycle=cycle).values_list("membership", "node")
        assert set(now) == asked
        assert list(CycleTeam.objects.filter(cycle=cycle).values_list("pk", "headcount")) == heads
    everyone_answers(acme, cycle)
    assert shown(acme, closed(acme, cycle)) == STABLE


def test_removing_those_who_were_there_before_leaves_nobody_alone(cast: Cast) -> None:
    """Brand had a result and has five of old; they are removed while the cycle is open."""
    acme = with_results(cast)
    with working_for(acme.id):
        people.remove(Membership.objects.get(name="Brand 4"), by=None)
    make_up(acme, "Brand")
    cycle = opened(acme, NOW)
    with working_for(acme.id):
        for at in range(4):
            people.remove(Membership.objects.get(name=f"Brand {at}"), by=None)
    everyone_answers(acme, cycle)
    done = closed(acme, cycle)
    assert "Brand" not in shown(acme, done)
    assert len(set(filter(is_real, seen_with(acme, done, "Max")))) > 10
    with working_for(acme.id):
        assert verify(done).differences == ()


def test_progress_does_not_tell_who_has_finished_among_made_up_people(cast: Cast) -> None:
    acme = with_results(cast)
    around_one_person(acme)
    cycle = opened(acme, NOW)
    with working_for(acme.id):
        Participation.objects.filter(cycle=cycle, membership__name="Vic").update(finished=True)
        row = Cycle.objects.get(pk=cycle.pk)
        nightly_counts.count(row, acme.organization, moment=NOW + timedelta(days=1))
        told = nightly_counts.progress(row).nodes
        assert {node.name for node in told if node.answered is not None} == set(STABLE)


def test_the_progress_of_made_up_people_cannot_be_subtracted(cast: Cast) -> None:
    """Lab has six of old in one team, and Vic's new team: both together are more than ten."""
    acme = with_results(cast)
    acme.add_team("Lab")
    acme.add_team("Old", "Lab")
    fill(acme, "Old", 6)
    with working_for(acme.id):
        Membership.objects.filter(name__startswith="Old").update(team_since=LONG_AGO)
        Team.objects.update(parent_since=LONG_AGO)
        solo = Team.objects.get(name="Solo")
        Team.objects.filter(pk=solo.pk).update(parent=acme.teams["Lab"])
    around_one_person(acme)
    cycle = opened(acme, NOW)
    everyone_answers(acme, cycle)
    with working_for(acme.id):
        row = Cycle.objects.get(pk=cycle.pk)
        nightly_counts.count(row, acme.organization, moment=NOW + timedelta(days=1))
        told = nightly_counts.progress(row)
        seen = {node.name: (node.answered, node.invited) for node in told.nodes}
    assert (seen["Lab"], seen["Old"], seen["Solo"]) == ((6, 6), (6, 6), (None, None))
    assert seen["Acme"] == (60, 60)
    assert shown(acme, closed(acme, cycle)) == {
        **STABLE,
        "Acme": 60,
        "Growth": 18,
        "Lab": 6,
        "Old": 6,
    }


def test_a_rating_of_the_new_counts_only_beside_k_others(cast: Cast) -> None:
    """Where nobody else rated a question, the larger group's number would be about the new alone."""
    acme = with_results(cast)
    directly_in_a_department(acme)
    cycle = opened(acme, NOW)
    everyone_answers(acme, cycle)
    with working_for(acme.id):
        from_new = Participation.objects.filter(cycle=cycle, node__name="Sales").values_list(
            "membership__name", flat=True
        )
        assert set(from_new) == {"Sal", *(f"Sham Sales {at}" for at in range(4))}
        for row in cycle.responses.exclude(node__name="Sales").select_related("node"):
            row.performance[0] = -1
            row.save()
    done = closed(acme, cycle)
    with working_for(acme.id):
        cells = done.results.filter(suppressed="", subject_type="capability", kind="performance")
        slugs = cells.values_list("subject", flat=True).distinct()
        assert len(set(slugs)) == 35  # of 36


# --- Real changes ---------------------------------------------------------------------------------


def test_a_newcomer_in_a_group_with_an_earlier_result_hides_nothing(cast: Cast) -> None:
    acme = with_results(cast)
    acme.add("Neo", team="Brand")
    cycle = opened(acme, NOW)
    everyone_answers(acme, cycle)
    assert shown(acme, closed(acme, cycle)) == STABLE | {"Acme": 51, "Growth": 20, "Brand": 7}


def test_a_new_group_waits_for_one_cycle(cast: Cast) -> None:
    acme = with_results(cast)
    acme.add_team("Lab")
    fill(acme, "Lab", 6)
    second = opened(acme, NOW - timedelta(days=40), name="Second")
    with working_for(acme.id):
        lab = CycleTeam.objects.get(cycle=second, name="Lab")
        assert lab.held
        assert lab.group is not None
        assert lab.group.name == "Acme"
    here_since(acme, NOW - timedelta(days=60))
    everyone_answers(acme, second)
    assert "Lab" not in shown(acme, closed(acme, second))
    third = opened(acme, NOW, name="Third")
    everyone_answers(acme, third)
    assert shown(acme, closed(acme, third))["Lab"] == 6


def test_ten_new_people_are_a_group_at_once(cast: Cast) -> None:
    acme = with_results(cast)
    acme.add_team("Lab")
    fill(acme, "Lab", 10)
    cycle = opened(acme, NOW)
    everyone_answers(acme, cycle)
    assert shown(acme, closed(acme, cycle))["Lab"] == 10


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


# --- What is read before the first question ---------------------------------------------------------


def test_everyone_reads_how_many_are_in_their_group_and_since_when(cast: Cast) -> None:
    acme = with_results(cast)
    came = NOW - timedelta(days=200)
    with working_for(acme.id):
        Membership.objects.filter(name__in=("Brand 0", "Brand 1")).update(team_since=came)
    cycle = opened(acme, NOW)
    with working_for(acme.id):
        Team.objects.filter(name="Brand").update(name="Renamed")
    texts = {
        name: Client().get(f"/s/{token_of(acme, cycle, name)}/").content.decode()
        for name in ("Max", "Vic", "Cho")
    }
    assert "Your group: Brand, 6 people" in texts["Max"]
    assert (
        f"At least 5 of its members have been in it since {date_format(came, 'N j, Y')}"
        in texts["Max"]
    )
    assert "Your group: Growth, 19 people" in texts["Vic"]
    assert f"in it since {date_format(LONG_AGO, 'N j, Y')}" in texts["Vic"]
    assert "Your group" not in texts["Cho"]  # a lead's answers are in no group's result
    signed_in = acme.browser("Max").get(f"/o/acme/surveys/{cycle.pk}/").content.decode()
    assert "Your group: Brand, 6 people" in signed_in


def test_who_is_put_among_new_people_reads_the_larger_group(cast: Cast) -> None:
    acme = with_results(cast)
    around_one_person(acme)
    cycle = opened(acme, NOW)
    with working_for(acme.id):
        told = groups.group_of(cycle.pk, acme.members["Vic"].pk)
    assert told == groups.OwnGroup("Growth", 23, LONG_AGO)


# --- The first cycle ----------------------------------------------------------------------------


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
    assert all(f'<th scope="row">{name}</th>' in asked for name in STABLE)
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


def test_after_results_of_its_own_an_administrator_opens_alone(cast: Cast) -> None:
    acme = with_results(cast)
    around_one_person(acme)
    directly_in_a_department(acme)
    cycle = planned(acme, NOW)
    told = page_of(acme, "Adam", cycle)
    assert "new; shown together with sub-teams" in told
    assert "confirm the groups first" not in told
    assert "new; counts in: Growth" in told
    with working_for(acme.id):
        lifecycle.open_cycle(cycle, by=acme.members["Adam"].pk, moment=NOW)
        assert Scorecard.objects.count() == 1
