"""What the pages of the trend and of one capability say of invented numbers."""

from __future__ import annotations

import pytest
from django.utils import translation

from assessments.results.queries import ClosedCycle
from assessments.scoring.cell import NO_DETAIL, Agreement, Cell, CellDetail, UnratedShares
from reports.presenters import capability, trend
from reports.presenters.evidence import OrganizationResults
from tests.reports.published_cells import (
    BEFORE,
    NOW,
    RUBRIC,
    cell,
    changed,
    cycle,
    evidence,
    keyed,
    node,
    of,
)


def way(seen: OrganizationResults, chosen: str = "") -> trend.TrendPage:
    with translation.override("en"):
        return trend.trend_page(seen, chosen=chosen, address=str)


@pytest.mark.parametrize(
    ("verdicts", "heading"),
    [
        (
            ("up", "down"),
            "Significantly up since the last survey: Exchange value. Significantly down since the last survey: Experience value.",
        ),
        (("none", "none"), "No significant change since the last survey."),
        (("few", "down"), "Significantly down since the last survey: Experience value."),
    ],
)
def test_the_trend_opens_with_what_really_changed(verdicts: tuple[str, str], heading: str) -> None:
    cells = [
        cell(NOW.root, "value", slug, 3.0, detail=changed(verdict, 0.4))
        for slug, verdict in zip(("exchange", "experience"), verdicts, strict=True)
    ]
    assert way(evidence(*cells, cycles=(NOW, BEFORE))).heading == heading


def test_one_ring_has_no_trend_yet() -> None:
    assert way(evidence()).heading == "This is your first survey. Trends start with the next one."


def test_response_and_missing_ratings_of_both_cycles_stand_beside_the_trend() -> None:
    cells = [
        cell(node, kind, subject, 3.0, n=n, detail=detail)
        for node, n, share in ((NOW.root, 20, 0.08), (BEFORE.root, 15, 0.02))
        for kind, subject, detail in (
            ("overall", "", CellDetail(unrated=UnratedShares(share, 0.01))),
            ("capability", "growth-agenda", NO_DETAIL),
        )
    ]
    page = way(evidence(*cells, cycles=(NOW, BEFORE)))
    assert page.response_note == (
        "Response rate 80% (was 60%) · no rating 9% (was 3%). The response rate changed from 60% "
        "to 80%, so differences may partly come from different people answering."
    )
    assert [past.unrated for past in page.cycles] == ["9%", "3%"]


def test_another_edition_breaks_the_line_and_says_so() -> None:
    older = cycle("Spring", RUBRIC.model_copy(update={"version": "0.9.0"}))
    page = way(evidence(cycles=(NOW, older)))
    assert page.broken
    assert [past.broken for past in page.cycles] == [True, False]


# --- One capability ---------------------------------------------------------------------------


def alone(*cells: Cell, cycles: tuple[ClosedCycle, ...] = (NOW,)) -> capability.CapabilityPage:
    item = RUBRIC.capabilities[RUBRIC.index_of("growth-agenda")]
    nodes = (node("All", 0), node("Small", 1, parent=NOW.root, n=None))
    seen = capability.CapabilityResults(item, cycles, keyed(cells), nodes, "30 October 2026", "en")
    with translation.override("en"):
        return capability.capability_page(seen)


def test_the_heading_is_the_sentence_of_our_level() -> None:
    page = alone(*of("growth-agenda", 2.3))
    assert page.quoted
    assert page.heading == "Growth priorities are announced without being written into team plans."


def test_a_hidden_capability_says_so_and_quotes_nothing() -> None:
    hidden = Cell(
        str(NOW.root), "capability", "growth-agenda", "performance", suppressed="below_threshold"
    )
    page = alone(hidden)
    assert (page.quoted, page.heading) == (False, "not enough responses")
    assert not any(step.current or step.note for step in page.detail.ladder)


def test_the_distribution_stands_beside_the_levels_only_where_it_is_published() -> None:
    agreement = Agreement("moderate", histogram=(5, 9, 4, 2, 0))
    shown = alone(*of("growth-agenda", 2.3, detail=CellDetail(agreement=agreement)))
    assert [step.count for step in shown.detail.ladder] == [
        "0 people",
        "2 people",
        "4 people",
        "9 people",
        "5 people",
    ]
    assert all(step.bar is None for step in alone(*of("growth-agenda", 2.3)).detail.ladder)


def test_every_cycle_that_asked_it_is_listed_the_newest_first() -> None:
    old = cell(BEFORE.root, "capability", "growth-agenda", 2.0)
    page = alone(*of("growth-agenda", 2.3), old, cycles=(NOW, BEFORE))
    assert [(past.cycle, past.score) for past in page.history] == [
        ("Autumn", "2.3"),
        ("Spring", "2.0"),
    ]


def test_a_team_that_may_not_be_shown_is_hatched() -> None:
    page = alone(*of("growth-agenda", 2.3))
    assert [(team.name, team.hidden) for team in page.teams] == [("All", False), ("Small", True)]
    assert page.teams[1].score == "not enough responses"
