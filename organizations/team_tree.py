"""The organization's teams as one tree, without a database.

The root is the organization itself and has depth 0; teams are at most eight levels below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

MAX_DEPTH = 8
MAX_NAME_LENGTH = 120
SEPARATOR = " / "
TeamPath = tuple[str, ...]  # the names of the teams below the organization; () is the organization


@dataclass(frozen=True, slots=True)
class TeamNode:
    """A team and its position. `path` begins below the organization."""

    id: UUID
    name: str
    parent: UUID | None
    path: TeamPath

    @property
    def depth(self) -> int:
        return len(self.path)

    @property
    def path_text(self) -> str:
        """The path as people write it; the organization's own name for the root."""
        return SEPARATOR.join(self.path) or self.name


@dataclass(frozen=True, slots=True)
class TeamTree:
    """Nodes in tree order: parents first, siblings by name."""

    nodes: tuple[TeamNode, ...]

    @property
    def root(self) -> TeamNode:
        return self.nodes[0]

    def __iter__(self) -> Iterator[TeamNode]:
        return iter(self.nodes)

    def node(self, id: UUID) -> TeamNode:
        return next(node for node in self.nodes if node.id == id)

    def __contains__(self, id: object) -> bool:
        return any(node.id == id for node in self.nodes)

    def below(self, top: UUID) -> tuple[TeamNode, ...]:
        """Return the team itself and every team below it, in tree order."""
        path = self.node(top).path
        return tuple(node for node in self.nodes if node.path[: len(path)] == path)

    def height(self, top: UUID) -> int:
        """Return how many levels of teams there are below this one."""
        return max(node.depth for node in self.below(top)) - self.node(top).depth

    def by_path(self) -> dict[TeamPath, TeamNode]:
        """Return every team by its case-folded path, so that “growth” finds “Growth”."""
        return {casefold_path(node.path): node for node in self.nodes}


def build_tree(teams: Iterable[tuple[UUID, str, UUID | None]]) -> TeamTree:
    """Build the tree of (id, name, parent) rows, in any order, of which exactly one has no parent."""
    children: dict[UUID | None, list[tuple[UUID, str]]] = {}
    for team, name, parent in teams:
        children.setdefault(parent, []).append((team, name))

    def walk(parent: UUID | None, path: TeamPath) -> Iterator[TeamNode]:
        for team, name in sorted(children.get(parent, ()), key=lambda row: row[1].casefold()):
            own_path = path if parent is None else (*path, name)
            yield TeamNode(team, name, parent, own_path)
            yield from walk(team, own_path)

    return TeamTree(tuple(walk(None, ())))


def casefold_path(path: TeamPath) -> TeamPath:
    return tuple(name.casefold() for name in path)


def parse_path(text: str) -> TeamPath:
    """Read “Growth / Brand” as a path. Empty and “/” are the organization; empty parts stay, as ''."""
    names = text.strip(" /")
    return tuple(part.strip() for part in names.split("/")) if names else ()
