"""The cut through a tree (method 2): which nodes may be shown, so that nothing shown, nor any
difference of what is shown, is about fewer than k people. Plain numbers, for doors and workers alike.
"""

from __future__ import annotations

from collections.abc import Sequence


def subtree_ends(parents: Sequence[int]) -> list[int]:
    """Of nodes in tree order (`parents`: places, -1 for the root): everything below node v stands
    at v + 1 ... end[v] - 1."""
    found = list(range(1, len(parents) + 1))
    for node in range(len(parents) - 1, 0, -1):
        found[parents[node]] = max(found[parents[node]], found[node])
    return found


def cut_tree(
    parents: Sequence[int], counts: Sequence[int], k: int, names: Sequence[str] = ()
) -> list[bool]:
    """Whether each node may be shown. `counts`: people directly in each node, in tree order. Equals
    are told apart by name, or by place.

    Every shown node's block (its people in no shown node below) has none or at least k.
    """
    return _Cut(list(parents), list(counts), k, [name.encode() for name in names]).visible()


class _Cut:
    def __init__(self, parent: list[int], n: list[int], k: int, names: list[bytes]) -> None:
        self.parent, self.end, self.k = parent, subtree_ends(parent), k
        self.names: Sequence[bytes | int] = names or range(len(parent))
        self.total = list(n)
        for node in range(len(parent) - 1, 0, -1):
            self.total[parent[node]] += self.total[node]
        self.seen = [whole >= k for whole in self.total]
        self.pool = list(n)  # people under a node in no visible descendant

    def visible(self) -> list[bool]:
        for node in range(len(self.seen) - 1, -1, -1):  # children before parents
            if self.seen[node]:
                self._fill(node)
            elif self.parent[node] >= 0:
                self.pool[self.parent[node]] += self.pool[node]
        self._give_back()
        if any(0 < self.pool[node] < self.k for node, seen in enumerate(self.seen) if seen):
            raise AssertionError("A block below the threshold would have been shown.")
        return self.seen

    def _fill(self, node: int) -> None:
        """Take in the smallest shown nodes below until the remainder is large enough."""
        while 0 < self.pool[node] < self.k:
            smallest = min(self._tops(node), key=lambda v: (self.total[v], self.names[v]))
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
