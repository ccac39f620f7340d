"""In which group everyone's answers count, decided when a cycle opens.

An administrator could make up people around one person, so that the group's result speaks of that
person alone. Therefore a small group counts by itself only where enough of its people were in it
before (`scoring.combining`); until an organization has results of its own, an owner looks at the
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
    """What may be shown by itself: how many people it has, and since when enough of them."""

    name: str
    depth: int
    people: int
    rest: int  # those who are in no shown group below
    since: datetime


@dataclass(frozen=True, slots=True)
class TeamGroup:
    """A team on the page, and where its people's answers count."""

    seat: TeamParticipants
    group: str  # the name of a larger group; empty if its people count here, or there are none
    is_new: bool  # too new together to be shown


@dataclass(frozen=True, slots=True)
class OpeningPreview:
    """Who would be asked, and in which groups their answers would count."""

    roll: ParticipantList
    counting: MergedGroups
    group: tuple[int, ...]  # of each seat the place of its group; -1: nothing may be shown
    shown: Mapping[int, VisibleGroup]  # by place
    newcomers: frozenset[UUID]  # memberships
    moved: frozenset[UUID]  # teams
    needs_owner: bool  # to confirm the groups: the organization has no results of its own yet

    @property
    def digest(self) -> str:
        """Another one as soon as anyone is in another group, or another team is shown."""
        seats = [(str(s.team), str(s.parent), s.name) for s in self.roll.teams]
        since = self.roll.since
        people = [(str(p), str(t), leads, since[p].isoformat()) for p, t, leads in self.roll.people]
        told = [seats, people, self.group]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    @property
    def rows(self) -> list[TeamGroup]:
        seats, held = self.roll.teams, self.counting.held
        return [
            TeamGroup(
                seat,
                group=seats[group].name if seat.members and 0 <= group != place else "",
                is_new=bool(seat.members) and place in held,
            )
            for place, (seat, group) in enumerate(zip(seats, self.group, strict=True))
        ]

    @property
    def has_new(self) -> bool:
        """Whether the people of a team count elsewhere because they are too new together."""
        return any(row.is_new for row in self.rows)

    @property
    def has_small(self) -> bool:
        return any(row.group and not row.is_new for row in self.rows)


def preview_opening(threshold: int, moment: datetime) -> OpeningPreview:
    """As if the cycle opened at that moment. 4 statements, 5 once there are results."""
    asked, own = list_participants(threshold), _own_results()
    if own is not None:
        opening = _opening(asked, threshold, own, min(moment - NEWCOMER_PERIOD, own.since))
        if min(opening.group) >= 0:
            return opening  # else not even the whole could be shown
    return _opening(asked, threshold, None, None)


def _opening(
    asked: ParticipantList, threshold: int, own: _OwnResults | None, before: datetime | None
) -> OpeningPreview:
    """Whoever is in their place since `before` or longer was there before; None: everyone."""
    newcomers = {p for p, since in asked.since.items() if before and since > before}
    moved = {seat.team for seat in asked.teams if before and seat.since > before and seat.parent}
    settled = Counter(
        team for person, team, leads in asked.people if not leads and person not in newcomers
    )
    places = _places(
        [(seat.team, seat.parent) for seat in asked.teams],
        {seat.team: seat.members for seat in asked.teams},
        settled,
        moved,
        own.teams if own else frozenset(),
    )
    counting = merge_groups(places, threshold)
    group = smallest_groups(places, counting, threshold)
    return OpeningPreview(
        roll=asked,
        counting=counting,
        group=tuple(group),
        shown=_shown(asked, places, counting, group, threshold),
        newcomers=frozenset(newcomers),
        moved=frozenset(moved),
        needs_owner=own is None,
    )


@dataclass(frozen=True, slots=True)
class _OwnResults:
    """Results that the organization got from its people here; imported files are not such results."""

    since: datetime  # when the newest of these cycles was opened
    teams: frozenset[UUID]  # of which some of them showed anything


