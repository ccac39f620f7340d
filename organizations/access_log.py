"""The access log: who read which results, reports and exports, or used the API. One line a reader, subject
and day; answering writes none.

`access.py` and the API write it, so that a new page is covered without code of its own. Each process
remembers what it wrote: reading the same again costs no statement that day.
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
from organizations.tenancy.scope import bound_organization, can_write, uuid7

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
    """Return whether the response shows results or a report, or is a download."""
    match = request.resolver_match
    disposition = response.headers.get("Content-Disposition", "")
    is_results = match is not None and RESULTS_NAMESPACE in match.namespaces
    return is_results or disposition.startswith("attachment")


def record_read(
    request: HttpRequest,
    response: HttpResponseBase,
    *,
    reader: UUID,
    moment: datetime,
    time_zone: str = "UTC",
) -> None:
    """Write the line of this read, unless it exists. At most 1 statement, in the transaction of the read.

    Where nothing can be written (a read-only database, a full disk) reading goes on without a line.
    """
    if request.method not in READ_METHODS or response.status_code not in READ_STATUSES:
        return
    record = _build_record(request, reader, moment.astimezone(ZoneInfo(time_zone)).date())
    if record in _written:
        return
    if can_write() and _write(record):
        request.access_line = record  # type: ignore[attr-defined]  # for AccessLogMiddleware
    else:
        log.warning("access_log.not_written", route=record.page)


def _write(record: AccessRecord) -> bool:
    with connection.cursor() as cursor:
        query = "SELECT note_access(%s, %s, %s, %s, %s, %s)"
        cursor.execute(query, [record.organization, uuid7(), *record[1:]])
        return bool(cursor.fetchone()[0])


def _build_record(request: HttpRequest, reader: UUID, day: date) -> AccessRecord:
    match = request.resolver_match
    assert match is not None
    arguments = (str(value) for name, value in match.kwargs.items() if name != "organization")
    return AccessRecord(
        bound_organization(), day, reader, match.view_name, "/".join(arguments)[:200]
    )


class AccessLogMiddleware:
    """Middleware: remember a line once the transaction that wrote it is over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        record: AccessRecord | None = getattr(request, "access_line", None)
        if record is not None and response.status_code in READ_STATUSES:
            _written.get_or_compute(record, lambda: True)
        return response


def purge(days: int) -> int:
    """Delete the lines of every organization that are older; return how many were deleted.

    The role of the site cannot delete a line; an SQL function does, and none younger than 30 days.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT purge_access_events(%s)", [days])
        deleted: int = cursor.fetchone()[0]
    return deleted
