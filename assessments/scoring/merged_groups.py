"""Which groups are too new to be published by themselves, and in which larger group their answers
count instead (method 2a): k - 1 made-up people around one person must not show that person.

A group is what could be computed from published numbers: a block of the cut by head-counts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assessments.scoring.visible_nodes import cut_tree, subtree_ends

LARGE_GROUP = (
    10  # from here on a group may be new; so many others keep company with a group that may not
)


@dataclass(frozen=True, slots=True)
class GroupNode:
    """A node of the tree, in tree order."""

    parent: int  # -1 for the root
    people: int  # asked directly here, without leads
    settled: int  # those of them who were here before
    moved: bool = False  # stands below its parent only since then
    published: bool = False  # an earlier result of this team was published


@dataclass(frozen=True, slots=True)
class MergedGroups:
    """Where answers count: `into[node]` for what was given in `node`. `held` are the nodes of the
    groups that are too new; -1 everywhere if nothing may be published at all."""

    into: tuple[int, ...]
    held: frozenset[int] = frozenset()


def merge_groups(
    places: Sequence[GroupNode], k: int, start: MergedGroups | None = None
) -> MergedGroups:
    """Every block of the cut by head-counts is then empty, or of at least ten people, or has k who
    were there before and, without an earlier result, nobody who was not; and a group that was none
    of these keeps company with ten others who were there before. What `start` combined stays so."""
    work = _GroupMerger(places, k, start or MergedGroups(tuple(range(len(places)))))
    while untrusted := work.untrusted():
        work.resolve(untrusted)
    return MergedGroups(tuple(work.into), frozenset(work.held))


def smallest_groups(places: Sequence[GroupNode], counting: MergedGroups, k: int) -> list[int]:
    """For each node the smallest group that may show what is answered there, by head-counts; -1
    where there is none."""
    parents = [place.parent for place in places]
    heads = [0] * len(places)
    for place, into in zip(places, counting.into, strict=True):
        if into >= 0:
            heads[into] += place.people
    seen, block = cut_tree(parents, heads, k), [-1] * len(places)
    for node, parent in enumerate(parents):
        block[node] = node if seen[node] else (block[parent] if parent >= 0 else -1)
    return [block[into] if into >= 0 else -1 for into in counting.into]


class _GroupMerger:
    def __init__(self, places: Sequence[GroupNode], k: int, start: MergedGroups) -> None:
        self.places, self.k = places, k
        self.into, self.held = list(start.into), set(start.held)
        self.end = subtree_ends([place.parent for place in places])
        self.block = list(start.into)

    def untrusted(self) -> dict[int, list[int]]:
        """Blocks that may not be published by themselves, and the nodes whose people are in them."""
        counting = MergedGroups(tuple(self.into), frozenset(self.held))
        self.block = smallest_groups(self.places, counting, self.k)
        return {top: nodes for top, nodes in self._blocks().items() if not self._holds(top, nodes)}

    def resolve(self, untrusted: dict[int, list[int]]) -> None:
        """Each counts in the nearest node with ten others who were there before."""
        for nodes in untrusted.values():
            if not self.held.intersection(nodes):
                self.held.update(nodes)
        targets = {top: self._nearest(top) for top in untrusted}
        if None in targets.values():
            self._everything()
            return
        for top, nodes in untrusted.items():
            self._count(self.held.intersection(nodes), targets[top] or 0)
        for target in sorted({target or 0 for target in targets.values()}, reverse=True):
            self._keep_company(target)

    def _blocks(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for node, place in enumerate(self.places):
            if place.people and self.block[node] >= 0:
                found.setdefault(self.block[node], []).append(node)
        return found

    def _holds(self, top: int, nodes: list[int]) -> bool:
        """Whether this block may be published."""
        people = sum(self.places[node].people for node in nodes)
        settled = self._before(nodes, top)
        if self.held.intersection(nodes):
            return settled >= LARGE_GROUP
        enough = settled >= self.k and (settled == people or self.places[top].published)
        return people >= LARGE_GROUP or enough

    def _settled(self, node: int, top: int) -> int:
        """People of a node who were in `top` before."""
        found = self.places[node].settled
        while node != top and found:
            if self.places[node].moved:
                return 0
            node = self.places[node].parent
        return found

    def _others(self, top: int) -> int:
        """People below `top` who were there before and are in no group that is too new."""
        return self._before(range(top, self.end[top]), top)

    def _nearest(self, top: int) -> int | None:
        while top >= 0:
            if self._others(top) >= LARGE_GROUP:
                return top
            top = self.places[top].parent
        return None

    def _count(self, nodes: Collection[int], target: int) -> None:
        for node in nodes:
            self.into[node] = self.block[node] = target

    def _keep_company(self, target: int) -> None:
        """Who is in no shown group below counts here too, and then as few small groups as it takes."""
        inside = range(target + 1, self.end[target])
        below = [v for v in range(target, self.end[target]) if self.block[v] not in inside]
        if self._company(target) < LARGE_GROUP:
            self._count(below, target)
        missing, chosen = LARGE_GROUP - self._company(target), []
        for nodes in self._groups_inside(inside):
            if missing > 0:
                chosen.append(nodes)
                missing -= self._before(nodes, target)
        for nodes in chosen:
            if missing + self._before(nodes, target) > 0:
                self._count(nodes, target)
            else:  # a larger one that came later is enough
                missing += self._before(nodes, target)

    def _groups_inside(self, inside: range) -> list[list[int]]:
        """The smallest first."""
        blocks = [(top, nodes) for top, nodes in self._blocks().items() if top in inside]

        def size(block: tuple[int, list[int]]) -> tuple[int, int]:
            return sum(self.places[node].people for node in block[1]), block[0]

        return [nodes for _top, nodes in sorted(blocks, key=size)]

    def _company(self, target: int) -> int:
        return self._before([v for v, into in enumerate(self.into) if into == target], target)

    def _before(self, nodes: Sequence[int], target: int) -> int:
        """People of these nodes who were in `target` before, without groups that are too new."""
        return sum(self._settled(node, target) for node in nodes if node not in self.held)

    def _everything(self) -> None:
        """Nobody to keep company with: the organization as a whole, if it is large enough."""
        people = sum(place.people for place in self.places)
        alone = 0 if people >= LARGE_GROUP else -1
        self.into = [alone] * len(self.places)
        self.held = set()
