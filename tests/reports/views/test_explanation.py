"""Every number on a page leads to how it came about, and that page says no more than its reader may see."""

from __future__ import annotations

import re
from http import HTTPStatus
from uuid import UUID, uuid4

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.results import queries
from assessments.results.explanation import Explanation, explain
from assessments.results.queries import ClosedCycle, PublishedCells, ResultTree
from assessments.rubrics import MAIN_RUBRIC
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import ask
from tests.conftest import Cast, House
from tests.reports.views.test_results import DRAWN, STATEMENTS, closed, in_korean, page

LINK = re.compile(r'href="/o/acme/(results/[0-9a-f-]{36}/explain/)"')


def published(house: House, people: int = 24) -> tuple[ClosedCycle, ResultTree, PublishedCells]:
    cycle = closed(house, people=people)
    with working_for(house.id):
        found = queries.find(cycle.pk)
        assert found
        tree = queries.tree(found)
        return found, tree, queries.cells(found, nodes=[node.id for node in tree.nodes])


def address(cells: PublishedCells, node: UUID, *subject: str) -> str:
    return f"results/{cells.result(cells.get(node, *subject))}/explain/"


def told(house: House, cycle: ClosedCycle, cells: PublishedCells) -> list[Explanation]:
    with working_for(house.id):
        ids = [cells.result(cell) for cell in cells]
        found = [explain(cycle, one) for one in ids if one]
    return [one for one in found if one]


@pytest.mark.parametrize("where", ["", "trend/", f"capabilities/{MAIN_RUBRIC}/growth-agenda/"])
def test_the_numbers_of_a_page_lead_to_their_explanations(cast: Cast, where: str) -> None:
    closed(cast.acme)
    cho = cast.acme.browser("Cho")
    leads = set(LINK.findall(page(cho, cast.acme, where)))
    assert leads
    for lead in leads:
        assert "Source" in page(cho, cast.acme, lead)


def test_what_opens_on_a_page_leads_there_too(cast: Cast) -> None:
    _cycle, tree, cells = published(cast.acme)
    cho = cast.acme.browser("Cho")
    opened = page(cho, cast.acme, f"teams/?team={tree.root.id}&value=exchange")
    assert address(cells, tree.root.id, "value", "exchange") in LINK.findall(opened)
    opened = page(cho, cast.acme, "capabilities/?open=growth-agenda")
    assert address(cells, tree.root.id, "capability", "growth-agenda") in LINK.findall(opened)


def test_a_composite_shows_its_parts_and_their_sum(cast: Cast) -> None:
    cycle, tree, cells = published(cast.acme)
    cho = cast.acme.browser("Cho")
    html = page(cho, cast.acme, address(cells, tree.root.id, "overall"))
    for value in cycle.rubric.dimensions:
        assert value.name.in_("en") in html
        assert address(cells, tree.root.id, "value", value.slug) in LINK.findall(html)
    assert "The weighted average of the numbers above" in html
    assert "하위 항목의 가중 평균" in page(
        in_korean(cho), cast.acme, address(cells, tree.root.id, "overall")
    )


def test_a_capability_tells_who_gave_no_rating_and_what_its_groups_weigh(cast: Cast) -> None:
    _cycle, tree, cells = published(cast.acme, people=24)
    there = address(cells, tree.root.id, "capability", "growth-agenda")
    html = page(cast.acme.browser("Cho"), cast.acme, there)
    cell = cells.get(tree.root.id, "capability", "growth-agenda")
    assert cell and cell.detail.unrated and cell.detail.unrated.not_seen
    assert (
        f"Of those asked, {round(100 * cell.detail.unrated.not_seen)}% haven&#x27;t seen it" in html
    )
    assert re.search(r"\d+% of people", html)


