"""What is running now, on the first page: open surveys and the next step of the reader. Never cached, because
it changes every night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from assessments.results.queries import OpenCycle
from organizations.access import Ability, Access
from reports import formatting


@dataclass(frozen=True, slots=True)
class RunningSurvey:
    name: str
    address: str  # "" for those who may not open it
    closes: str
    responses: str


@dataclass(frozen=True, slots=True)
class NextLink:
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Running:
    surveys: tuple[RunningSurvey, ...]
    steps: tuple[NextLink, ...]


def running(access: Access, cycles: Sequence[OpenCycle], rubric: str) -> Running:
    """Return the open surveys, and what this reader can do next about the rubric that is shown."""
    runs = access.may(Ability.RUN_CYCLES)
    steps = []
    if not cycles and runs:
        address = reverse("assessments:cycle_plan", args=[access.slug])
        steps.append(NextLink(_("Plan the next survey"), address))
    if access.may(Ability.DECIDE):
        label = (
            _("Set targets before it closes")
            if any(cycle.rubric == rubric for cycle in cycles)
            else _("Set targets for the next survey")
        )
        steps.append(NextLink(label, reverse("reports:targets", args=[access.slug, rubric])))
    return Running(tuple(_survey(access, cycle, runs) for cycle in cycles), tuple(steps))


def _survey(access: Access, cycle: OpenCycle, runs: bool) -> RunningSurvey:  # noqa: FBT001  # private
    address = reverse("assessments:cycle", args=[access.slug, cycle.id]) if runs else ""
    day = formats.date_format(timezone.localtime(cycle.closes_at), "DATE_FORMAT")
    return RunningSurvey(
        cycle.name, address, _("Closes on %(day)s") % {"day": day}, _counted(cycle)
    )


def _counted(cycle: OpenCycle) -> str:
    """Return how many had answered when they were last counted, and when that was."""
    if cycle.counted_on is None or cycle.answered is None:
        return _("Responses are counted once a night.")
    day = formats.date_format(date.fromisoformat(cycle.counted_on), "DATE_FORMAT")
    responses = formatting.response_count(cycle.answered, cycle.invited)
    return _("%(responses)s as of last count, %(day)s") % {"responses": responses, "day": day}
