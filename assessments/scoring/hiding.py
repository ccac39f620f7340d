"""Which nodes may be shown, so that nothing published isolates fewer than k people (method 2)."""

from __future__ import annotations

import numpy as np

from assessments.scoring.cutting import cut
from assessments.scoring.survey import Bools, Ints, Tree


def hide(tree: Tree, n: Ints, k: int) -> Bools:
    """Visible nodes for `n` answers given directly in each node, in the tree's order.

    Every visible node's block (its answers in no visible descendant) has none or at least k.
    """
    names = [node.id for node in tree.nodes]
    return np.array(cut(tree.parent.tolist(), n.tolist(), k, names), dtype=bool)


def nearest(tree: Tree, visible: Bools) -> Ints:
    """For each node the nearest visible node at or above it: its block. -1 where there is none."""
    block = np.full(len(tree.nodes), -1, dtype=np.int64)
    for node, parent in enumerate(tree.parent.tolist()):
        block[node] = node if visible[node] else (block[parent] if parent >= 0 else -1)
    return block
