"""Nobody is alone among made-up people: small groups of new people count in larger ones."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.formats import date_format

from assessments.cycles import groups, lifecycle, nightly_counts
from assessments.cycles.verification import verify
from assessments.models import Cycle, CycleTeam, Participation, Result, Scorecard
from organizations import people
from organizations.models import Membership, Team
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import fill, opened, planned
from tests.assessments.made_up_people import (
    ATTACKS,
    LONG_AGO,
    NOW,
    around_one_person,
    closed,
    directly_in_a_department,
    everyone_answers,
    here_since,
    make_up,
    seen_with,
    shown,
    with_results,
)
from tests.assessments.respondent_clients import token_of
from tests.conftest import Cast, House

Attack = Callable[[House], str]
STABLE = {"Acme": 50, "Growth": 19, "Brand": 6, "Sales": 18, "South": 9}


@pytest.fixture(scope="module")
def after_results(module_cast: Cast) -> House:
    return with_results(module_cast)


@pytest.fixture
def acme(db: None, after_results: House) -> House:
    """The company after its first cycle, for each test as if it had been made for it alone."""
    return deepcopy(after_results)


def is_real(name: str) -> bool:
    return not name.startswith("Sham")


# --- Made-up people -------------------------------------------------------------------------------


def test_where_nobody_is_new_every_group_stays(acme: House) -> None:
    cycle = opened(acme, NOW)
    everyone_answers(acme, cycle)
    assert shown(acme, closed(acme, cycle)) == STABLE


@pytest.mark.parametrize("days", [0, 13, 20, 60])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_made_up_people_never_make_a_group_around_one(
    acme: House, attack: Attack, days: int
) -> None:
    """So many days before the opening, but after the last cycle."""
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
    acme: House, attack: Attack
) -> None:
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


def test_removing_those_who_were_there_before_leaves_nobody_alone(acme: House) -> None:
    """Brand had a result and has five of old; they are removed while the cycle is open."""
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


def test_progress_does_not_tell_who_has_finished_among_made_up_people(acme: House) -> None:
    around_one_person(acme)
    cycle = opened(acme, NOW)
    with working_for(acme.id):
        Participation.objects.filter(cycle=cycle, membership__name="Vic").update(finished=True)
        row = Cycle.objects.get(pk=cycle.pk)
        nightly_counts.count(row, acme.organization, moment=NOW + timedelta(days=1))
        told = nightly_counts.progress(row).nodes
        assert {node.name for node in told if node.answered is not None} == set(STABLE)


def test_the_progress_of_made_up_people_cannot_be_subtracted(acme: House) -> None:
    """Lab has six of old in one team, and Vic's new team: both together are more than ten."""
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


def test_a_rating_of_the_new_counts_only_beside_k_others(acme: House) -> None:
    """Where nobody else rated a question, the larger group's number would be about the new alone."""
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
        cells = Result.objects.filter(
            scorecard__cycle=done, suppressed="", subject_type="capability", kind="performance"
        )
        slugs = cells.values_list("subject", flat=True).distinct()
        assert len(set(slugs)) == 35  # of 36


# --- Real changes ---------------------------------------------------------------------------------


def test_a_newcomer_in_a_group_with_an_earlier_result_hides_nothing(acme: House) -> None:
    acme.add("Neo", team="Brand")
    cycle = opened(acme, NOW)
    everyone_answers(acme, cycle)
    assert shown(acme, closed(acme, cycle)) == STABLE | {"Acme": 51, "Growth": 20, "Brand": 7}


def test_a_new_group_waits_for_one_cycle(acme: House) -> None:
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


def test_ten_new_people_are_a_group_at_once(acme: House) -> None:
    acme.add_team("Lab")
    fill(acme, "Lab", 10)
    cycle = opened(acme, NOW)
    everyone_answers(acme, cycle)
    assert shown(acme, closed(acme, cycle))["Lab"] == 10


# --- What is read before the first question ---------------------------------------------------------


def test_everyone_reads_how_many_are_in_their_group_and_since_when(acme: House) -> None:
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


def test_who_is_put_among_new_people_reads_the_larger_group(acme: House) -> None:
    around_one_person(acme)
    cycle = opened(acme, NOW)
    with working_for(acme.id):
        told = groups.group_of(cycle.pk, acme.members["Vic"].pk)
    assert told == groups.OwnGroup("Growth", 23, LONG_AGO)


# --- The next cycle ---------------------------------------------------------------------------


def test_after_results_of_its_own_an_administrator_opens_alone(acme: House) -> None:
    around_one_person(acme)
    directly_in_a_department(acme)
    cycle = planned(acme, NOW)
    page = acme.browser("Adam").get(f"/o/acme/cycles/{cycle.pk}/")
    told = page.content.decode()
    assert "new; shown together with sub-teams" in told
    assert "confirm the groups first" not in told
    assert "new; counts in: Growth" in told
    with working_for(acme.id):
        lifecycle.open_cycle(cycle, by=acme.members["Adam"].pk, moment=NOW)
        assert Scorecard.objects.count() == 1
