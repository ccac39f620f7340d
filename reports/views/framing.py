"""The frame around a results page: masthead, navigation, foot. It is the same for all who may open the
same pages, so each process caches it, with placeholders for what belongs to one reader or page."""

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
from organizations.languages import current_language

Cached = TypeVar("Cached")
TEMPLATE = "reports/results.html"
# NUL around a name cannot occur in a text: neither form input nor the database accepts it.
PLACEHOLDER = re.compile("\0([a-z_]+)\0")
THEMES = ("light", "dark")


def get_or_render(renderer: Callable[[], Cached], *key_parts: object) -> Cached:
    """Return the value cached under `key_parts`; the first caller in a process computes it.

    `key_parts` must have a stable `repr`.
    """
    key = sha256(repr(key_parts).encode()).hexdigest()
    return cast("Cached", caches["drawn"].get_or_set(key, renderer))


def render_framed(
    request: TenantRequest, *, title: str, content: SafeString, colophon: str, note: str = ""
) -> HttpResponse:
    """Return the whole page. With pending messages for the reader, the frame is rendered uncached."""
    page = {"title": title, "content": content, "colophon": colophon, "note": note}
    if get_messages(request):
        return render(request, TEMPLATE, page)
    page |= {
        "reader_name": request.access.member_name,
        "reader_place": request.get_full_path(),
        "csrf_token": get_token(request),
    }
    empty_names = [name for name, text in page.items() if not text]
    pieces = get_or_render(
        lambda: _render_frame(request, page), *_frame_key_parts(request), empty_names
    )
    pieces[1::2] = [conditional_escape(page[name]) for name in pieces[1::2]]
    return HttpResponse("".join(pieces))


def _frame_key_parts(request: TenantRequest) -> tuple[object, ...]:
    """Return everything that the frame depends on, except its placeholders."""
    access, theme, resolver_match = (
        request.access,
        request.COOKIES.get("theme", ""),
        request.resolver_match,
    )
    return (
        TEMPLATE,
        current_language(),
        theme if theme in THEMES else "",
        resolver_match.view_name if resolver_match else "",
        access.slug,
        access.name,
        sorted(access.abilities),
    )


def _render_frame(request: TenantRequest, page: Mapping[str, str]) -> list[str]:
    """Return the page in pieces: texts at even indexes, names of placeholders at odd ones."""
    placeholders = {name: f"\0{name}\0" if text else "" for name, text in page.items()}
    return PLACEHOLDER.split(render_to_string(TEMPLATE, placeholders, request))
