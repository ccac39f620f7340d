"""What programs can ask, as OpenAPI 3.1 and as a page for people: read from the views themselves."""

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
            "description": _("A key of the organization, made on its settings page."),
        }


@cache
def schema(language: str) -> dict[str, Any]:
    """Made once for each language and process."""
    with translation.override(language):
        generator = SchemaGenerator(patterns=None)  # type: ignore[no-untyped-call]  # theirs
        made: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # theirs
        made["info"]["description"] = _(
            "Reads what the pages of an organization show: published results and what belongs to"
            " them. Keys are made on the organization's settings page."
        )
    return made


# --- For people -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldDoc:
    """A parameter, or a field of an answer; `depth` says how deep the field lies."""

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
    asked: tuple[FieldDoc, ...]
    told: tuple[FieldDoc, ...]
    example: str
    like: Endpoint | None = None  # tells the same rows and explains them already


@dataclass(frozen=True, slots=True)
class ErrorDoc:
    id: str
    status: int
    title: str
    advice: str


@dataclass(frozen=True, slots=True)
class ApiDocumentation:
    """What the page says."""

    url_prefix: str  # of every address
    first: str  # the line to begin with
    shown: str  # what it answers
    endpoints: tuple[Endpoint, ...]
    refusals: tuple[ErrorDoc, ...]


def build_documentation(language: str, site: str) -> ApiDocumentation:
    whole = schema(language)
    endpoints = tuple(_endpoints(whole))
    cycles = next(one for one in endpoints if one.id == "cycles")
    begins = site + URL_PREFIX.replace("{organization}", "ORGANIZATION")
    return ApiDocumentation(
        url_prefix=begins,
        first=f'curl -H "Authorization: Bearer naite_…" {begins}cycles/',
        shown=cycles.example,
        endpoints=endpoints,
        refusals=tuple(
            ErrorDoc(name, status, str(title), str(advice))
            for status, (name, title, advice) in PROBLEM_TYPES.items()
        ),
    )


def _endpoints(whole: Mapping[str, Any]) -> Iterator[Endpoint]:
    """Rows that are told in several ways are explained the first time."""
    explained: dict[tuple[FieldDoc, ...], Endpoint] = {}
    for address, said in whole["paths"].items():
        one = _endpoint(address, said["get"], whole)
        if not one.told:
            one = replace(one, like=next(reversed(explained.values())))
        elif (same := explained.setdefault(one.told, one)) is not one:
            one = replace(one, told=(), example="", like=same)
        yield one


def _endpoint(address: str, told: Mapping[str, Any], whole: Mapping[str, Any]) -> Endpoint:
    content = told["responses"]["200"]["content"]
    form = content.get("application/json", {})
    examples = form.get("examples", {}).values()
    return Endpoint(
        id=told["operationId"],
        address=address.removeprefix(URL_PREFIX),
        summary=told["summary"],
        meaning=told["description"],
        scope=told["x-scope"],
        asked=tuple(_asked(one) for one in told["parameters"] if one["in"] == "query"),
        told=tuple(_fields(_item(form.get("schema", {}), whole), whole, 0)),
        example="".join(json.dumps(one["value"], ensure_ascii=False, indent=2) for one in examples),
    )


def _asked(parameter: Mapping[str, Any]) -> FieldDoc:
    form = parameter["schema"]
    choices = tuple((choice, "") for choice in form.get("enum", ()))
    return FieldDoc(parameter["name"], form["type"], parameter["description"], choices)


def _item(form: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """What one row of the list looks like."""
    page = _resolved(form, whole)
    listed = page.get("properties", {}).get("items", {})
    return _resolved(listed.get("items", {}), whole) if listed else page


def _resolved(form: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """The definition that a reference, alone or with a sentence beside it, points at."""
    named = form.get("$ref") or next(
        (one["$ref"] for one in (*form.get("oneOf", ()), *form.get("allOf", ())) if "$ref" in one),
        None,
    )
    if named is None:
        return form
    found: dict[str, Any] = whole["components"]["schemas"][named.rsplit("/", 1)[1]]
    return found | {name: value for name, value in form.items() if name == "description"}


def _fields(form: Mapping[str, Any], whole: Mapping[str, Any], depth: int) -> Iterator[FieldDoc]:
    for name, field in form.get("properties", {}).items():
        found = _resolved(field, whole)
        inner = _resolved(found.get("items", {}), whole) if found.get("type") == "array" else found
        meaning, _line, listed = found.get("description", "").partition("* `")
        yield FieldDoc(name, _kind(field, found), meaning.strip(), tuple(_choices(listed)), depth)
        yield from _fields(inner, whole, depth + 1)


def _choices(listed: str) -> Iterator[tuple[str, str]]:
    """The lines "* `name` - meaning" under a description."""
    for line in listed.removeprefix("* `").split("* `"):
        name, _dash, meaning = line.strip().partition("` - ")
        if meaning:
            yield name, meaning


def _kind(field: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    kinds = found.get("type", "object")
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    if any(one.get("$ref", "").endswith("NullEnum") for one in field.get("oneOf", ())):
        names.append("null")
    return " | ".join(names)
