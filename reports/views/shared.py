"""What the views share: the date of a cycle, what the reader may see, notes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from assessments.results import visible_teams
from assessments.results.queries import ClosedCycle, ClosedCycleSummary, ResultNode, ResultTree
from assessments.results.visible_teams import Position
from organizations.access import Ability, Access
from reports.presenters.shared import CapabilityUrl, TeamUrl


def too_few_note(cycles: Sequence[ClosedCycleSummary] | Sequence[ClosedCycle]) -> str:
    """Return a note where the newest of these cycles may not show anything and an older one is shown
    instead; else ""."""
    if not cycles or cycles[0].shows or not any(cycle.shows for cycle in cycles):
        return ""
    text = _("%(cycle)s: not enough responses to show results. Showing the survey before it.")
    return text % {"cycle": cycles[0].name}


def closing_date(cycle: ClosedCycle) -> str:
    return formats.date_format(timezone.localtime(cycle.closed_at), "DATE_FORMAT")


def capability_urls(access: Access, rubric: str, query: str = "") -> CapabilityUrl:
    """Return a function from the slug of a capability to the address of its page; to "" for readers who
    may not open it. `query` is the choice of a cycle."""
    if not access.may(Ability.SEE_RESULTS):
        return lambda _slug: ""
    template = reverse("reports:capability", args=[access.slug, rubric, "x"])
    return lambda slug: f"{template[:-2]}{slug}/{query}"


def team_urls(access: Access, nodes: Collection[ResultNode], query: str = "") -> TeamUrl:
    """Return a function from a team to the address of its page; to "" for all but these teams."""
    ids = {node.id for node in nodes}

    def url(node: ResultNode) -> str:
        page = reverse("reports:team", args=[access.slug, node.team_id])
        return f"{page}{query}" if node.id in ids else ""

    return url


def reader_position(access: Access, cycle: UUID) -> Position | None:
    """Return the reader's position in this cycle, which decides what of it they may see. None for those
    who see all results, and for those without a position."""
    if access.may(Ability.SEE_RESULTS):
        return None
    return visible_teams.find_position(cycle, access.membership_id)


def reader_positions(access: Access, cycles: Sequence[UUID]) -> dict[UUID, Position] | None:
    """Return the reader's positions in these cycles; None for those who see all results."""
    if access.may(Ability.SEE_RESULTS):
        return None
    return visible_teams.find_positions(cycles, access.membership_id)


def visible_nodes(
    access: Access, tree: ResultTree, position: Position | None
) -> tuple[ResultNode, ...]:
    """Return the teams of a cycle that the reader may see, in tree order."""
    return (
        tree.nodes
        if access.may(Ability.SEE_RESULTS)
        else visible_teams.nodes_visible_to(tree, position)
    )


def no_position_note(access: Access, position: Position | None) -> str:
    """Return a note for a reader to whom a cycle shows nothing; else ""."""
    if position is not None or access.may(Ability.SEE_RESULTS):
        return ""
    return _(
        "You weren't invited to this survey. An owner or leader can confirm your team; then "
        "you'll see its results here."
    )
