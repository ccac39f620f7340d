"""Groups of people who are too new together count in larger ones (method 2a)."""

from __future__ import annotations

from random import Random

import pytest

from assessments.scoring.merged_groups import (
    LARGE_GROUP,
    GroupNode,
    MergedGroups,
    merge_groups,
    smallest_groups,
)

K = 5
ROOT = GroupNode(-1, 0, 0)


def blocks(places: list[GroupNode], counting: MergedGroups, k: int = K) -> dict[int, list[int]]:
    """Nodes by the group that shows them."""
    found: dict[int, list[int]] = {}
    for node, top in enumerate(smallest_groups(places, counting, k)):
        if top >= 0 and places[node].people:
            found.setdefault(top, []).append(node)
    return found


def test_where_nobody_is_new_nothing_is_combined() -> None:
    places = [ROOT, GroupNode(0, 5, 5), GroupNode(0, 12, 12), GroupNode(0, 3, 3)]
    assert merge_groups(places, K) == MergedGroups((0, 1, 2, 3))


@pytest.mark.parametrize(
    ("people", "settled", "published", "alone"),
    [
        (5, 1, False, False),  # four made-up people around one
        (5, 1, True, False),  # the same in a team that was once shown
        (9, 4, True, False),
        (9, 5, True, True),
        (9, 5, False, False),
        (9, 9, False, True),
        (9, 8, False, False),
        (10, 1, False, True),  # ten and more may be new
    ],
)
def test_a_small_group_is_shown_if_enough_were_there_before(
    people: int, settled: int, *, published: bool, alone: bool
) -> None:
    places = [ROOT, GroupNode(0, people, settled, published=published), GroupNode(0, 12, 12)]
    found = merge_groups(places, K)
    assert (1 in blocks(places, found)) is alone
    assert found.held == (frozenset() if alone else {1})


def test_it_counts_with_the_smallest_neighbours_that_are_ten_together() -> None:
    places = [
        ROOT,
        GroupNode(0, 0, 0),  # a department
        GroupNode(1, 5, 1),  # the new team in it
        GroupNode(1, 8, 8),
        GroupNode(1, 6, 6),
        GroupNode(1, 20, 20),
        GroupNode(0, 7, 7),  # elsewhere
    ]
    found = merge_groups(places, K)
    assert (found.into, found.held) == ((0, 1, 1, 1, 1, 5, 6), frozenset({2}))


def test_it_passes_over_a_department_without_ten_others() -> None:
    places = [
        ROOT,
        GroupNode(0, 0, 0),
        GroupNode(1, 5, 1),
        GroupNode(1, 6, 6),
        GroupNode(0, 11, 11),
    ]
    found = merge_groups(places, K)
    assert (found.into, found.held) == ((0, 1, 0, 3, 0), frozenset({2}))


def test_people_directly_in_a_department_are_a_group_too() -> None:
    """Subtracting the teams below leaves the one and the four made-up people around them."""
    places = [
        ROOT,
        GroupNode(0, 5, 1),
        GroupNode(1, 8, 8),
        GroupNode(1, 9, 9),
        GroupNode(0, 11, 11),
    ]
    found = merge_groups(places, K)
    assert found.held == {1}
    assert found.into == (0, 1, 1, 1, 4)


def test_a_team_that_was_moved_brings_people_who_are_new_there() -> None:
    """Four who have long been in a team of their own are put below the one."""
    places = [ROOT, GroupNode(0, 1, 1), GroupNode(1, 4, 4, moved=True), GroupNode(0, 12, 12)]
    assert merge_groups(places, K).held == {1, 2}


def test_without_ten_others_the_whole_is_one_group_of_at_least_ten() -> None:
    places = [ROOT, GroupNode(0, 5, 1), GroupNode(0, 8, 8)]
    assert merge_groups(places, K) == MergedGroups((0, 0, 0))
    few = [ROOT, GroupNode(0, 5, 1), GroupNode(0, 3, 3)]
    assert merge_groups(few, K) == MergedGroups((-1, -1, -1))
    assert smallest_groups(few, merge_groups(few, K), K) == [-1, -1, -1]


def test_what_was_combined_stays_so_when_the_new_have_gone() -> None:
    before = [ROOT, GroupNode(0, 8, 5), GroupNode(0, 12, 12)]
    start = merge_groups(before, K)
    after = [ROOT, GroupNode(0, 5, 5), GroupNode(0, 12, 12)]
    assert start.held == {1}
    assert merge_groups(after, K, start) == start


def test_removing_those_who_were_there_before_combines_more() -> None:
    full = [ROOT, GroupNode(0, 9, 5, published=True), GroupNode(0, 12, 12)]
    assert merge_groups(full, K).held == frozenset()
    emptied = [ROOT, GroupNode(0, 5, 1, published=True), GroupNode(0, 12, 12)]
    assert merge_groups(emptied, K, merge_groups(full, K)).held == {1}


def drawn(chance: Random) -> list[GroupNode]:
    """A tree with people of whom some are new, teams of which some were moved."""
    places = [GroupNode(-1, chance.choice((0, 0, 2, 7)), 0)]
    for node in range(1, chance.randint(2, 30)):
        # In tree order: below the node before it or below one of those above.
        parent, steps = node - 1, chance.randint(0, 3)
        while steps and places[parent].parent >= 0:
            parent, steps = places[parent].parent, steps - 1
        people = chance.choice((0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 12))
        settled = chance.choice((people, people, people, chance.randint(0, people), 0))
        moved, published = chance.random() < 0.1, chance.random() < 0.5
        places.append(GroupNode(parent, people, settled, moved=moved, published=published))
    return places


def settled_in(places: list[GroupNode], node: int, top: int) -> int:
    found = places[node].settled
    while node != top:
        if places[node].moved:
            return 0
        node = places[node].parent
    return found


def test_no_history_leaves_a_group_of_new_people_by_itself() -> None:
    chance, combined = Random(7), 0
    for _ in range(3_000):
        places, k = drawn(chance), chance.choice((5, 6, 8))
        found = merge_groups(places, k)
        combined += bool(found.held)
        assert merge_groups(places, k, found) == found
        for top, nodes in blocks(places, found, k).items():
            people = sum(places[node].people for node in nodes)
            others = [node for node in nodes if node not in found.held]
            before = sum(settled_in(places, node, top) for node in others)
            held = len(others) < len(nodes)
            small = before >= k and (before == people or places[top].published)
            assert people >= k
            assert before >= LARGE_GROUP if held else (people >= LARGE_GROUP or small)
    assert combined > 500
