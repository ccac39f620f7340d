"""What holds for every answer of the site."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from config.middleware import UNREADABLE
from tests.conftest import Cast


@pytest.mark.parametrize("path", ["/", "/sign-in/", "/o/acme/", "/nowhere/", "/livez"])
def test_no_shared_cache_keeps_a_page(cast: Cast, path: str) -> None:
    answer = cast.acme.browser("Ada").get(path)
    assert "no-store" in answer["Cache-Control"] or "no-cache" in answer["Cache-Control"]


def test_pages_run_no_inline_code_and_stand_in_no_frame(cast: Cast) -> None:
    answer = Client().get("/sign-in/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("query", ["next=%00", "%00=1", "q=a%00b"])
def test_a_nul_byte_is_refused_with_a_page(cast: Cast, query: str) -> None:
    answer = Client().get(f"/sign-in/?{query}")
    assert answer.status_code == 400
    assert b"<html" in answer.content


@pytest.mark.parametrize(
    "body", [{"login": "a\x00b", "password": "x"}, {"login\x00": "x"}, {"password": "\x00"}]
)
def test_a_nul_byte_in_a_form_is_refused(cast: Cast, body: dict[str, str]) -> None:
    assert Client().post("/sign-in/", body).status_code == 400


def test_a_body_of_ten_megabytes_is_refused(cast: Cast) -> None:
    client = Client(raise_request_exception=False)
    answer = client.post("/sign-in/", {"login": "x" * 10_000_000, "password": "x"})
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize("name", ["session", "csrf", "language", "theme", "respondent"])
@pytest.mark.parametrize("value", ["", "\x7f", "x" * 3000, "\\177", "../../etc", "%00", "\xff\xfe"])
@pytest.mark.parametrize("form", ["{}", '"{}"'])
def test_a_tampered_cookie_is_only_ignored(cast: Cast, name: str, value: str, form: str) -> None:
    """Sent as it stands: `http.cookies`, which the test client writes with, refuses control
    characters in newer versions of Python, and nobody who tampers asks it."""
    client = Client(raise_request_exception=False, HTTP_COOKIE=f"{name}={form.format(value)}")
    assert client.get("/sign-in/").status_code == 200
    assert client.get("/o/acme/").status_code in (302, 404)


@pytest.mark.parametrize(
    ("text", "fine"), [("가나다 😀 é", True), ("a\x00", False), ("\ud800", False), ("", True)]
)
def test_text_is_readable_or_not(text: str, fine: bool) -> None:
    assert (UNREADABLE.search(text) is None) is fine


@pytest.mark.parametrize("arrived", [b"", b"name=Ac", b"name=Acme&slug=acme"])
@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"],
)
@pytest.mark.parametrize("path", ["/sign-in/", "/theme/", "/api/v1/organizations/acme/teams/"])
def test_a_body_that_broke_off_is_refused(path: str, kind: str, arrived: bytes) -> None:
    told: dict[str, Any] = {"wsgi.input": BytesIO(arrived)}
    told["CONTENT_LENGTH"] = str(len(arrived) + 1)
    answer = Client().generic("POST", path, content_type=kind, **told)
    assert answer.status_code == 400
    assert answer["Content-Security-Policy"]
