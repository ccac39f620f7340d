"""What an import of ratings will show: answers and sizes team by team, and which teams it makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from assessments.imports.ratings_table import LEAD, RatingsTable
from organizations.team_tree import SEPARATOR, TeamPath, TeamTree, casefold_path


@dataclass(frozen=True, slots=True)
class PreviewTeam:
    """A team of the file. `own` are the answers given in it, `all` those in it and below; leads apart."""

    path: TeamPath
    name: str
    is_new: bool
    headcount: int | None
    own: int
    all: int
    leads: int
    is_hidden: bool  # too few answers in it and below

    @property
    def depth(self) -> int:
        return len(self.path)


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What the import will make."""

    teams: tuple[PreviewTeam, ...]
    answers: int
    leads: int
    capabilities: int
    importance: int

    @property
    def new_teams(self) -> list[str]:
        return [SEPARATOR.join(team.path) for team in self.teams if team.is_new]

    @property
    def shown(self) -> int:
        return sum(not team.is_hidden for team in self.teams)


def preview_import(table: RatingsTable, tree: TeamTree, threshold: int) -> ImportPreview:
    """Return what the table will make in an organization with these teams."""
    known = tree.by_path()
    own = Counter(row.team for row in table.rows if row.role != LEAD)
    leads = Counter(row.team for row in table.rows if row.role == LEAD)
    whole: Counter[TeamPath] = Counter()
    for team, count in own.items():
        for depth in range(len(team) + 1):
            whole[team[:depth]] += count
    teams = [
        PreviewTeam(
            path=path,
            name=path[-1] if path else tree.root.name,
            is_new=casefold_path(path) not in known,
            headcount=table.headcounts.get(path),
            own=own[path],
            all=whole[path],
            leads=leads[path],
            is_hidden=whole[path] < threshold,
        )
        for path in table.teams
    ]
    return ImportPreview(
        teams=tuple(teams),
        answers=own.total(),
        leads=leads.total(),
        capabilities=len(table.asked["performance"]),
        importance=len(table.asked["importance"]),
    )
