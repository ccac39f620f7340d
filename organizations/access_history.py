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
# Every view of results, downloads and the API needs its label here.
PAGE_LABELS: dict[str, str | Promise] = {
    "reports:home": gettext_lazy("Home"),
    "reports:teams": gettext_lazy("Teams"),
    "reports:team": gettext_lazy("Team results"),
    "reports:team_file": gettext_lazy("Team results as PDF"),
    "reports:own_result": gettext_lazy("Result of the own team"),
    "reports:trend": gettext_lazy("Trend"),
    "reports:capabilities": gettext_lazy("Capabilities"),
    "reports:capabilities_quality": gettext_lazy("Data quality"),
    "reports:capability": gettext_lazy("Capability"),
    "reports:explanation": gettext_lazy("How a score is calculated"),
    "reports:principles": gettext_lazy("Principles"),
    "reports:principle": gettext_lazy("Edit principle"),
    "reports:targets": gettext_lazy("Set targets"),
    "reports:reports": gettext_lazy("Report list"),
    "reports:report_schedule": gettext_lazy("Report schedule"),
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
    "assessments:rubric_file": gettext_lazy("Rubric file"),
    "assessments:rubric_file_along": gettext_lazy("Built-in rubric file"),
    "organizations:people_template": gettext_lazy("Template for people"),
}


@dataclass(frozen=True, slots=True)
class AccessHistoryLine:
    at: datetime
    reader: str
    page: str
    subject: str
    address: str  # URL of the page; empty where only a program can read it


def latest(
    slug: str, page: str, size: int = PAGE_SIZE
) -> tuple[Page[AccessEvent], list[AccessHistoryLine]]:
    """Return one page of this organization's log, the newest first. Four queries."""
    events = Paginator(AccessEvent.objects.order_by("-at", "-pk"), size).get_page(page)
    names = _names_by_reader(events)
    unknown_reader = _("Removed member")
    return events, [
        AccessHistoryLine(
            event.at,
            names.get(event.reader, unknown_reader),
            str(PAGE_LABELS.get(event.page, event.page)),
            _subject_text(event),
            _page_url(event, slug),
        )
        for event in events
    ]


def _names_by_reader(events: Iterable[AccessEvent]) -> dict[UUID, str]:
    """Return the names of people and keys by id. Erasing a person erases the name."""
    readers = {event.reader for event in events}
    people = Membership.objects.filter(pk__in=readers).values_list("pk", "name")
    keys = ApiKey.objects.filter(pk__in=readers).values_list("pk", "name")
    key_names = {key: _("API key: %(name)s") % {"name": name} for key, name in keys}
    return {**key_names, **dict(people)}


def _page_url(event: AccessEvent, slug: str) -> str:
    if event.page.startswith("api:"):
        return ""
    try:
        return reverse(event.page, args=[slug, *filter(None, event.subject.split("/"))])
    except NoReverseMatch:  # of an earlier release
        return ""


def _subject_text(event: AccessEvent) -> str:
    """Return the readable part of the subject: names, and of an id its end, which differs most."""
    return " · ".join(_shorten_id(part) for part in event.subject.split("/") if part)


def _shorten_id(part: str) -> str:
    try:
        return f"…{str(UUID(part))[-6:]}"
    except ValueError:
        return part
