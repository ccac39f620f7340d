"""One JSON line per event, for machines; readable lines while developing.

A line names the route, never the address: an address can hold a token. Lines of the survey name
no person, so that the log cannot say who answered when. An exception is told by its kind and where
it happened; its own words are left out, because they may quote what somebody typed.
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
    """The exception and what led to it, each with the places it came through."""
    while problem is not None:
        yield describe_exception(problem)
        for place in traceback.extract_tb(problem.__traceback__):
            yield f"  {place.filename}:{place.lineno} {place.name}"
        problem = problem.__cause__ or (
            None if problem.__suppress_context__ else problem.__context__
        )


def summarise_exception(_logger: Any, _method: str, event: Event) -> Event:
    found = event.pop("exc_info", None)
    problem = found[1] if isinstance(found, tuple) else found
    if problem is True:
        problem = sys.exc_info()[1]
    if isinstance(problem, BaseException):
        event["exception"] = "\n".join(exception_chain(problem))
    return event


def redact_addresses(_logger: Any, _method: str, event: Event) -> Event:
    """Django's own lines quote the address, and any line might quote an e-mail."""
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
    """Django's LOGGING: standard library and structlog end in the same lines."""
    logging.captureWarnings(capture=True)  # Python's own words become lines like the others
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
            # Django's own lines quote the address; ours say the same by route.
            "django.request": {"level": "ERROR"},
            "django.security.csrf": {"level": "ERROR"},
            "celery.app.trace": {"level": "WARNING"},
        },
    }


class RequestLogMiddleware:
    """Middleware: one line per request, with a number that every line of it shares."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=uuid4().hex[:12])
        try:
            response = self.get_response(request)
            log.info("request", **_seen(request, response), seconds=_since(begun))
            return response
        finally:
            structlog.contextvars.clear_contextvars()


def _since(begun: float) -> float:
    return round(time.perf_counter() - begun, 4)


def _seen(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    route = request.resolver_match.view_name if request.resolver_match else ""
    seen: dict[str, Any] = {
        "method": request.method,
        "route": route,
        "status": response.status_code,
    }
    access = getattr(request, "access", None)
    if access is not None:
        seen["organization"] = str(access.organization_id)
        if "survey" not in route and not access.via_personal_link:
            seen["member"] = str(access.membership_id)
    program = getattr(request, "program", None)
    if program is not None:
        seen |= {"organization": str(program.organization_id), "key": str(program.key_id)}
    return seen
