"""What the pages of the trend and of one capability say of invented numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import translation

from assessments.results.queries import ClosedCycle, ResultNode
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


def way(
    seen: OrganizationResults, nodes: tuple[ResultNode, ...] = (node("All", 0),)
) -> trend.TrendPage:
    with translation.override("en"):
        return trend.trend_page(seen, nodes, address=str, team_url=lambda team: f"/{team.name}/")


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
    assert page.notes == (
        (
            "Response rate 80% (was 60%) · no rating 9% (was 3%). The response rate changed from "
            "60% to 80%, so differences may partly come from different people answering."
        ),
    )
    assert [past.unrated for past in page.cycles] == ["3%", "9%"]


def test_another_edition_breaks_the_line_and_says_so() -> None:
    older = cycle("Spring", RUBRIC.model_copy(update={"version": "0.9.0"}))
    page = way(evidence(cycles=(NOW, older)))
    assert page.broken
    assert [past.broken for past in page.cycles] == [False, True]


def test_a_value_far_below_what_is_needed_that_did_not_change_is_in_the_headline() -> None:
    cells = [
        cell(NOW.root, "value", slug, score, detail=changed(verdict, 0.3), need=4.0)
        for slug, score, verdict in (
            ("exchange", 2.6, "up"),
            ("operational", 2.6, "none"),
            ("knowledge", 2.5, "none"),
            ("strategic", 3.1, "none"),
        )
    ]
    assert way(evidence(*cells, cycles=(NOW, BEFORE))).heading == (
        "Significantly up since the last survey: Exchange value. Still a level or more below "
        "what's needed: Knowledge value, Operational value."
    )


def test_every_value_has_its_picture_its_gap_and_its_verdict() -> None:
    cells = [
        cell(NOW.root, "value", "exchange", 2.6, detail=changed("up", 0.4), need=3.6),
        cell(BEFORE.root, "value", "exchange", 2.2, need=3.5),
    ]
    page = way(evidence(*cells, cycles=(NOW, BEFORE)))
    groups = [(group.name, [value.name for value in group.values]) for group in page.groups]
    assert groups == [
        ("Value to the customer", ["Exchange", "Experience", "Engagement"]),
        ("Value to the company", ["Strategic", "Operational", "Knowledge"]),
    ]
    first = page.groups[0].values[0]
    assert (first.gap, first.side) == ("1.0 below", "below")
    assert first.verdict == "up 0.4 since the last survey (0.2–0.6)"
    assert first.picture.count('class="dot') == 2
    second = page.groups[0].values[1]
    assert (second.gap, second.verdict) == ("no data", "")


def test_capabilities_that_changed_are_listed_by_size_with_how_many_more_there_are() -> None:
    slugs = [item.slug for item in RUBRIC.capabilities][:8]
    cells = [
        one
        for place, slug in enumerate(slugs)
        for one in of(slug, 3.0, detail=changed("down" if place == 3 else "up", 0.2 + place / 10))
    ]
    (listed,) = way(evidence(*cells, cycles=(NOW, BEFORE))).lists
    assert listed.heading == "Capabilities since the last survey: 7 up, 1 down"
    assert [row.change for row in listed.rows][:2] == ["up 0.9 (0.7–1.1)", "up 0.8 (0.6–1.0)"]
    assert (len(listed.rows), listed.more) == (5, "3 more changed")


def test_values_of_teams_that_moved_are_listed_up_first_and_opposite_ways_are_said() -> None:
    teams = (node("All", 0), *(node(name, 1, parent=NOW.root) for name in ("A", "B", "C", "D")))
    moves = [
        cell(team.id, "value", "exchange", 3.0, detail=changed(verdict, size))
        for team, verdict, size in zip(
            teams, ("up", "down", "up", "up", "none"), (0.9, -0.4, 0.3, 0.5, 0.1), strict=True
        )
    ]
    hidden = replace(node("Small", 5, parent=NOW.root), shown=False)
    whole = cell(NOW.root, "value", "exchange", 3.0, detail=changed("none", 0.0))
    page = way(evidence(whole, *moves[1:], cycles=(NOW, BEFORE)), (*teams, hidden))
    assert page.teams is not None
    assert [(row.team, row.change) for row in page.teams.rows] == [
        ("C", "up 0.5"),
        ("B", "up 0.3"),
        ("A", "down 0.4"),
    ]
    assert "Hidden for anonymity: Small." in page.teams.note
    assert page.groups[0].values[0].remark == "Teams moved in opposite directions."
    assert way(evidence(whole), teams).teams is None


def test_a_team_moved_only_if_it_did_among_all_teams_and_values_together() -> None:
    teams = (node("All", 0), node("A", 1, parent=NOW.root))
    by_chance = cell(
        teams[1].id, "value", "exchange", 3.0, detail=changed("up", 0.5, map_verdict="none")
    )
    page = way(evidence(by_chance, cycles=(NOW, BEFORE)), teams)
    assert page.teams is not None
    assert page.teams.rows == ()


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
