"""Opening freezes what the results stand on; watching shows groups, once a day, and never who."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from assessments import rubric_editions
from assessments.cycles import lifecycle, participants, while_open
from assessments.models import Cycle, CycleTeam, Notice, Participation
from assessments.rubrics import MAIN_RUBRIC, built_in, to_yaml
from assessments.survey import response_keys
from organizations import audit_history, teams
from organizations.models import AuditEvent, Membership, Organization, Team
from organizations.pseudonyms import hash_token
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON, fill, opened, planned
from tests.conftest import CANARY, Cast, House

COLLABORATION, DISRUPTION = "cmo-collaboration", "customer-driven-disruption"
TOMORROW = NOON + timedelta(days=1)


def finish(house: House, cycle: Cycle, *names: str) -> None:
    members = [house.members[name].pk for name in names]
    with working_for(house.id):
        Participation.objects.filter(cycle=cycle, membership__in=members).update(finished=True)


# --- Planning ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"threshold": 4}, "threshold"),
        ({"threshold": 21}, "threshold"),
        ({"mode": "public"}, "mode"),
        ({"segment": "Families"}, "segment"),
        ({"rubric": DISRUPTION}, "segment"),
        ({"rubric": DISRUPTION, "segment": "x" * 121}, "segment"),
    ],
)
def test_a_plan_says_what_is_wrong_beside_its_field(
    cast: Cast, different: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        planned(cast.acme, **different)
    assert list(refused.value.message_dict) == [field]
    with working_for(cast.acme.id):
        assert not Cycle.objects.exists()


def test_a_segment_belongs_to_the_rubric_on_disruption(cast: Cast) -> None:
    cycle = planned(cast.acme, rubric=DISRUPTION, segment=" Families  in Seoul ")
    assert cycle.segment == "Families in Seoul"


def test_a_name_is_used_once_in_an_organization(cast: Cast) -> None:
    planned(cast.acme)
    planned(cast.rival)
    with pytest.raises(ValidationError, match="already a survey with this name"):
        planned(cast.acme)


def test_comments_need_at_least_as_many_people_as_results(cast: Cast) -> None:
    assert planned(cast.acme, threshold=5).comment_threshold == 10
    assert planned(cast.acme, name="Strict", threshold=15).comment_threshold == 15


def test_a_plan_can_be_changed_and_deleted_until_it_opens(cast: Cast) -> None:
    cycle = planned(cast.acme)
    told = {"name": "Autumn", "mode": "unlinked", "threshold": 6, "segment": ""}
    with working_for(cast.acme.id):
        plan = told | {"edition": cycle.edition, "closes_at": NOON, "by": None}
        lifecycle.update_plan(cycle, **plan)  # type: ignore[arg-type]
        kept = Cycle.objects.get(pk=cycle.pk)
        assert (kept.name, kept.mode, kept.threshold) == ("Autumn", "unlinked", 6)
        lifecycle.discard(kept, by=None)
        assert not Cycle.objects.exists()
        with pytest.raises(ValidationError, match="no longer exists"):
            lifecycle.update_plan(cycle, **plan)  # type: ignore[arg-type]


def test_a_changed_plan_leaves_a_line_that_names_what_changed(cast: Cast) -> None:
    cycle = planned(cast.acme)
    plan: dict[str, Any] = {"edition": cycle.edition, "closes_at": cycle.closes_at, "by": None}
    with working_for(cast.acme.id):
        lifecycle.update_plan(
            cycle, **plan, name=cycle.name, mode=cycle.mode, threshold=cycle.threshold
        )
        assert not AuditEvent.objects.filter(event="cycle.replanned").exists()
        lifecycle.update_plan(cycle, **plan, name=cycle.name, mode="unlinked", threshold=6)
        _page, lines = audit_history.latest("1")
    assert lines[0].subject == f"{cycle.name} · Anonymity threshold · How answers are handled"


def test_a_draft_cannot_be_asked(cast: Cast) -> None:
    with working_for(cast.acme.id):
        edition = rubric_editions.get_or_create_latest(MAIN_RUBRIC)
        edition.published_at = None
    with pytest.raises(ValidationError, match="still a draft"):
        planned(cast.acme, edition=edition)


# --- Opening ----------------------------------------------------------------------------------


def test_opening_freezes_the_tree_and_the_number_of_people(cast: Cast) -> None:
    acme = cast.acme
    acme.add("Lea", team="Brand", leads=True)
    cycle = opened(acme)
    with working_for(acme.id):
        frozen = CycleTeam.objects.order_by("place").values_list(
            "name", "depth", "headcount", "team", "parent__name"
        )
        assert list(frozen) == [
            ("Acme", 0, 3, acme.teams[""].pk, None),  # Ada, Adam and Mia; Cho leads
            ("Growth", 1, 1, acme.teams["Growth"].pk, "Acme"),  # Ana; Sue is suspended
            ("Brand", 2, 1, acme.teams["Brand"].pk, "Growth"),  # Max; Lea leads
        ]
        teams.change_team(acme.teams["Brand"], name="Renamed", parent=acme.teams[""].pk, by=None)
        assert CycleTeam.objects.get(cycle=cycle, place=2).name == "Brand"
        assert CycleTeam.objects.get(cycle=cycle, place=2).parent.name == "Growth"


def test_everyone_but_the_suspended_is_invited_and_leads_sit_where_they_answer(cast: Cast) -> None:
    acme = cast.acme
    cycle = opened(acme)
    with working_for(acme.id):
        seated = Participation.objects.filter(cycle=cycle).order_by("membership__name")
        assert list(
            seated.values_list("membership__name", "node__name", "answers_as", "finished")
        ) == [
            ("Ada", "Acme", "member", False),
            ("Adam", "Acme", "member", False),
            ("Ana", "Growth", "member", False),
            ("Cho", "Acme", "lead", False),
            ("Max", "Brand", "member", False),
            ("Mia", "Acme", "member", False),
        ]
        due = Notice.objects.filter(cycle=cycle, mail="opened", due_at=NOON, state="waiting")
        assert set(due.values_list("membership")) == set(seated.values_list("membership"))


def test_only_the_hash_of_a_personal_link_is_kept(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        organization = Organization.objects.get()
        parts = list(Participation.objects.filter(cycle=cycle))
        tokens = {response_keys.link_token(organization, part.pk) for part in parts}
        assert {hash_token(token) for token in tokens} == {bytes(part.token_hash) for part in parts}
        assert len(tokens) == 6
        assert all(len(token) == 22 for token in tokens)  # 128 bits


def test_a_cycle_closes_by_itself_at_its_time(cast: Cast) -> None:
    cycle = opened(cast.acme)
    assert cycle.due_at == cycle.closes_at == NOON + timedelta(days=14)
    assert (cycle.stage, cycle.opened_at) == (Cycle.Stage.OPEN, NOON)


def test_an_unlinked_cycle_has_a_secret_of_its_own(cast: Cast) -> None:
    assert opened(cast.acme).salt is None
    unlinked = opened(cast.acme, name="Unlinked", mode="unlinked", rubric=COLLABORATION)
    assert len(bytes(unlinked.salt or b"")) == 32


def test_too_few_people_open_nothing(cast: Cast) -> None:
    cycle = planned(cast.acme, threshold=6)
    with working_for(cast.acme.id):
        with pytest.raises(ValidationError, match="You need at least 6 people besides team leads"):
            lifecycle.open_cycle(cycle, by=None, moment=NOON)
        assert Cycle.objects.get().stage == Cycle.Stage.PLANNED
        assert not Participation.objects.exists()
        assert not CycleTeam.objects.exists()


@pytest.mark.parametrize(
    ("days", "why"), [(0, "has passed"), (-1, "has passed"), (91, "up to 90 days")]
)
def test_a_cycle_is_open_for_some_time_and_at_most_90_days(cast: Cast, days: int, why: str) -> None:
    cycle = planned(cast.acme, closes_at=NOON + timedelta(days=days))
    with working_for(cast.acme.id), pytest.raises(ValidationError, match=why):
        lifecycle.open_cycle(cycle, by=None, moment=NOON)


def test_what_is_open_has_no_plan_any_more(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        for refused in (
            lambda: lifecycle.discard(cycle, by=None),
            lambda: lifecycle.open_cycle(cycle, by=None, moment=NOON),
        ):
            with pytest.raises(ValidationError, match="has been launched"):
                refused()


def test_a_new_edition_does_not_touch_an_open_cycle(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        newer = (
            to_yaml(built_in(MAIN_RUBRIC)).encode().replace(b"version: 1.0.0", b"version: 7.0.0", 1)
        )
        rubric_editions.publish(rubric_editions.save_draft(newer, by=None), by=None, moment=NOON)
        again = Cycle.objects.select_related("edition").get(pk=cycle.pk)
        assert rubric_editions.rubric_of(again.edition) == built_in(MAIN_RUBRIC)
        assert rubric_editions.get_or_create_latest(MAIN_RUBRIC).version == "7.0.0"


def test_two_organizations_never_meet(cast: Cast) -> None:
    fill(cast.rival, f"{CANARY} team", 4)
    opened(cast.acme)
    opened(cast.rival)
    for house, people in ((cast.acme, 6), (cast.rival, 7)):
        with working_for(house.id):
            assert Participation.objects.count() == people
            assert set(Participation.objects.values_list("organization", flat=True)) == {house.id}
            strangers = Membership.objects.exclude(pk__in=[m.pk for m in house.members.values()])
            assert not strangers.exists()


def test_opening_costs_the_same_for_4_people_and_for_400(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    with working_for(cast.acme.id):
        brand = cast.acme.teams["Brand"]
        Membership.objects.bulk_create(
            Membership(name=f"P{n}", email=f"p{n}@acme.example", team=brand) for n in range(400)
        )
    cycle = planned(cast.acme)
    with (
        working_for(cast.acme.id),
        django_assert_max_num_queries(25, connection=connection),  # type: ignore[operator]
    ):
        lifecycle.open_cycle(cycle, by=None, moment=NOON)


@pytest.mark.django_db(transaction=True)
def test_who_opens_twice_at_once_opens_once(cast: Cast) -> None:
    cycle = planned(cast.acme)
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def try_it() -> None:
        try:
            start.wait()
            with working_for(cast.acme.id):
                lifecycle.open_cycle(cycle, by=None, moment=NOON)
            outcomes.append("opened")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["opened", "refused", "refused", "refused"]
    with working_for(cast.acme.id):
        assert (Participation.objects.count(), Notice.objects.count()) == (6, 6)


# --- Who would be asked, and who has answered -------------------------------------------------


def test_a_plan_names_the_teams_that_will_not_be_shown_alone(cast: Cast) -> None:
    fill(cast.acme, "Brand", 4)
    fill(cast.acme, "Growth", 1)
    with working_for(cast.acme.id):
        asked = participants.list_participants(4)
    assert (asked.members, asked.leads) == (9, 1)
    # Growth has 7 people; without the 5 of Brand, which is shown, 2 would remain.
    hidden = [seat.name for seat in asked.teams if seat.members and not seat.shown]
    assert hidden == ["Growth"]


def test_no_moment_is_kept_with_a_participation(cast: Cast) -> None:
    kinds = {field.get_internal_type() for field in Participation._meta.get_fields()}
    assert not kinds & {"DateTimeField", "DateField", "TimeField"}


# --- Closing ----------------------------------------------------------------------------------


def test_closing_by_hand_stops_the_answers_and_leaves_the_count_to_a_worker(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        lifecycle.start_closing(cycle, by=cast.acme.members["Adam"].pk, moment=TOMORROW)
        closing = Cycle.objects.get()
        assert (closing.stage, closing.due_at, closing.closes_at) == ("closing", TOMORROW, TOMORROW)
        assert not closing.takes_answers_at(TOMORROW)
        assert AuditEvent.objects.get(event="cycle.closing").actor == cast.acme.members["Adam"].pk
        with pytest.raises(ValidationError, match="Only open surveys"):
            lifecycle.start_closing(closing, by=None, moment=TOMORROW)


def test_a_count_that_was_given_up_can_begin_again(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        lifecycle.start_closing(cycle, by=None, moment=TOMORROW)
        Cycle.objects.update(attempts=5)
        lifecycle.start_closing(cycle, by=None, moment=TOMORROW + timedelta(hours=1))
        again = Cycle.objects.get()
        assert (again.attempts, again.closes_at) == (0, TOMORROW)
        assert again.due_at == TOMORROW + timedelta(hours=1)


def test_every_change_of_a_cycle_leaves_a_line(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        while_open.send_reminders(cycle, by=None, moment=TOMORROW)
        lifecycle.start_closing(cycle, by=None, moment=TOMORROW)
        lines = AuditEvent.objects.filter(subject=cycle.pk).order_by("id")
        assert [line.event for line in lines] == [
            "cycle.planned",
            "cycle.opened",
            "cycle.reminded",
            "cycle.closing",
        ]
        assert Team.objects.count() == 3