def _own_results() -> _OwnResults | None:
    cards = Scorecard.objects.filter(
        shows=True, cycle__imported=False, cycle__stage=Cycle.Stage.CLOSED
    )
    rows = list(cards.values_list("cycle__opened_at", "summary__shown"))
    opened = [moment for moment, _nodes in rows if moment is not None]
    if not opened:
        return None
    nodes = {node for _moment, shown in rows for node in shown}
    teams = CycleTeam.objects.filter(pk__in=nodes).values_list("team", flat=True)
    return _OwnResults(max(opened), frozenset(teams))


def _places(
    nodes: Sequence[tuple[UUID, UUID | None]],
    people: Mapping[UUID, int],
    settled: Mapping[UUID, int],
    moved: Iterable[UUID],
    published: Iterable[UUID],
) -> list[GroupNode]:
    at = {node: place for place, (node, _parent) in enumerate(nodes)}
    moved, published = set(moved), set(published)
    return [
        GroupNode(
            parent=-1 if parent is None else at[parent],
            people=people.get(node, 0),
            settled=settled.get(node, 0),
            moved=node in moved,
            published=node in published,
        )
        for node, parent in nodes
    ]


def _shown(
    asked: ParticipantList,
    places: Sequence[GroupNode],
    counting: MergedGroups,
    group: Sequence[int],
    threshold: int,
) -> dict[int, VisibleGroup]:
    at = {seat.team: place for place, seat in enumerate(asked.teams)}
    since: list[list[datetime]] = [[] for _place in places]
    for person, team, leads in asked.people:
        place, moment = at[team], asked.since[person]
        target = counting.into[place]
        while not leads and place >= 0 and target >= 0:
            if place <= target:
                since[place].append(moment)
            moment = max(moment, asked.teams[place].since)
            place = places[place].parent
    rest = Counter(group[at[team]] for _person, team, leads in asked.people if not leads)
    return {
        place: VisibleGroup(
            name=asked.teams[place].name,
            depth=asked.teams[place].depth,
            people=len(since[place]),
            rest=rest[place],
            since=sorted(since[place])[threshold - 1],
        )
        for place in range(len(places))
        if group[place] == place and len(since[place]) >= threshold
    }


def freeze_tree(cycle: Cycle, opening: OpeningPreview) -> dict[UUID, CycleTeam]:
    """The tree as it stands, by team, with the group in which the answers of each node count."""
    nodes: list[CycleTeam] = []
    by_team: dict[UUID, CycleTeam] = {}
    for place, seat in enumerate(opening.roll.teams):
        group = opening.shown.get(place)
        node = CycleTeam(
            cycle=cycle,
            team_id=seat.team,
            parent=by_team[seat.parent] if seat.parent else None,
            name=seat.name,
            place=place,
            depth=seat.depth,
            headcount=seat.members,
            moved=seat.team in opening.moved,
            held=place in opening.counting.held,
            people=group.people if group else 0,
            since=group.since if group else None,
        )
        nodes.append(node)
        by_team[seat.team] = node
        into, shown = opening.counting.into[place], opening.group[place]
        node.counts_in = nodes[into] if 0 <= into != place else None
        node.group = nodes[shown] if shown >= 0 else None
    CycleTeam.objects.bulk_create(nodes, batch_size=_AT_ONCE)
    return by_team


# --- An owner confirms the groups of the first cycle --------------------------------------------


def is_confirmed(cycle: Cycle, opening: OpeningPreview) -> bool:
    """Whether nobody has to look at the groups, or an owner has seen them as they are now."""
    return not opening.needs_owner or cycle.groups_confirmed == opening.digest


def owner_names() -> list[str]:
    """Who can confirm the groups. 1 statement."""
    rows = Membership.objects.filter(role=Role.OWNER, suspended_at=None, user__isnull=False)
    return list(rows.order_by("name").values_list("name", flat=True))


