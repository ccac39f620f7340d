"""Groups that are too new to be published by themselves, and the larger group in which their answers
count instead (method 2a): k - 1 made-up people around one person must not reveal that person.

A group is what could be computed from published numbers: a block of the cut by head-counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assessments.scoring.visibility import cut_tree, subtree_ends

LARGE_GROUP = (
    10  # people from which a group may be new; a smaller new one counts with so many settled others
)


@dataclass(frozen=True, slots=True)
class GroupNode:
    """A node of the tree; lists of them are in tree order. Settled people were there before, in the sense
    of method 2a."""

    parent: int  # index, -1 for the root
    people: int  # asked directly here, without leads
    settled: int  # those of them who were here before
    moved: bool = False  # put below its parent only since then
    published: bool = False  # an earlier result of this team was published


@dataclass(frozen=True, slots=True)
class MergedGroups:
    """Where answers count: those given in `node` count in `into[node]`, -1 everywhere if nothing may be
    published. `held`: the nodes of groups that are too new."""

    into: tuple[int, ...]
    held: frozenset[int] = frozenset()


def merge_groups(
    tree: Sequence[GroupNode], k: int, start: MergedGroups | None = None
) -> MergedGroups:
    """Merge groups that are too new into larger ones.

    Every block of the cut by head-counts is then empty, or has at least ten people, or has k settled
    people and, without an earlier result, nobody else. A group that was none of these counts together
    with ten settled others. What `start` merged stays merged.
    """
    merger = _GroupMerger(tree, k, start or MergedGroups(tuple(range(len(tree)))))
    while untrusted := merger.untrusted():
        merger.resolve(untrusted)
    return MergedGroups(tuple(merger.into), frozenset(merger.held))


def smallest_groups(tree: Sequence[GroupNode], merged: MergedGroups, k: int) -> list[int]:
    """Return for each node the index of the smallest group, by head-counts, that may show what is
    answered there; -1 where there is none."""
    parents = [group_node.parent for group_node in tree]
    heads = [0] * len(tree)
    for group_node, into in zip(tree, merged.into, strict=True):
        if into >= 0:
            heads[into] += group_node.people
    shown, block = cut_tree(parents, heads, k), [-1] * len(tree)
    for node, parent in enumerate(parents):
        block[node] = node if shown[node] else (block[parent] if parent >= 0 else -1)
    return [block[into] if into >= 0 else -1 for into in merged.into]


class _GroupMerger:
    """The state of one merge: indices of nodes, in tree order."""

    def __init__(self, tree: Sequence[GroupNode], k: int, start: MergedGroups) -> None:
        self.tree, self.k = tree, k
        self.into, self.held = list(start.into), set(start.held)
        self.end = subtree_ends([group_node.parent for group_node in tree])
        self.block = list(start.into)

    def untrusted(self) -> dict[int, list[int]]:
        """Return the blocks that may not be published by themselves, each with the nodes of its people."""
        merged = MergedGroups(tuple(self.into), frozenset(self.held))
        self.block = smallest_groups(self.tree, merged, self.k)
        return {
            top: nodes
            for top, nodes in self._blocks().items()
            if not self._may_be_published(top, nodes)
        }

    def resolve(self, untrusted: dict[int, list[int]]) -> None:
        """Count each block in the nearest node with ten settled others; without such a node merge
        everything."""
        for nodes in untrusted.values():
            if not self.held.intersection(nodes):
                self.held.update(nodes)
        targets = {top: self._nearest_large_group(top) for top in untrusted}
        if None in targets.values():
            self._merge_everything()
            return
        for top, nodes in untrusted.items():
            self._count_into(self.held.intersection(nodes), targets[top] or 0)
        for target in sorted({target or 0 for target in targets.values()}, reverse=True):
            self._enlarge(target)

    def _blocks(self) -> dict[int, list[int]]:
        """Return the nodes with people of each block, by the block's top node."""
        blocks: dict[int, list[int]] = {}
        for node, group_node in enumerate(self.tree):
            if group_node.people and self.block[node] >= 0:
                blocks.setdefault(self.block[node], []).append(node)
        return blocks

    def _may_be_published(self, top: int, nodes: list[int]) -> bool:
        """Return whether a block may be published by itself."""
        people = sum(self.tree[node].people for node in nodes)
        settled = self._count_settled(nodes, top)
        if self.held.intersection(nodes):
            return settled >= LARGE_GROUP
        enough = settled >= self.k and (settled == people or self.tree[top].published)
        return people >= LARGE_GROUP or enough

    def _settled_in_target(self, node: int, top: int) -> int:
        """Return how many people of a node were in `top` before: none if a team on the way up moved."""
        settled = self.tree[node].settled
        while node != top and settled:
            if self.tree[node].moved:
                return 0
            node = self.tree[node].parent
        return settled

    def _settled_below(self, top: int) -> int:
        """Return how many people in `top` and below were there before and are in no held group."""
        return self._count_settled(range(top, self.end[top]), top)

    def _nearest_large_group(self, top: int) -> int | None:
        """Return the nearest node at or above `top` with ten settled others; None without."""
        while top >= 0:
            if self._settled_below(top) >= LARGE_GROUP:
                return top
            top = self.tree[top].parent
        return None

    def _count_into(self, nodes: Collection[int], target: int) -> None:
        for node in nodes:
            self.into[node] = self.block[node] = target

    def _enlarge(self, target: int) -> None:
        """Count in `target` also those who are in no shown group below, then as few of the smallest groups
        below as make ten settled people."""
        inside = range(target + 1, self.end[target])
        below = [v for v in range(target, self.end[target]) if self.block[v] not in inside]
        if self._settled_counted_in(target) < LARGE_GROUP:
            self._count_into(below, target)
        missing, chosen = LARGE_GROUP - self._settled_counted_in(target), []
        for nodes in self._groups_inside(inside):
            if missing > 0:
                chosen.append(nodes)
                missing -= self._count_settled(nodes, target)
        for nodes in chosen:
            if missing + self._count_settled(nodes, target) > 0:
                self._count_into(nodes, target)
            else:  # a larger group chosen later is enough
                missing += self._count_settled(nodes, target)

    def _groups_inside(self, inside: range) -> list[list[int]]:
        """Return the nodes of each block below, the smallest block first."""
        blocks = [(top, nodes) for top, nodes in self._blocks().items() if top in inside]

        def size(block: tuple[int, list[int]]) -> tuple[int, int]:
            return sum(self.tree[node].people for node in block[1]), block[0]

        return [nodes for _top, nodes in sorted(blocks, key=size)]

    def _settled_counted_in(self, target: int) -> int:
        """Return how many settled people count in `target`, without held groups."""
        return self._count_settled(
            [v for v, into in enumerate(self.into) if into == target], target
        )

    def _count_settled(self, nodes: Sequence[int], target: int) -> int:
        """Return how many people of these nodes were in `target` before, without held groups."""
        return sum(self._settled_in_target(node, target) for node in nodes if node not in self.held)

    def _merge_everything(self) -> None:
        """Count everyone in the root if the organization has ten people, else publish nothing."""
        people = sum(group_node.people for group_node in self.tree)
        target = 0 if people >= LARGE_GROUP else -1
        self.into = [target] * len(self.tree)
        self.held = set()
