"""Asks everything that the description allows, and much that it does not: every answer must have
the form that was promised, no door may open without the key, and nothing may break.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from assessments.models import Result
from config import api_docs
from organizations.tenancy.scope import working_for
from tests.api.api_clients import key_of
from tests.conftest import Cast
from tests.reports.views.test_results import closed

EXAMPLES = 25
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    allow_header_conformance,
    unsupported_method,
]
OPERATIONS = [told["get"]["operationId"] for told in api_docs.schema("en")["paths"].values()]


def operation(name: str) -> Any:
    schema = schemathesis.openapi.from_dict(api_docs.schema("en"))
    schema.app = WSGIHandler()
    return schema.find_operation_by_label(
        next(
            f"GET {address}"
            for address, told in api_docs.schema("en")["paths"].items()
            if told["get"]["operationId"] == name
        )
    )


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """As Django's own test client does: the end of a request does not end the test's connection."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.fixture
def bearer(cast: Cast, settings: Settings) -> dict[str, str]:
    settings.API_PER_MINUTE = 1_000_000
    return {"Authorization": f"Bearer {key_of(cast.acme)}"}


def there(cast: Cast, asked: Any) -> dict[str, str]:
    """What the address of an operation needs, of a cycle that was closed."""
    cycle = closed(cast.acme)
    with working_for(cast.acme.id):
        result = Result.objects.filter(
            scorecard__cycle=cycle.pk, subject_type="value", score__gt=0
        ).first()
    assert result
    known = {"organization": "acme", "cycle": str(cycle.pk), "result": str(result.pk)}
    return {one.name: known[one.name] for one in asked.path_parameters}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_has_the_form_that_was_promised(
    name: str, mode: GenerationMode, cast: Cast, bearer: dict[str, str]
) -> None:
    asked = operation(name)
    known = there(cast, asked)
    strict = [negative_data_rejection] if mode is GenerationMode.NEGATIVE else []
    heard: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=asked.as_strategy(generation_mode=mode, path_parameters=known))
    def ask(case: Any) -> None:
        answer = case.call(headers=bearer)
        heard.add(answer.status_code)
        case.validate_response(answer, checks=[*CHECKS, *strict], headers=bearer)

    ask()
    assert heard & ({200} if mode is GenerationMode.POSITIVE else {400, 401}), heard


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_door_opens_without_the_key(name: str, cast: Cast, bearer: dict[str, str]) -> None:
    asked = operation(name)
    known = there(cast, asked)
    case = asked.Case(path_parameters=known)
    answer = case.call(headers=bearer)
    assert answer.status_code == 200
    case.validate_response(answer, checks=[not_a_server_error, ignored_auth], headers=bearer)
