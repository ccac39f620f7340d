"""Render a results page once for all who may see the same. What is published of a closed cycle changes only
with the cycle's mark, so each process caches the content of the page; the frame around it is the reader's own
and is rendered every time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from django.core.cache import caches
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle, ClosedCycleSummary
from assessments.results.visible_teams import Position
from organizations.access import Ability, Access, TenantRequest
from organizations.languages import current_language
from reports.presenters.running import Running
from reports.views.cycle_selection import CycleSelection

Cached = TypeVar("Cached")
ShownCycles = Sequence[ClosedCycleSummary] | Sequence[ClosedCycle]
"""The cycles whose published results a page shows."""


class PageContent(Protocol):
    @property
    def colophon(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RenderedContent:
    """The content of a page about closed cycles, without the frame that depends on its reader."""

    content: SafeString
    colophon: str
    title: str = ""  # of a page whose title is part of what is published


@dataclass(frozen=True, slots=True)
class NextStep:
    """The link that an empty page offers: the next step before there are results."""

    address: str
    label: str


def render_page(
    request: TenantRequest,
    name: str,
    title: str,
    build_page: Callable[[], PageContent],
    cycles: ShownCycles,
    *choices: str,
    position: Position | None = None,
    note: str = "",
    selection: CycleSelection | None = None,
    offered: Collection[UUID] | None = None,
    running: Running | None = None,
) -> HttpResponse:
    """Return the page `name`, its content cached.

    With the same published `cycles` and the same `choices` of the address, the content is the same for
    everyone with the same rights. `position` is the reader's in the cycle, if that decides what they see;
    `note` is shown above the content, and so is the choice of a cycle: of the `offered`, if not of all.
    What is `running` stands below it.
    """
    query = selection.query if selection else ""
    rendered = cached_content(
        request.access, name, build_page, cycles, *choices, position=position, query=query
    )
    frame: dict[str, Any] = {
        "notes": _notes(request.access, selection, note),
        "running": running,
    }
    if selection:
        frame["rubrics"] = selection.options(offered)
    title = rendered.title or title
    return _render_frame(request, title, rendered.content, rendered.colophon, **frame)


def cached_content(
    access: Access,
    name: str,
    build_page: Callable[[], PageContent],
    cycles: ShownCycles,
    *choices: str,
    position: Position | None = None,
    query: str = "",
) -> RenderedContent:
    """Return the content of the page `name`, rendered once for all who may see the same."""
    return cached_for(
        access,
        position,
        cycles,
        lambda: _render_content(access, name, build_page(), query),
        name,
        choices,
        query,
    )


def _notes(access: Access, selection: CycleSelection | None, note: str = "") -> list[str]:
    """Return what stands above the content: what is not shown, and which cycle is still being counted."""
    awaited = selection.awaited if selection and access.may(Ability.SEE_RESULTS) else ()
    text = _("%(cycle)s has closed. Its results aren't ready yet.")
    few = selection.too_few_note if selection and selection.cycles else ""
    return [*(text % {"cycle": name} for name in awaited), *filter(None, (note or few,))]


def selected_choice(
    request: TenantRequest,
    name: str,
    list_choices: Callable[[], Collection[str]],
    cycles: ShownCycles,
    *,
    position: Position | None = None,
) -> str:
    """Return the query parameter `name`, or "" where the page has no such choice.

    Invented values never become part of a cache key: they would evict the pages that others read.
    """
    choice = request.GET.get(name, "")
    if not choice:
        return ""
    valid_choices = cached_for(
        request.access, position, cycles, lambda: frozenset(list_choices()), "choices", name
    )
    return choice if choice in valid_choices else ""


def render_empty_page(
    request: TenantRequest, name: str, title: str, selection: CycleSelection
) -> HttpResponse:
    """Return the page `name` as it is before there are results, with the next step."""
    context = {"page": None, "next": _next_step(request.access)}
    content = render_to_string(f"reports/{name}.html", context)
    return _render_frame(request, title, content, notes=_notes(request.access, selection))


def cached_for(
    access: Access,
    position: Position | None,
    cycles: ShownCycles,
    compute: Callable[[], Cached],
    *key_parts: object,
) -> Cached:
    """Return what is made of these published cycles for everyone with the same rights and language."""
    reader = (current_language(), _reader_key(access, position))
    return _get_or_compute(compute, *key_parts, reader, _marks(cycles))


def _get_or_compute(compute: Callable[[], Cached], *key_parts: object) -> Cached:
    """Return the value cached under `key_parts`, which need a stable `repr`; the first caller in a process
    computes it."""
    key = sha256(repr(key_parts).encode()).hexdigest()
    return cast("Cached", caches["results_pages"].get_or_set(key, compute))


def _reader_key(access: Access, position: Position | None) -> tuple[object, ...]:
    """Return everything about a reader that the content depends on, except the language."""
    abilities = (access.may(Ability.SEE_RESULTS), access.may(Ability.DECIDE))
    return (access.organization_id, access.slug, access.time_zone, *abilities, position)


def _marks(cycles: ShownCycles) -> list[str]:
    """Return the marks of the published state: none of them remains when results are published again."""
    return [cycle.mark for cycle in cycles]


def _render_content(access: Access, name: str, page: PageContent, query: str) -> RenderedContent:
    context = {
        "page": page,
        "access": access,
        "decides": access.may(Ability.DECIDE),
        "cycle_query": query,
    }
    content = render_to_string(f"reports/{name}.html", context)
    return RenderedContent(content, page.colophon, getattr(page, "title", ""))


def _render_frame(
    request: TenantRequest, title: str, content: SafeString, colophon: str = "", **more: Any
) -> HttpResponse:
    context = {"title": title, "content": content, "colophon": colophon, **more}
    return render(request, "reports/results.html", context)


def _next_step(access: Access) -> NextStep | None:
    if not access.may(Ability.RUN_CYCLES):
        return None
    return NextStep(
        reverse("assessments:cycle_plan", args=[access.slug]), _("Plan the first survey")
    )
