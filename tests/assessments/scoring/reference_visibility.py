"""What is hidden in a tree once more, from docs/method.md alone."""

from __future__ import annotations

from collections.abc import Mapping


class Cut:
    """Which nodes are visible, and which nodes belong to the block of each."""

    def __init__(self, parent: Mapping[str, str | None], n: Mapping[str, int], k: int) -> None:
        self.parent, self.n, self.k = parent, n, k
        self.visible = {node for node in parent if self.total(node) >= k}
        for node in self.upwards():
            while node in self.visible and 0 < self.pool(node) < k:
                self.visible.remove(min(self.shown_below(node), key=self.by_size))
        for node in sorted(set(parent) - self.visible, key=lambda v: (-self.total(v), v.encode())):
            self.give_back(node)

    def children(self, node: str) -> list[str]:
        return [name for name, above in self.parent.items() if above == node]

    def by_size(self, node: str) -> tuple[int, bytes]:
        return self.total(node), node.encode()

    def total(self, node: str) -> int:
        return self.n.get(node, 0) + sum(map(self.total, self.children(node)))

    def upwards(self) -> list[str]:
        def below(node: str) -> list[str]:
            return [v for child in self.children(node) for v in below(child)] + [node]

        return below(next(v for v, above in self.parent.items() if above is None))

    def block(self, node: str) -> set[str]:
        hidden = [child for child in self.children(node) if child not in self.visible]
        return {node}.union(*(self.block(child) for child in hidden))

    def pool(self, node: str) -> int:
        return sum(self.n.get(v, 0) for v in self.block(node))

    def shown_below(self, node: str) -> list[str]:
        below = self.children(node)
        return [
            v
            for child in below
            for v in ([child] if child in self.visible else self.shown_below(child))
        ]

    def give_back(self, node: str) -> None:
        above = self.parent[node]
        while above is not None and above not in self.visible:
            above = self.parent[above]
        if self.total(node) < self.k or above is None:
            return
        own = self.pool(node)
        if all(size == 0 or size >= self.k for size in (own, self.pool(above) - own)):
            self.visible.add(node)
