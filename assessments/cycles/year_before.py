"""The cycle about a year earlier (method 2.3): what moves slowly is seen over a year, not from one cycle to
the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

DAYS_A_MONTH = 365.25 / 12
LEAST_MONTHS, MOST_MONTHS, MONTHS_A_YEAR = 8, 16, 12


def choose_year_before(closed: datetime, earlier: Sequence[datetime]) -> int | None:
    """Return the index of the cycle to compare with besides the last one, by the closing times of comparable
    cycles, the newest first: the one nearest to a year before, between 8 and 16 months; without one
    the oldest within 16 months. None where that is the last one."""
    months = [(closed - moment).total_seconds() / 86400 / DAYS_A_MONTH for moment in earlier]
    recent = [place for place, age in enumerate(months) if age <= MOST_MONTHS]
    about_a_year = [place for place in recent if months[place] >= LEAST_MONTHS]
    if not recent:
        return None
    chosen = (
        min(about_a_year, key=lambda place: abs(months[place] - MONTHS_A_YEAR))
        if about_a_year
        else recent[-1]
    )
    return chosen or None
