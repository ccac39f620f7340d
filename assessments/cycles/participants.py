"""Who is asked when a cycle opens, in which team they sit, and which teams are large enough to be
shown: the same rule that hides results hides how many have answered (method 7.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from assessments.scoring.visible_nodes import cut_tree
from organizations import teams
from organizations.models import Membership, Team

NodeWithParent = tuple[UUID, UUID | None]  # a node and the node above it


@dataclass(frozen=True, slots=True)
class TeamParticipants:
    """A team of the tree as it stands, with the people who would be asked in it."""

    team: UUID
    parent: UUID | None
    name: str
    depth: int
    members: int  # directly here, without leads
    leads: int
    since: datetime  # stands below its parent since then
    shown: bool  # large enough, with the teams below it, to be shown


@dataclass(frozen=True, slots=True)
class ParticipantList:
    """Everyone who is asked when a cycle opens, and where they sit."""

    teams: tuple[TeamParticipants, ...]  # in tree order
    people: tuple[tuple[UUID, UUID, bool], ...]  # membership, team, leads it
    since: Mapping[UUID, datetime]  # since when each membership is in its team

    @property
    def members(self) -> int:
        return sum(seat.members for seat in self.teams)

    @property
    def leads(self) -> int:
        return sum(seat.leads for seat in self.teams)

    @property
    def below_threshold(self) -> tuple[TeamParticipants, ...]:
        """Teams with people in them that will not be shown alone."""
        return tuple(seat for seat in self.teams if seat.members and not seat.shown)


def list_participants(threshold: int) -> ParticipantList:
    """Who would be asked now. 3 statements."""
    active = Membership.objects.filter(suspended_at=None).order_by("pk")
    rows = list(active.values_list("pk", "team_id", "leads", "team_since"))
    people = tuple((person, team, leads) for person, team, leads, _since in rows)
    placed = dict(Team.objects.values_list("pk", "parent_since"))
    members = Counter(team for _person, team, leads in people if not leads)
    leads = Counter(team for _person, team, leads in people if leads)
    nodes = teams.load_tree().nodes
    shown = shown_nodes([(node.id, node.parent) for node in nodes], members, threshold)
    seats = tuple(
        TeamParticipants(
            team=node.id,
            parent=node.parent,
            name=node.name,
            depth=node.depth,
            members=members[node.id],
            leads=leads[node.id],
            since=placed[node.id],
            shown=node.id in shown,
        )
        for node in nodes
    )
    return ParticipantList(seats, people, {person: since for person, _team, _leads, since in rows})


def shown_nodes(
    places: Iterable[NodeWithParent], headcounts: Mapping[UUID, int], threshold: int
) -> set[UUID]:
    """The nodes whose participation may be shown. Places come in tree order, which also decides
    between equals: the closed cycle then shows the same nodes as the open one."""
    ordered = list(places)
    place = {node: at for at, (node, _parent) in enumerate(ordered)}
    parents = [-1 if parent is None else place[parent] for _node, parent in ordered]
    seen = cut_tree(parents, [headcounts.get(node, 0) for node in place], threshold)
    return {node for node, is_seen in zip(place, seen, strict=True) if is_seen}


def sum_subtrees(places: Iterable[NodeWithParent], here: Mapping[UUID, int]) -> dict[UUID, int]:
    """Sums over each node and everything under it. Places come in tree order."""
    ordered = list(places)
    sums = {node: here.get(node, 0) for node, _parent in ordered}
    for node, parent in reversed(ordered):
        if parent is not None:
            sums[parent] += sums[node]
    return sums
