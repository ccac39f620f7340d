"""Which nodes may be shown, so that nothing published isolates fewer than k people (method 2)."""

from __future__ import annotations

import numpy as np

from assessments.scoring.survey import Bools, Ints, SurveyTree
from assessments.scoring.visible_nodes import cut_tree

DETAIL_THRESHOLD = (
    10  # below so many answers only a score is shown, and nothing of how they lie around it
)


def hide(tree: SurveyTree, n: Ints, k: int) -> Bools:
    """Visible nodes for `n` answers given directly in each node, in the tree's order.

    Every visible node's block (its answers in no visible descendant) has none or at least k.
    """
    names = [node.id for node in tree.nodes]
    return np.array(cut_tree(tree.parent.tolist(), n.tolist(), k, names), dtype=bool)


def detail_visible(tree: SurveyTree, n: Ints, k: int) -> Bools:
    """Nodes of which a distribution may be shown, so that no subtraction leaves one of few people.
    Only those of them that are visible show it."""
    return hide(tree, n, max(DETAIL_THRESHOLD, k))


def nearest_visible(tree: SurveyTree, visible: Bools) -> Ints:
    """For each node the nearest visible node at or above it: its block. -1 where there is none."""
    block = np.full(len(tree.nodes), -1, dtype=np.int64)
    for node, parent in enumerate(tree.parent.tolist()):
        block[node] = node if visible[node] else (block[parent] if parent >= 0 else -1)
    return block
