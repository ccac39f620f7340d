"""The promises of docs/method.md about intervals, hiding and verdicts, counted in organizations whose
truth is known. They take minutes: `python3 run.py test -m nightly`.

The bands are the method's own, widened by twice the simulation's error where that is said.
"""

from __future__ import annotations

import pytest

from tests.assessments.scoring.simulations import (
    HARDER,
    OF_THE_METHOD,
    changes,
    cost,
    coverage,
)

pytestmark = pytest.mark.nightly
SEEN = {6: (1.10, 0.83), 10: (0.82, 0.58), 20: (0.56, 0.38), 50: (0.35, 0.23)}


@pytest.mark.parametrize("n", [5, 6, 8, 10, 15, 25])
def test_nineteen_of_twenty_intervals_of_a_level_hold_the_truth(n: int) -> None:
    found = coverage(n, seed=n, worlds=300)
    least, most = (0.945, 0.955) if n < 10 else (0.953, 0.978)
    assert least - 0.003 <= found.method <= most + 0.003  # errors of 43,200 cells in 300 worlds
    assert abs(found.whole - 0.95) <= 3 * error(0.95, 300)  # of which the method states no band
    assert 0.92 <= found.widest_moderated <= 0.96


@pytest.mark.parametrize("n", [5, 6, 8, 10, 15, 25])
def test_where_people_differ_most_an_interval_below_ten_is_too_narrow(n: int) -> None:
    """The price of telling nothing of how far few people are apart; from ten on nobody pays it."""
    found = coverage(n, seed=n, worlds=300)
    assert found.widest_pooled < found.widest_moderated - 0.05
    if n < 10:
        assert abs(found.widest - found.widest_pooled) < 0.01
        assert found.widest > 0.75
    else:
        assert found.widest == found.widest_moderated


def test_the_textbook_would_print_intervals_without_width_for_teams_of_five() -> None:
    assert coverage(5, seed=0, worlds=300).without_width > 0.01


def test_hiding_costs_few_teams_and_cells() -> None:
    found = cost(OF_THE_METHOD, seed=1)
    assert 0.85 <= found.teams <= 0.90
    assert found.cells == pytest.approx(0.86, abs=0.01)
    assert found.lost == pytest.approx(0.06, abs=0.005)
    assert 0.78 <= found.subtractable <= 0.91  # what a plain threshold would give away
    assert found.cells_of_large >= 0.98


def test_hiding_costs_more_where_nearly_everywhere_people_belong_to_no_team() -> None:
    found = cost(HARDER, seed=1)
    assert 0.82 <= found.teams < 0.85
    assert found.subtractable > 0.98


@pytest.mark.parametrize("n", SEEN)
@pytest.mark.parametrize(("kept", "linked"), [(0, False), (1, True)])
def test_at_most_one_flag_in_ten_is_wrong(n: int, kept: float, linked: bool) -> None:
    found = changes(n, seed=n, kept=kept, linked=linked)
    assert found.false_of_flagged <= 0.09
    assert abs(found.least_visible - SEEN[n][linked]) <= 0.035


@pytest.mark.parametrize("n", SEEN)
@pytest.mark.parametrize(("kept", "linked"), [(0, False), (1, True)])
def test_where_nothing_has_changed_five_to_eleven_pages_in_a_hundred_say_so(
    n: int, kept: float, linked: bool
) -> None:
    found = changes(n, seed=n + 100, kept=kept, linked=linked, true=0).pages_with_false
    assert 0.05 - 2 * error(0.05) <= found <= 0.11 + 2 * error(0.11)


def error(share: float, pages: int = 1000) -> float:
    return float((share * (1 - share) / pages) ** 0.5)


@pytest.mark.parametrize("n", SEEN)
def test_of_the_same_people_who_are_not_recognised_nothing_wrong_is_said(n: int) -> None:
    """The test is too careful then."""
    assert changes(n, seed=n + 100, kept=1, linked=False, true=0).pages_with_false <= 0.01


@pytest.mark.parametrize("n", [6, 10])
def test_an_arrow_on_any_two_tenths_would_mostly_be_wrong(n: int) -> None:
    assert changes(n, seed=n, kept=1, linked=True).naive > 0.4


def test_what_really_changed_is_found_where_enough_people_answer() -> None:
    """Silence alone would keep every other promise."""
    assert changes(50, seed=1, kept=1, linked=True).found > 0.95
    assert changes(20, seed=1, kept=1, linked=True).found > 0.5
