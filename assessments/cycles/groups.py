"""In which group everyone's answers count, decided when a cycle opens.

An administrator could invent people around one person, so that the group's result is about that
person alone. Therefore a small group counts by itself only where enough of its people were in it
before (`scoring.merged_groups`); until an organization has results of its own, an owner looks at the
groups and confirms them. Everyone reads the number of people in their group before answering.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.cycles.participants import ParticipantList, TeamParticipants, list_participants
from assessments.models import Cycle, CycleTeam, Participation, Scorecard
from assessments.scoring.merged_groups import GroupNode, MergedGroups, merge_groups, smallest_groups
from organizations import audit
from organizations.access import ABILITIES, Ability
from organizations.models import Membership, Role
from organizations.people import lock_organization

NEWCOMER_PERIOD = timedelta(days=14)
_AT_ONCE = 1000

# --- Opening ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VisibleGroup:
    """A group that may be shown by itself: how many people it has, and since when enough of them."""

    name: str
    depth: int
    people: int
    rest: int  # those who are in no shown group below
    since: datetime


@dataclass(frozen=True, slots=True)
class TeamGroup:
    """A team on the page, and the group in which its people's answers count."""

    seat: TeamParticipants
    group: str  # the name of a larger group; empty if its people count here, or there are none
    is_new: bool  # too new together to be shown


@dataclass(frozen=True, slots=True)
class OpeningPreview:
    """Who would be asked, and in which groups their answers would count."""

    participants: ParticipantList
    counting: MergedGroups
    group: tuple[int, ...]  # of each team the index of its group; -1: nothing may be shown
    shown: Mapping[int, VisibleGroup]  # by index of the team
    newcomers: frozenset[UUID]  # memberships
    moved: frozenset[UUID]  # teams
    needs_owner: bool  # to confirm the groups: the organization has no results of its own yet

    @property
    def digest(self) -> str:
        """A digest that changes as soon as anyone is in another group, or another team is shown."""
        teams = [(str(row.team), str(row.parent), row.name) for row in self.participants.teams]
        since = self.participants.since
        people = [
            (str(p), str(t), leads, since[p].isoformat())
            for p, t, leads in self.participants.people
        ]
        content = [teams, people, self.group]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @property
    def rows(self) -> list[TeamGroup]:
        teams, held_indexes = self.participants.teams, self.counting.held
        return [
            TeamGroup(
                team,
                group=teams[group].name if team.members and 0 <= group != index else "",
                is_new=bool(team.members) and index in held_indexes,
            )
            for index, (team, group) in enumerate(zip(teams, self.group, strict=True))
        ]

    @property
    def has_new(self) -> bool:
        """Whether the people of a team count elsewhere because they are too new together."""
        return any(row.is_new for row in self.rows)

    @property
    def has_small(self) -> bool:
        return any(row.group and not row.is_new for row in self.rows)


def preview_opening(threshold: int, moment: datetime) -> OpeningPreview:
    """Return what the opening would freeze at that moment. 4 statements, 5 once there are results."""
    participants, own_results = list_participants(threshold), _load_own_results()
    if own_results is not None:
        opening = _build_preview(
            participants, threshold, own_results, min(moment - NEWCOMER_PERIOD, own_results.since)
        )
        if min(opening.group) >= 0:
            return opening  # else not even the organization as one group could be shown
    return _build_preview(participants, threshold, None, None)


def _build_preview(
    participants: ParticipantList,
    threshold: int,
    own_results: _OwnResults | None,
    before: datetime | None,
) -> OpeningPreview:
    """Return the preview. Someone who has been in their team since `before` or longer is no newcomer;
    with None nobody is."""
    newcomers = {p for p, since in participants.since.items() if before and since > before}
    moved = {row.team for row in participants.teams if before and row.since > before and row.parent}
    settled = Counter(
        team for person, team, leads in participants.people if not leads and person not in newcomers
    )
    group_nodes = _group_nodes(
        [(row.team, row.parent) for row in participants.teams],
        {row.team: row.members for row in participants.teams},
        settled,
        moved,
        own_results.teams if own_results else frozenset(),
    )
    counting = merge_groups(group_nodes, threshold)
    group = smallest_groups(group_nodes, counting, threshold)
    return OpeningPreview(
        participants=participants,
        counting=counting,
        group=tuple(group),
        shown=_visible_groups(participants, group_nodes, counting, group, threshold),
        newcomers=frozenset(newcomers),
        moved=frozenset(moved),
        needs_owner=own_results is None,
    )


