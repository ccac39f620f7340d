"""The heat map: its colours, its holes, and the sentence on top."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from assessments.results.queries import ResultNode
from assessments.scoring.cell import Cell
from reports.presenters import teams
from tests.reports.published_cells import NOW, cell, changed, keyed, node


def heat(
    *cells: Cell, nodes: tuple[ResultNode, ...], opened: teams.SelectedCell | None = None
) -> teams.TeamsPage:
    seen = teams.TeamResults(NOW, nodes, keyed(cells), opened, "30 October 2026", "en")
    with translation.override("en"):
        return teams.teams_page(seen, cell_url=lambda one, slug: f"?{one.name}-{slug}", address=str)


@pytest.mark.parametrize(
    ("gap", "step"),
    [
        (-1.0, "b3"),
        (-0.9, "b2"),
        (-0.5, "b2"),
        (-0.4, "b1"),
        (-0.2, "b1"),
        (-0.1, "none"),
        (0.0, "none"),
        (0.2, "a1"),
        (0.5, "a2"),
        (1.0, "a3"),
    ],
)
def test_the_colour_of_a_cell_has_three_steps_on_either_side(gap: float, step: str) -> None:
    root = node("All", 0)
    page = heat(cell(root.id, "value", "exchange", 3.0, gap=gap), nodes=(root,))
    shown = page.rows[0].team.cells[0]
    assert (shown.need_step, shown.kind) == (step, "shown")


def test_hidden_missing_and_zero_look_different() -> None:
    root = node("All", 0)
    hidden = Cell(str(root.id), "value", "experience", "performance", suppressed="below_threshold")
    page = heat(cell(root.id, "value", "exchange", 3.0), hidden, nodes=(root,))
    first, second, third = page.rows[0].team.cells[:3]
    assert (first.kind, first.gap) == ("shown", "0.0")
    assert (second.kind, second.reason) == ("hidden", "not enough responses")
    assert (third.kind, third.reason) == ("empty", "no data")


def test_a_team_without_any_number_is_one_hatched_row_and_tells_no_count() -> None:
    root = node("All", 0)
    small = node("Small", 1, parent=root.id, n=None)
    page = heat(cell(root.id, "value", "exchange", 3.0), nodes=(root, small))
    assert page.rows[1].team.cells == ()
    assert page.rows[1].team.n is None
    assert page.rows[1].team.reason == "Hidden for anonymity. Shown for groups of 5 or more."


def test_where_the_size_of_a_team_is_missing_the_page_counts_answers_alone() -> None:
    root = replace(node("All", 0, n=32), invited=None)
    page = heat(cell(root.id, "value", "exchange", 3.0), nodes=(root,))
    html = render_to_string("reports/teams.html", {"page": page})
    assert page.rows[0].team.responses == "32 answered"
    assert '<td class="n">32</td>' in html
    assert "None" not in html


def test_the_heading_names_the_widest_gap_only_where_it_is_clear() -> None:
    root = node("All", 0)
    brand = node("Brand", 1, parent=root.id)
    whole = cell(root.id, "value", "exchange", 2.5)
    low = cell(brand.id, "value", "exchange", 1.1, gap=-1.9)
    page = heat(whole, low, nodes=(root, brand))
    assert page.heading == "Largest gap: Brand, Exchange value (1.9 below)."
    unclear = [replace(whole, fits=True), replace(low, fits=True)]
    page = heat(*unclear, nodes=(root, brand))
    assert page.heading == "Below the needed level in all teams: Exchange value."
    assert [row.team.cells[0].need_step for row in page.rows] == ["none", "none"]
    above = [replace(whole, fits=True, gap=0.1), replace(low, fits=True)]
    assert heat(*above, nodes=(root, brand)).heading == (
        "No team is clearly below its needed level."
    )


def test_small_groups_and_small_teams_are_explained_once() -> None:
    root, brand = node("All", 0), node("Brand", 1, parent=node("All", 0).id)
    whole = cell(root.id, "value", "exchange", 2.5)
    assert heat(whole, nodes=(root,)).note == ""
    small = cell(brand.id, "value", "exchange", 2.5, coarse=True, is_estimated=True)
    note = heat(whole, small, nodes=(root, brand)).note
    assert note.startswith("Groups under 10 are shown in half levels. Small teams vary by chance")


def test_change_can_be_chosen_only_where_something_can_be_compared() -> None:
    root = node("All", 0)
    plain = heat(cell(root.id, "value", "exchange", 3.0), nodes=(root,))
    compared = cell(root.id, "value", "exchange", 3.0, detail=changed("up", 0.4))
    assert not plain.has_change
    page = heat(compared, nodes=(root,))
    assert page.has_change
    assert (page.rows[0].team.cells[0].change_step, page.rows[0].team.cells[0].change) == (
        "up",
        "+0.4",
    )


def test_a_change_is_coloured_only_where_it_is_real_among_all_cells_of_the_map() -> None:
    root = node("All", 0)
    detail = changed("up", 0.4, map_verdict="none")
    shown = heat(cell(root.id, "value", "exchange", 3.0, detail=detail), nodes=(root,))
    assert [(one.change_step, one.change) for one in shown.rows[0].team.cells[:1]] == [("none", "")]
