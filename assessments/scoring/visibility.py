"""The cut through a tree (method 2): which nodes may be shown, so that nothing shown, nor any
difference of what is shown, is about fewer than k people. Without numpy, so that web processes can
load it too; `SurveyTree` has it for arrays.
"""

from __future__ import annotations

from collections.abc import Sequence

DETAIL_THRESHOLD = 10  # with fewer answers only the score is shown, and nothing of their spread


def subtree_ends(parents: Sequence[int]) -> list[int]:
    """Return `end` for nodes in tree order (`parents`: indices, -1 for the root): the nodes below
    node v have the indices v + 1 ... end[v] - 1."""
    ends = list(range(1, len(parents) + 1))
    for node in range(len(parents) - 1, 0, -1):
        ends[parents[node]] = max(ends[parents[node]], ends[node])
    return ends


def cut_tree(
    parents: Sequence[int], counts: Sequence[int], k: int, names: Sequence[str] = ()
) -> list[bool]:
    """Return whether each node may be shown. `counts`: people directly in each node, in tree order.
    Ties are decided by name (as bytes), without names by index.

    Every shown node's block (its people in no shown node below) has none or at least k.
    """
    return _Cut(list(parents), list(counts), k, [name.encode() for name in names]).visible()


class _Cut:
    """The state of one cut: lists with an entry for each node, in tree order."""

    def __init__(self, parent: list[int], n: list[int], k: int, names: list[bytes]) -> None:
        self.parent, self.end, self.k = parent, subtree_ends(parent), k
        self.names: Sequence[bytes | int] = names or range(len(parent))
        self.total = list(n)
        for node in range(len(parent) - 1, 0, -1):
            self.total[parent[node]] += self.total[node]
        self.shown = [total >= k for total in self.total]
        self.pool = list(n)  # people under a node in no visible descendant

    def visible(self) -> list[bool]:
        for node in range(len(self.shown) - 1, -1, -1):  # children before parents
            if self.shown[node]:
                self._absorb_smallest(node)
            elif self.parent[node] >= 0:
                self.pool[self.parent[node]] += self.pool[node]
        self._give_back()
        if any(0 < self.pool[node] < self.k for node, shown in enumerate(self.shown) if shown):
            raise AssertionError("A block below the threshold would have been shown.")
        return self.shown

    def _absorb_smallest(self, node: int) -> None:
        """Hide the smallest shown nodes below until the node's pool is empty or has k people."""
        while 0 < self.pool[node] < self.k:
            smallest = min(
                self._highest_shown_below(node), key=lambda v: (self.total[v], self.names[v])
            )
            self.shown[smallest] = False
            self.pool[node] += self.pool[smallest]

    def _highest_shown_below(self, node: int) -> list[int]:
        """Return the maximal shown nodes strictly below a node."""
        highest, below = [], node + 1
        while below < self.end[node]:
            if self.shown[below]:
                highest.append(below)
                below = self.end[below]
            else:
                below += 1
        return highest

    def _give_back(self) -> None:
        """Show hidden nodes again, largest first, where every pool stays allowed."""
        hidden = [v for v, shown in enumerate(self.shown) if not shown and self.total[v] >= self.k]
        for node in sorted(hidden, key=lambda v: (-self.total[v], self.names[v])):
            above = self._nearest_shown_above(node)
            block = self._block_size(node)
            if (
                above is not None
                and self._is_allowed(block)
                and self._is_allowed(self.pool[above] - block)
            ):
                self.shown[node] = True
                self.pool[node], self.pool[above] = block, self.pool[above] - block

    def _is_allowed(self, answers: int) -> bool:
        return answers == 0 or answers >= self.k

    def _nearest_shown_above(self, node: int) -> int | None:
        node = self.parent[node]
        while node >= 0 and not self.shown[node]:
            node = self.parent[node]
        return node if node >= 0 else None

    def _block_size(self, node: int) -> int:
        """Return the size of the node's block were it shown: its people but those of shown nodes below."""
        return self.total[node] - sum(
            self.total[below] for below in self._highest_shown_below(node)
        )
