"""Which nodes may be shown, so that nothing published isolates fewer than k people (method 2)."""

from __future__ import annotations

import numpy as np

from assessments.scoring.survey import Bools, Ints, Tree


def hide(tree: Tree, n: Ints, k: int) -> Bools:
    """Visible nodes for `n` answers given directly in each node, in the tree's order.

    Every visible node's block (its answers in no visible descendant) has none or at least k.
    """
    return _Cut(tree, n.tolist(), tree.below(n).tolist(), k).visible()


def nearest(tree: Tree, visible: Bools) -> Ints:
    """For each node the nearest visible node at or above it: its block. -1 where there is none."""
    block = np.full(len(tree.nodes), -1, dtype=np.int64)
    for node, parent in enumerate(tree.parent.tolist()):
        block[node] = node if visible[node] else (block[parent] if parent >= 0 else -1)
    return block


class _Cut:
    def __init__(self, tree: Tree, n: list[int], total: list[int], k: int) -> None:
        self.tree, self.total, self.k = tree, total, k
        self.parent: list[int] = tree.parent.tolist()
        self.end: list[int] = tree.end.tolist()
        self.names = [node.id.encode() for node in tree.nodes]
        self.seen = [whole >= k for whole in total]
        self.pool = list(n)  # answers under a node in no visible descendant

    def visible(self) -> Bools:
        for node in range(len(self.seen) - 1, -1, -1):  # children before parents
            if self.seen[node]:
                self._fill(node)
            elif self.parent[node] >= 0:
                self.pool[self.parent[node]] += self.pool[node]
        self._give_back()
        if any(0 < self.pool[node] < self.k for node, seen in enumerate(self.seen) if seen):
            raise AssertionError("A block below the threshold would have been shown.")
        return np.array(self.seen, dtype=bool)

    def _fill(self, node: int) -> None:
        """Take in the smallest shown nodes below until the remainder is large enough."""
        while 0 < self.pool[node] < self.k:
            smallest = min(
                self._tops(node), key=lambda below: (self.total[below], self.names[below])
            )
            self.seen[smallest] = False
            self.pool[node] += self.pool[smallest]

    def _tops(self, node: int) -> list[int]:
        """The highest visible nodes strictly below."""
        found, below = [], node + 1
        while below < self.end[node]:
            if self.seen[below]:
                found.append(below)
                below = self.end[below]
            else:
                below += 1
        return found

    def _give_back(self) -> None:
        """Show again what turned out not to be needed."""
        hidden = [v for v, seen in enumerate(self.seen) if not seen and self.total[v] >= self.k]
        for node in sorted(hidden, key=lambda v: (-self.total[v], self.names[v])):
            above = self._above(node)
            own = self._own(node)
            if above is not None and self._fine(own) and self._fine(self.pool[above] - own):
                self.seen[node] = True
                self.pool[node], self.pool[above] = own, self.pool[above] - own

    def _fine(self, answers: int) -> bool:
        return answers == 0 or answers >= self.k

    def _above(self, node: int) -> int | None:
        node = self.parent[node]
        while node >= 0 and not self.seen[node]:
            node = self.parent[node]
        return node if node >= 0 else None

    def _own(self, node: int) -> int:
        """What the node's block would hold: all its answers but those of visible ones below."""
        return self.total[node] - sum(self.total[below] for below in self._tops(node))
