"""The organization's teams as one tree, without a database.

The root is the organization itself and has depth 0; teams are at most eight levels below it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from organizations.text import comparable

MAX_DEPTH = 8
MAX_NAME_LENGTH = 120
SEPARATOR = " / "
_BETWEEN_SPACES = re.compile(r"\s+[/\uff0f]\s+")
_ANY_SLASH = re.compile(r"\s*[/\uff0f]\s*")
_EMPTY_PART = re.compile(r"[/\uff0f]\s*[/\uff0f]")
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
    """Return the path as it is compared: in any spelling it names the same team."""
    return tuple(map(comparable, path))


def parse_path(text: str, *, any_slash: bool = False) -> TeamPath:
    """Read “Growth / Brand” as a path. Empty and “/” are the organization; empty parts stay, as ''.

    Only a slash between spaces separates, so that “B2B/B2C” is one name. “/Growth/Brand”, as directories
    write it, is a path, too. With `any_slash` every slash separates.
    """
    names = text.strip(" /\uff0f\xa0\u3000")
    if not names:
        return ()
    is_directory = text.lstrip().startswith("/") and not _BETWEEN_SPACES.search(names)
    any_slash = any_slash or is_directory
    separator = _ANY_SLASH if any_slash or _EMPTY_PART.search(names) else _BETWEEN_SPACES
    return tuple(part.strip() for part in separator.split(names))


def path_from_root(path: TeamPath, organization: str, known: Container[TeamPath]) -> TeamPath:
    """Return the path without the organization's own name at its beginning, unless a team is called so.
    `known` are the folded paths of the teams that exist."""
    key = casefold_path(path[:1])
    begins_at_root = bool(path) and key == (comparable(organization),) and key not in known
    return path[1:] if begins_at_root else path


def has_slash_in_a_name(text: str) -> bool:
    """Return whether a name of the path contains a slash, so that one might take it for two levels."""
    return any("/" in name or "\uff0f" in name for name in parse_path(text))
