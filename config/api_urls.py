"""The URLs of the API, which is read-only, and of its documentation."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from assessments.api import cycles, explanation, results
from organizations.access import public
from organizations.api import views as organizations
from organizations.languages import current_language

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
        load_api_docs().schema(current_language()),
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
        current_language(), request.build_absolute_uri("/")[:-1]
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
