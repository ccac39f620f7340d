"""What the pages of results share: the reader's language, the day of a cycle, how far the reader may look."""

from __future__ import annotations

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language

from assessments import results
from assessments.results import ClosedCycle, Tree
from organizations.access import Ability, Door
from reports.pages.parts import Address

COLLABORATION = "cmo-collaboration"


def language() -> str:
    return get_language() or "en"


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
