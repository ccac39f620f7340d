"""Every address for programs, with every kind of key, and with none."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.isolation.populated_organizations import with_key
from tests.isolation.routes import Route, routes
from tests.isolation.walk import World

PROGRAMS = [route for route in routes() if route.is_for_programs]
each = pytest.mark.parametrize("route", PROGRAMS, ids=lambda route: route.name)
nobody = ("anonymous", "owner", "member", "respondent", "suspended")


def ask(client: Client, path: str) -> Any:
    answer = client.get(path)
    if getattr(answer, "streaming", False):
        assert b"".join(answer)
    elif answer.status_code >= 400:
        told = answer.json()
        assert told["status"] == answer.status_code
        assert answer["Content-Type"] == "application/problem+json"
    return answer


def test_there_are_addresses_to_walk() -> None:
    assert {"api:teams", "api:cycles", "api:results"} <= {route.name for route in PROGRAMS}


@each
def test_the_own_key_opens_it(route: Route, world: World) -> None:
    path = route.path(world.acme.at(route))
    assert ask(with_key(world.acme.tokens["key"]), path).status_code == 200


@each
@pytest.mark.parametrize(
    ("key", "status"),
    [("key without a scope", 403), ("expired key", 401), ("revoked key", 401)],
)
def test_a_key_that_opens_nothing(route: Route, world: World, key: str, status: int) -> None:
    path = route.path(world.acme.at(route))
    answer = ask(with_key(world.acme.tokens[key]), path)
    assert answer.status_code == status
    assert ("WWW-Authenticate" in answer) == (status == 401)


@each
def test_without_a_key_nobody_comes_in_however_they_signed_in(route: Route, world: World) -> None:
    path = route.path(world.acme.at(route))
    for who in nobody:
        answer = ask(world.callers[who](), path)
        assert answer.status_code == 401, who
        assert answer["WWW-Authenticate"] == 'Bearer realm="Naite"'
    for header in (
        "naite_acme_key",
        "Basic bmFpdGU6eA==",
        "Bearer",
        "Bearer naite_\x80\x81abcdefgh",
    ):
        client = Client(raise_request_exception=False, headers={"Authorization": header})
        assert ask(client, path).status_code == 401, header


@each
def test_anothers_key_finds_nothing_here(route: Route, world: World) -> None:
    stranger = with_key(world.rival.tokens["key"])
    here = ask(stranger, route.path(world.acme.at(route)))
    nowhere = ask(stranger, route.path(world.acme.at(route) | {"organization": "nowhere"}))
    assert here.status_code == nowhere.status_code == 404
    assert here.content == nowhere.content


@each
def test_a_key_in_the_address_is_refused_even_beside_a_good_one(route: Route, world: World) -> None:
    path, key = route.path(world.acme.at(route)), world.acme.tokens["key"]
    for client in (Client(raise_request_exception=False), with_key(key)):
        for name in ("key", "api_key", "access_token", "team"):
            answer = ask(client, f"{path}?{name}={key}")
            assert answer.status_code == 400
            (problem,) = answer.json()["problems"]
            assert problem["name"] == name
            assert "revoke" in problem["message"]
            assert key not in answer.content.decode()


@each
def test_it_can_only_be_read(route: Route, world: World) -> None:
    path, client = route.path(world.acme.at(route)), with_key(world.acme.tokens["key"])
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)(path, "{}", content_type="application/json")
        assert answer.status_code == 405
        assert answer["Allow"] == "GET, HEAD, OPTIONS"
        assert answer.json()["status"] == 405
    head, told = client.head(path), client.options(path)
    assert (head.status_code, b"".join(head)) == (200, b"")
    assert (told.status_code, told["Allow"]) == (204, "GET, HEAD, OPTIONS")
