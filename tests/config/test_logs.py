"""The log names routes and numbers, never addresses, tokens, people's words or e-mails."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.test import Client

from organizations.models import ApiKey
from organizations.tenancy.scope import working_for
from tests.api.api_clients import Program, key_of
from tests.conftest import Cast


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_a_request_is_one_line_by_route(cast: Cast, lines: pytest.LogCaptureFixture) -> None:
    Client().get("/sign-in/?next=/s/secret-token-of-max/")
    said = [record.getMessage() for record in lines.records if record.name == "request"]
    assert len(said) == 1
    assert "account_login" in said[0]
    assert "secret-token-of-max" not in " ".join(map(str, said))


def test_a_failed_sign_in_tells_no_address(cast: Cast, lines: pytest.LogCaptureFixture) -> None:
    Client().post("/sign-in/", {"login": "ada@acme.example", "password": "wrong-wrong"})
    assert "ada@acme.example" not in json.dumps([r.getMessage() for r in lines.records])


def test_a_program_is_a_number_of_its_key(cast: Cast, lines: pytest.LogCaptureFixture) -> None:
    secret = key_of(cast.acme)
    Program(cast.acme, secret).get("teams/?page=2")
    told: Any = next(record.msg for record in lines.records if record.name == "request")
    with working_for(cast.acme.id):
        assert told["key"] == str(ApiKey.objects.get().pk)
    assert told["organization"] == str(cast.acme.id)
    assert secret[12:] not in json.dumps([record.getMessage() for record in lines.records])
