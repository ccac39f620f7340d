"""Describe a view in the OpenAPI schema by what it states, and by nothing else."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    inline_serializer,
)
from rest_framework import serializers

from organizations.api.errors import MEDIA_TYPE, PROBLEM_TYPES

ERROR_STATUSES = (400, 401, 403, 404, 405, 406, 429)


class ProblemSerializer(serializers.Serializer[Any]):
    where = serializers.CharField(help_text=_("query, header or path"))
    name = serializers.CharField(help_text=_("The parameter it is about."))
    message = serializers.CharField(help_text=_("What's wrong and how to fix it."))


class RefusalSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text=_("Documentation of this error."))
    title = serializers.CharField(help_text=_("What happened."))
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text=_("What to do."))
    problems = ProblemSerializer(many=True)


class ViewSchema(AutoSchema):
    """Reads `operation`, `summary`, `meaning`, `scope`, `parameters`, `item` and `example`."""

    @property
    def described(self) -> Any:
        return self.view

    def get_operation_id(self) -> str:
        return str(self.described.operation)

    def get_tags(self) -> list[str]:
        return [str(self.described.tag)]

    def get_summary(self) -> str:
        return str(self.described.summary)

    def get_description(self) -> str:  # type: ignore[override]  # spectacular's own form
        return str(self.described.meaning)

    def get_extensions(self) -> dict[str, Any]:
        return {"x-scope": str(self.described.scope)}

    def get_override_parameters(self) -> list[Any]:
        query_parameters = [
            OpenApiParameter(
                parameter.name,
                {"type": "integer", "minimum": parameter.number[0], "maximum": parameter.number[1]}
                if parameter.number
                else {"type": "string", "minLength": 1, "maxLength": 300},
                OpenApiParameter.QUERY,
                description=str(parameter.meaning),
                enum=parameter.choices or None,
            )
            for parameter in self.described.parameters
        ]
        return [
            OpenApiParameter(
                "organization",
                OpenApiTypes.STR,
                OpenApiParameter.PATH,
                description=str(_("The organization's slug, as in the URLs of its pages.")),
            ),
            *query_parameters,
            *self._header_parameters(),
            OpenApiParameter(
                "If-None-Match",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description=str(_("ETag of an earlier response. Returns 304 if nothing changed.")),
            ),
        ]

    def _header_parameters(self) -> list[OpenApiParameter]:
        """Return the headers of a response."""
        meanings = {
            "ETag": _("Send it back as If-None-Match."),
            "RateLimit-Limit": _("Requests allowed per minute with this key."),
            "RateLimit-Remaining": _("Requests left in this minute."),
            "RateLimit-Reset": _("Seconds until the limit resets."),
        }
        if self.described.is_list and self.described.as_table != "only":
            meanings["Link"] = _("Link to the next page, if there is one.")
        return [
            OpenApiParameter(
                name,
                OpenApiTypes.INT if name.startswith("RateLimit") else OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description=str(meaning),
                response=[200],
            )
            for name, meaning in meanings.items()
        ]

    def get_response_serializers(self) -> Any:
        return {
            **self._success_responses(),
            304: OpenApiResponse(description=str(_("Not changed since the given ETag."))),
            **{
                (status, MEDIA_TYPE): OpenApiResponse(
                    RefusalSerializer, description=str(PROBLEM_TYPES[status][1])
                )
                for status in ERROR_STATUSES
            },
        }

    def _success_responses(self) -> dict[Any, Any]:
        view = self.described
        examples = [OpenApiExample("example", value=view.example, response_only=True)]
        content = OpenApiResponse(
            self._body_serializer(), description=str(view.summary), examples=examples
        )
        if not view.as_table:
            return {(200, "application/json"): content}
        table = OpenApiResponse(OpenApiTypes.STR, description=str(view.summary))
        is_table_only = view.as_table == "only"
        return {(200, "text/csv"): table} | (
            {} if is_table_only else {(200, "application/json"): content}
        )

    def _body_serializer(self) -> Any:
        if not self.described.is_list:
            return self.described.item
        return _page_serializer(self.described.item)


@cache
def _page_serializer(item: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return one component for every URL that answers with pages of these items."""
    next_url = serializers.URLField(
        allow_null=True, help_text=_("URL of the next page; null on the last one.")
    )
    name = item.__name__.removesuffix("Serializer")
    return inline_serializer(f"{name}Page", {"items": item(many=True), "next": next_url})
