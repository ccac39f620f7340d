"""The API's error responses: always the same form (RFC 9457), with sentences to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException

MEDIA_TYPE = "application/problem+json"
# status -> (anchor in the documentation, title, advice)
PROBLEM_TYPES: dict[int, tuple[str, Any, Any]] = {
    400: (
        "not-understood",
        gettext_lazy("Invalid request"),
        gettext_lazy("Fix the listed parameters and retry."),
    ),
    401: (
        "no-key",
        gettext_lazy("Missing or invalid key"),
        gettext_lazy(
            "Send “Authorization: Bearer naite_…” with a key that hasn't expired or been revoked."
        ),
    ),
    403: (
        "not-allowed",
        gettext_lazy("This key doesn't have access"),
        gettext_lazy("Create a key with the scope listed here."),
    ),
    404: (
        "not-found",
        gettext_lazy("Page not found"),
        gettext_lazy("Check the URL, and that the key belongs to this organization."),
    ),
    405: (
        "read-only",
        gettext_lazy("Method not allowed"),
        gettext_lazy("Use GET, HEAD or OPTIONS."),
    ),
    406: (
        "no-such-format",
        gettext_lazy("Format not available"),
        gettext_lazy("Accept application/json or, for results, text/csv."),
    ),
    413: (
        "too-large",
        gettext_lazy("Request too large"),
        gettext_lazy("Send the request without a body."),
    ),
    415: (
        "no-body",
        gettext_lazy("Request body not allowed"),
        gettext_lazy("Send the request without a body."),
    ),
    429: (
        "too-many",
        gettext_lazy("Too many requests"),
        gettext_lazy("Wait the number of seconds in Retry-After, then retry."),
    ),
    500: (
        "our-fault",
        gettext_lazy("Something went wrong"),
        gettext_lazy("We've logged the error. Try again later."),
    ),
    503: (
        "not-now",
        gettext_lazy("Temporarily unavailable"),
        gettext_lazy("Try again in a moment."),
    ),
}


@dataclass(frozen=True, slots=True)
class RequestProblem:
    """One thing to correct: where it is, what it is called, what is wrong with it."""

    where: str  # query, header, path
    name: str
    message: str


class InvalidRequest(APIException):
    """400, with everything that is wrong with the request."""

    status_code = 400

    def __init__(self, problems: Iterable[RequestProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__()


def problem_response(
    status: int,
    problems: Iterable[RequestProblem] = (),
    *,
    detail: str = "",
    headers: Mapping[str, str] | None = None,
) -> JsonResponse:
    """Return an error response in the form of RFC 9457."""
    name, title, advice = PROBLEM_TYPES.get(status, PROBLEM_TYPES[400])
    content = {
        "type": f"/api/v1/docs/#{name}",
        "title": str(title),
        "status": status,
        "detail": detail or str(advice),
        "problems": [asdict(problem) for problem in problems],
    }
    dump_options = {"ensure_ascii": False}
    response = JsonResponse(
        content, status=status, content_type=MEDIA_TYPE, json_dumps_params=dump_options
    )
    for header, value in (headers or {}).items():
        response[header] = value
    patch_vary_headers(response, ["Authorization", "Accept-Language"])
    return response


def exception_handler(refused: Exception, context: Mapping[str, Any]) -> HttpResponseBase | None:
    """Return the response to an exception, and roll back; None for a fault of ours."""
    response = _exception_response(refused, context)
    if response is not None and transaction.get_connection().in_atomic_block:
        transaction.set_rollback(True)
    return response


def _exception_response(refused: Exception, context: Mapping[str, Any]) -> HttpResponseBase | None:
    if isinstance(refused, Http404):
        return problem_response(404)
    if isinstance(refused, PermissionDenied):
        scope = context["view"].scope
        message = _("This key doesn't have the scope “%(scope)s”.") % {"scope": scope}
        return problem_response(403, [RequestProblem("header", "Authorization", message)])
    if isinstance(refused, BadRequest):
        return problem_response(400)
    if not isinstance(refused, APIException):
        return None
    headers: dict[str, str] = {}
    if refused.status_code == 401:
        headers["WWW-Authenticate"] = context["view"].get_authenticate_header(context["request"])
    if wait := getattr(refused, "wait", None):  # of Throttled; the stubs do not know it
        headers["Retry-After"] = str(wait)
    return problem_response(refused.status_code, getattr(refused, "problems", ()), headers=headers)


def api_error_response(request: HttpRequest, status: int) -> JsonResponse | None:
    """Return the same form for what fails before a view is reached; None outside the API."""
    if not request.path_info.startswith("/api/"):
        return None
    return problem_response(status, headers={"Retry-After": "5"} if status == 503 else None)
