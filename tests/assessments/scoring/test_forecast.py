"""What a cycle will show, foretold from head-counts and one rate."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from assessments.scoring.forecast import LIKELY, Forecast, ForecastNode, Reason, forecast
from assessments.scoring.merged_groups import GroupNode, merge_groups
from assessments.scoring.visibility import cut_tree

K = 5
Rows = list[tuple[int, int]]  # parent and people directly there, in tree order


def foretold(rows: Rows, rate: float = 0.64, k: int = K) -> Forecast:
    nodes = [ForecastNode(parent, people, node) for node, (parent, people) in enumerate(rows)]
    return forecast(nodes, k, rate)


def drawn_tree(seed: int, nodes: int = 40) -> Rows:
    chance, path = Random(seed), [0]
    rows = [(-1, chance.choice((0, 1, 4)))]
    for node in range(1, nodes):
        path = path[: chance.randint(1, min(len(path), 4))]
        rows.append((path[-1], chance.choice((0, 1, 3, 6, 8, 12))))
        path.append(node)
    return rows


def reordered(rows: Rows, chance: Random) -> tuple[Rows, list[int]]:
    """The same tree with siblings in another order, and where each node went."""
    children: dict[int, list[int]] = {}
    for node, (parent, _people) in enumerate(rows):
        children.setdefault(parent, []).append(node)
    order: list[int] = []
    waiting = [0]
    while waiting:
        order.append(waiting.pop())
        below = children.get(order[-1], [])
        waiting.extend(chance.sample(below, len(below)))
    moved_to = {node: place for place, node in enumerate(order)}
    moved = [(moved_to.get(rows[node][0], -1), rows[node][1]) for node in order]
    return moved, [moved_to[node] for node in range(len(rows))]


@pytest.mark.parametrize("seed", range(20))
def test_neither_names_nor_order_change_a_forecast(seed: int) -> None:
    rows = drawn_tree(seed)
    moved, moved_to = reordered(rows, Random(seed))
    first, second = foretold(rows), foretold(moved)
    by_node = {node.node: (node.people, node.chance, node.reason) for node in second.nodes}
    for node in first.nodes:
        assert by_node[moved_to[node.node]] == (node.people, node.chance, node.reason)
    assert len(first.alone) == len(second.alone)


def test_equal_teams_have_equal_chances() -> None:
    teams = foretold([(-1, 2), *[(0, 7)] * 6]).nodes[1:]
    assert len({team.chance for team in teams}) == 1


def test_large_teams_are_all_shown() -> None:
    nodes = foretold([(-1, 0), (0, 0), (1, 30), (1, 25), (0, 40)]).nodes
    assert [node.chance for node in nodes] == [1.0] * 5
    assert all(node.reason is None for node in nodes)


def test_where_everyone_answers_the_forecast_is_the_cut() -> None:
    for seed in range(20):
        rows = drawn_tree(seed)
        shown = cut_tree([parent for parent, _ in rows], [people for _, people in rows], K)
        expected = Counter(shown[node.node] for node in foretold(rows, rate=1.0).nodes)
        found = sum(node.chance for node in foretold(rows, rate=1.0).nodes)
        assert found == pytest.approx(expected[True])  # among equals it decides by place


@pytest.mark.parametrize("seed", range(5))
def test_the_more_answer_the_more_is_shown(seed: int) -> None:
    rates = (0.3, 0.5, 0.7, 0.9)
    shown = [sum(n.chance for n in foretold(drawn_tree(seed), rate).nodes) for rate in rates]
    assert all(more > less for less, more in pairwise(shown))


def test_it_foretells_what_drawn_answers_show() -> None:
    rows, chance, runs = drawn_tree(3, nodes=25), Random(1), 3000
    seen: Counter[int] = Counter()
    parents = [parent for parent, _people in rows]
    for _run in range(runs):
        counts = [sum(chance.random() < 0.64 for _ in range(people)) for _, people in rows]
        seen.update(v for v, shown in enumerate(cut_tree(parents, counts, K)) if shown)
    nodes = foretold(rows).nodes
    assert sum(node.chance for node in nodes) == pytest.approx(seen.total() / runs, abs=0.4)
    # Among equal teams of one parent the cut decides by place, the forecast by none.
    for node in nodes:
        equals = [v for v, row in enumerate(rows) if row == rows[node.node]]
        if len(equals) == 1 and node.people == rows[node.node][1]:
            assert node.chance == pytest.approx(seen[node.node] / runs, abs=0.08)


def test_a_threshold_of_five_means_teams_of_about_eight() -> None:
    assert foretold([(-1, 20)], rate=0.7 * 0.9).suitable_size == 8
    assert foretold([(-1, 20)], rate=1.0).suitable_size == 5


def test_too_few_people_are_told_from_too_few_answers() -> None:
    nodes = foretold([(-1, 30), (0, 4), (0, 5), (0, 20)]).nodes
    assert [node.reason for node in nodes] == [None, Reason.TOO_FEW, Reason.FEW_EXPECTED, None]
    assert [node.above for node in nodes] == [-1, 0, 0, -1]
    assert nodes[1].chance == 0


def test_a_team_that_would_reveal_those_above_it_says_whom() -> None:
    department = [(-1, 30), (0, 2), (1, 12)]
    nodes = foretold(department).nodes
    assert (nodes[2].reason, nodes[2].revealed) == (Reason.PROTECTS_PEOPLE, 1)
    beside = foretold([(-1, 0), (0, 12), (0, 3), (0, 20)]).nodes
    assert (beside[1].reason, beside[1].revealed) == (Reason.PROTECTS_TEAM, 2)


def test_one_person_alone_is_found_in_a_node_and_in_a_team_of_one() -> None:
    assert foretold([(-1, 1), (0, 12)]).alone == (0,)
    assert foretold([(-1, 0), (0, 12), (0, 1)]).alone == (2,)
    assert foretold([(-1, 30), (0, 0), (1, 1), (1, 12)]).alone == (2,)
    assert foretold([(-1, 1), (0, 12), (0, 3)]).alone == ()  # not alone: three more are hidden
    assert foretold([(-1, 12), (0, 1)]).alone == ()


def test_groups_that_are_too_new_say_so() -> None:
    rows = [(-1, 0), (0, 12), (0, 6), (0, 20), (0, 11)]
    groups = [GroupNode(*row, settled=row[1] if node != 2 else 1) for node, row in enumerate(rows)]
    merged = merge_groups(groups, K)
    tree = [
        ForecastNode(*row, counts_in=merged.into[node], held=node in merged.held)
        for node, row in enumerate(rows)
    ]
    found = {node.node: node.reason for node in forecast(tree, K, 0.64).nodes}
    assert found == {
        0: None,
        1: None,
        2: Reason.TOO_NEW,
        3: None,
        4: Reason.BESIDE_NEW,
    }


def test_where_nothing_may_be_shown_nothing_is_foretold() -> None:
    nodes = forecast([ForecastNode(-1, 0, -1), ForecastNode(0, 9, -1)], K, 0.7).nodes
    assert [node.chance for node in nodes] == [0.0, 0.0]


def test_every_probably_hidden_team_has_a_reason() -> None:
    for seed in range(20):
        for node in foretold(drawn_tree(seed)).nodes:
            assert (node.reason is None) == (node.chance >= LIKELY)
            assert (node.revealed >= 0) == (
                node.reason in (Reason.PROTECTS_PEOPLE, Reason.PROTECTS_TEAM)
            )
