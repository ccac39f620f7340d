"""What the pages of results share: the reader's language, the day of a cycle, how far the reader may look."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.results import visible_teams
from assessments.results.queries import ClosedCycle, ClosedCycleSummary, ResultNode, ResultTree
from assessments.results.visible_teams import Position
from organizations.access import Ability, Access
from reports.presenters.shared import CapabilityUrl

COLLABORATION_RUBRIC = "cmo-collaboration"


def current_language() -> str:
    return get_language() or "en"


def too_few_note(cycles: Sequence[ClosedCycleSummary] | Sequence[ClosedCycle]) -> str:
    """What is to be said where the newest of these cycles may not show anything and one before it
    stands in its place."""
    if not cycles or cycles[0].shows or not any(cycle.shows for cycle in cycles):
        return ""
    told = _("%(cycle)s: too few people answered to show anything. This is the cycle before it.")
    return told % {"cycle": cycles[0].name}


def closing_date(cycle: ClosedCycle) -> str:
    return formats.date_format(timezone.localtime(cycle.closed_at), "DATE_FORMAT")


def capability_urls(access: Access, rubric: str) -> CapabilityUrl:
    """From the slug of a capability to its page, for those who may open it."""
    if not access.may(Ability.SEE_RESULTS):
        return lambda _slug: ""
    whole = reverse("reports:capability", args=[access.slug, rubric, "x"])
    return lambda slug: f"{whole[:-2]}{slug}/"


def reader_position(access: Access, cycle: UUID) -> Position | None:
    """Where the reader is in this cycle, which says what of it they may see; those who see all results
    see them from anywhere."""
    if access.may(Ability.SEE_RESULTS):
        return None
    return visible_teams.find_position(cycle, access.membership_id)


def visible_nodes(
    access: Access, tree: ResultTree, place: Position | None
) -> tuple[ResultNode, ...]:
    """The teams of a cycle that the reader may see, in tree order."""
    return (
        tree.nodes
        if access.may(Ability.SEE_RESULTS)
        else visible_teams.nodes_visible_to(tree, place)
    )


def no_position_note(access: Access, place: Position | None) -> str:
    """What is to be said to a reader whom a cycle shows nothing."""
    if place is not None or access.may(Ability.SEE_RESULTS):
        return ""
    return _(
        "You weren't asked in this survey. An owner or leader can confirm your team; then you'll see"
        " its results here."
    )
