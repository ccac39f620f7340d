"""Nothing that is published can be subtracted down to fewer than k people."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from assessments.scoring.cutting import cut
from assessments.scoring.hiding import hide, nearest
from assessments.scoring.survey import Bools, Ints, Node, Survey, Tree
from tests.assessments.scoring.made import case, random_survey

TREES = 200


@pytest.mark.parametrize("name", ["hide_nested_transfer", "hide_direct_members"])
def test_the_worked_cases(name: str) -> None:
    given = case(name)
    tree = Tree.of(tuple(Node(g["id"], g["parent"], 0) for g in given["input"]["groups"]))
    answers = given["input"]["answers"]
    n = np.array([answers.get(node.id, 0) for node in tree.nodes])
    seen = hide(tree, n, given["input"]["k"])
    shown = sorted(tree.nodes[place].id for place in np.flatnonzero(seen))
    assert shown == given["expected"]["visible"]


def people_in(survey: Survey) -> Ints:
    places = [survey.tree.place[node] for node in survey.node_of]
    return np.bincount(places, minlength=len(survey.nodes)).astype(np.int64)


@pytest.mark.parametrize("seed", range(0, TREES, 20))
def test_every_block_is_empty_or_large_enough(seed: int) -> None:
    for survey in (random_survey(number) for number in range(seed, seed + 20)):
        n = people_in(survey)
        block = nearest(survey.tree, hide(survey.tree, n, survey.k))
        sizes = np.bincount(block[block >= 0], n[block >= 0], minlength=len(n))
        assert not ((sizes > 0) & (sizes < survey.k)).any()


def isolates_someone(tree: Tree, n: Ints, visible: Bools, k: int) -> bool:
    """Whether some set of nodes with fewer than k people lies in the span of the published sums."""
    places = np.arange(len(n))
    below = (places >= places[:, None]) & (places < tree.end[:, None])
    published = below[visible].astype(float)
    if not published.size:
        return False
    rank = np.linalg.matrix_rank(published)
    small = [row for row in _groups(below.astype(float)) if 0 < row @ n < k]
    return any(np.linalg.matrix_rank(np.vstack([published, row])) == rank for row in small)


def _groups(
    below: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """What an attacker would try: single nodes, whole subtrees, and parents without some of theirs."""
    single = list(np.eye(len(below)))
    subtrees = list(below)
    direct = [subtrees[place] - one for place, one in enumerate(single)]
    pairs = [one - other for one in subtrees for other in subtrees if ((one - other) >= 0).all()]
    return [*single, *subtrees, *direct, *pairs]


def attacked(hides: bool) -> int:
    hits = 0
    for seed in range(TREES):
        survey = random_survey(seed)
        n = people_in(survey)
        total = np.asarray(survey.tree.below(n))
        visible = hide(survey.tree, n, survey.k) if hides else total >= survey.k
        hits += isolates_someone(survey.tree, n, visible, survey.k)
    return hits


def test_no_published_rows_isolate_fewer_than_k_people() -> None:
    assert attacked(hides=True) == 0


def test_the_attack_succeeds_against_a_plain_threshold() -> None:
    assert attacked(hides=False) > TREES / 4


def test_a_cut_without_names_goes_by_place() -> None:
    parents, counts = [-1, 0, 0, 0], [2, 6, 6, 9]
    assert cut(parents, counts, 5) == [True, False, True, True]
    assert cut(parents, counts, 5, ["root", "b", "a", "c"]) == [True, True, False, True]


def test_what_doors_need_is_light() -> None:
    lines = "import sys, assessments.scoring.cells, assessments.scoring.cutting"
    command = f"{lines}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0
