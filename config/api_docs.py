"""The API's documentation, as OpenAPI 3.1 and as a page for people: both read from the views themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator

from organizations.api.errors import PROBLEM_TYPES

URL_PREFIX = "/api/v1/organizations/{organization}/"


class BearerKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    target_class = "organizations.api.base.BearerKey"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "naite_…",
            "description": _("An API key of the organization, created in its settings."),
        }


@cache
def schema(language: str) -> dict[str, Any]:
    """Return the OpenAPI document in this language. Built once for each language and process."""
    with translation.override(language):
        generator = SchemaGenerator(patterns=None)  # type: ignore[no-untyped-call]  # theirs
        document: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # theirs
        document["info"]["description"] = _(
            "Read an organization's published results and what belongs to them: teams, "
            "rubrics, principles. Create keys in the organization's settings."
        )
    return document


# --- For people -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldDoc:
    """A parameter, or a field of a response; `depth` says how deeply the field is nested."""

    name: str
    kind: str
    meaning: str
    choices: tuple[tuple[str, str], ...]
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Endpoint:
    id: str
    address: str
    summary: str
    meaning: str
    scope: str
    parameters: tuple[FieldDoc, ...]
    fields: tuple[FieldDoc, ...]
    example: str
    same_rows_as: Endpoint | None = None  # returns the same rows, which are explained there


@dataclass(frozen=True, slots=True)
class ErrorDoc:
    id: str
    status: int
    title: str
    advice: str


@dataclass(frozen=True, slots=True)
class ApiDocumentation:
    """The content of the documentation page."""

    url_prefix: str  # of every endpoint
    command: str  # the command to try first
    response: str  # its response
    endpoints: tuple[Endpoint, ...]
    errors: tuple[ErrorDoc, ...]


def build_documentation(language: str, site: str) -> ApiDocumentation:
    """Return the page's content; `site` is the URL of this installation."""
    document = schema(language)
    endpoints = tuple(_build_endpoints(document))
    cycles = next(endpoint for endpoint in endpoints if endpoint.id == "cycles")
    base_url = site + URL_PREFIX.replace("{organization}", "ORGANIZATION")
    return ApiDocumentation(
        url_prefix=base_url,
        command=f'curl -H "Authorization: Bearer naite_…" {base_url}cycles/',
        response=cycles.example,
        endpoints=endpoints,
        errors=tuple(
            ErrorDoc(name, status, str(title), str(advice))
            for status, (name, title, advice) in PROBLEM_TYPES.items()
        ),
    )


def _build_endpoints(document: Mapping[str, Any]) -> Iterator[Endpoint]:
    """Yield the endpoints. Rows that several endpoints return are explained only at the first."""
    explained: dict[tuple[FieldDoc, ...], Endpoint] = {}
    for address, path_item in document["paths"].items():
        endpoint = _build_endpoint(address, path_item["get"], document)
        if not endpoint.fields:
            endpoint = replace(endpoint, same_rows_as=next(reversed(explained.values())))
        elif (first := explained.setdefault(endpoint.fields, endpoint)) is not endpoint:
            endpoint = replace(endpoint, fields=(), example="", same_rows_as=first)
        yield endpoint


def _build_endpoint(
    address: str, operation: Mapping[str, Any], document: Mapping[str, Any]
) -> Endpoint:
    content = operation["responses"]["200"]["content"]
    media_type = content.get("application/json", {})
    examples = media_type.get("examples", {}).values()
    return Endpoint(
        id=operation["operationId"],
        address=address.removeprefix(URL_PREFIX),
        summary=operation["summary"],
        meaning=operation["description"],
        scope=operation["x-scope"],
        parameters=tuple(
            _parameter_doc(parameter)
            for parameter in operation["parameters"]
            if parameter["in"] == "query"
        ),
        fields=tuple(
            _field_docs(_item_schema(media_type.get("schema", {}), document), document, 0)
        ),
        example="".join(
            json.dumps(item["value"], ensure_ascii=False, indent=2) for item in examples
        ),
    )


def _parameter_doc(parameter: Mapping[str, Any]) -> FieldDoc:
    value_schema = parameter["schema"]
    choices = tuple((choice, "") for choice in value_schema.get("enum", ()))
    return FieldDoc(parameter["name"], value_schema["type"], parameter["description"], choices)


def _item_schema(reference: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of one row of the list, or of the whole response."""
    page = _resolve(reference, document)
    items = page.get("properties", {}).get("items", {})
    return _resolve(items.get("items", {}), document) if items else page


def _resolve(reference: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the definition that a reference, alone or with a sentence beside it, points at."""
    target = reference.get("$ref") or next(
        (
            part["$ref"]
            for part in (*reference.get("oneOf", ()), *reference.get("allOf", ()))
            if "$ref" in part
        ),
        None,
    )
    if target is None:
        return reference
    definition: dict[str, Any] = document["components"]["schemas"][target.rsplit("/", 1)[1]]
    return definition | {name: value for name, value in reference.items() if name == "description"}


def _field_docs(
    parent: Mapping[str, Any], document: Mapping[str, Any], depth: int
) -> Iterator[FieldDoc]:
    """Yield the fields of an object, each followed by the fields nested in it."""
    for name, field in parent.get("properties", {}).items():
        definition = _resolve(field, document)
        inner = (
            _resolve(definition.get("items", {}), document)
            if definition.get("type") == "array"
            else definition
        )
        meaning, _line, choices = definition.get("description", "").partition("* `")
        yield FieldDoc(
            name,
            _type_name(field, definition),
            meaning.strip(),
            tuple(_parse_choices(choices)),
            depth,
        )
        yield from _field_docs(inner, document, depth + 1)


def _parse_choices(lines: str) -> Iterator[tuple[str, str]]:
    """Yield (name, meaning) of the lines "* `name` - meaning" under a description."""
    for line in lines.removeprefix("* `").split("* `"):
        name, _dash, meaning = line.strip().partition("` - ")
        if meaning:
            yield name, meaning


def _type_name(field: Mapping[str, Any], definition: Mapping[str, Any]) -> str:
    """Return the type of a field in words, such as “string | null”."""
    kinds = definition.get("type", "object")
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    if any(part.get("$ref", "").endswith("NullEnum") for part in field.get("oneOf", ())):
        names.append("null")
    return " | ".join(names)
