"""A page that asks the database row by row fails in whatever test visits it."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from zeal import NPlusOneError

from organizations.models import Membership
from organizations.tenancy.scope import working_for
from tests.conftest import Cast


def row_by_row(_request: HttpRequest, organization: UUID) -> HttpResponse:
    with working_for(organization):
        return HttpResponse(", ".join(person.team.name for person in Membership.objects.all()))


def at_once(_request: HttpRequest, organization: UUID) -> HttpResponse:
    with working_for(organization):
        people = Membership.objects.select_related("team")
        return HttpResponse(", ".join(person.team.name for person in people))


urlpatterns = [
    path("one/<uuid:organization>/", row_by_row),
    path("all/<uuid:organization>/", at_once),
]


@override_settings(ROOT_URLCONF=__name__)
def test_related_rows_are_asked_for_at_once(cast: Cast) -> None:
    client = Client()
    assert client.get(f"/all/{cast.acme.id}/").status_code == 200
    with pytest.raises(NPlusOneError, match=r"Membership\.team"):
        client.get(f"/one/{cast.acme.id}/")
