"""API: the cycles, and the rubrics that they ask."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request

from assessments import rubric_editions
from assessments.models import Cycle, Scorecard
from organizations.access import Scope
from organizations.api import pagination
from organizations.api.base import ProgramView
from organizations.api.fields import TextSerializer
from organizations.api.parameters import PAGINATION

# --- Cycles -----------------------------------------------------------------------------------


def utc_datetime_field(**more: Any) -> serializers.DateTimeField:
    return serializers.DateTimeField(default_timezone=UTC, **more)


class CycleSerializer(serializers.Serializer[Cycle]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    rubric = serializers.SlugField(help_text=gettext_lazy("Rubric used: a slug from “rubrics”."))
    state = serializers.ChoiceField(
        source="stage",
        choices=Cycle.Stage.choices,
        help_text=gettext_lazy("Results are available once it is closed."),
    )
    opened = utc_datetime_field(
        source="opened_at",
        allow_null=True,
        help_text=gettext_lazy("Null until it is launched, and for imported results."),
    )
    closed = utc_datetime_field(source="closed_at", allow_null=True)
    method = serializers.CharField(
        allow_null=True,
        help_text=gettext_lazy(
            "Version of the method that calculated the results; null until it is closed."
        ),
    )


class CyclesView(ProgramView):
    scope = Scope.CYCLES
    parameters = PAGINATION
    operation, tag = "cycles", "Cycles"
    summary = gettext_lazy("Cycles, newest first")
    meaning = gettext_lazy("Each cycle is one survey round: planned, open, closing or closed.")
    item = CycleSerializer
    example = {
        "items": [
            {
                "id": "019b3c53-02aa-7d4f-b6a3-91f0c27e5d03",
                "name": "2026 Q3",
                "rubric": "marketing-value",
                "state": "closed",
                "opened": "2026-09-14T00:00:00Z",
                "closed": "2026-09-28T00:00:00Z",
                "method": "2",
            }
        ],
        "next": None,
    }

    def get(self, request: Request, organization: str) -> HttpResponse:
        page_request = pagination.read_page_request(request, self.read_query(request))
        card = Scorecard.objects.current().filter(cycle=OuterRef("pk"))
        columns = ("name", "rubric", "stage", "opened_at", "closed_at", "organization_id")
        rows = Cycle.objects.order_by("-pk").only(*columns)
        rows = rows.annotate(method=Subquery(card.values("method")))
        if page_request.after:
            rows = rows.filter(pk__lt=UUID(page_request.after[0]))
        cycles = list(rows[: page_request.limit + 1])
        return self.page_response(
            request, page_request, page_request.cut(cycles, lambda cycle: (str(cycle.pk),))
        )


# --- Rubrics ----------------------------------------------------------------------------------


class SubjectSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    name = TextSerializer(source="name.texts")


class CapabilitySerializer(SubjectSerializer):
    value = serializers.SlugField(help_text=gettext_lazy("The value it belongs to."))


class RubricSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    version = serializers.CharField()
    name = TextSerializer(source="name.texts")
    values = SubjectSerializer(many=True, help_text=gettext_lazy("Subjects of “value” results."))
    capabilities = CapabilitySerializer(
        many=True, help_text=gettext_lazy("Subjects of “capability” results.")
    )


class RubricsView(ProgramView):
    scope = Scope.CYCLES
    parameters = PAGINATION
    operation, tag = "rubrics", "Cycles"
    summary = gettext_lazy("Rubrics, with the names of all subjects")
    meaning = gettext_lazy(
        "The version that a new cycle would use. Slugs mean the same in every version."
    )
    item = RubricSerializer
    example = {
        "items": [
            {
                "slug": "marketing-value",
                "version": "1.0",
                "name": {"en": "Marketing value", "ko": "마케팅 가치"},
                "values": [{"slug": "exchange", "name": {"en": "Exchange", "ko": "교환 가치"}}],
                "capabilities": [
                    {
                        "slug": "growth-agenda",
                        "name": {"en": "Shared growth agenda", "ko": "공동의 성장 어젠다"},
                        "value": "operational",
                    }
                ],
            }
        ],
        "next": None,
    }

    def get(self, request: Request, organization: str) -> HttpResponse:
        page_request = pagination.read_page_request(request, self.read_query(request))
        after = page_request.after[0] if page_request.after else ""
        rubrics = sorted(rubric_editions.current_rubrics(), key=lambda rubric: rubric.slug)
        rows = [rubric for rubric in rubrics if rubric.slug > after][: page_request.limit + 1]
        page = page_request.cut(rows, lambda rubric: (rubric.slug,))
        items = pagination.CursorPage([_rubric_item(rubric) for rubric in page.items], page.last)
        return self.page_response(request, page_request, items)


def _rubric_item(rubric: Any) -> dict[str, Any]:
    return {
        "slug": rubric.slug,
        "version": rubric.version,
        "name": rubric.name,
        "values": rubric.dimensions,
        "capabilities": [
            {"slug": item.slug, "name": item.name, "value": dimension.slug}
            for dimension in rubric.dimensions
            for item in dimension.capabilities
        ],
    }
