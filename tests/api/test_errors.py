"""What cannot be understood is refused in one form, by its name and in the reader's language."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config import error_views
from tests.api.api_clients import Program, key_of
from tests.conftest import Cast
from tests.reports.views.test_results import closed

SHAPE = {"type", "title", "status", "detail", "problems"}


def refused(answer: Any, status: int) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    assert answer.status_code == told["status"] == status
    assert answer["Content-Type"] == "application/problem+json"
    assert set(told) == SHAPE
    assert told["title"] and told["detail"]
    return told


def named(answer: Any) -> list[str]:
    return [problem["name"] for problem in refused(answer, 400)["problems"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("page=2", ["page"]),
        ("page=2&kind=nonsense&limit=0", ["page", "kind", "limit"]),
        ("limit=501", ["limit"]),
        ("limit=99999999999999999999", ["limit"]),
        ("limit=-1", ["limit"]),
        ("limit=%EF%BC%91%EF%BC%90", ["limit"]),
        ("limit=", ["limit"]),
        ("limit=5&limit=6", ["limit"]),
        ("kind=", ["kind"]),
        ("subject=", ["subject"]),
        ("subject=" + "x" * 301, ["subject"]),
        ("team=Nowhere", ["team"]),
        ("team=019b3c52-7f10-7c6e-9a41-5d2f0e8c1a01", ["team"]),
        ("subject=no-such-thing", ["subject"]),
        ("team=Nowhere&subject=no-such-thing", ["team", "subject"]),
        ("cursor=abc", ["cursor"]),
        ("cursor=WyJhIl0:abc", ["cursor"]),
        ("format=csv", ["format"]),
        ("__class__=1", ["__class__"]),
    ],
)
def test_everything_wrong_is_named_at_once(cast: Cast, query: str, names: list[str]) -> None:
    cycle = closed(cast.acme)
    answer = Program(cast.acme).get(f"cycles/{cycle.pk}/results/?{query}")
    assert named(answer) == names


@pytest.mark.parametrize("path", ["teams/", "cycles/", "rubrics/", "principles/"])
@pytest.mark.parametrize(
    "value", ["%00", "a%00b", "%ED%A0%80", "%FF", "%F0%9F%92%A9", "'; DROP TABLE x; --", "[]", "{}"]
)
def test_no_letters_are_too_strange_to_refuse(cast: Cast, path: str, value: str) -> None:
    program = Program(cast.acme)
    for name in ("cursor", "limit", "q"):
        refused(program.get(f"{path}?{name}={value}"), 400)
        refused(program.get(f"{path}?{value}={name}"), 400)


def test_a_cursor_counts_only_where_it_was_given_out(cast: Cast) -> None:
    cycle = closed(cast.acme)
    program, where = Program(cast.acme), f"cycles/{cycle.pk}/results/"
    cursor = program.read(f"{where}?limit=1&kind=performance")["next"].split("cursor=")[1]
    assert program.get(f"{where}?limit=9&kind=performance&cursor={cursor}").status_code == 200
    for elsewhere in (
        f"{where}?cursor={cursor}",
        f"{where}?kind=importance&cursor={cursor}",
        f"cycles/latest/results/?kind=performance&cursor={cursor}",
        f"teams/?cursor={cursor}",
        f"{where}?kind=performance&cursor={cursor[:-1]}",
        f"{where}?kind=performance&cursor={cursor}x",
    ):
        assert named(program.get(elsewhere)) == ["cursor"], elsewhere


@pytest.mark.parametrize(
    "path",
    [
        "cycles/00000000-0000-0000-0000-000000000000/results/",
        "cycles/not-an-id/results/",
        "cycles/latest/results/",
        "nothing/",
        "teams",
        "/api/v1/",
        "/api/v2/organizations/acme/teams/",
        "/api/" + quote("한빛 \u2028"),
    ],
)
def test_what_is_not_there_is_said_in_the_same_form(cast: Cast, path: str) -> None:
    answer = Program(cast.acme).get(path)
    if path == "teams":  # Django adds the slash; the key goes along to the same site
        assert (answer.status_code, answer["Location"]) == (
            301,
            "/api/v1/organizations/acme/teams/",
        )
    else:
        refused(answer, 404)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("text/html, application/*;q=0.9", 200),
        ("application/xml", 406),
        ("text/csv", 406),
        (";;;", 406),
        ("x" * 9000, 406),
        ("a/b;" * 500, 406),
    ],
)
def test_a_format_is_offered_or_refused(cast: Cast, accept: str, status: int) -> None:
    answer = Program(cast.acme).get("teams/", Accept=accept)
    assert answer.status_code == status
    if status != 200:
        refused(answer, status)


def test_refusals_speak_the_language_that_was_asked_for(cast: Cast) -> None:
    program = Program(cast.acme)
    english = refused(program.get("teams/?page=2"), 400)
    korean = refused(program.get("teams/?page=2", **{"Accept-Language": "ko"}), 400)
    assert english["title"] == "Invalid request"
    assert korean["title"] == "잘못된 요청이에요"
    assert english["problems"][0]["message"].startswith("Unknown parameter.")
    assert korean["problems"][0]["message"].startswith("없는 매개변수예요.")
    answer = program.get("teams/?page=2")
    assert "Accept-Language" in answer["Vary"]


def test_a_body_is_not_read(cast: Cast) -> None:
    program = Program(cast.acme)
    for body in ("{", "[" * 100_000, '{"limit": NaN}', "\x00"):
        answer = program.client.generic(
            "GET", program.address("teams/"), body, content_type="application/json"
        )
        assert answer.status_code == 200


def test_a_body_that_is_too_large_is_not_even_taken(cast: Cast) -> None:
    program = Program(cast.acme)
    answer = program.client.generic(
        "POST",
        program.address("teams/"),
        b"x" * 7_000_000,
        content_type="application/x-www-form-urlencoded",
    )
    refused(answer, 413)


def test_whoever_is_refused_leaves_nothing_behind(cast: Cast) -> None:
    secret = key_of(cast.acme)
    program = Program(cast.acme, secret)
    program.get("teams/?page=2")
    program.get(f"cycles/{uuid4()}/results/")
    from_the_log = program.get("teams/?page=2").content.decode()
    assert secret not in from_the_log


def test_a_database_that_is_away_is_no_fault_of_the_program(cast: Cast) -> None:
    request = RequestFactory().get("/api/v1/organizations/acme/teams/")
    assert fails(request, OperationalError("gone")).status_code == 503
    assert fails(request, OperationalError("gone"))["Retry-After"] == "5"
    refused_(fails(request, KeyError("x")), 500)
    page = fails(RequestFactory().get("/o/acme/"), KeyError("x"))
    assert page["Content-Type"].startswith("text/html")


def fails(request: HttpRequest, problem: Exception) -> HttpResponse:
    try:
        raise problem
    except type(problem):
        return error_views.server_error(request)


def refused_(answer: HttpResponse, status: int) -> None:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_pages_keep_their_own_refusals(cast: Cast) -> None:
    answer = cast.acme.browser("Ada").get("/o/nowhere/")
    assert answer.status_code == 404
    assert b"<!doctype html>" in answer.content
