"""How often a key may ask: exactly so often, whoever asks at the same time and from wherever."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import Settings

from organizations.api import counter
from tests.api.api_clients import Program, key_of
from tests.conftest import Cast


@pytest.mark.django_db(transaction=True)
def test_of_forty_at_once_exactly_five_pass(cast: Cast, settings: Settings) -> None:
    settings.API_PER_MINUTE = 5
    secret = key_of(cast.acme)

    def ask(number: int) -> int:
        try:
            forged = {"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.0.1.{number}"}
            status: int = Program(cast.acme, secret, **forged).get("teams/").status_code
            return status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(40) as many:
        answers = list(many.map(ask, range(40)))
    assert sorted(answers) == [200] * 5 + [429] * 35


def test_what_is_left_is_told(cast: Cast, settings: Settings) -> None:
    settings.API_PER_MINUTE = 2
    program = Program(cast.acme)
    answers = [program.get("teams/") for _ in range(3)]
    for answer in answers:
        assert answer["RateLimit-Limit"] == "2"
        assert 0 < int(answer["RateLimit-Reset"]) <= 60
    left = [(answer.status_code, answer["RateLimit-Remaining"]) for answer in answers]
    assert left == [(200, "1"), (200, "0"), (429, "0")]
    answer = answers[-1]
    assert answer["Retry-After"] == answer["RateLimit-Reset"]
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "Too many requests"


def test_another_key_has_its_own_minute(cast: Cast, settings: Settings) -> None:
    settings.API_PER_MINUTE = 1
    first, second, strange = (Program(house) for house in (cast.acme, cast.acme, cast.rival))
    assert first.get("teams/").status_code == 200
    assert first.get("cycles/").status_code == 429
    assert second.get("teams/").status_code == strange.get("teams/").status_code == 200


def test_an_unchanged_or_refused_answer_counts_too(cast: Cast, settings: Settings) -> None:
    settings.API_PER_MINUTE = 3
    program = Program(cast.acme)
    tag = program.get("teams/")["ETag"]
    assert program.get("teams/", **{"If-None-Match": tag})["RateLimit-Remaining"] == "1"
    assert program.get("teams/?page=2")["RateLimit-Remaining"] == "0"
    assert program.get("teams/").status_code == 429


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[str]:
    """Takes every connection and never says a word, like a server that hangs."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen(8)
        yield f"unix://{tmp_path}/s?db=1"


@pytest.mark.parametrize("how", ["away", "silent"])
def test_without_the_counter_reading_goes_on(
    cast: Cast, settings: Settings, silent: str, how: str
) -> None:
    address = silent if how == "silent" else "unix:///nowhere/at-all.sock?db=1"
    settings.API_PER_MINUTE = 1
    program = Program(cast.acme)
    settings.CACHE_URL = address
    for _ in range(2):
        answer = program.get("teams/")
        assert answer.status_code == 200
        assert "RateLimit-Limit" not in answer


def test_nobody_waits_longer_than_a_quarter_of_a_second_for_the_counter() -> None:
    assert 2 * counter.SOCKET_TIMEOUT <= 0.25
