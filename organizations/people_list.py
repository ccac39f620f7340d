"""The list of people: the tree of teams with its headcounts, and one page of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.module_loading import import_string

from organizations.models import Invitation, Membership, Team
from organizations.team_tree import TeamNode, TeamTree, build_tree
from organizations.text import normalize_line

PAGE_SIZE = 50


class PeopleNotice(NamedTuple):
    """What the page of people says besides its list, and where one can do something about it."""

    text: str
    path: str
    action: str


@dataclass(frozen=True, slots=True)
class TeamHeadcount:
    """A team with the number of people in it (`own`), and in it and below (`all`)."""

    node: TeamNode
    own: int
    all: int


@dataclass(frozen=True, slots=True)
class PeopleList:
    """One page of the people of a team and below, or of those that match the search."""

    tree: TeamTree
    branches: tuple[TeamHeadcount, ...]
    selected: TeamHeadcount
    search: str
    page: Page[Membership]

    @property
    def is_whole(self) -> bool:
        return self.selected.node.parent is None

    @property
    def has_teams(self) -> bool:
        """Whether there are teams below, so that a person's team is worth showing."""
        return self.tree.height(self.selected.node.id) > 0

    @property
    def query(self) -> str:
        """The part of the query string that links to other pages of this list keep."""
        parameters = {"team": "" if self.is_whole else self.selected.node.id, "q": self.search}
        return "".join(
            f"{urlencode({name: value})}&" for name, value in parameters.items() if value
        )

    @property
    def rows(self) -> list[tuple[Membership, str]]:
        """The people of this page, each with the path of the team."""
        paths = {node.id: node.path_text for node in self.tree}
        return [(person, paths[person.team_id]) for person in self.page]


def fetch_people(*, team: UUID | None, search: str, page: str) -> PeopleList | None:
    """Return a page of people; None if there is no such team. Four queries, whatever the size."""
    tree = build_tree(Team.objects.values_list("pk", "name", "parent_id"))
    counts = Membership.objects.values("team").annotate(own=Count("pk"))
    branches = _count_branches(tree, dict(counts.values_list("team", "own")))
    selected_id = team or tree.root.id
    selected = next((branch for branch in branches if branch.node.id == selected_id), None)
    if selected is None:
        return None
    people = _search_people(search)
    if selected.node.parent is not None:
        people = people.filter(team__in=[node.id for node in tree.below(selected.node.id)])
    return PeopleList(tree, branches, selected, search, Paginator(people, PAGE_SIZE).get_page(page))


def _count_branches(tree: TeamTree, own: dict[UUID, int]) -> tuple[TeamHeadcount, ...]:
    """Return every team with its headcounts. Reversed tree order meets each team after all below it."""
    sums = {node.id: own.get(node.id, 0) for node in tree}
    for node in reversed(tree.nodes):
        if node.parent is not None:
            sums[node.parent] += sums[node.id]
    return tuple(TeamHeadcount(node, own.get(node.id, 0), sums[node.id]) for node in tree)


def _search_people(search: str) -> QuerySet[Membership]:
    open_invitations = Invitation.objects.filter(membership=OuterRef("pk"), accepted_at=None)
    people = Membership.objects.annotate(
        invited_until=Subquery(open_invitations.values("expires_at")[:1])
    ).order_by("name", "pk")
    if search := normalize_line(search):
        people = people.filter(Q(name__icontains=search) | Q(email__icontains=search))
    return people


def open_invitation(person: Membership, moment: datetime) -> Invitation | None:
    """Return the invitation that this person can still accept."""
    return Invitation.objects.filter(
        membership=person, accepted_at=None, expires_at__gt=moment
    ).first()


def notices(slug: str) -> list[PeopleNotice]:
    """Return what other parts of the product say on the page of people (`PEOPLE_NOTICES`)."""
    return [
        notice for function in settings.PEOPLE_NOTICES for notice in import_string(function)(slug)
    ]
