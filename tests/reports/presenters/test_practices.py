"""What the page of the principles says of invented levels."""

from __future__ import annotations

from django.utils import translation

from assessments.results.queries import ResultNode
from assessments.scoring.cell import Cell
from reports.presenters.practices import PracticeResults, Practices, practices
from tests.reports.published_cells import COLLABORATION, NOW, TOGETHER, cell, keyed, node

ITEMS = COLLABORATION.capabilities
TEAMS = (node("All", 0), *(node(name, 1, parent=NOW.root) for name in ("A", "B", "C")))


def read(*cells: Cell, nodes: tuple[ResultNode, ...] = TEAMS, highlighted: str = "") -> Practices:
    results = PracticeResults(TOGETHER, nodes, keyed(cells), "30 October 2026", "en")
    with translation.override("en"):
        return practices(results, highlighted=highlighted, address=str)


def levels(item: int, *scores: float) -> list[Cell]:
    """The level of one practice in the whole organization, then in its teams."""
    slug = ITEMS[item].slug
    return [
        cell(each.id, "capability", slug, score) for each, score in zip(TEAMS, scores, strict=True)
    ]


def test_the_weakest_practice_of_the_whole_is_the_headline_and_is_marked_once() -> None:
    page = read(*levels(0, 3.0, 1.0, 2.0, 3.0), *levels(5, 2.2, 2.0, 2.0, 3.0))
    assert page.heading == f"Weakest practice: {ITEMS[5].name.in_('en')} (2.2)."
    marked = [row.name for group in page.groups for row in group.rows if row.weakest]
    assert marked == [ITEMS[5].name.in_("en")]
    assert page.groups[0].rows[0].ends == "A 1.0 – C 3.0"


def test_a_team_is_called_lowest_only_where_no_other_is_as_low() -> None:
    clear = [one for item in range(3) for one in levels(item, 3.0, 2.0, 2.5, 2.9)]
    assert read(*clear).finding == "A is lowest on 3 of 3 practices."
    equal = [one for item in range(3) for one in levels(item, 3.0, 2.5, 2.5, 2.9)]
    assert read(*equal).finding == ""


def test_the_practice_on_which_teams_differ_by_a_level_or_more_is_named() -> None:
    page = read(*levels(0, 3.0, 2.0, 2.5, 2.9), *levels(1, 3.0, 1.5, 2.5, 2.9))
    assert page.finding == f"Teams differ most on {ITEMS[1].name.in_('en')}: 1.5 to 2.9."


def test_only_teams_without_teams_below_them_are_drawn_and_all_are_in_the_table() -> None:
    below = node("Below", 1, parent=TEAMS[3].id)
    page = read(*levels(0, 3.0, 2.0, 2.5, 2.9), nodes=(*TEAMS, below))
    assert [option.name for option in page.options] == ["A", "B", "Below"]
    assert page.groups[0].rows[0].picture.count("<circle") == 3  # the whole, A and B
    assert page.teams == ("A", "B", "C", "Below")


def test_a_hidden_team_is_named_and_has_no_dot() -> None:
    hidden = node("Small", 1, parent=NOW.root, n=None)
    page = read(*levels(0, 3.0, 2.0, 2.5, 2.9), nodes=(*TEAMS, hidden))
    assert page.hidden == "Hidden for anonymity: Small."
    assert "Small" not in [option.name for option in page.options]


def test_the_chosen_team_stands_beside_every_practice() -> None:
    page = read(*levels(0, 3.0, 2.0, 2.5, 2.9), highlighted=str(TEAMS[2].id))
    assert [row.highlighted for row in page.groups[0].rows][:2] == ["B 2.5", "B no data"]