def test_a_composite_tells_how_much_it_rests_on_and_what_is_left_open(cast: Cast) -> None:
    _cycle, tree, cells = published(cast.acme, people=12)
    html = page(cast.acme.browser("Cho"), cast.acme, address(cells, tree.root.id, "overall"))
    assert "36 of 36 capabilities" in html
    cell = cells.get(tree.root.id, "overall")
    assert cell and cell.detail.non_response
    low, high = cell.detail.non_response.extremes
    assert f"could be anywhere from {low} to {high}." in html
    assert "Fewer than half answered" in html


def test_the_groups_behind_a_number_add_up_and_none_is_small(cast: Cast) -> None:
    for number in range(20, 40):
        cast.acme.add(f"Person {number:03d}", team="Growth")
    cycle, tree, cells = published(cast.acme, people=40)
    shown = [
        one
        for one in told(cast.acme, cycle, cells)
        if one.cell.subject_type == "capability" and one.cell.score is not None
    ]
    assert len({one.cell.node for one in shown}) > 1
    for one in shown:
        assert sum(block.n for block in one.blocks) == one.cell.n
        assert min(block.n for block in one.blocks) >= cycle.threshold
    whole = next(one for one in shown if one.cell.node == str(tree.root.id))
    assert whole.block_count > 1


def test_the_sum_of_the_parts_meets_the_number(cast: Cast) -> None:
    cycle, _tree, cells = published(cast.acme, people=40)
    composites = [one for one in told(cast.acme, cycle, cells) if one.mean and one.parts]
    assert len(composites) > 6
    for one in composites:
        assert one.mean and one.cell.score is not None
        assert abs(one.mean.value - one.cell.score) <= one.mean.allowed


def test_a_hidden_number_says_why_and_nothing_else(cast: Cast) -> None:
    _cycle, _tree, cells = published(cast.acme, people=8)
    hidden = next(cell for cell in cells if cell.suppressed == "below_threshold")
    html = page(cast.acme.browser("Cho"), cast.acme, f"results/{cells.result(hidden)}/explain/")
    assert "Hidden: not enough responses" in html
    assert 'id="blocks"' not in html and 'id="need"' not in html


def test_a_member_finds_the_own_teams_numbers_and_no_others(cast: Cast) -> None:
    cycle, tree, cells = published(cast.acme)
    ask(cast.acme, cycle.id, "Max")
    max_ = cast.acme.browser("Max")
    seen = page(max_, cast.acme, "teams/")
    (own,) = {UUID(team) for team in re.findall(r"\?team=([0-9a-f-]{36})", seen)}
    for node in tree.nodes:
        status = HTTPStatus.OK if node.id == own else HTTPStatus.NOT_FOUND
        page(max_, cast.acme, address(cells, node.id, "value", "exchange"), status)
    html = page(max_, cast.acme, address(cells, own, "capability", "growth-agenda"))
    others = {node.name for node in tree.nodes if node.id != own and node.depth}
    assert not [name for name in others if f"<b>{name}</b>" in html]


def test_what_is_not_there_or_elsewhere_is_not_found(cast: Cast) -> None:
    _cycle, tree, cells = published(cast.acme)
    there = address(cells, tree.root.id, "overall")
    page(cast.acme.browser("Cho"), cast.acme, f"results/{uuid4()}/explain/", HTTPStatus.NOT_FOUND)
    page(cast.rival.browser("Rita"), cast.rival, there, HTTPStatus.NOT_FOUND)


def test_an_explanation_costs_eight_statements(cast: Cast) -> None:
    _cycle, tree, cells = published(cast.acme)
    cho = cast.acme.browser("Cho")
    there = address(cells, tree.root.id, "overall")
    page(cho, cast.acme, there)  # the first read of a day leaves its line in the access log
    caches["results_pages"].clear()
    with CaptureQueriesContext(connection) as first:
        page(cho, cast.acme, there)
    with CaptureQueriesContext(connection) as again:
        page(cho, cast.acme, there)
    assert len(first) <= STATEMENTS, [query["sql"] for query in first]
    assert len(again) <= DRAWN, [query["sql"] for query in again]