@transaction.atomic
def confirm(cycle: Cycle, *, seen: str, by: UUID, moment: datetime) -> None:
    """An owner has looked at the groups that would be shown. `seen` is the digest of what the page
    listed: what changed meanwhile has to be looked at again."""
    lock_organization()
    if Ability.ADMINISTER not in ABILITIES[Membership.objects.get(pk=by).role]:
        raise ValidationError(_("Only an owner can confirm the groups."))
    planned = Cycle.objects.select_for_update().filter(pk=cycle.pk, stage=Cycle.Stage.PLANNED)
    row = planned.first()
    if row is None:
        raise ValidationError(_("This cycle has been opened. Its plan cannot be changed any more."))
    opening = preview_opening(row.threshold, moment)
    if opening.digest != seen:
        raise ValidationError(
            _("People or teams have changed meanwhile. Look at the groups again.")
        )
    row.groups_confirmed = seen
    row.save(update_fields=["groups_confirmed"])
    audit.record("cycle.groups_confirmed", by=by, on=row, name=row.name, groups=len(opening.shown))


# --- While it is open, and when it closes -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """The smallest group that shows someone's answers, as it was when the cycle opened."""

    name: str
    people: int
    since: datetime


def group_of(cycle: UUID, membership: UUID) -> OwnGroup | None:
    """None for leads, whose answers count in no group, and where nothing may be shown. 1 statement."""
    rows = Participation.objects.filter(
        cycle=cycle,
        membership=membership,
        speaks=Participation.Speaks.MEMBER,
        node__group__since__isnull=False,
    )
    found = rows.values_list("node__group__name", "node__group__people", "node__group__since")
    name, people, since = found.first() or ("", 0, None)
    return OwnGroup(name, people, since) if since else None


def regroup_counts(nodes: Iterable[CycleTeam], here: Mapping[UUID, int]) -> dict[UUID, int]:
    """Numbers of people in each node, moved to the nodes in which their answers count."""
    found = Counter[UUID]()
    for node in nodes:
        found[node.counts_in_id or node.pk] += here.get(node.pk, 0)
    return found


def merge_at_close(cycle: Cycle, nodes: Sequence[CycleTeam]) -> MergedGroups:
    """As the opening combined the groups, and where people who were there before have been removed
    since, more. 3 statements."""
    at = {node.pk: place for place, node in enumerate(nodes)}
    start = MergedGroups(
        tuple(at[node.counts_in_id or node.pk] for node in nodes),
        frozenset(place for place, node in enumerate(nodes) if node.held),
    )
    if not any(node.held or node.moved for node in nodes) and not _has_newcomers(cycle):
        return start
    members = Participation.objects.filter(cycle=cycle, speaks=Participation.Speaks.MEMBER)
    rows = list(members.values_list("node", "newcomer"))
    own = _own_results()
    published = own.teams if own else frozenset()
    places = _places(
        [(node.pk, node.parent_id) for node in nodes],
        Counter(node for node, _newcomer in rows),
        Counter(node for node, newcomer in rows if not newcomer),
        {node.pk for node in nodes if node.moved},
        {node.pk for node in nodes if node.team_id in published},
    )
    return merge_groups(places, cycle.threshold, start)


def _has_newcomers(cycle: Cycle) -> bool:
    return Participation.objects.filter(cycle=cycle, newcomer=True).exists()


def to_summary(counting: MergedGroups) -> dict[str, list[Any]]:
    """What a scorecard remembers of it, so that a check counts the same."""
    moved = [[node, into] for node, into in enumerate(counting.into) if node != into]
    return {"counts_in": moved, "held": sorted(counting.held)}


def from_summary(summary: Mapping[str, Any], nodes: int) -> MergedGroups:
    """What `keep` wrote down."""
    into = list(range(nodes))
    for node, target in summary.get("counts_in", ()):
        into[node] = target
    return MergedGroups(tuple(into), frozenset(summary.get("held", ())))
