"""Cursor pagination: a page is found by the last row of the page before, not by counting rows.

Every page costs the same, and nothing is skipped or repeated while rows are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils.translation import gettext as _

from organizations.api.parameters import CURSOR, DEFAULT_PAGE_SIZE, LIMIT, validation_error

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class CursorPage(Generic[Row]):
    items: Sequence[Row]
    last: tuple[str, ...] | None  # where the next page begins; None at the end


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many rows are wanted, and after which. A cursor is valid only where it was given out: at this URL,
    with these filters."""

    limit: int
    after: tuple[str, ...] | None
    path: str
    filters: dict[str, str]

    def cut(self, rows: Sequence[Row], key: Any) -> CursorPage[Row]:
        """Return the page from `limit + 1` rows; `key` gives a row's position in the order."""
        items = rows[: self.limit]
        return CursorPage(items, tuple(key(items[-1])) if len(rows) > self.limit else None)

    def address(self, request: HttpRequest, last: tuple[str, ...] | None) -> str | None:
        """Return the URL of the next page; None on the last one."""
        if last is None:
            return None
        parameters = dict(self.filters)
        if self.limit != DEFAULT_PAGE_SIZE:
            parameters[LIMIT.name] = str(self.limit)
        parameters[CURSOR.name] = _cursor_signer(self.path, self.filters).sign_object(list(last))
        return request.build_absolute_uri(f"{self.path}?{urlencode(parameters)}")


def read_page_request(request: HttpRequest, query: dict[str, str]) -> PageRequest:
    """Read limit, cursor and filters from the checked parameters. Raises InvalidRequest."""
    filters = {name: query[name] for name in sorted(query) if name not in (LIMIT.name, CURSOR.name)}
    after = _read_cursor(query.get(CURSOR.name), request.path, filters)
    return PageRequest(int(query.get(LIMIT.name, DEFAULT_PAGE_SIZE)), after, request.path, filters)


def _cursor_signer(path: str, filters: dict[str, str]) -> Signer:
    return Signer(salt=f"cursor {path}?{urlencode(filters)}")


def _read_cursor(cursor: str | None, path: str, filters: dict[str, str]) -> tuple[str, ...] | None:
    if cursor is None:
        return None
    try:
        return tuple(_cursor_signer(path, filters).unsign_object(cursor))
    except (BadSignature, ValueError):
        message = _("Invalid cursor. Start again without it.")
        raise validation_error(CURSOR.name, message) from None
