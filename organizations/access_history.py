"""The access log in words: who read what, and on which day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.models import AccessEvent, ApiKey, Membership

PAGE_SIZE = 50
# Whoever gives a page of results, a download or the API a new address gives it its words here.
PAGE_LABELS: dict[str, str | Promise] = {
    "reports:home": gettext_lazy("Home"),
    "reports:teams": gettext_lazy("Teams"),
    "reports:trend": gettext_lazy("Trend"),
    "reports:capabilities": gettext_lazy("Capabilities"),
    "reports:capabilities_quality": gettext_lazy("Data quality"),
    "reports:capability": gettext_lazy("Capability"),
    "reports:explanation": gettext_lazy("How a score is calculated"),
    "reports:principles": gettext_lazy("Principles"),
    "reports:principle": gettext_lazy("Form of a principle"),
    "reports:targets": gettext_lazy("Form of the needed levels"),
    "reports:reports": gettext_lazy("List of reports"),
    "reports:report_schedule": gettext_lazy("Form of the monthly report"),
    "reports:report": gettext_lazy("Report"),
    "reports:report_file": gettext_lazy("Report as PDF"),
    "api:cycles": gettext_lazy("API: cycles"),
    "api:results": gettext_lazy("API: results"),
    "api:results_table": gettext_lazy("API: results as a table"),
    "api:latest_results": gettext_lazy("API: latest results"),
    "api:latest_results_table": gettext_lazy("API: latest results as a table"),
    "api:explanation": gettext_lazy("API: how a score is calculated"),
    "api:rubrics": gettext_lazy("API: rubrics"),
    "api:teams": gettext_lazy("API: teams"),
    "api:principles": gettext_lazy("API: principles"),
    "assessments:import_template": gettext_lazy("Template for past results"),
    "assessments:rubric_file": gettext_lazy("File of a rubric"),
    "assessments:rubric_file_along": gettext_lazy("File of a built-in rubric"),
    "organizations:people_template": gettext_lazy("Template for a list of people"),
}


@dataclass(frozen=True, slots=True)
class AccessHistoryLine:
    at: datetime
    who: str
    what: str
    about: str
    address: str  # of the page; empty where only a program can read it


def latest(
    slug: str, page: str, size: int = PAGE_SIZE
) -> tuple[Page[AccessEvent], list[AccessHistoryLine]]:
    """One page of the log of this organization, the newest first, in four queries."""
    events = Paginator(AccessEvent.objects.order_by("-at", "-pk"), size).get_page(page)
    names = _names(events)
    gone = _("Someone who is no longer here")
    return events, [
        AccessHistoryLine(
            event.at,
            names.get(event.reader, gone),
            str(PAGE_LABELS.get(event.page, event.page)),
            _which(event),
            _address(event, slug),
        )
        for event in events
    ]


def _names(events: Iterable[AccessEvent]) -> dict[UUID, str]:
    """People by their name, keys by theirs. Erasing a person erases the name."""
    readers = {event.reader for event in events}
    people = Membership.objects.filter(pk__in=readers).values_list("pk", "name")
    keys = ApiKey.objects.filter(pk__in=readers).values_list("pk", "name")
    named = {key: _("API key: %(name)s") % {"name": name} for key, name in keys}
    return {**named, **dict(people)}


def _address(event: AccessEvent, slug: str) -> str:
    if event.page.startswith("api:"):
        return ""
    try:
        return reverse(event.page, args=[slug, *filter(None, event.subject.split("/"))])
    except NoReverseMatch:  # of an earlier release
        return ""


def _which(event: AccessEvent) -> str:
    """What can be read of an address: names, and of a number its end, which differs most."""
    return " · ".join(_shortened(part) for part in event.subject.split("/") if part)


def _shortened(part: str) -> str:
    try:
        return f"…{str(UUID(part))[-6:]}"
    except ValueError:
        return part
