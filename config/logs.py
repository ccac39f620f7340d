"""Logs: one JSON line per event, for machines; readable lines while developing.

A line names the route, never the URL: a URL can hold a token. Lines of the survey name no person, so
that the log cannot say who answered when. An exception is logged by its type and where it happened;
its own text is left out, because it may quote what somebody typed.
"""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponse

from organizations.redaction import describe_exception

Event = MutableMapping[str, Any]
EMAIL_PATTERN = re.compile(r"[^\s<>\"'(),:;@]+@[^\s<>\"'(),:;@]+")
QUOTING_LOGGERS = ("django.request", "django.security", "django.server", "celery.app.trace")


def exception_chain(problem: BaseException | None) -> Iterator[str]:
    """Yield the exception and its causes, each with the lines of code it came through."""
    while problem is not None:
        yield describe_exception(problem)
        for frame in traceback.extract_tb(problem.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} {frame.name}"
        problem = problem.__cause__ or (
            None if problem.__suppress_context__ else problem.__context__
        )


def summarise_exception(_logger: Any, _method: str, event: Event) -> Event:
    """Replace the exception of an event by a description that quotes nobody."""
    exc_info = event.pop("exc_info", None)
    problem = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if problem is True:
        problem = sys.exc_info()[1]
    if isinstance(problem, BaseException):
        event["exception"] = "\n".join(exception_chain(problem))
    return event


def redact_addresses(_logger: Any, _method: str, event: Event) -> Event:
    """Remove URLs and e-mails: Django's own lines quote the URL, and any line might quote an e-mail."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord) and record.name.startswith(QUOTING_LOGGERS):
        event["event"] = record.name
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = EMAIL_PATTERN.sub("(address)", value)
    return event


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(allow={"kind", "row"}),
    structlog.processors.TimeStamper(fmt="iso"),
    summarise_exception,
    redact_addresses,
]
log = structlog.get_logger("request")


def logging_settings(*, readable: bool) -> dict[str, Any]:
    """Return Django's LOGGING: standard library and structlog write the same lines."""
    logging.captureWarnings(capture=True)  # Python's warnings become lines like the others
    renderer = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        "foreign_pre_chain": SHARED_PROCESSORS,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Django's own lines quote the URL; ours say the same by route.
            "django.request": {"level": "ERROR"},
            "django.security.csrf": {"level": "ERROR"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }


class RequestLogMiddleware:
    """Middleware: log one line per request, with an id that every line of it shares."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=uuid4().hex[:12])
        try:
            response = self.get_response(request)
            log.info(
                "request", **_request_fields(request, response), seconds=_seconds_since(started)
            )
            return response
        finally:
            structlog.contextvars.clear_contextvars()


def _seconds_since(started: float) -> float:
    return round(time.perf_counter() - started, 4)


def _request_fields(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    route = request.resolver_match.view_name if request.resolver_match else ""
    fields: dict[str, Any] = {
        "method": request.method,
        "route": route,
        "status": response.status_code,
    }
    access = getattr(request, "access", None)
    if access is not None:
        fields["organization"] = str(access.organization_id)
        if "survey" not in route and not access.via_personal_link:
            fields["member"] = str(access.membership_id)
    program = getattr(request, "program", None)
    if program is not None:
        fields |= {"organization": str(program.organization_id), "key": str(program.key_id)}
    return fields
