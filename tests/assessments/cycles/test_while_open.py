"""An open survey gets more time, its right name, and one person their link again; nothing tells who answered."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from assessments.cycles import while_open
from assessments.models import Cycle, Notice
from organizations.models import AuditEvent
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON, opened, planned
from tests.assessments.cycles.test_lifecycle import TOMORROW, finish
from tests.conftest import Cast

END, LATER = NOON + timedelta(days=14), NOON + timedelta(days=21)


def change(cycle: Cycle, name: str, closes_at: datetime, moment: datetime = TOMORROW) -> Cycle:
    with working_for(cycle.organization_id):
        while_open.change(cycle, name=name, closes_at=closes_at, by=None, moment=moment)
        return Cycle.objects.get(pk=cycle.pk)


def test_more_time_is_announced_to_those_who_get_reminders(cast: Cast) -> None:
    cycle = opened(cast.acme)
    finish(cast.acme, cycle, "Ana", "Cho")
    after = change(cycle, cycle.name, LATER)
    assert (after.closes_at, after.due_at) == (LATER, LATER)
    with working_for(cast.acme.id):
        told = Notice.objects.filter(mail="extended").values_list("membership__name", flat=True)
        assert set(told) == {"Ada", "Adam", "Max", "Mia"}
        assert AuditEvent.objects.get(event="cycle.extended").detail == {"name": cycle.name}
    change(cycle, cycle.name, LATER + timedelta(days=1))
    with working_for(cast.acme.id):
        assert set(Notice.objects.filter(mail="extended").values_list("turn", flat=True)) == {0, 1}


def test_a_name_is_corrected_without_a_mail(cast: Cast) -> None:
    cycle = opened(cast.acme, name="Sprnig 2027")
    after = change(cycle, " Spring  2027 ", END)
    assert (after.name, after.closes_at) == ("Spring 2027", END)
    with working_for(cast.acme.id):
        assert not Notice.objects.filter(mail="extended").exists()
        names = AuditEvent.objects.get(event="cycle.renamed").detail["names"]
        assert names == ["Sprnig 2027", "Spring 2027"]
        assert not AuditEvent.objects.filter(event="cycle.extended").exists()


@pytest.mark.parametrize(
    ("name", "closes_at", "field"),
    [
        ("", END, "name"),
        ("x" * 81, END, "name"),
        ("Other", END, "name"),
        ("Fine", END - timedelta(days=1), "closes_at"),
        ("Fine", NOON + timedelta(days=91), "closes_at"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_changes(
    cast: Cast, name: str, closes_at: datetime, field: str
) -> None:
    cycle = opened(cast.acme)
    planned(cast.acme, name="Other")
    with pytest.raises(ValidationError) as refused:
        change(cycle, name, closes_at)
    assert list(refused.value.message_dict) == [field]
    with working_for(cast.acme.id):
        after = Cycle.objects.get(pk=cycle.pk)
    assert (after.name, after.closes_at) == (cycle.name, END)


@pytest.mark.parametrize("moment", [END, END + timedelta(days=1)])
def test_a_survey_that_is_over_gets_no_more_time(cast: Cast, moment: datetime) -> None:
    with pytest.raises(ValidationError, match="no longer accepts answers"):
        change(opened(cast.acme), "Spring 2027", LATER, moment)


def test_seconds_that_a_form_does_not_show_change_nothing(cast: Cast) -> None:
    cycle = opened(cast.acme, moment=NOON + timedelta(seconds=12))
    assert change(cycle, cycle.name, END).closes_at == END + timedelta(seconds=12)
    with working_for(cast.acme.id):
        assert not Notice.objects.filter(mail="extended").exists()


@pytest.mark.parametrize("finished", [(), ("Max",)])
def test_one_person_gets_the_link_again_answered_or_not(
    cast: Cast, finished: tuple[str, ...]
) -> None:
    cycle, person = opened(cast.acme), cast.acme.members["Max"]
    finish(cast.acme, cycle, *finished)
    with working_for(cast.acme.id):
        while_open.send_link(cycle, f" {person.email.upper()} ", by=None, moment=TOMORROW)
        again = Notice.objects.get(mail="opened", turn=1)
        assert again.membership_id == person.pk
        assert AuditEvent.objects.get(event="cycle.link_sent").subject == person.pk


def test_an_address_that_was_not_invited_is_named(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id), pytest.raises(ValidationError, match="Nobody with this"):
        while_open.send_link(cycle, "nobody@acme.example", by=None, moment=TOMORROW)
