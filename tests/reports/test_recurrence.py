"""Once a month, on every clock of the world."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.recurrence import MonthlyRecurrence, local_to_utc

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
CLOCKS = [
    # zone, what the wall clock says, the moment in UTC
    ("Asia/Seoul", "2026-11-23 09:00", "2026-11-23 00:00"),
    ("Asia/Seoul", "1988-05-08 02:30", "1988-05-07 17:00"),  # summer time of the Olympic year
    ("UTC", "2026-02-28 23:59", "2026-02-28 23:59"),
    ("Asia/Kolkata", "2026-07-01 00:00", "2026-06-30 18:30"),
    ("Asia/Kathmandu", "2026-07-01 00:00", "2026-06-30 18:15"),
    ("Pacific/Kiritimati", "2026-01-01 00:00", "2025-12-31 10:00"),
    ("Pacific/Pago_Pago", "2026-01-01 00:00", "2026-01-01 11:00"),
    # hours that never were: the first minute after
    ("America/New_York", "2027-03-14 02:30", "2027-03-14 07:00"),
    ("America/New_York", "2027-03-14 02:00", "2027-03-14 07:00"),
    ("America/New_York", "2027-03-14 03:00", "2027-03-14 07:00"),
    ("Europe/Berlin", "2026-03-29 02:15", "2026-03-29 01:00"),
    ("Europe/London", "2026-03-29 01:30", "2026-03-29 01:00"),
    ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),  # half an hour only
    ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 03:00"),  # at midnight
    ("Asia/Beirut", "2026-03-29 00:10", "2026-03-28 22:00"),
    ("Africa/Cairo", "2026-04-24 00:30", "2026-04-23 22:00"),
    ("America/Santiago", "2026-09-06 00:00", "2026-09-06 04:00"),
    ("Pacific/Apia", "2011-12-30 00:00", "2011-12-30 10:00"),  # a day that never was
    ("Pacific/Apia", "2011-12-30 23:59", "2011-12-30 10:00"),
    ("Asia/Pyongyang", "2018-05-04 23:45", "2018-05-04 15:00"),
    # hours that came twice: the first time
    ("America/New_York", "2027-11-07 01:30", "2027-11-07 05:30"),
    ("America/New_York", "2027-11-07 02:00", "2027-11-07 07:00"),
    ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),
    ("Europe/London", "2026-10-25 01:00", "2026-10-25 00:00"),
    ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
    ("America/Sao_Paulo", "2018-02-17 23:30", "2018-02-18 01:30"),
    ("Asia/Gaza", "2026-10-24 01:30", "2026-10-23 22:30"),
]
MONTHS = [
    # day, after which day, the next ones
    (31, "2026-01-15", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
    (30, "2027-12-31", ["2028-01-30", "2028-02-29", "2028-03-30"]),
    (29, "2100-02-01", ["2100-02-28", "2100-03-29"]),
    (1, "2026-12-01", ["2027-01-01", "2027-02-01"]),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("zone", "local", "moment"), CLOCKS)
def test_a_wall_clock_means_one_moment(zone: str, local: str, moment: str) -> None:
    assert local_to_utc(datetime.fromisoformat(local), zone) == utc(moment)


@pytest.mark.parametrize(("day", "start", "slots"), MONTHS)
def test_a_month_without_the_day_takes_its_last(day: int, start: str, slots: list[str]) -> None:
    monthly, moment = MonthlyRecurrence(day, time(0), "UTC"), utc(start)
    found = []
    for _slot in slots:
        moment = monthly.after(moment)
        found.append(f"{moment:%Y-%m-%d}")
    assert found == slots


def test_the_slot_itself_has_passed_and_the_next_one_is_later() -> None:
    monthly = MonthlyRecurrence(5, time(9), "Asia/Seoul")
    slot = utc("2026-11-05 00:00")
    assert monthly.newest(slot) == slot
    assert monthly.newest(slot - timedelta(seconds=1)) == utc("2026-10-05 00:00")
    assert monthly.after(slot) == utc("2026-12-05 00:00")
    assert monthly.after(slot - timedelta(seconds=1)) == slot


@given(
    zone=st.sampled_from(ZONES),
    day=st.integers(1, 31),
    at=st.times(max_value=time(23, 59)).map(lambda one: one.replace(second=0, microsecond=0)),
    start=st.integers(160_000_000, 2_840_000_000).map(lambda one: datetime.fromtimestamp(one, UTC)),
)
def test_everywhere_there_is_exactly_one_slot_a_month(
    zone: str, day: int, at: time, start: datetime
) -> None:
    monthly = MonthlyRecurrence(day, at, zone)
    slots = [monthly.after(start)]
    for _month in range(14):
        slots.append(monthly.after(slots[-1]))
    assert slots == sorted(set(slots))
    assert [monthly.newest(slot) for slot in slots] == slots
    here = [slot.astimezone(ZoneInfo(zone)) for slot in slots]
    months = [one.year * 12 + one.month for one in here]
    assert months == list(range(months[0], months[0] + 15))
