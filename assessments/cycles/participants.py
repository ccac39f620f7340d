"""Who is asked when a cycle opens, in which team they are, and which teams are large enough to be
shown: the same rule that hides results hides how many have answered (method 7.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from assessments.scoring.visibility import cut_tree
from organizations import teams
from organizations.models import Membership, Team

NodeWithParent = tuple[UUID, UUID | None]  # a node and the node above it


@dataclass(frozen=True, slots=True)
class TeamParticipants:
    """A team of the tree as it is now, with the people who would be asked in it."""

    team: UUID
    parent: UUID | None
    name: str
    depth: int
    members: int  # directly here, without leads
    leads: int
    since: datetime  # since when it is below its parent
    shown: bool  # large enough, with the teams below it, to be shown


@dataclass(frozen=True, slots=True)
class ParticipantList:
    """Everyone who is asked when a cycle opens, and in which team."""

    teams: tuple[TeamParticipants, ...]  # in tree order
    people: tuple[tuple[UUID, UUID, bool], ...]  # membership, team, leads it
    since: Mapping[UUID, datetime]  # since when each membership is in its team

    @property
    def members(self) -> int:
        return sum(team.members for team in self.teams)

    @property
    def leads(self) -> int:
        return sum(team.leads for team in self.teams)


def list_participants(threshold: int) -> ParticipantList:
    """Return who would be asked now. 3 statements."""
    active = Membership.objects.filter(suspended_at=None).order_by("pk")
    rows = list(active.values_list("pk", "team_id", "leads", "team_since"))
    people = tuple((person, team, leads) for person, team, leads, _since in rows)
    parent_since = dict(Team.objects.values_list("pk", "parent_since"))
    members = Counter(team for _person, team, leads in people if not leads)
    leads = Counter(team for _person, team, leads in people if leads)
    nodes = teams.load_tree().nodes
    shown = shown_nodes([(node.id, node.parent) for node in nodes], members, threshold)
    team_rows = tuple(
        TeamParticipants(
            team=node.id,
            parent=node.parent,
            name=node.name,
            depth=node.depth,
            members=members[node.id],
            leads=leads[node.id],
            since=parent_since[node.id],
            shown=node.id in shown,
        )
        for node in nodes
    )
    return ParticipantList(
        team_rows, people, {person: since for person, _team, _leads, since in rows}
    )


def shown_nodes(
    nodes: Iterable[NodeWithParent], headcounts: Mapping[UUID, int], threshold: int
) -> set[UUID]:
    """Return the nodes whose participation may be shown. The nodes come in tree order, which also
    decides between equals: the closed cycle then shows the same nodes as the open one."""
    ordered = list(nodes)
    index_of = {node: index for index, (node, _parent) in enumerate(ordered)}
    parents = [-1 if parent is None else index_of[parent] for _node, parent in ordered]
    visible = cut_tree(parents, [headcounts.get(node, 0) for node in index_of], threshold)
    return {node for node, is_visible in zip(index_of, visible, strict=True) if is_visible}


def sum_subtrees(nodes: Iterable[NodeWithParent], counts: Mapping[UUID, int]) -> dict[UUID, int]:
    """Return the sum over each node and everything below it. The nodes come in tree order."""
    ordered = list(nodes)
    sums = {node: counts.get(node, 0) for node, _parent in ordered}
    for node, parent in reversed(ordered):
        if parent is not None:
            sums[parent] += sums[node]
    return sums
