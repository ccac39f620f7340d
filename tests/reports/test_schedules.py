"""A report is made once a slot: the newest missed one, never twice, late if it is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from organizations import people
from organizations.jobs import MAX_ATTEMPTS, perform
from organizations.models import AuditEvent, Organization
from organizations.organization_settings import change_organization, settings_of
from organizations.tenancy.scope import working_for
from reports import schedules
from reports.models import Recipient, Report, ReportSchedule
from reports.recurrence import MonthlyRecurrence
from tests.conftest import Cast, House


def wanted(house: House, *names: str, **other: Any) -> schedules.ScheduleSettings:
    told = {"on": True, "day": 5, "at": time(9), **other}
    return schedules.ScheduleSettings(
        recipients=frozenset(house.members[one].pk for one in names), **told
    )


def set_up(house: House, *names: str, **other: Any) -> ReportSchedule:
    with working_for(house.id):
        return schedules.set_schedule(wanted(house, *names, **other), by=house.members["Cho"].pk)


def due_since(house: House, row: ReportSchedule, moment: datetime) -> None:
    with working_for(house.id):
        ReportSchedule.objects.filter(pk=row.pk).update(due_at=moment)


def run(house: House, row: ReportSchedule) -> ReportSchedule:
    perform(ReportSchedule, house.id, row.pk, schedules.create_due_report)
    with working_for(house.id):
        return ReportSchedule.objects.get(pk=row.pk)


def slots(house: House) -> list[datetime]:
    with working_for(house.id):
        return list(Report.objects.order_by("slot").values_list("slot", flat=True))


def test_a_schedule_waits_for_its_next_slot(cast: Cast) -> None:
    row = set_up(cast.acme, "Cho", "Ana")
    assert row.due_at
    assert timezone.now() < row.due_at <= timezone.now() + timedelta(days=32)
    assert (row.due_at.day, row.due_at.hour) == (5, 9)
    with working_for(cast.acme.id):
        assert Recipient.objects.count() == 2
        assert AuditEvent.objects.get(event="schedule.set").detail == {
            "monthly": True,
            "day": 5,
            "at": "09:00",
            "to": 2,
        }


def test_there_is_one_schedule_and_setting_it_again_replaces_its_readers(cast: Cast) -> None:
    first = set_up(cast.acme, "Cho", "Ana")
    again = set_up(cast.acme, "Ana", day=31, on=False)
    assert (again.pk, again.due_at) == (first.pk, None)
    with working_for(cast.acme.id):
        assert list(Recipient.objects.values_list("membership__name", flat=True)) == ["Ana"]


@pytest.mark.parametrize("name", ["Max", "Adam", "Sue"])
def test_only_those_who_may_see_results_get_reports(cast: Cast, name: str) -> None:
    with pytest.raises(ValidationError, match="see results"):
        set_up(cast.acme, name)


def test_of_missed_slots_the_newest_is_made_once_and_says_how_late(cast: Cast) -> None:
    row = set_up(cast.acme)
    due_since(cast.acme, row, timezone.now() - timedelta(days=95))
    after = run(cast.acme, row)
    newest = row.cadence.newest(timezone.now())
    assert slots(cast.acme) == [newest]
    with working_for(cast.acme.id):
        report = Report.objects.get()
    assert abs(report.late - (timezone.now() - newest)) < timedelta(minutes=1)
    assert after.due_at == row.cadence.after(timezone.now())
    assert (after.lease, after.attempts) == (None, 0)


def test_the_same_slot_found_twice_is_one_report(cast: Cast) -> None:
    row = set_up(cast.acme)
    for _time in range(2):
        due_since(cast.acme, row, timezone.now() - timedelta(minutes=1))
        run(cast.acme, row)
    assert len(slots(cast.acme)) == 1


def test_another_time_zone_makes_no_second_report_in_the_same_month(cast: Cast) -> None:
    seoul = MonthlyRecurrence(5, time(9), "Asia/Seoul")
    slot = seoul.slot_in(2026, 11)
    moment = slot + timedelta(minutes=1)
    following = schedules._following(seoul, slot, "America/Los_Angeles", moment)
    assert following == datetime(2026, 12, 5, 17, tzinfo=UTC)
    same = schedules._following(seoul, slot, "Asia/Seoul", moment)
    assert same == seoul.slot_in(2026, 12)


def test_the_next_slot_follows_the_organizations_present_clock(cast: Cast) -> None:
    row = set_up(cast.acme)
    with working_for(cast.acme.id):
        Organization.objects.update(time_zone="Asia/Seoul")
    due_since(cast.acme, row, timezone.now() - timedelta(minutes=1))
    after = run(cast.acme, row)
    assert after.time_zone == "Asia/Seoul"
    assert after.due_at
    assert after.due_at.hour == 0


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/Los_Angeles"])
@pytest.mark.parametrize("made", [False, True])
def test_another_time_zone_moves_the_next_report(cast: Cast, zone: str, made: bool) -> None:
    day = min((timezone.now() + timedelta(days=10)).day, 28)  # on no clock is that today
    row = set_up(cast.acme, day=day)
    if made:
        due_since(cast.acme, row, timezone.now() - timedelta(minutes=1))
        row = run(cast.acme, row)
    before = row.due_at
    change_clock(cast.acme, zone)
    with working_for(cast.acme.id):
        row.refresh_from_db()
    assert row.due_at and before
    here = row.due_at.astimezone(ZoneInfo(zone))
    assert (row.time_zone, here.day, here.hour) == (zone, day, 9)
    assert abs(row.due_at - before) < timedelta(days=1)
    for slot in slots(cast.acme):
        assert (slot.year, slot.month) != (here.year, here.month)


def test_a_report_that_is_due_stays_due_by_another_clock(cast: Cast) -> None:
    row = set_up(cast.acme)
    due_since(cast.acme, row, timezone.now() - timedelta(minutes=1))
    change_clock(cast.acme, "Asia/Seoul")
    run(cast.acme, row)
    assert len(slots(cast.acme)) == 1


def test_a_schedule_that_is_off_stays_off_by_another_clock(cast: Cast) -> None:
    row = set_up(cast.acme, on=False)
    change_clock(cast.acme, "Asia/Seoul")
    with working_for(cast.acme.id):
        row.refresh_from_db()
    assert row.due_at is None


def change_clock(house: House, zone: str) -> None:
    with working_for(house.id):
        frame = settings_of(Organization.objects.get(pk=house.id))
        change_organization(replace(frame, time_zone=zone), by=None)


def test_two_clicks_are_one_report(cast: Cast) -> None:
    acme, moment = cast.acme, timezone.now()
    cho = acme.members["Cho"].pk
    with working_for(acme.id):
        first = schedules.request_report(by=cho, moment=moment)
        assert schedules.request_report(by=cho, moment=moment).pk == first.pk
        later = moment + timedelta(minutes=10)
        assert schedules.request_report(by=cho, moment=later).pk == first.pk  # still being made
        Report.objects.update(due_at=None, made_at=moment)
        assert schedules.request_report(by=cho, moment=moment).pk == first.pk  # in the same minute
        assert schedules.request_report(by=cho, moment=later).pk != first.pk


def test_a_report_stays_when_the_person_who_asked_for_it_is_removed(cast: Cast) -> None:
    cho, ada = cast.acme.members["Cho"], cast.acme.members["Ada"]
    with working_for(cast.acme.id):
        row = schedules.request_report(by=cho.pk, moment=timezone.now())
        people.remove(cho, by=ada.pk)
        assert Report.objects.get(pk=row.pk).asked_by_id is None


def test_a_report_that_was_given_up_does_not_keep_a_new_one_from_being_made(cast: Cast) -> None:
    acme, moment = cast.acme, timezone.now()
    cho, later = acme.members["Cho"].pk, moment + timedelta(minutes=10)
    with working_for(acme.id):
        first = schedules.request_report(by=cho, moment=moment)
        Report.objects.update(attempts=MAX_ATTEMPTS)
        second = schedules.request_report(by=cho, moment=later)
        assert second.pk != first.pk
        assert schedules.request_report(by=cho, moment=later + timedelta(hours=1)).pk == second.pk