@dataclass(frozen=True, slots=True)
class _OwnResults:
    """Results that the organization got from its people here; imported files are not such results."""

    since: datetime  # when the newest of these cycles was opened
    teams: frozenset[UUID]  # of which some of them showed anything


def _load_own_results() -> _OwnResults | None:
    cards = Scorecard.objects.current().filter(
        shows=True, cycle__imported=False, cycle__stage=Cycle.Stage.CLOSED
    )
    rows = list(cards.values_list("cycle__opened_at", "summary__shown"))
    opened = [moment for moment, _nodes in rows if moment is not None]
    if not opened:
        return None
    nodes = {node for _moment, shown in rows for node in shown}
    teams = CycleTeam.objects.filter(pk__in=nodes).values_list("team", flat=True)
    return _OwnResults(max(opened), frozenset(teams))


def _group_nodes(
    nodes: Sequence[tuple[UUID, UUID | None]],
    people: Mapping[UUID, int],
    settled: Mapping[UUID, int],
    moved: Iterable[UUID],
    published: Iterable[UUID],
) -> list[GroupNode]:
    index_of = {node: index for index, (node, _parent) in enumerate(nodes)}
    moved, published = set(moved), set(published)
    return [
        GroupNode(
            parent=-1 if parent is None else index_of[parent],
            people=people.get(node, 0),
            settled=settled.get(node, 0),
            moved=node in moved,
            published=node in published,
        )
        for node, parent in nodes
    ]


def _visible_groups(
    participants: ParticipantList,
    group_nodes: Sequence[GroupNode],
    counting: MergedGroups,
    group: Sequence[int],
    threshold: int,
) -> dict[int, VisibleGroup]:
    index_of = {row.team: index for index, row in enumerate(participants.teams)}
    since: list[list[datetime]] = [[] for _node in group_nodes]
    for person, team, leads in participants.people:
        index, moment = index_of[team], participants.since[person]
        target = counting.into[index]
        while not leads and index >= 0 and target >= 0:
            if index <= target:
                since[index].append(moment)
            moment = max(moment, participants.teams[index].since)
            index = group_nodes[index].parent
    rest = Counter(
        group[index_of[team]] for _person, team, leads in participants.people if not leads
    )
    return {
        index: VisibleGroup(
            name=participants.teams[index].name,
            depth=participants.teams[index].depth,
            people=len(since[index]),
            rest=rest[index],
            since=sorted(since[index])[threshold - 1],
        )
        for index in range(len(group_nodes))
        if group[index] == index and len(since[index]) >= threshold
    }


def freeze_tree(cycle: Cycle, opening: OpeningPreview) -> dict[UUID, CycleTeam]:
    """Store the tree as it is now, with the group in which the answers of each node count; return its
    nodes by team."""
    nodes: list[CycleTeam] = []
    by_team: dict[UUID, CycleTeam] = {}
    for index, team in enumerate(opening.participants.teams):
        group = opening.shown.get(index)
        node = CycleTeam(
            cycle=cycle,
            team_id=team.team,
            parent=by_team[team.parent] if team.parent else None,
            name=team.name,
            place=index,
            depth=team.depth,
            headcount=team.members,
            moved=team.team in opening.moved,
            held=index in opening.counting.held,
            people=group.people if group else 0,
            since=group.since if group else None,
        )
        nodes.append(node)
        by_team[team.team] = node
        target, shown = opening.counting.into[index], opening.group[index]
        node.counts_in = nodes[target] if 0 <= target != index else None
        node.group = nodes[shown] if shown >= 0 else None
    CycleTeam.objects.bulk_create(nodes, batch_size=_AT_ONCE)
    return by_team


# --- An owner confirms the groups of the first cycle --------------------------------------------


def is_confirmed(cycle: Cycle, opening: OpeningPreview) -> bool:
    """Return whether nobody has to look at the groups, or an owner has confirmed them as they are now."""
    return not opening.needs_owner or cycle.groups_confirmed == opening.digest


