"""What everyone who was asked sees of the results of one cycle: for how long their personal link opens the result of
their team, and whether they see the levels of its single capabilities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LINK_DAYS = 90  # after the close


class ResultState(StrEnum):
    """Whether someone who was asked can see the result, once the survey takes no more answers."""

    COUNTING = "counting"  # not yet
    OPEN = "open"
    ENDED = "ended"  # not any more by link
    SWITCHED_OFF = "switched_off"  # not by link, by a setting of the organization


def end_of_link(closed_at: datetime | None) -> datetime | None:
    """Return when the personal links of a cycle end that closed then."""
    return closed_at + timedelta(days=LINK_DAYS) if closed_at else None


@dataclass(frozen=True, slots=True)
class SharedResults:
    """What the settings of the organization open to one person who was asked."""

    closed_at: datetime | None  # None until the results are counted
    by_link: bool
    capabilities: bool

    @property
    def days(self) -> int:
        """For how many days after the close the link opens the result."""
        return LINK_DAYS

    @property
    def until(self) -> datetime | None:
        return end_of_link(self.closed_at)

    def state_at(self, moment: datetime, *, by_link: bool) -> ResultState:
        """Return what is there for someone at that moment, which is after the deadline. What ends or is switched
        off is the link: whoever signs in needs none."""
        if by_link and not self.by_link:
            return ResultState.SWITCHED_OFF
        if self.until is None:
            return ResultState.COUNTING
        return ResultState.ENDED if by_link and moment >= self.until else ResultState.OPEN
