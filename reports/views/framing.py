"""The frame around a page of results: masthead, navigation, foot. For all who may open the same pages it
is the same, so a process draws it once, with holes for what belongs to one reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TypeVar, cast

from django.contrib.messages import get_messages
from django.core.cache import caches
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from organizations.access import TenantRequest
from reports.views.shared import current_language

Cached = TypeVar("Cached")
TEMPLATE = "reports/results.html"
# No text can hold the sign around a name: neither a browser's input nor the database lets it in.
PLACEHOLDER = re.compile("\0([a-z_]+)\0")
THEMES = ("light", "dark")


def get_or_render(draw: Callable[[], Cached], *look: object) -> Cached:
    """What is drawn for this look; a process draws it for the first who asks and keeps it."""
    key = sha256(repr(look).encode()).hexdigest()
    return cast("Cached", caches["drawn"].get_or_set(key, draw))


def render_framed(
    request: TenantRequest, *, title: str, content: SafeString, colophon: str, note: str = ""
) -> HttpResponse:
    """The whole page. If there is something to say to the reader, it is drawn for this once."""
    page = {"title": title, "content": content, "colophon": colophon, "note": note}
    if get_messages(request):
        return render(request, TEMPLATE, page)
    page |= {
        "reader_name": request.access.member_name,
        "reader_place": request.get_full_path(),
        "csrf_token": get_token(request),
    }
    empty = [name for name, text in page.items() if not text]
    pieces = get_or_render(lambda: _frame(request, page), *_look(request), empty)
    pieces[1::2] = [conditional_escape(page[name]) for name in pieces[1::2]]
    return HttpResponse("".join(pieces))


def _look(request: TenantRequest) -> tuple[object, ...]:
    """All that the frame depends on, its holes apart."""
    access, theme, place = request.access, request.COOKIES.get("theme", ""), request.resolver_match
    return (
        TEMPLATE,
        current_language(),
        theme if theme in THEMES else "",
        place.view_name if place else "",
        access.slug,
        access.name,
        sorted(access.abilities),
    )


def _frame(request: TenantRequest, page: Mapping[str, str]) -> list[str]:
    """The page in pieces: text, and between two texts the name of what belongs there."""
    holes = {name: f"\0{name}\0" if text else "" for name, text in page.items()}
    return PLACEHOLDER.split(render_to_string(TEMPLATE, holes, request))
