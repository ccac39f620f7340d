"""The promises of docs/method.md about intervals, hiding and verdicts, counted in organizations whose
truth is known. They take minutes: `python3 run.py test -m nightly`.
"""

from __future__ import annotations

import pytest

from tests.assessments.scoring.simulations import changes, cost, coverage

pytestmark = pytest.mark.nightly
SEEN = {6: (1.10, 0.83), 10: (0.82, 0.58), 20: (0.56, 0.38), 50: (0.35, 0.23)}


@pytest.mark.parametrize("n", [5, 6, 8, 10, 15, 25])
def test_nineteen_of_twenty_intervals_of_a_level_hold_the_truth(n: int) -> None:
    found = coverage(n, seed=n, worlds=300)
    assert 0.95 <= found.method <= 0.985
    assert 0.92 <= found.whole <= 0.99
    assert 0.92 <= found.widest <= 0.975
    assert found.widest_pooled < found.widest - 0.05  # why a team keeps most of its own spread
    assert found.plain < found.method


def test_the_textbook_would_print_intervals_without_width_for_teams_of_five() -> None:
    assert coverage(5, seed=0, worlds=300).without_width > 0.01


def test_hiding_costs_few_teams_and_cells() -> None:
    found = cost(seed=1, organizations=2000)
    assert 0.80 <= found.teams <= 0.92
    assert found.cells >= 0.84
    assert found.cells_of_large >= 0.97
    assert found.lost <= 0.08
    assert found.subtractable > 0.7  # what a plain threshold would give away


@pytest.mark.parametrize("n", SEEN)
@pytest.mark.parametrize(("kept", "linked"), [(0, False), (1, True)])
def test_at_most_one_flag_in_ten_is_wrong(n: int, kept: float, linked: bool) -> None:
    found = changes(n, seed=n, kept=kept, linked=linked)
    assert found.false_of_flagged <= 0.10
    assert abs(found.least_visible - SEEN[n][linked]) <= 0.05


@pytest.mark.parametrize("n", SEEN)
@pytest.mark.parametrize(
    ("kept", "linked", "most"), [(0, False, 0.14), (1, True, 0.14), (1, False, 0)]
)
def test_where_nothing_has_changed_few_pages_say_so(
    n: int, kept: float, linked: bool, most: float
) -> None:
    """Of the same people who are not recognised the test is too careful: it says nothing."""
    found = changes(n, seed=n + 100, kept=kept, linked=linked, true=0)
    assert found.pages_with_false <= most + 0.01


@pytest.mark.parametrize("n", [6, 10])
def test_an_arrow_on_any_two_tenths_would_mostly_be_wrong(n: int) -> None:
    assert changes(n, seed=n, kept=1, linked=True).naive > 0.4


def test_what_really_changed_is_found_where_enough_people_answer() -> None:
    """Silence alone would keep every other promise."""
    assert changes(50, seed=1, kept=1, linked=True).found > 0.95
    assert changes(20, seed=1, kept=1, linked=True).found > 0.5
