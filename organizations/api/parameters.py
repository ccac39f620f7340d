"""The query parameters of the API, read strictly: what is not offered is refused by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.access import KEY_PREFIX
from organizations.api.errors import InvalidRequest, RequestProblem

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 100, 500
MIN_LENGTH, MAX_LENGTH = 1, 300
_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the query string."""

    name: str
    meaning: Any  # translated
    choices: tuple[str, ...] = ()
    number: tuple[int, int] | None = None  # smallest and largest

    def fault(self, value: str) -> str:
        """Return what is wrong with this value; empty if nothing is."""
        if self.choices and value not in self.choices:
            return _("Choose one of: %(choices)s.") % {"choices": ", ".join(self.choices)}
        if self.number is not None:
            least, most = self.number
            if not _NUMBER.fullmatch(value) or not least <= int(value) <= most:
                limits = {"least": least, "most": most}
                return _("Use a whole number from %(least)s to %(most)s.") % limits
        if not MIN_LENGTH <= len(value) <= MAX_LENGTH:
            return _("Use 1 to 300 characters, or leave it out.")
        return ""


LIMIT = Parameter(
    "limit",
    gettext_lazy("Rows per page, up to 500. Default 100."),
    number=(1, MAX_PAGE_SIZE),
)
CURSOR = Parameter("cursor", gettext_lazy("Pagination cursor, from “next” of the previous page."))
PAGINATION = (LIMIT, CURSOR)


def validation_error(name: str, message: str, where: str = "query") -> InvalidRequest:
    return InvalidRequest([RequestProblem(where, name, message)])


def refuse_keys_in_url(request: HttpRequest) -> None:
    """Refuse a key in the URL: URLs are written into logs and histories, so it is no secret any more."""
    exposed = [name for name, values in request.GET.lists() if any(map(_is_key, (name, *values)))]
    if exposed:
        message = _(
            "Don't put keys in URLs. Send this in the Authorization header, and revoke this "
            "key; it may have been logged."
        )
        raise InvalidRequest([RequestProblem("query", name[:60], message) for name in exposed])


def _is_key(text: str) -> bool:
    return text.strip().startswith((KEY_PREFIX, f"Bearer {KEY_PREFIX}"))


def parse_query(query: QueryDict, offered: Sequence[Parameter]) -> dict[str, str]:
    """Return the values by name. Raises InvalidRequest with everything that cannot be understood."""
    if problems := [*_find_problems(query, {parameter.name: parameter for parameter in offered})]:
        raise InvalidRequest(problems)
    return {name: str(query[name]) for name in query}


def _find_problems(query: QueryDict, offered: dict[str, Parameter]) -> Iterator[RequestProblem]:
    names = ", ".join(offered) or "-"
    for name, values in query.lists():
        if name not in offered:
            message = _("Unknown parameter. Available: %(known)s.") % {"known": names}
        elif len(values) > 1:
            message = _("Use this parameter only once.")
        else:
            message = offered[name].fault(values[0])
        if message:
            yield RequestProblem("query", name[:60], message)