def owner_names() -> list[str]:
    """Return the names of those who can confirm the groups. 1 statement."""
    rows = Membership.objects.filter(role=Role.OWNER, suspended_at=None, user__isnull=False)
    return list(rows.order_by("name").values_list("name", flat=True))


@transaction.atomic
def confirm(cycle: Cycle, *, seen: str, by: UUID, moment: datetime) -> None:
    """Record that an owner has looked at the groups that would be shown. `seen` is the digest of what
    the page listed: what changed meanwhile has to be looked at again. Raises ValidationError."""
    lock_organization()
    if Ability.ADMINISTER not in ABILITIES[Membership.objects.get(pk=by).role]:
        raise ValidationError(_("Only an owner can confirm the groups."))
    planned = Cycle.objects.select_for_update().filter(pk=cycle.pk, stage=Cycle.Stage.PLANNED)
    locked = planned.first()
    if locked is None:
        raise ValidationError(
            _("This survey has been launched. Its plan can't be changed anymore.")
        )
    opening = preview_opening(locked.threshold, moment)
    if opening.digest != seen:
        raise ValidationError(_("People or teams changed in the meantime. Check the groups again."))
    locked.groups_confirmed = seen
    locked.save(update_fields=["groups_confirmed"])
    audit.record(
        "cycle.groups_confirmed", by=by, on=locked, name=locked.name, groups=len(opening.shown)
    )


# --- While it is open, and when it closes -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """The smallest group that shows someone's answers, as it was when the cycle opened."""

    name: str
    people: int
    since: datetime


def group_of(cycle: UUID, membership: UUID) -> OwnGroup | None:
    """Return someone's group; None for leads, whose answers count in no group, and where nothing may be
    shown. 1 statement."""
    rows = Participation.objects.filter(
        cycle=cycle,
        membership=membership,
        answers_as=Participation.AnswersAs.MEMBER,
        node__group__since__isnull=False,
    )
    values = rows.values_list("node__group__name", "node__group__people", "node__group__since")
    name, people, since = values.first() or ("", 0, None)
    return OwnGroup(name, people, since) if since else None


def regroup_counts(nodes: Iterable[CycleTeam], counts: Mapping[UUID, int]) -> dict[UUID, int]:
    """Return numbers of people, given by node, by the node in which their answers count."""
    regrouped = Counter[UUID]()
    for node in nodes:
        regrouped[node.counts_in_id or node.pk] += counts.get(node.pk, 0)
    return regrouped


def merge_at_close(cycle: Cycle, nodes: Sequence[CycleTeam]) -> MergedGroups:
    """Return the groups as the opening merged them, merged further where people who were there before
    have been removed since. 3 statements."""
    index_of = {node.pk: index for index, node in enumerate(nodes)}
    start = MergedGroups(
        tuple(index_of[node.counts_in_id or node.pk] for node in nodes),
        frozenset(index for index, node in enumerate(nodes) if node.held),
    )
    if not any(node.held or node.moved for node in nodes) and not _has_newcomers(cycle):
        return start
    members = Participation.objects.filter(cycle=cycle, answers_as=Participation.AnswersAs.MEMBER)
    rows = list(members.values_list("node", "newcomer"))
    own_results = _load_own_results()
    published = own_results.teams if own_results else frozenset()
    group_nodes = _group_nodes(
        [(node.pk, node.parent_id) for node in nodes],
        Counter(node for node, _newcomer in rows),
        Counter(node for node, newcomer in rows if not newcomer),
        {node.pk for node in nodes if node.moved},
        {node.pk for node in nodes if node.team_id in published},
    )
    return merge_groups(group_nodes, cycle.threshold, start)


def _has_newcomers(cycle: Cycle) -> bool:
    return Participation.objects.filter(cycle=cycle, newcomer=True).exists()


def to_summary(counting: MergedGroups) -> dict[str, list[Any]]:
    """Return what a scorecard stores of the groups, so that a check counts the same."""
    moved = [[node, into] for node, into in enumerate(counting.into) if node != into]
    return {"counts_in": moved, "held": sorted(counting.held)}


def from_summary(summary: Mapping[str, Any], nodes: int) -> MergedGroups:
    """Return the groups that `to_summary` stored."""
    into = list(range(nodes))
    for node, target in summary.get("counts_in", ()):
        into[node] = target
    return MergedGroups(tuple(into), frozenset(summary.get("held", ())))
