"""Which earlier cycle is about a year before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from assessments.cycles.year_before import choose_year_before

NOW = datetime(2026, 9, 30, tzinfo=UTC)


def ago(*months: float) -> list[datetime]:
    return [NOW - timedelta(days=30.4375 * count) for count in months]


@pytest.mark.parametrize(
    ("months", "chosen"),
    [
        ((3, 6, 9, 12, 15), 3),  # the nearest to twelve
        ((6, 11, 14), 1),
        ((3, 6), 1),  # younger than a year: the oldest
        ((3, 17), None),  # older than sixteen months; the last one is compared anyway
        ((12, 24), None),  # the last one is a year before
        ((20,), None),
        ((), None),
    ],
)
def test_the_cycle_about_a_year_before(months: tuple[float, ...], chosen: int | None) -> None:
    assert choose_year_before(NOW, ago(*months)) == chosen
