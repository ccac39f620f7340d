"""Every address of the site, read from the URLconf, and what must be known to visit it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from organizations.access import Scope

PARAMETER = re.compile(r"<(?:[^:>]+:)?([^>]+)>")
_UNSAID = object()


@dataclass(frozen=True, slots=True)
class Route:
    """One address with its parameters still open."""

    pattern: str
    name: str
    view: Callable[..., Any]

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(PARAMETER.findall(self.pattern))

    @property
    def states_an_ability(self) -> bool:
        return getattr(self.view, "ability", _UNSAID) is not _UNSAID

    @property
    def scope(self) -> Scope | None:
        """What a program needs to read it; None for pages."""
        return getattr(self.view, "scope", None)

    @property
    def is_for_programs(self) -> bool:
        return self.pattern.startswith("api/v1/organizations/")

    @property
    def offered(self) -> tuple[str, ...]:
        """What a program may put behind the question mark."""
        return tuple(one.name for one in self.view.cls.parameters) if self.scope else ()  # type: ignore[attr-defined]  # DRF's

    @property
    def is_public(self) -> bool:
        return getattr(self.view, "ability", _UNSAID) is None

    def path(self, values: dict[str, str]) -> str:
        return "/" + PARAMETER.sub(lambda found: values[found.group(1)], self.pattern)


def routes() -> list[Route]:
    return list(_walk(get_resolver(settings.ROOT_URLCONF).url_patterns, "", ""))


def _walk(entries: list[Any], prefix: str, space: str) -> Iterator[Route]:
    for entry in entries:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield Route(pattern, f"{space}{entry.name}", entry.callback)
        else:
            assert isinstance(entry, URLResolver)
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry.url_patterns, pattern, inner)


def looks_like_an_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
