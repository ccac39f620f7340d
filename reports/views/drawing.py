"""Results pages are drawn once. What is published of a closed cycle never changes again, so a process
keeps what it has drawn for whoever may see the same."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.results.visible_teams import Position
from organizations.access import Ability, Access, TenantRequest
from reports.views.framing import get_or_render, render_framed
from reports.views.shared import current_language


class PageContent(Protocol):
    @property
    def colophon(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """What a page shows of closed cycles, without the frame that belongs to its reader."""

    content: SafeString
    colophon: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one next step before there are results."""

    address: str
    label: str


def render_page(
    request: TenantRequest,
    name: str,
    title: str,
    page: Callable[[], PageContent],
    *shown: object,
    place: Position | None = None,
    note: str = "",
) -> HttpResponse:
    """The page `name`. `shown` are the closed cycles and whatever else the address has `chosen`: where
    they are the same, so is the page for everyone who may see as much. `place` is where the reader is
    in the cycle, if that decides what they see; `note` stands above the page."""
    access = request.access
    drawn = get_or_render(
        lambda: _drawn(access, name, page()), name, current_language(), _look(access, place), shown
    )
    return render_framed(
        request, title=title, content=drawn.content, colophon=drawn.colophon, note=note
    )


def selected_choice(
    request: TenantRequest,
    name: str,
    choices: Callable[[], Collection[str]],
    *shown: object,
    place: Position | None = None,
) -> str:
    """What the address chooses under this name, or nothing where the page has no such choice. What
    somebody made up is no part of the key: else it would push out the pages that others read."""
    wanted = request.GET.get(name, "")
    if not wanted:
        return ""
    known = get_or_render(
        lambda: frozenset(choices()), "choices", name, _look(request.access, place), shown
    )
    return wanted if wanted in known else ""


def _look(access: Access, place: Position | None) -> tuple[object, ...]:
    """All of a reader that a page without its frame depends on, the language apart."""
    abilities = (access.may(Ability.SEE_RESULTS), access.may(Ability.DECIDE))
    return (access.organization_id, access.slug, access.time_zone, *abilities, place)


def _drawn(access: Access, name: str, page: PageContent) -> RenderedPage:
    told = {"page": page, "access": access, "decides": access.may(Ability.DECIDE)}
    return RenderedPage(render_to_string(f"reports/{name}.html", told), page.colophon)


def render_empty_page(request: TenantRequest, name: str, title: str) -> HttpResponse:
    """The same page before there is anything to show."""
    told = {"page": None, "next": _next(request.access)}
    content = render_to_string(f"reports/{name}.html", told)
    return render_framed(request, title=title, content=content, colophon="")


def _next(access: Access) -> NextStep | None:
    if not access.may(Ability.RUN_CYCLES):
        return None
    return NextStep(
        reverse("assessments:cycle_plan", args=[access.slug]), _("Plan the first cycle")
    )
