"""Nothing that is published can be subtracted down to fewer than k people."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from assessments.scoring.survey import Bools, Ints, Survey, SurveyNode, SurveyTree
from assessments.scoring.visibility import DETAIL_THRESHOLD, cut_tree
from tests.assessments.scoring.surveys import case, random_survey

TREES, ATTACKS = 200, 1000


@pytest.mark.parametrize("name", ["hide_nested_transfer", "hide_direct_members"])
def test_the_worked_cases(name: str) -> None:
    given = case(name)
    tree = SurveyTree.of(
        tuple(SurveyNode(g["id"], g["parent"], 0) for g in given["input"]["groups"])
    )
    answers = given["input"]["answers"]
    n = np.array([answers.get(node.id, 0) for node in tree.nodes])
    seen = tree.visible(n, given["input"]["k"])
    shown = sorted(tree.nodes[place].id for place in np.flatnonzero(seen))
    assert shown == given["expected"]["visible"]


def people_in(survey: Survey) -> Ints:
    places = [survey.tree.index_of[node] for node in survey.node_of]
    return np.bincount(places, minlength=len(survey.nodes)).astype(np.int64)


@pytest.mark.parametrize("seed", range(0, TREES, 20))
def test_every_block_is_empty_or_large_enough(seed: int) -> None:
    for survey in (random_survey(number) for number in range(seed, seed + 20)):
        n = people_in(survey)
        block = survey.tree.nearest_visible(survey.tree.visible(n, survey.k))
        sizes = np.bincount(block[block >= 0], n[block >= 0], minlength=len(n))
        assert not ((sizes > 0) & (sizes < survey.k)).any()


def small_tree(seed: int) -> tuple[SurveyTree, Ints, int]:
    """Up to eleven nodes, people in any of them, and a threshold."""
    chance = np.random.default_rng(seed)
    names = [f"n{number:02}" for number in chance.permutation(int(chance.integers(3, 12)))]
    above = [None] + [names[int(chance.integers(0, at))] for at in range(1, len(names))]
    tree = SurveyTree.of(tuple(SurveyNode(*pair, 0) for pair in zip(names, above, strict=True)))
    n = np.where(chance.random(len(names)) < 0.2, 0, chance.integers(0, 13, len(names)))
    return tree, n.astype(np.int64), int(chance.choice([4, 5, 5, 7, 10]))


def isolates_someone(tree: SurveyTree, n: Ints, visible: Bools, k: int) -> bool:
    """Whether any set of nodes at all with 1 to k - 1 people lies in the span of the published sums."""
    places = np.arange(len(n))
    below = (places >= places[:, None]) & (places < tree.end[:, None])
    inside = n > 0  # who sits nowhere is nobody to protect
    published = below[visible][:, inside].astype(float)
    sets = (np.arange(2 ** inside.sum())[:, None] >> np.arange(inside.sum())) & 1
    people = sets @ n[inside]
    small = sets[(people > 0) & (people < k)].astype(float)
    _, strength, axes = np.linalg.svd(published, full_matrices=False)
    axes = axes[strength > 1e-9]
    hidden = small - small @ axes.T @ axes  # what the published sums do not tell of each set
    return bool((np.abs(hidden).max(axis=1, initial=0) < 1e-9).any())


def attacked(hides: bool) -> int:
    hits = 0
    for tree, n, k in map(small_tree, range(ATTACKS)):
        total = np.asarray(tree.below(n))
        visible = tree.visible(n, k) if hides else total >= k
        hits += isolates_someone(tree, n, visible, k)
    return hits


def test_no_published_rows_isolate_fewer_than_k_people() -> None:
    assert attacked(hides=True) == 0


def test_the_attack_succeeds_against_a_plain_threshold() -> None:
    assert attacked(hides=False) > ATTACKS / 4


def attacked_details(cuts: bool) -> int:
    """Whether published distributions isolate fewer than ten; without the cut all of ten and more."""
    hits = 0
    for tree, n, k in map(small_tree, range(ATTACKS)):
        told = tree.detail_visible(n, k) if cuts else np.asarray(tree.below(n)) >= DETAIL_THRESHOLD
        hits += isolates_someone(tree, n, told & tree.visible(n, k), max(DETAIL_THRESHOLD, k))
    return hits


def test_no_published_distributions_isolate_fewer_than_ten_people() -> None:
    assert attacked_details(cuts=True) == 0
    assert attacked_details(cuts=False) > ATTACKS / 4


def test_hiding_costs_little_where_teams_are_large() -> None:
    """Else hiding everything would pass."""
    parents, counts = [-1, 0, 0, 1, 1, 2, 2], [0, 0, 0, 12, 10, 15, 11]
    assert cut_tree(parents, counts, 5) == [True] * 7
    shown = sum(int(tree.visible(n, k).sum()) for tree, n, k in map(small_tree, range(ATTACKS)))
    enough = sum(int((tree.below(n) >= k).sum()) for tree, n, k in map(small_tree, range(ATTACKS)))
    assert shown > 0.5 * enough


def test_a_cut_without_names_goes_by_place() -> None:
    parents, counts = [-1, 0, 0, 0], [2, 6, 6, 9]
    assert cut_tree(parents, counts, 5) == [True, False, True, True]
    assert cut_tree(parents, counts, 5, ["root", "b", "a", "c"]) == [True, True, False, True]


def test_what_doors_need_is_light() -> None:
    lines = "import sys, assessments.scoring.cell, assessments.scoring.visibility"
    command = f"{lines}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0
