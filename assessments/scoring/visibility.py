"""Which nodes may be shown, so that nothing published isolates fewer than k people (method 2)."""

from __future__ import annotations

import numpy as np

from assessments.scoring.survey import Bools, Ints, SurveyTree
from assessments.scoring.visible_nodes import cut_tree

DETAIL_THRESHOLD = 10  # with fewer answers only the score is shown, and nothing of their spread


def hide(tree: SurveyTree, n: Ints, k: int) -> Bools:
    """Return which nodes are visible with `n` answers given directly in each; (nodes,) in tree order.

    Every visible node's block (its answers in no visible descendant) has none or at least k.
    """
    names = [node.id for node in tree.nodes]
    return np.array(cut_tree(tree.parent.tolist(), n.tolist(), k, names), dtype=bool)


def detail_visible(tree: SurveyTree, n: Ints, k: int) -> Bools:
    """Return for which nodes (nodes,) a distribution may be shown: the cut with max(10, k), so that
    no subtraction leaves a distribution of few people. A node must be visible too to show it."""
    return hide(tree, n, max(DETAIL_THRESHOLD, k))


def nearest_visible(tree: SurveyTree, visible: Bools) -> Ints:
    """Return for each node the index of the nearest visible node at or above it, which names its
    block; -1 where there is none."""
    block = np.full(len(tree.nodes), -1, dtype=np.int64)
    for node, parent in enumerate(tree.parent.tolist()):
        block[node] = node if visible[node] else (block[parent] if parent >= 0 else -1)
    return block
