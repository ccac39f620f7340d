"""People come, change, pause and go, and nobody gives away more than they may do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from organizations import people
from organizations.models import AuditEvent, Invitation, Membership, Role
from organizations.people import Profile
from organizations.tenancy.scope import working_for
from tests.conftest import Cast, House

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def wanted(house: House, **more: Any) -> Profile:
    new = Profile(name="Noa", email="noa@acme.example", team=house.teams["Growth"].pk)
    return replace(new, **more)


def change(house: House, who: str, by: str, **more: Any) -> Membership:
    with working_for(house.id):
        person = Membership.objects.get(pk=house.members[who].pk)
        new = replace(people.profile_of(person), **more)
        return people.change_person(person, new, by=house.members[by].pk)


def stored(house: House, name: str) -> Membership:
    with working_for(house.id):
        return Membership.objects.get(pk=house.members[name].pk)


def events(house: House) -> list[str]:
    with working_for(house.id):
        return list(
            AuditEvent.objects.exclude(event="organization.founded")
            .order_by("at", "pk")
            .values_list("event", flat=True)
        )


def refused(raised: pytest.ExceptionInfo[ValidationError]) -> dict[str, list[str]]:
    return dict(raised.value.message_dict)


# --- Adding and changing ----------------------------------------------------------------------


def test_someone_added_sits_in_a_team_and_leaves_one_line(cast: Cast) -> None:
    acme = cast.acme
    with working_for(acme.id):
        noa = people.add_person(wanted(acme, leads=True), by=acme.members["Adam"].pk)
    assert (noa.team_id, noa.role, noa.leads, noa.user_id) == (
        acme.teams["Growth"].pk,
        "member",
        True,
        None,
    )
    assert events(acme) == ["person.added"]


def test_the_same_email_is_refused_and_the_transaction_goes_on(cast: Cast) -> None:
    acme = cast.acme
    with working_for(acme.id):
        with pytest.raises(ValidationError) as raised:
            people.add_person(wanted(acme, email="max@acme.example"), by=acme.members["Ada"].pk)
        people.add_person(wanted(acme), by=acme.members["Ada"].pk)
    assert refused(raised) == {"email": ["Someone with this email is already here."]}


def test_the_same_person_may_be_in_two_organizations(cast: Cast) -> None:
    with working_for(cast.rival.id):
        root = cast.rival.teams[""].pk
        people.add_person(Profile("Max", "max@acme.example", root), by=None)


def test_a_change_names_what_changed_but_no_name(cast: Cast) -> None:
    change(cast.acme, "Max", "Ada", name="Maxine", role=Role.ANALYST)
    with working_for(cast.acme.id):
        event = AuditEvent.objects.get(event="person.changed")
    assert event.detail == {"name": True, "role": ["member", "analyst"]}
    assert stored(cast.acme, "Max").name == "Maxine"


def test_no_change_leaves_no_line(cast: Cast) -> None:
    change(cast.acme, "Max", "Ada")
    assert events(cast.acme) == []


@pytest.mark.parametrize("field", ["email", "role"])
def test_an_open_invitation_ends_with_its_email_and_its_role(cast: Cast, field: str) -> None:
    acme = cast.acme
    with working_for(acme.id):
        Invitation.objects.create(
            membership=acme.members["Max"], token_hash=b"x", invited_by="Ada", expires_at=NOW
        )
    change(acme, "Max", "Ada", name="Maxine")
    with working_for(acme.id):
        assert Invitation.objects.count() == 1
    change(acme, "Max", "Ada", **{field: {"email": "m@acme.example", "role": "admin"}[field]})
    with working_for(acme.id):
        assert Invitation.objects.count() == 0


# --- Who may give what ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "given"),
    [
        ("Ada", {Role.OWNER, Role.LEADER, Role.ADMIN, Role.ANALYST, Role.MEMBER}),
        ("Adam", {Role.ADMIN, Role.MEMBER}),
    ],
)
def test_nobody_gives_more_than_they_may(cast: Cast, by: str, given: set[str]) -> None:
    acme = cast.acme
    with working_for(acme.id):
        giver = people.find_actor(acme.members[by].pk)
    assert {role for role in Role if giver.can_grant(role)} == given


@pytest.mark.parametrize("role", [Role.OWNER, Role.LEADER, Role.ANALYST])
def test_an_admin_makes_nobody_greater(cast: Cast, role: str) -> None:
    acme = cast.acme
    attempts: list[Callable[[], Membership]] = [
        lambda: change(acme, "Max", "Adam", role=role),
        lambda: change(acme, "Adam", "Adam", role=role),
        lambda: people.add_person(wanted(acme, role=role), by=acme.members["Adam"].pk),
    ]
    for attempt in attempts:
        with working_for(acme.id), pytest.raises(ValidationError) as raised:
            attempt()
        assert refused(raised) == {
            "role": ["This role has more rights than yours. Ask an owner to change it."]
        }
    assert stored(acme, "Max").role == "member"


def test_an_admin_changes_nothing_about_an_owner(cast: Cast) -> None:
    acme = cast.acme
    ada, adam = acme.members["Ada"], acme.members["Adam"].pk
    only = ["Only an owner can change an owner."]
    for more in ({"name": "Eve"}, {"email": "eve@acme.example"}, {"role": Role.MEMBER}):
        with pytest.raises(ValidationError) as raised:
            change(acme, "Ada", "Adam", **more)
        assert raised.value.messages == only
    with working_for(acme.id):
        for verb in (people.remove, people.reinstate):
            with pytest.raises(ValidationError) as raised:
                verb(ada, by=adam)
            assert raised.value.messages == only
        with pytest.raises(ValidationError) as raised:
            people.suspend(ada, by=adam, moment=NOW)
    assert raised.value.messages == only
    assert events(acme) == []


def test_an_admin_cannot_take_over_a_leader_by_another_email(cast: Cast) -> None:
    with pytest.raises(ValidationError) as raised:
        change(cast.acme, "Cho", "Adam", email="adam.too@acme.example")
    assert "email" in refused(raised)
    change(cast.acme, "Cho", "Adam", team=cast.acme.teams["Growth"].pk)


@pytest.mark.parametrize("name", ["Cho", "Ana"])
def test_an_admin_has_no_power_over_someone_who_may_do_more(cast: Cast, name: str) -> None:
    acme = cast.acme
    person, adam = acme.members[name], acme.members["Adam"].pk
    attempts: list[Callable[[], object]] = [
        lambda: people.suspend(person, by=adam, moment=NOW),
        lambda: people.reinstate(person, by=adam),
        lambda: people.remove(person, by=adam),
    ]
    with working_for(acme.id):
        for attempt in attempts:
            with pytest.raises(ValidationError) as raised:
                attempt()
            assert raised.value.messages == ["This person has more rights than you. Ask an owner."]
    for more in ({"email": "adam.too@acme.example"}, {"role": Role.MEMBER}):
        with pytest.raises(ValidationError):
            change(acme, name, "Adam", **more)
    assert events(acme) == []
    with working_for(acme.id):
        people.suspend(person, by=acme.members["Ada"].pk, moment=NOW)
    assert stored(acme, name).suspended_at == NOW


def test_an_admin_does_not_bring_back_someone_who_may_do_more(cast: Cast) -> None:
    acme = cast.acme
    with working_for(acme.id):
        people.suspend(acme.members["Cho"], by=acme.members["Ada"].pk, moment=NOW)
        with pytest.raises(ValidationError, match="has more rights than you"):
            people.reinstate(acme.members["Cho"], by=acme.members["Adam"].pk)
    assert stored(acme, "Cho").suspended_at == NOW


def test_a_role_that_was_raised_in_the_meantime_counts(cast: Cast) -> None:
    acme = cast.acme
    change(acme, "Max", "Ada", role=Role.LEADER)
    with working_for(acme.id), pytest.raises(ValidationError, match="has more rights than you"):
        people.remove(acme.members["Max"], by=acme.members["Adam"].pk)  # as the page had read him


@pytest.mark.parametrize("name", ["Adam", "Sue", "Max"])
def test_an_admin_has_power_over_those_who_may_do_no_more(cast: Cast, name: str) -> None:
    acme = cast.acme
    acme.add("Abe", Role.ADMIN)
    with working_for(acme.id):
        people.remove(acme.members[name], by=acme.members["Abe"].pk)
    assert events(acme) == ["person.removed"]


def test_an_admin_opens_no_results_to_themselves(cast: Cast) -> None:
    with pytest.raises(ValidationError) as raised:
        change(cast.acme, "Adam", "Adam", leads=True)
    assert refused(raised) == {
        "leads": ["You can't give yourself access to a team's results. Ask an owner."]
    }
    change(cast.acme, "Ada", "Ada", leads=True)
    change(cast.acme, "Adam", "Ada", leads=True)
    with pytest.raises(ValidationError):
        change(cast.acme, "Adam", "Adam", team=cast.acme.teams["Growth"].pk)


def test_nobody_suspends_or_removes_themselves(cast: Cast) -> None:
    ada = cast.acme.members["Ada"]
    with working_for(cast.acme.id):
        for verb in (people.remove, people.reinstate):
            with pytest.raises(ValidationError):
                verb(ada, by=ada.pk)


# --- Owners -----------------------------------------------------------------------------------

REMAINS = ["Keep at least one owner who can sign in."]


def test_the_last_owner_stays(cast: Cast) -> None:
    acme = cast.acme
    with pytest.raises(ValidationError) as raised:
        change(acme, "Ada", "Ada", role=Role.MEMBER)
    assert raised.value.messages == REMAINS
    with working_for(acme.id), pytest.raises(ValidationError):
        people.remove(acme.members["Ada"], by=None)
    assert stored(acme, "Ada").role == Role.OWNER


def test_an_owner_without_a_sign_in_or_suspended_does_not_count(cast: Cast) -> None:
    acme = cast.acme
    with working_for(acme.id):
        people.add_person(wanted(acme, role=Role.OWNER), by=acme.members["Ada"].pk)
    change(acme, "Sue", "Ada", role=Role.OWNER)
    with pytest.raises(ValidationError) as raised:
        change(acme, "Ada", "Ada", role=Role.MEMBER)
    assert raised.value.messages == REMAINS
    change(acme, "Max", "Ada", role=Role.OWNER)
    change(acme, "Ada", "Ada", role=Role.MEMBER)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_suspend_each_other_leave_one(cast: Cast) -> None:
    acme = cast.acme
    change(acme, "Max", "Ada", role=Role.OWNER)
    ready = threading.Barrier(2)
    told: list[str] = []

    def suspend(name: str, by: str) -> None:
        try:
            with working_for(acme.id):
                ready.wait()
                people.suspend(acme.members[name], by=acme.members[by].pk, moment=NOW)
            told.append("done")
        except ValidationError as problem:
            told.extend(problem.messages)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=suspend, args=pair) for pair in (("Ada", "Max"), ("Max", "Ada"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [*REMAINS, "done"]
    assert [stored(acme, name).suspended_at is None for name in ("Ada", "Max")].count(True) == 1


# --- Pausing and leaving ----------------------------------------------------------------------


def test_a_suspended_person_is_out_at_the_next_request(cast: Cast) -> None:
    acme = cast.acme
    browser = acme.browser("Adam")
    assert browser.get("/o/acme/people/").status_code == 200
    with working_for(acme.id):
        people.suspend(acme.members["Adam"], by=acme.members["Ada"].pk, moment=NOW)
    assert browser.get("/o/acme/people/").status_code == 404
    with working_for(acme.id):
        people.reinstate(acme.members["Adam"], by=acme.members["Ada"].pk)
    assert browser.get("/o/acme/people/").status_code == 200
    assert events(acme) == ["person.suspended", "person.reinstated"]


def test_doing_it_twice_leaves_one_line(cast: Cast) -> None:
    acme = cast.acme
    with working_for(acme.id):
        for _ in range(2):
            people.suspend(acme.members["Max"], by=acme.members["Ada"].pk, moment=NOW)
        for _ in range(2):
            people.remove(acme.members["Max"], by=acme.members["Ada"].pk)
    assert events(acme) == ["person.suspended", "person.removed"]


def test_a_removed_person_is_gone_and_may_come_again(cast: Cast) -> None:
    acme = cast.acme
    with working_for(acme.id):
        people.remove(acme.members["Max"], by=acme.members["Adam"].pk)
        people.add_person(wanted(acme, email="max@acme.example"), by=acme.members["Adam"].pk)


def test_an_address_that_reads_like_a_constraint_is_not_taken_for_one(cast: Cast) -> None:
    """The database's words quote the row that it refuses."""
    told = {"email": "membership_team@acme.example", "team": cast.acme.teams["Growth"]}
    with working_for(cast.acme.id):
        people._save(Membership(name="Noa", **told))
        with pytest.raises(ValidationError) as refused:
            people._save(Membership(name="Nia", **told))
    assert list(refused.value.message_dict) == ["email"]
