"""Who is here and where: the tree with its counts, and one page of people at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from organizations.models import Invitation, Membership, Team
from organizations.team_tree import TeamNode, TeamTree, build_tree

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class TeamHeadcount:
    """A team with how many people stand in it, and in it and below."""

    node: TeamNode
    own: int
    all: int


@dataclass(frozen=True, slots=True)
class PeopleList:
    """One page of the people of a team and below, or of those that were searched for."""

    tree: TeamTree
    branches: tuple[TeamHeadcount, ...]
    here: TeamHeadcount
    search: str
    page: Page[Membership]

    @property
    def is_whole(self) -> bool:
        return self.here.node.parent is None

    @property
    def has_teams(self) -> bool:
        """Whether it is worth saying in which team someone sits."""
        return self.tree.height(self.here.node.id) > 0

    @property
    def query(self) -> str:
        """What the links to other pages of this list keep."""
        kept = {"team": "" if self.is_whole else self.here.node.id, "q": self.search}
        return "".join(f"{urlencode({name: value})}&" for name, value in kept.items() if value)

    @property
    def rows(self) -> list[tuple[Membership, str]]:
        """The people of this page, each with the place of the team."""
        places = {node.id: node.where for node in self.tree}
        return [(person, places[person.team_id]) for person in self.page]


def fetch_people(*, team: UUID | None, search: str, page: str) -> PeopleList | None:
    """None if there is no such team. Four queries, whatever the size."""
    tree = build_tree(Team.objects.values_list("pk", "name", "parent_id"))
    counts = Membership.objects.values("team").annotate(own=Count("pk"))
    branches = _branches(tree, dict(counts.values_list("team", "own")))
    wanted = team or tree.root.id
    here = next((branch for branch in branches if branch.node.id == wanted), None)
    if here is None:
        return None
    people = _people(search)
    if here.node.parent is not None:
        people = people.filter(team__in=[node.id for node in tree.below(here.node.id)])
    return PeopleList(tree, branches, here, search, Paginator(people, PAGE_SIZE).get_page(page))


def _branches(tree: TeamTree, own: dict[UUID, int]) -> tuple[TeamHeadcount, ...]:
    """Tree order turned around meets every team after all teams below it."""
    sums = {node.id: own.get(node.id, 0) for node in tree}
    for node in reversed(tree.nodes):
        if node.parent is not None:
            sums[node.parent] += sums[node.id]
    return tuple(TeamHeadcount(node, own.get(node.id, 0), sums[node.id]) for node in tree)


def _people(search: str) -> QuerySet[Membership]:
    invited = Invitation.objects.filter(membership=OuterRef("pk"), accepted_at=None)
    people = Membership.objects.annotate(
        invited_until=Subquery(invited.values("expires_at")[:1])
    ).order_by("name", "pk")
    if search:
        people = people.filter(Q(name__icontains=search) | Q(email__icontains=search))
    return people


def open_invitation(person: Membership, moment: datetime) -> Invitation | None:
    """The invitation that this person can still accept."""
    return Invitation.objects.filter(
        membership=person, accepted_at=None, expires_at__gt=moment
    ).first()
