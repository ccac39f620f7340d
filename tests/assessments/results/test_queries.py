"""Published results are read in few statements, and everyone sees the part that is theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.cycles.closing import close
from assessments.models import Cycle, Result, Scorecard
from assessments.results import queries, storage, visible_teams
from assessments.results.comments import published_comments
from assessments.results.queries import ClosedCycle, ResultTree
from assessments.rubrics import MAIN_RUBRIC
from assessments.scoring.cell import (
    Agreement,
    Cell,
    CellDetail,
    Change,
    LeaderRating,
    NonResponse,
    Priority,
    UnratedShares,
)
from organizations.jobs import perform
from organizations.organization_settings import set_main_rubric
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import MOMENT, answered, open_cycle
from tests.conftest import Cast, House

COLLABORATION = "cmo-collaboration"


def closed(house: House, name: str, people: int = 8, days: int = 0, **fields: Any) -> ClosedCycle:
    cycle = answered(house, people=people, name=name, **fields)
    perform(Cycle, house.id, cycle.pk, close)
    with working_for(house.id):
        Cycle.objects.filter(pk=cycle.pk).update(closed_at=MOMENT + timedelta(days=days))
        found = queries.find(cycle.pk)
    assert found
    return found


def costs(statements: int, read: Callable[[], Any]) -> Any:
    with CaptureQueriesContext(connection) as asked:
        found = read()
    assert len(asked) == statements, [query["sql"] for query in asked]
    return found


def test_a_rubric_shows_its_latest_closed_cycle(cast: Cast) -> None:
    old = closed(cast.acme, "Spring")
    new = closed(cast.acme, "Autumn", days=90)
    other = closed(cast.acme, "Together", rubric=COLLABORATION, days=30)
    open_cycle(cast.acme, "Winter")
    with working_for(cast.acme.id):
        assert queries.latest(MAIN_RUBRIC) == new
        assert queries.latest(COLLABORATION) == other
        assert queries.latest("nothing") is None
        standing = [(one.id, one.rubric) for one in queries.closed_cycles()]
        assert standing == [(new.id, MAIN_RUBRIC), (other.id, COLLABORATION), (old.id, MAIN_RUBRIC)]
        assert queries.by_ids([old.id, other.id]) == {old.id: old, other.id: other}
        assert queries.history(MAIN_RUBRIC) == (new, old)
        assert queries.history(MAIN_RUBRIC, most=1) == (new,)
    with working_for(cast.rival.id):
        assert queries.closed_cycles() == ()
        assert queries.by_ids([new.id]) == {}
        assert queries.find(new.id) is None


def test_an_open_cycle_has_no_results(cast: Cast) -> None:
    cycle = answered(cast.acme)
    with working_for(cast.acme.id):
        assert queries.find(cycle.pk) is None
        assert queries.latest(MAIN_RUBRIC) is None


@pytest.mark.parametrize(
    ("main", "shown"), [(MAIN_RUBRIC, MAIN_RUBRIC), (COLLABORATION, COLLABORATION), ("x", "newest")]
)
def test_the_main_rubric_is_the_organizations_choice_once_it_was_measured(
    cast: Cast, main: str, shown: str
) -> None:
    closed(cast.acme, "First", days=1)
    closed(cast.acme, "Second", rubric=COLLABORATION, days=2)
    with working_for(cast.acme.id):
        assert queries.main_rubric(queries.closed_cycles()) == MAIN_RUBRIC
        set_main_rubric(main, by=None)
        rubric = queries.main_rubric(queries.closed_cycles())
        assert rubric == (COLLABORATION if shown == "newest" else shown)
        assert queries.main_rubric(()) == ""


def test_a_cycle_that_is_being_counted_is_named_and_shows_nothing(cast: Cast) -> None:
    old = closed(cast.acme, "Spring")
    cycle = answered(cast.acme, 8, "Autumn")
    with working_for(cast.acme.id):
        Cycle.objects.filter(pk=cycle.pk).update(stage=Cycle.Stage.CLOSING)
        overview = queries.overview()
        assert [row.id for row in overview.closed] == [old.id]
        assert (overview.awaited, overview.open) == (("Autumn",), ())


def test_open_cycles_are_named_with_their_deadline_the_first_to_close_in_front(cast: Cast) -> None:
    old = closed(cast.acme, "Spring")
    first, second = (answered(cast.acme, 8, name) for name in ("Autumn", "Winter"))
    with working_for(cast.acme.id):
        for days, cycle in ((20, second), (10, first)):
            Cycle.objects.filter(pk=cycle.pk).update(
                closes_at=timezone.now() + timedelta(days=days)
            )
        overview = queries.overview()
        assert [row.id for row in overview.closed] == [old.id]
        assert [(row.id, row.name, row.rubric) for row in overview.open] == [
            (cycle.pk, cycle.name, MAIN_RUBRIC) for cycle in (first, second)
        ]
        assert overview.open[0].closes_at == Cycle.objects.get(pk=first.pk).closes_at
    with working_for(cast.rival.id):
        assert queries.overview().open == ()


@pytest.mark.parametrize("cycles", [1, 3])
def test_reading_costs_the_same_whatever_there_is(cast: Cast, cycles: int) -> None:
    made = [closed(cast.acme, f"Cycle {number}", days=number) for number in range(cycles)]
    with working_for(cast.acme.id):
        newest = costs(1, lambda: queries.latest(MAIN_RUBRIC))
        assert len(costs(1, queries.closed_cycles)) == cycles
        history = costs(1, lambda: queries.history(MAIN_RUBRIC))
        assert len(history) == cycles
        assert costs(1, lambda: queries.by_ids([newest.id])) == {newest.id: newest}
        tree = costs(1, lambda: queries.tree(newest))
        costs(1, lambda: queries.cells(*history, nodes=[node.id for node in tree.nodes]))
        of_the_whole = ("overall", "", "performance")
        teams = [node.id for node in tree.nodes[1:]]
        near = costs(1, lambda: queries.neighbourhood(newest, tree.root.id, of_the_whole, teams))
        others = [cell for cell in near if cell.node != str(tree.root.id)]
        assert len(near) - len(others) == len(queries.cells(newest))
        assert {(cell.subject_type, cell.kind) for cell in others} == {("overall", "performance")}
        assert len(others) == len(teams)
        max_ = cast.acme.members["Max"].pk
        costs(1, lambda: visible_teams.find_position(newest.id, max_))
        assert newest.id == made[-1].id


def test_a_cell_comes_back_as_it_was_published(cast: Cast) -> None:
    """Every field of every kind of cell goes through the row and back."""
    cell = Cell(
        node="0",
        subject_type="capability",
        subject="growth-agenda",
        kind="performance",
        score=3.4,
        estimate=3.3,
        low=3.1,
        high=3.7,
        coarse=True,
        is_estimated=True,
        everyone=True,
        n=8,
        invited=10,
        level=3,
        state="held",
        held_by="agility",
        need=4.0,
        need_source="target",
        gap=-0.6,
        fits=True,
        fit=85,
        fit_low=80,
        fit_high=90,
        based_on=6,
        asked_capabilities=6,
        detail=CellDetail(
            agreement=Agreement("strong", 0.75, 0.4, (0, 1, 2, 4, 1), is_split=True),
            unrated=UnratedShares(0.1, 0.05),
            change=Change("up", 2.5, 0.9, 0.6, 1.2, 0.3, False, "none", 0.1),
            year_change=Change("down", 3.5, -0.1),
            if_all=(3.2, 3.6),
            priority=Priority(40, "develop", True, 3.6, 1, "clearly_lower", "firm"),
            leader=LeaderRating(4.0, 0.6, "higher", "blind_spot"),
            leaders=LeaderRating(4.8, n=6),
            non_response=NonResponse(20, 0.1, (2.9, 3.7)),
            not_covered=4,
            headcount_missing=True,
        ),
    )
    hidden = Cell("0", "overall", "", "importance", suppressed="below_threshold")
    for part in (cell, cell.detail):
        default = {field.name: field.default for field in fields(part)}
        assert [name for name in default if getattr(part, name) == default[name]] == (
            ["suppressed"] if part is cell else []
        )
    cycle = answered(cast.acme)
    perform(Cycle, cast.acme.id, cycle.pk, close)
    with working_for(cast.acme.id):
        Result.objects.all().delete()
        card = Scorecard.objects.get(cycle=cycle)
        found = queries.find(cycle.pk)
        assert found
        for published in (cell, hidden):
            storage.cell_to_row(published, card, found.root).save()
        stored = queries.cells(found)
        for published in (cell, hidden):
            back = stored.get(found.root, published.subject_type, published.subject, published.kind)
            assert back
            assert back == replace(published, node=str(found.root))


# --- The tree, and who sees what ----------------------------------------------------------------


def tree_of(house: House, cycle: ClosedCycle) -> ResultTree:
    with working_for(house.id):
        return queries.tree(cycle)


def test_the_tree_shows_participation_only_where_it_may(cast: Cast) -> None:
    tree = tree_of(cast.acme, closed(cast.acme, "Spring"))
    assert [(node.name, node.n, node.invited) for node in tree.nodes] == [
        ("Acme", 8, 36),
        ("Growth", 8, 24),
        ("Brand", 8, 12),
    ]
    assert [node.name for node in tree.below(tree.nodes[1])] == ["Growth", "Brand"]
    assert [node.name for node in tree.path(tree.nodes[2])] == ["Acme", "Growth", "Brand"]
    assert tree.root.shown


@pytest.mark.parametrize(("people", "told"), [(9, 0), (10, 10)])
def test_comments_are_shown_from_ten_people_on(cast: Cast, people: int, told: int) -> None:
    cycle = closed(cast.acme, "Spring", people=people)
    tree = tree_of(cast.acme, cycle)
    capability = cycle.rubric.capabilities[0].slug
    everywhere = [node.id for node in tree.nodes]
    with working_for(cast.acme.id):
        found = costs(
            int(told > 0), lambda: published_comments(cycle, tree, capability, everywhere)
        )
        assert {comment.node.name for comment in found} <= {"Brand"}
        assert len(found) == told
        assert published_comments(cycle, tree, capability, [cycle.root]) == ()
        assert published_comments(cycle, tree, cycle.rubric.capabilities[1].slug, everywhere) == ()


def test_editions_are_read_once_for_all_cycles(cast: Cast) -> None:
    cycles = [closed(cast.acme, name) for name in ("Spring", "Autumn")]
    assert cycles[0].rubric is cycles[1].rubric
