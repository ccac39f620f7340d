"""What the pages of results share: the reader's language, the day of a cycle, how far the reader may look."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments import results
from assessments.results import ClosedCycle, Standing, Tree
from organizations.access import Ability, Door
from reports.pages.parts import Address

COLLABORATION = "cmo-collaboration"


def language() -> str:
    return get_language() or "en"


def hushed(cycles: Sequence[Standing] | Sequence[ClosedCycle]) -> str:
    """What is to be said where the newest of these cycles may not show anything and one before it
    stands in its place."""
    if not cycles or cycles[0].shows or not any(cycle.shows for cycle in cycles):
        return ""
    told = _("%(cycle)s: too few people answered to show anything. This is the cycle before it.")
    return told % {"cycle": cycles[0].name}


def day_of(cycle: ClosedCycle) -> str:
    return formats.date_format(timezone.localtime(cycle.closed_at), "DATE_FORMAT")


def addresses(door: Door, rubric: str) -> Address:
    """From the slug of a capability to its page, for those who may open it."""
    if not door.may(Ability.SEE_RESULTS):
        return lambda _slug: ""
    whole = reverse("reports:capability", args=[door.slug, rubric, "x"])
    return lambda slug: f"{whole[:-2]}{slug}/"


def sight(door: Door, tree: Tree) -> results.Sight:
    return results.sight(
        tree,
        team=door.team_id,
        leads=door.leads,
        all_results=door.may(Ability.SEE_RESULTS),
    )
