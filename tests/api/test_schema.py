"""The description holds: what is promised is answered, whatever is asked."""

from __future__ import annotations

import json
import re
from typing import Any, get_args

import pytest
from django.test import Client
from drf_spectacular.drainage import reset_generator_stats
from drf_spectacular.generators import SchemaGenerator

from assessments.api.serializers import COLUMNS
from assessments.models import Cycle
from assessments.scoring.cell import Kind, State, SubjectType, Suppressed
from tests.api.api_clients import Program
from tests.conftest import Cast

DOCS, SCHEMA = "/api/v1/docs/", "/api/v1/schema/"


@pytest.fixture
def schema(db: None) -> dict[str, Any]:
    answer = Client().get(SCHEMA)
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json"
    told: dict[str, Any] = json.loads(answer.content)
    return told


def choices(schema: dict[str, Any], name: str) -> set[str]:
    field = schema["components"]["schemas"]["Result"]["properties"][name]
    (named,) = {
        one["$ref"].rsplit("/", 1)[1]
        for one in (field, *field.get("oneOf", ()), *field.get("allOf", ()))
        if "$ref" in one and "NullEnum" not in one["$ref"]
    }
    return set(schema["components"]["schemas"][named]["enum"])


def test_it_is_openapi_3_1_and_says_how_to_come_in(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1.")
    assert schema["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for address, told in schema["paths"].items():
        assert list(told) == ["get"], address
        assert told["get"]["security"] == [{"key": []}]
        assert told["get"]["x-scope"] in ("results:read", "cycles:read")
        headers = set(told["get"]["responses"]["200"]["headers"])
        assert {"ETag", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} <= headers
        assert {"400", "401", "403", "404", "406", "429"} <= set(told["get"]["responses"])


def test_every_choice_is_one_that_can_be_published(schema: dict[str, Any]) -> None:
    for name, kind in (("suppressed", Suppressed), ("state", State), ("kind", Kind)):
        assert choices(schema, name) == set(get_args(kind))
    assert choices(schema, "subject_type") == set(get_args(SubjectType)) - {"stage"}
    assert set(schema["components"]["schemas"]["CycleState"]["enum"]) == set(Cycle.Stage.values)
    assert set(schema["components"]["schemas"]["Result"]["properties"]) == set(COLUMNS)


def test_nothing_in_it_is_said_in_two_ways(
    schema: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    reset_generator_stats()  # it warns once of each
    generator: Any = SchemaGenerator
    generator().get_schema(request=None, public=True)
    assert capsys.readouterr().err == ""


def test_examples_have_the_form_that_is_described(schema: dict[str, Any]) -> None:
    for address, told in schema["paths"].items():
        form = told["get"]["responses"]["200"]["content"].get("application/json")
        if form is None:
            continue
        name = form["schema"]["$ref"].rsplit("/", 1)[1]
        page = schema["components"]["schemas"][name]["properties"]
        listed = "items" in page
        item = page["items"]["items"]["$ref"].rsplit("/", 1)[1] if listed else name
        for example in form["examples"].values():
            for row in example["value"]["items"] if listed else [example["value"]]:
                assert set(row) == set(schema["components"]["schemas"][item]["properties"]), address


def test_the_page_for_people_says_all_of_it_in_both_languages(schema: dict[str, Any]) -> None:
    for language in ("en", "ko"):
        answer = Client(headers={"Accept-Language": language}).get(DOCS)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in page
        for told in schema["paths"].values():
            assert f'id="{told["get"]["operationId"]}"' in page
        for word in ("below_threshold", "not_asked", "not_enough_weight", "If-None-Match", "429"):
            assert word in page
        assert not re.search(r'(src|href)="(https?:)?//', page)
        assert " style=" not in page


def test_every_refusal_is_explained_where_its_type_points(cast: Cast) -> None:
    told = Program(cast.acme).get("teams/?page=2").json()
    path, _hash, anchor = told["type"].partition("#")
    assert path == DOCS
    assert f'id="{anchor}"' in Client().get(DOCS).content.decode()


def test_the_shortest_address_leads_to_the_page() -> None:
    answer = Client().get("/api/")
    assert (answer.status_code, answer["Location"]) == (302, DOCS)
