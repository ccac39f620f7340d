"""Long lists page by page. A page is found by what came last, not by counting from the beginning:
every page costs the same, and nothing is skipped or told twice while rows are added.
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
    """How many are wanted, and after which row. A cursor counts only where it was given out: at
    this address, with these filters."""

    limit: int
    after: tuple[str, ...] | None
    path: str
    filters: dict[str, str]

    def cut(self, rows: Sequence[Row], key: Any) -> CursorPage[Row]:
        """Of `limit + 1` rows the page; `key` says where a row stands in the order."""
        items = rows[: self.limit]
        return CursorPage(items, tuple(key(items[-1])) if len(rows) > self.limit else None)

    def address(self, request: HttpRequest, last: tuple[str, ...] | None) -> str | None:
        if last is None:
            return None
        told = dict(self.filters)
        if self.limit != DEFAULT_PAGE_SIZE:
            told[LIMIT.name] = str(self.limit)
        told[CURSOR.name] = _signer(self.path, self.filters).sign_object(list(last))
        return request.build_absolute_uri(f"{self.path}?{urlencode(told)}")


def read_page_request(request: HttpRequest, asked: dict[str, str]) -> PageRequest:
    filters = {name: asked[name] for name in sorted(asked) if name not in (LIMIT.name, CURSOR.name)}
    after = _after(asked.get(CURSOR.name), request.path, filters)
    return PageRequest(int(asked.get(LIMIT.name, DEFAULT_PAGE_SIZE)), after, request.path, filters)


def _signer(path: str, filters: dict[str, str]) -> Signer:
    return Signer(salt=f"cursor {path}?{urlencode(filters)}")


def _after(cursor: str | None, path: str, filters: dict[str, str]) -> tuple[str, ...] | None:
    if cursor is None:
        return None
    try:
        return tuple(_signer(path, filters).unsign_object(cursor))
    except (BadSignature, ValueError):
        message = _("This cursor was not given out here. Begin again without it.")
        raise validation_error(CURSOR.name, message) from None
