"""Render a results page once for all who may see the same. What is published of a closed cycle never
changes again, so each process caches the rendered content."""

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
from organizations.languages import current_language
from reports.views.framing import get_or_render, render_framed


class PageContent(Protocol):
    @property
    def colophon(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """The content of a page about closed cycles, without the frame that depends on its reader."""

    content: SafeString
    colophon: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """The link that an empty page offers: the next step before there are results."""

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
    """Return the page `name`, its content cached.

    `shown` are the closed cycles and what else the address chooses; with the same values the content
    is the same for everyone with the same rights. `place` is the reader's position in the cycle, if
    that decides what they see; `note` is shown above the content.
    """
    access = request.access
    rendered = get_or_render(
        lambda: _render_content(access, name, page()),
        name,
        current_language(),
        _cache_key(access, place),
        shown,
    )
    return render_framed(
        request, title=title, content=rendered.content, colophon=rendered.colophon, note=note
    )


def selected_choice(
    request: TenantRequest,
    name: str,
    choices: Callable[[], Collection[str]],
    *shown: object,
    place: Position | None = None,
) -> str:
    """Return the query parameter `name`, or "" where the page has no such choice.

    Invented values never become part of a cache key: they would evict the pages that others read.
    """
    choice = request.GET.get(name, "")
    if not choice:
        return ""
    valid_choices = get_or_render(
        lambda: frozenset(choices()), "choices", name, _cache_key(request.access, place), shown
    )
    return choice if choice in valid_choices else ""


def _cache_key(access: Access, position: Position | None) -> tuple[object, ...]:
    """Return everything about a reader that the content depends on, except the language."""
    abilities = (access.may(Ability.SEE_RESULTS), access.may(Ability.DECIDE))
    return (access.organization_id, access.slug, access.time_zone, *abilities, position)


def _render_content(access: Access, name: str, page: PageContent) -> RenderedPage:
    context = {"page": page, "access": access, "decides": access.may(Ability.DECIDE)}
    return RenderedPage(render_to_string(f"reports/{name}.html", context), page.colophon)


def render_empty_page(request: TenantRequest, name: str, title: str) -> HttpResponse:
    """Return the page `name` as it is before there are results, with the next step."""
    context = {"page": None, "next": _next_step(request.access)}
    content = render_to_string(f"reports/{name}.html", context)
    return render_framed(request, title=title, content=content, colophon="")


def _next_step(access: Access) -> NextStep | None:
    if not access.may(Ability.RUN_CYCLES):
        return None
    return NextStep(
        reverse("assessments:cycle_plan", args=[access.slug]), _("Plan the first cycle")
    )
