"""What the site answers when something goes wrong outside a view: a document to the API's clients, a page
to everyone else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.views import defaults

from organizations.access import recognize_member
from organizations.api.errors import api_error_response

log = structlog.get_logger(__name__)


def with_last_resort(
    status: HTTPStatus, handler: Callable[..., HttpResponse]
) -> Callable[..., HttpResponse]:
    """Return a handler that cannot raise, because nothing behind it would catch an exception, set headers and
    write a log line. Where its page cannot be made, it answers the status in plain text."""

    @wraps(handler)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return handler(request, *args, **kwargs)
        except Exception:  # whatever it is, nothing else would catch it
            log.exception("error_page.failed", status=int(status))
            return HttpResponse(status.phrase, status=status, content_type="text/plain")

    return guarded


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return api_error_response(request, status) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api_error_response(request, 403) or defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if api_response := api_error_response(request, 404):
        return api_response
    recognize_member(request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 where the database cannot be reached, because it comes back; else 500."""
    is_unreachable = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    api_response = api_error_response(request, 503 if is_unreachable else 500)
    return api_response or (unavailable() if is_unreachable else defaults.server_error(request))


def unavailable() -> HttpResponse:
    """Return a page that needs neither database nor cache."""
    page = get_template("unavailable.html").render()
    return HttpResponse(page, status=503, headers={"Retry-After": "5"})


HANDLERS = (
    with_last_resort(HTTPStatus.BAD_REQUEST, bad_request),
    with_last_resort(HTTPStatus.FORBIDDEN, permission_denied),
    with_last_resort(HTTPStatus.NOT_FOUND, page_not_found),
    with_last_resort(HTTPStatus.INTERNAL_SERVER_ERROR, server_error),
)
