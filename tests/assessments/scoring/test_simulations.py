"""The promises of docs/method.md about intervals, estimates, hiding and verdicts, counted in organizations
whose truth is known. They take minutes: `python3 run.py test -m nightly`.

The bands are the method's own, widened by twice the simulation's error where that is said.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.assessments.scoring.simulated_change import PAGES, Changes, changes
from tests.assessments.scoring.simulated_coverage import (
    Coverage,
    TrueCoverage,
    coverage,
    true_coverage,
    true_coverage_with_camps,
)
from tests.assessments.scoring.simulated_estimates import Accuracies, accuracies
from tests.assessments.scoring.simulated_hiding import HARDER, OF_THE_METHOD, cost
from tests.assessments.scoring.simulated_response import (
    FalsePages,
    false_pages,
    power_at_detectable,
)

pytestmark = pytest.mark.nightly
MDC = {6: (1.10, 0.83), 10: (0.82, 0.58), 20: (0.56, 0.38), 50: (0.35, 0.23)}
ORGANIZATIONS = {8: 300, 14: 200, 40: 80}  # simulated, by their number of teams
ICC = (0.05, 0.30)


def error(share: float, number: int) -> float:
    """Return the standard error of a share that was counted in so many independent cases."""
    return float((share * (1 - share) / number) ** 0.5)


@cache
def if_all_answered(n: int) -> Coverage:
    return coverage(n, seed=n, worlds=300)


@cache
def good_teams(response: float) -> TrueCoverage:
    return true_coverage(1, response=response, worlds=500)


@cache
def with_camps(n: int) -> TrueCoverage:
    return true_coverage_with_camps(n, n)


@cache
def estimated(teams: int, least: float, most: float) -> Accuracies:
    return accuracies(teams, teams=teams, icc=(least, most), worlds=ORGANIZATIONS[teams])


@cache
def two_cycles(n: int, kept: float, linked: bool, true: int) -> Changes:
    return changes(n, seed=n if true else n + 100, kept=kept, linked=linked, true=true)


@cache
def rising_response(people: int) -> FalsePages:
    return false_pages(people, people, pages={60: 1000, 300: 500}[people])


# --- Intervals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("response", [0.6, 0.75, 0.9, 1.0])
def test_nineteen_of_twenty_intervals_hold_how_good_a_team_is(response: float) -> None:
    """However many answer. Errors: 0.1 points of a hundred for cells, 1 for the whole."""
    found = good_teams(response)
    assert 0.92 <= found.cells <= 0.98
    assert 0.92 <= found.teams <= 0.98
    assert 0.92 <= found.whole <= 0.98


def test_the_interval_had_everyone_answered_does_not_hold_how_good_a_team_is() -> None:
    """Which is why it is not the one that is shown first."""
    assert good_teams(0.6).if_all < 0.75
    assert good_teams(0.75).if_all < 0.61
    assert good_teams(0.9).if_all < 0.34
    assert good_teams(1.0).if_all == 0


@pytest.mark.parametrize("response", [0.6, 0.75, 0.9, 1.0])
def test_cells_below_ten_hold_it_too(response: float) -> None:
    assert good_teams(response).below_ten == pytest.approx(0.95, abs=0.007)


@pytest.mark.parametrize("n", [5, 6, 8, 9])
def test_where_people_differ_most_an_interval_below_ten_holds_it_less_often(n: int) -> None:
    """The price of telling nothing of how far few people are apart. Errors: 0.1 points of a hundred for
    cells, 0.5 for the tenth of them."""
    found = with_camps(n)
    assert found.below_ten == pytest.approx(0.948, abs=0.006)
    assert found.widest_below_ten == pytest.approx(0.85, abs=0.02)
    assert found.widest_moderated == pytest.approx(0.94, abs=0.015)


def test_leniency_that_differs_between_teams_is_in_no_interval() -> None:
    """A team that adds 0.2 (SD) to all its ratings is no better for it, and no answers can tell."""
    found = true_coverage(1, worlds=500, leniency=0.2)
    assert 0.81 <= found.teams <= 0.87


@pytest.mark.parametrize("n", [5, 6, 8, 10, 15, 25])
def test_nineteen_of_twenty_intervals_hold_what_all_would_have_answered(n: int) -> None:
    found = if_all_answered(n)
    least, most = (0.945, 0.955) if n < 10 else (0.953, 0.978)
    assert least - 0.003 <= found.method <= most + 0.003  # errors of 43,200 cells in 300 worlds
    assert abs(found.whole - 0.95) <= 3 * error(0.95, 300)  # of which the method states no band
    assert 0.92 <= found.widest_moderated <= 0.96


@pytest.mark.parametrize("n", [5, 6, 8, 10, 15, 25])
def test_where_people_differ_most_it_is_too_narrow_below_ten(n: int) -> None:
    """From ten answers on nobody pays for what is not told."""
    found = if_all_answered(n)
    assert found.widest_pooled < found.widest_moderated - 0.05
    if n < 10:
        assert abs(found.widest - found.widest_pooled) < 0.01
        assert found.widest > 0.75
    else:
        assert found.widest == found.widest_moderated


def test_the_textbook_would_print_intervals_without_width_for_teams_of_five() -> None:
    assert if_all_answered(5).without_width > 0.01


# --- Estimates ----------------------------------------------------------------------------------


@pytest.mark.parametrize("teams", ORGANIZATIONS)
def test_an_estimate_is_nearer_to_the_truth_than_the_score(teams: int) -> None:
    """By a fifth or more, with ICC drawn evenly from .05 to .30. Error: about a point of a hundred."""
    cells = estimated(teams, *ICC).cells
    assert cells.gain >= 0.20
    assert cells.wrong_levels <= cells.plain_wrong_levels - 0.05


@pytest.mark.parametrize("teams", ORGANIZATIONS)
def test_an_estimate_gains_less_where_teams_differ_more(teams: int) -> None:
    """At ICC .30 alone it is 13 to 16 %, short of the fifth that holds over the range."""
    alike, different = estimated(teams, 0.05, 0.05).cells, estimated(teams, 0.30, 0.30).cells
    assert alike.gain >= 0.35
    assert different.gain >= 0.12
    assert different.wrong_levels < different.plain_wrong_levels - 0.025


@pytest.mark.parametrize("teams", [14, 40])
@pytest.mark.parametrize("icc", [ICC, (0.05, 0.05), (0.30, 0.30)])
def test_nineteen_of_twenty_likely_ranges_hold_the_truth(
    teams: int, icc: tuple[float, float]
) -> None:
    """Of capabilities, and from ten teams on of values and wholes. Error: 0.5 points of a hundred."""
    found = estimated(teams, *icc)
    for part in (found.cells, found.values, found.wholes):
        assert 0.93 <= part.coverage <= 0.975
        assert part.error < part.plain_error


@pytest.mark.parametrize("icc", [ICC, (0.05, 0.05), (0.30, 0.30)])
def test_with_five_to_eight_teams_likely_ranges_are_wide(icc: tuple[float, float]) -> None:
    """They hold the truth in 97.5 to 98 %, a little above the band of 93 to 97.5 %: t has as few degrees of
    freedom as there are teams less one."""
    found = estimated(8, *icc)
    assert 0.93 <= found.cells.coverage <= 0.99
    assert found.values.number == found.wholes.number == 0  # fewer than ten teams


# --- Hiding -------------------------------------------------------------------------------------


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


# --- Change -------------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [60, 300])
def test_a_false_arrow_when_other_people_answer_needs_the_same_people_to_move(people: int) -> None:
    """Response rises from 60 to 90 %, who rates higher answers more often, and nothing changed. The method
    states at most 12 % of pages (60 people) and 30 % (300). Measured are 13 % and 31 %, a little more: where
    capabilities differ by chance both tests share much of it."""
    found, measured = rising_response(people), {60: 0.131, 300: 0.31}[people]
    pages = {60: 1000, 300: 500}[people]
    assert found.method <= measured + 2 * error(measured, pages)
    assert found.groups > 1.75 * found.method


def test_without_the_same_people_most_pages_of_a_large_organization_would_be_false() -> None:
    assert rising_response(300).groups > 0.5


@pytest.mark.parametrize(
    ("people", "linked", "pages"), [(60, True, 300), (60, False, 300), (300, True, 100)]
)
def test_a_change_of_the_detectable_size_is_found(people: int, linked: bool, pages: int) -> None:
    """In at least three of four cases. Errors: 2.3 points of a hundred for 60 people, 4 for 300."""
    found = power_at_detectable(people, people, pages=pages, linked=linked)
    assert min(found.whole, found.value, found.capability) >= 0.75


@pytest.mark.parametrize("n", MDC)
@pytest.mark.parametrize(("kept", "linked"), [(0, False), (1, True)])
def test_at_most_one_flag_in_ten_is_wrong(n: int, kept: float, linked: bool) -> None:
    found = two_cycles(n, kept, linked, 8)
    assert found.root.wrong_share <= 0.09 + 2 * 0.006  # error of 400 pages
    assert found.team.wrong_share <= 0.09
    assert abs(found.middle_mdc - MDC[n][linked]) <= 0.035


@pytest.mark.parametrize("n", MDC)
@pytest.mark.parametrize(("kept", "linked"), [(0, False), (1, True)])
def test_where_nothing_has_changed_few_pages_of_the_whole_say_so(
    n: int, kept: float, linked: bool
) -> None:
    """Capabilities are one family; the whole and its values are two more, so the page says more."""
    found = two_cycles(n, kept, linked, 0).root
    assert found.with_wrong_capability <= 0.11 + 2 * error(0.11, PAGES)
    assert found.with_wrong <= 0.21 + 2 * error(0.21, PAGES)


@pytest.mark.parametrize("n", MDC)
@pytest.mark.parametrize(("kept", "linked"), [(0, False), (1, True)])
def test_where_nothing_has_changed_one_team_page_in_ten_says_so(
    n: int, kept: float, linked: bool
) -> None:
    """Capabilities are tested only where their value moved, so the page says no more than its values."""
    found = two_cycles(n, kept, linked, 0).team
    assert found.with_wrong <= 0.11 + 2 * error(0.11, PAGES)
    assert found.with_wrong_capability <= 0.06


@pytest.mark.parametrize("n", MDC)
def test_of_the_same_people_who_are_not_recognised_nothing_wrong_is_said(n: int) -> None:
    """The test is too careful then: of capabilities 1 % of pages at most, with values and the whole 2 %."""
    found = two_cycles(n, 1, False, 0)
    assert found.root.with_wrong_capability <= 0.01
    assert found.team.with_wrong_capability <= 0.01
    assert max(found.root.with_wrong, found.team.with_wrong) <= 0.01 + 2 * error(0.01, PAGES)


@pytest.mark.parametrize("n", [6, 10])
def test_an_arrow_on_any_two_tenths_would_mostly_be_wrong(n: int) -> None:
    assert two_cycles(n, 1, True, 8).naive > 0.4


def test_what_really_changed_is_found_where_enough_people_answer() -> None:
    """Silence alone would keep every other promise. In teams a capability waits for its value."""
    assert two_cycles(50, 1, True, 8).team.found > 0.95
    assert two_cycles(20, 1, True, 8).team.found > 0.5
    assert two_cycles(20, 1, True, 8).root.found > 0.95
