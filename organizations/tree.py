"""The organization's teams as one tree: who stands where, above whom and how deep.

The root is the organization itself and has depth 0; teams stand at most eight deep below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

DEEPEST = 8
LONGEST_NAME = 120
SEPARATOR = " / "
Path = tuple[str, ...]  # the names of the teams below the organization; () is the organization


@dataclass(frozen=True, slots=True)
class Node:
    """A team where it stands. `path` begins below the organization."""

    id: UUID
    name: str
    parent: UUID | None
    path: Path

    @property
    def depth(self) -> int:
        return len(self.path)

    @property
    def where(self) -> str:
        """The path as people write it; the organization's own name for the root."""
        return SEPARATOR.join(self.path) or self.name


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes in tree order: parents first, siblings by name."""

    nodes: tuple[Node, ...]

    @property
    def root(self) -> Node:
        return self.nodes[0]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def node(self, id: UUID) -> Node:
        return next(node for node in self.nodes if node.id == id)

    def __contains__(self, id: object) -> bool:
        return any(node.id == id for node in self.nodes)

    def below(self, top: UUID) -> tuple[Node, ...]:
        """The team itself and every team below it, in tree order."""
        path = self.node(top).path
        return tuple(node for node in self.nodes if node.path[: len(path)] == path)

    def height(self, top: UUID) -> int:
        """How many levels of teams stand below this one."""
        return max(node.depth for node in self.below(top)) - self.node(top).depth

    def by_path(self) -> dict[Path, Node]:
        """Every team under its folded path, so that “growth” finds “Growth”."""
        return {folded(node.path): node for node in self.nodes}


def grown(teams: Iterable[tuple[UUID, str, UUID | None]]) -> Tree:
    """The tree of (id, name, parent) rows, in any order, of which exactly one has no parent."""
    children: dict[UUID | None, list[tuple[UUID, str]]] = {}
    for team, name, parent in teams:
        children.setdefault(parent, []).append((team, name))

    def walk(parent: UUID | None, path: Path) -> Iterator[Node]:
        for team, name in sorted(children.get(parent, ()), key=lambda row: row[1].casefold()):
            here = path if parent is None else (*path, name)
            yield Node(team, name, parent, here)
            yield from walk(team, here)

    return Tree(tuple(walk(None, ())))


def folded(path: Path) -> Path:
    return tuple(name.casefold() for name in path)


def split(text: str) -> Path:
    """“Growth / Brand” as a path. Empty and “/” are the organization; empty parts stay, as ''."""
    bare = text.strip(" /")
    return tuple(part.strip() for part in bare.split("/")) if bare else ()
