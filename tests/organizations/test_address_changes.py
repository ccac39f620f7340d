"""Another e-mail of a person is told to the address that was theirs, and goes with the person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.mail import EmailMessage

from organizations import address_changes, jobs, people
from organizations.models import AddressChange, Membership
from organizations.tenancy.scope import working_for
from tests.conftest import Cast, House
from tests.organizations.people_lists import import_list

OLD, NEW = "max@acme.example", "maxine@acme.example"


def change(house: House, by: str, **more: str) -> None:
    with working_for(house.id):
        person = Membership.objects.get(pk=house.members["Max"].pk)
        wanted = replace(people.profile_of(person), **more)  # type: ignore[arg-type]  # texts alone
        people.change_person(person, wanted, by=house.members[by].pk)


def changes(house: House) -> list[AddressChange]:
    with working_for(house.id):
        return list(AddressChange.objects.order_by("pk"))


def deliver(house: House) -> None:
    for row in changes(house):
        jobs.perform(AddressChange, house.id, row.pk, address_changes.send)


def test_the_old_address_is_told_what_changed_and_who_to_ask(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    acme = cast.acme
    person = acme.members["Max"]
    typed = {"name": "Max", "email": NEW, "team": person.team_id, "role": "member"}
    answer = acme.browser("Adam").post(f"/o/acme/people/{person.pk}/", {**typed, "language": "en"})
    assert answer.status_code == 302
    deliver(acme)
    (letter,) = mailoutbox
    assert letter.to == [OLD]
    assert letter.subject == "Your email address was changed (Acme)"
    for told in (f"Old address: {OLD}", f"New address: {NEW}", "Changed by: Adam"):
        assert told in letter.body
    assert "- Ada, ada@acme.example" in letter.body


def test_the_mail_to_the_old_address_holds_no_link(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    change(cast.acme, "Adam", email=NEW)
    deliver(cast.acme)
    assert mailoutbox[0].to == [OLD]
    assert "://" not in mailoutbox[0].body


def test_it_is_told_once_and_to_each_address_in_turn(
    cast: Cast, mailoutbox: list[EmailMessage]
) -> None:
    change(cast.acme, "Adam", email=NEW)
    change(cast.acme, "Adam", email="third@acme.example")
    for _ in range(2):
        deliver(cast.acme)
    assert [letter.to for letter in mailoutbox] == [[OLD], [NEW]]
    assert [row.state for row in changes(cast.acme)] == ["sent", "sent"]


@pytest.mark.parametrize(("by", "by_other"), [("Adam", True), ("Max", False)])
def test_it_is_remembered_whether_somebody_else_did_it(cast: Cast, by: str, by_other: bool) -> None:
    change(cast.acme, by, email=NEW)
    (row,) = changes(cast.acme)
    assert (row.before, row.after, row.by_other) == (OLD, NEW, by_other)


def test_another_name_is_told_to_nobody(cast: Cast) -> None:
    change(cast.acme, "Adam", name="Maxine")
    assert changes(cast.acme) == []


def test_both_addresses_go_with_the_person(cast: Cast) -> None:
    acme = cast.acme
    change(acme, "Adam", email=NEW)
    with working_for(acme.id):
        people.remove(acme.members["Max"], by=acme.members["Ada"].pk)
    assert changes(acme) == []


def test_a_list_of_people_changes_no_address(cast: Cast) -> None:
    """A row is about whoever has its e-mail: another e-mail is another person."""
    acme = cast.acme
    text = f"name,email,team\nMax,{NEW},Growth / Brand\nMaxine,{OLD.upper()},Growth\n".encode()
    with working_for(acme.id):
        by = acme.members["Adam"].pk
        import_list(text, by=by)
        assert Membership.objects.get(pk=acme.members["Max"].pk).email == OLD
        assert Membership.objects.get(email=NEW).pk != acme.members["Max"].pk
    assert changes(acme) == []
