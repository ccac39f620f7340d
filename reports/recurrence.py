"""When a monthly report is due: on a day of the month, at a time in the organization's time zone.

A month without that day takes its last one. A time that a clock change skips becomes the first minute
after the gap; of a time that occurs twice the first counts. No Django, no clock, no database.
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
        """Return the slot of that month, in UTC."""
        last = monthrange(year, month)[1]
        return local_to_utc(
            datetime.combine(date(year, month, min(self.day, last)), self.at), self.zone
        )

    def after(self, moment: datetime) -> datetime:
        """Return the first slot later than `moment` (aware), in UTC."""
        return next(slot for slot in self._slots_from(moment) if slot > moment)

    def newest(self, moment: datetime) -> datetime:
        """Return the last slot that is not later than `moment` (aware), in UTC."""
        passed = [slot for slot in self._slots_around(moment) if slot <= moment]
        return passed[-1]

    def month_of(self, slot: datetime) -> tuple[int, int]:
        """Return year and month of a slot in this time zone."""
        local = slot.astimezone(ZoneInfo(self.zone))
        return local.year, local.month

    def _slots_from(self, moment: datetime) -> Iterator[datetime]:
        local = moment.astimezone(ZoneInfo(self.zone))
        months = local.year * 12 + local.month - 2
        while True:
            yield self.slot_in(months // 12, months % 12 + 1)
            months += 1

    def _slots_around(self, moment: datetime) -> list[datetime]:
        slots = self._slots_from(moment)
        return [next(slots) for _month in range(3)]


def local_to_utc(local: datetime, zone: str) -> datetime:
    """Return a naive local time of `zone` as a moment in UTC."""
    clock = ZoneInfo(zone)
    first = local.replace(tzinfo=clock, fold=0)
    utc = first.astimezone(UTC)
    if utc.astimezone(clock).replace(tzinfo=None) == local:
        return utc
    return _end_of_gap(first, clock)


def _end_of_gap(skipped: datetime, clock: ZoneInfo) -> datetime:
    """Return the first whole minute, in UTC, after a local time that a clock change skips.

    Searched by bisection for the moment at which the offset changes.
    """
    before = skipped.replace(fold=1).astimezone(UTC)  # with the offset after the change
    after = skipped.astimezone(UTC)  # with the offset before the change
    low, high = before, after
    offset = low.astimezone(clock).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (
            (middle, high) if middle.astimezone(clock).utcoffset() == offset else (low, middle)
        )
    end = high.replace(microsecond=0)
    return end if end.second == 0 else end + timedelta(seconds=60 - end.second)
