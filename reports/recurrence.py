"""When a monthly report is due: on a day of the month, at an hour of the organization's own clock.

A month without that day takes its last one. An hour that a clock change skips becomes the first
minute after it; an hour that comes twice counts the first time. No Django, no clock, no database.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class MonthlyRecurrence:
    """On `day` (1 to 31) at `at` in `zone` (a name of the time zone database)."""

    day: int
    at: time
    zone: str

    def slot_in(self, year: int, month: int) -> datetime:
        """The one moment of that month, in UTC."""
        last = monthrange(year, month)[1]
        return local_to_utc(
            datetime.combine(date(year, month, min(self.day, last)), self.at), self.zone
        )

    def after(self, moment: datetime) -> datetime:
        """The first slot later than `moment` (aware), in UTC."""
        return next(slot for slot in self._slots_from(moment) if slot > moment)

    def newest(self, moment: datetime) -> datetime:
        """The last slot that is not later than `moment` (aware), in UTC."""
        passed = [slot for slot in self._around(moment) if slot <= moment]
        return passed[-1]

    def month_of(self, slot: datetime) -> tuple[int, int]:
        """Year and month on the wall of this clock."""
        here = slot.astimezone(ZoneInfo(self.zone))
        return here.year, here.month

    def _slots_from(self, moment: datetime) -> Iterator[datetime]:
        here = moment.astimezone(ZoneInfo(self.zone))
        months = here.year * 12 + here.month - 2
        while True:
            yield self.slot_in(months // 12, months % 12 + 1)
            months += 1

    def _around(self, moment: datetime) -> list[datetime]:
        slots = self._slots_from(moment)
        return [next(slots) for _month in range(3)]


def local_to_utc(local: datetime, zone: str) -> datetime:
    """A naive time of a wall clock as a moment in UTC."""
    clock = ZoneInfo(zone)
    first = local.replace(tzinfo=clock, fold=0)
    there = first.astimezone(UTC)
    if there.astimezone(clock).replace(tzinfo=None) == local:
        return there
    return _end_of_gap(first, clock)


def _end_of_gap(skipped: datetime, clock: ZoneInfo) -> datetime:
    """The first minute that exists after a time that the clocks have skipped."""
    before = skipped.replace(fold=1).astimezone(UTC)  # read with the offset that comes after
    after = skipped.astimezone(UTC)  # read with the offset that was before
    low, high = before, after
    offset = low.astimezone(clock).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (
            (middle, high) if middle.astimezone(clock).utcoffset() == offset else (low, middle)
        )
    found = high.replace(microsecond=0)
    return found if found.second == 0 else found + timedelta(seconds=60 - found.second)
