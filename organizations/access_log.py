"""Who read which results, reports and exports, or asked the API: one line a reader, thing and day.
Answering leaves none.

Written by the door, so that a new page is covered without a word of its own. A process remembers what
was written: reading the same again costs no statement that day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from organizations.process_cache import ProcessCache
from organizations.tenancy.scope import bound_organization, uuid7

log = structlog.get_logger(__name__)
READ_METHODS = ("GET", "HEAD")
READ_STATUSES = (200, 304)
RESULTS_NAMESPACE = "reports"  # the namespace of all pages of results and reports


class AccessRecord(NamedTuple):
    organization: UUID
    day: date
    reader: UUID
    page: str
    subject: str


_written = ProcessCache[AccessRecord, bool](50_000)


def is_read_of_results(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a page shows results or a report, or is downloaded."""
    place = request.resolver_match
    disposition = response.headers.get("Content-Disposition", "")
    is_results = place is not None and RESULTS_NAMESPACE in place.namespaces
    return is_results or disposition.startswith("attachment")


def record_read(
    request: HttpRequest,
    response: HttpResponseBase,
    *,
    reader: UUID,
    moment: datetime,
    time_zone: str = "UTC",
) -> None:
    """The line of this read, unless it is there. At most 1 statement, in the transaction of the read.

    Where nothing can be written (a read-only database, a full disk) reading goes on without a line.
    """
    if request.method not in READ_METHODS or response.status_code not in READ_STATUSES:
        return
    line = _line(request, reader, moment.astimezone(ZoneInfo(time_zone)).date())
    if line in _written:
        return
    with connection.cursor() as cursor:
        question = "SELECT note_access(%s, %s, %s, %s, %s, %s)"
        cursor.execute(question, [line.organization, uuid7(), *line[1:]])
        is_written = cursor.fetchone()[0]
    if is_written:
        request.access_line = line  # type: ignore[attr-defined]  # for RememberWritten
    else:
        log.warning("access_log.not_written", route=line.page)


def _line(request: HttpRequest, reader: UUID, day: date) -> AccessRecord:
    place = request.resolver_match
    assert place is not None
    which = (str(value) for name, value in place.kwargs.items() if name != "organization")
    return AccessRecord(bound_organization(), day, reader, place.view_name, "/".join(which)[:200])


class AccessLogMiddleware:
    """Middleware: remembers a line once the transaction that wrote it is over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        line: AccessRecord | None = getattr(request, "access_line", None)
        if line is not None and response.status_code in READ_STATUSES:
            _written.get_or_compute(line, lambda: True)
        return response


def purge(days: int) -> int:
    """Deletes what is older, of every organization, and returns how many lines that were. The role of
    the site cannot delete a line; the database does, and nothing younger than 30 days."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT purge_access_events(%s)", [days])
        deleted: int = cursor.fetchone()[0]
    return deleted
