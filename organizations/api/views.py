"""The API views of the organization itself: its teams and its principles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request

from organizations import principles, teams
from organizations.access import Scope
from organizations.api import pagination
from organizations.api.base import ProgramView
from organizations.api.fields import MethodsSerializer, TextSerializer
from organizations.api.parameters import PAGINATION
from organizations.models import Principle
from organizations.team_tree import TeamNode

EXAMPLE_TEAM, EXAMPLE_SUBTEAM = (
    "019b3c52-7f10-7c6e-9a41-5d2f0e8c1a01",
    "019b3c52-7f12-7b1d-8e07-3f6a9c4d2b02",
)


class TeamSerializer(serializers.Serializer[TeamNode]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    parent = serializers.UUIDField(  # type: ignore[assignment]  # a field, not the serializer above
        allow_null=True, help_text=_("The parent team; null for the organization itself.")
    )
    path = serializers.CharField(
        source="path_text", help_text=_("Names of the teams on the way down, joined by “ / ”.")
    )


class TeamsView(ProgramView):
    scope = Scope.CYCLES
    parameters = PAGINATION
    operation, tag = "teams", "Organization"
    summary = _("Current teams")
    meaning = _(
        "One tree; its root is the organization. Results use team names as they were when the "
        "cycle opened."
    )
    item = TeamSerializer
    example = {
        "items": [
            {"id": EXAMPLE_TEAM, "name": "Hanbit Living", "parent": None, "path": "Hanbit Living"},
            {"id": EXAMPLE_SUBTEAM, "name": "Brand", "parent": EXAMPLE_TEAM, "path": "Brand"},
        ],
        "next": None,
    }

    def get(self, request: Request, organization: str) -> HttpResponse:
        page_request = pagination.read_page_request(request, self.read_query(request))
        after = UUID(page_request.after[0]) if page_request.after else None
        nodes = sorted(teams.load_tree(), key=lambda node: node.id)
        rows = [node for node in nodes if after is None or node.id > after]
        return self.page_response(
            request, page_request, page_request.cut(rows[: page_request.limit + 1], _cursor_key)
        )


def _cursor_key(node: Any) -> tuple[str]:
    return (str(node.id),)


class PrincipleSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(min_value=1, max_value=3)
    wording = TextSerializer()
    methods = MethodsSerializer()
    owner = serializers.CharField(
        allow_null=True, help_text=_("Name of its owner; null if there is none.")
    )
    review_on = serializers.DateField(
        allow_null=True, help_text=_("When the organization reviews it next.")
    )


class PrinciplesView(ProgramView):
    scope = Scope.RESULTS
    operation, tag = "principles", "Organization"
    summary = _("The three principles, in the organization's own words")
    meaning = _("How teams work together, and their methods.")
    item = PrincipleSerializer
    example = {
        "items": [
            {
                "number": 1,
                "wording": {"en": "We decide by evidence.", "ko": "근거로 결정해요."},
                "methods": {"en": ["One shared plan"], "ko": ["하나의 공유된 기획"]},
                "owner": "Cho Yuna",
                "review_on": "2027-01-15",
            }
        ],
        "next": None,
    }

    def get(self, request: Request, organization: str) -> HttpResponse:
        page_request = pagination.read_page_request(request, self.read_query(request))
        rows = [_principle_data(principle) for principle in principles.list_principles()]
        return self.page_response(request, page_request, pagination.CursorPage(rows, None))


def _principle_data(principle: Principle) -> dict[str, Any]:
    methods = {language: text.splitlines() for language, text in principle.methods.items()}
    return {
        "number": principle.number,
        "wording": principle.wording,
        "methods": methods,
        "owner": principle.owner.name if principle.owner else None,
        "review_on": principle.review_on,
    }
