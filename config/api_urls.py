"""The URLs of the API, which is read-only, its documentation, and the site's error handlers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from importlib import import_module
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views import defaults
from django.views.decorators.http import require_safe

from assessments.api import cycles, explanation, results
from organizations.access import public
from organizations.api import views as organizations
from organizations.api.errors import api_error_response

log = structlog.get_logger(__name__)
SCHEMA_TYPE = "application/vnd.oai.openapi+json"


def load_api_docs() -> Any:
    """Import the documentation at the first request for it: drf-spectacular is large."""
    return import_module("config.api_docs")


@public
@transaction.non_atomic_requests
@require_safe
def schema(_request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI 3.1 document, in the language of Accept-Language."""
    response = JsonResponse(
        load_api_docs().schema(get_language() or "en"),
        content_type=SCHEMA_TYPE,
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    patch_vary_headers(response, ["Accept-Language"])
    return response


@public
@transaction.non_atomic_requests
@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Show how to get from a key to real results, then every endpoint, read from the schema."""
    page = load_api_docs().build_documentation(
        get_language() or "en", request.build_absolute_uri("/")[:-1]
    )
    return render(request, "api/documentation.html", {"page": page})


@public
@transaction.non_atomic_requests
@require_safe
def redirect_to_docs(_request: HttpRequest) -> HttpResponse:
    return redirect("api:documentation")


ORGANIZATION_PREFIX = "v1/organizations/<slug:organization>/"
ENDPOINTS: tuple[tuple[str, Any], ...] = (
    ("cycles/", cycles.CyclesView),
    ("cycles/<uuid:cycle>/results/", results.ResultsView),
    ("cycles/<uuid:cycle>/results.csv", results.ResultsTableView),
    ("cycles/<uuid:cycle>/results/<uuid:result>/explain/", explanation.ExplanationView),
    ("cycles/latest/results/", results.LatestResultsView),
    ("cycles/latest/results.csv", results.LatestResultsTableView),
    ("rubrics/", cycles.RubricsView),
    ("teams/", organizations.TeamsView),
    ("principles/", organizations.PrinciplesView),
)
urlpatterns: list[URLPattern] = [
    path("", redirect_to_docs, name="front"),
    path("v1/schema/", schema, name="schema"),
    path("v1/docs/", documentation, name="documentation"),
    *(
        path(ORGANIZATION_PREFIX + address, view.as_view(), name=view.operation)
        for address, view in ENDPOINTS
    ),
]


# --- What goes wrong before a view is reached ---------------------------------------------------


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
    return api_error_response(request, 404) or defaults.page_not_found(request, exception)


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
