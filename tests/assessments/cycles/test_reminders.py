"""Who is reminded and invited again, and that nothing says who has answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from assessments.cycles import lifecycle, while_open
from assessments.models import Cycle, CycleTeam, Notice, Participation
from organizations.models import AuditEvent, Membership
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON, opened, planned
from tests.assessments.cycles.test_lifecycle import TOMORROW, finish
from tests.conftest import Cast


def test_only_those_who_have_not_finished_are_reminded(cast: Cast) -> None:
    cycle = opened(cast.acme)
    finish(cast.acme, cycle, "Ana", "Cho")
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Max").update(suspended_at=NOON)
        while_open.send_reminders(cycle, by=None, moment=TOMORROW)
        told = Notice.objects.filter(mail="reminder", due_at=TOMORROW)
        assert set(told.values_list("membership__name", flat=True)) == {"Ada", "Adam", "Mia"}


def test_at_most_one_reminder_goes_out_a_day(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        with pytest.raises(ValidationError, match="invited today"):
            while_open.send_reminders(cycle, by=None, moment=NOON)
        while_open.send_reminders(cycle, by=None, moment=TOMORROW)
        with pytest.raises(ValidationError, match="already sent today"):
            while_open.send_reminders(cycle, by=None, moment=TOMORROW + timedelta(hours=5))
        while_open.send_reminders(cycle, by=None, moment=TOMORROW + timedelta(days=1))
        turns = Notice.objects.filter(mail="reminder", membership__name="Max")
        assert sorted(turns.values_list("turn", flat=True)) == [0, 1]


def test_nothing_says_how_many_were_reminded(cast: Cast) -> None:
    """The number of those who have not finished would be a count at another moment of the day."""
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        while_open.send_reminders(cycle, by=None, moment=TOMORROW)
        assert AuditEvent.objects.get(event="cycle.reminded").detail == {"name": cycle.name}


def test_nobody_is_reminded_of_a_cycle_that_takes_no_answers(cast: Cast) -> None:
    cycle = planned(cast.acme)
    with (
        working_for(cast.acme.id),
        pytest.raises(ValidationError, match="no longer accepts answers"),
    ):
        while_open.send_reminders(cycle, by=None, moment=TOMORROW)
    with working_for(cast.acme.id):
        lifecycle.open_cycle(cycle, by=None, moment=NOON)
        with pytest.raises(ValidationError, match="no longer accepts answers"):
            while_open.send_reminders(cycle, by=None, moment=NOON + timedelta(days=15))


def test_only_refused_addresses_are_invited_again(cast: Cast) -> None:
    cycle = opened(cast.acme)
    with working_for(cast.acme.id):
        Participation.objects.filter(membership__name="Max").update(bounced=True)
        assert while_open.resend_invitations(cycle, by=None, moment=TOMORROW) == 1
        again = Notice.objects.get(mail="opened", turn=1)
        assert again.membership.name == "Max"


def test_a_reminder_is_seen_before_it_is_sent(cast: Cast) -> None:
    cycle = opened(cast.acme, timezone.now() - timedelta(days=2))
    with working_for(cast.acme.id):
        root = CycleTeam.objects.get(cycle=cycle, parent=None)
        counted = {"on": "2027-03-02", "answered": {str(root.pk): 2}}
        Cycle.objects.filter(pk=cycle.pk).update(counted=counted)
    adam, where = cast.acme.browser("Adam"), f"/o/acme/cycles/{cycle.pk}/remind/"
    page = adam.get(where).content.decode()
    assert "3 of 5" in page and "Reminder: Spring 2027 (Acme)" in page and "[personal link]" in page
    assert "isn&#x27;t your name.<br><br>Sent automatically." in page  # one empty line
    assert "/s/" not in page
    with working_for(cast.acme.id):
        assert not Notice.objects.filter(mail="reminder").exists()
    assert "Reminders are being sent." in adam.post(where, follow=True).content.decode()
    with working_for(cast.acme.id):
        assert Notice.objects.filter(mail="reminder").exists()
    assert adam.get(where).status_code == 302  # no second one today
