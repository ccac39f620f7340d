"""What holds for every answer of the site."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client

from config.middleware import UNREADABLE
from organizations import account_emails
from organizations.models import AccountLetter
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


@pytest.mark.parametrize(
    "name", ["session", "csrf", "language", "theme", "respondent", "known-device"]
)
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


@pytest.fixture
def production(settings: Any) -> None:
    settings.IN_PRODUCTION = True
    settings.SITE_URL = "https://naite.example.org"
    settings.ALLOWED_HOSTS = ["naite.example.org", *settings.INSIDE_HOSTS]


@pytest.mark.parametrize("host", ["127.0.0.1:6666", "web", "WEB:8000", "localhost", "[::1]:80"])
def test_under_a_name_from_inside_nothing_but_health_is_served(
    cast: Cast, production: None, host: str
) -> None:
    client = cast.acme.browser("Ada")
    for path in ("/", "/sign-in/", "/o/acme/", "/livez/", "/nowhere/", "/api/v1/"):
        assert client.get(path, headers={"Host": host}).status_code == 400
    before = AccountLetter.objects.count()
    told = {"email": "ada@acme.example"}
    assert client.post("/password/reset/", told, headers={"Host": host}).status_code == 400
    assert AccountLetter.objects.count() == before
    assert client.get("/livez", headers={"Host": host}).status_code == 200
    assert client.get("/readyz", headers={"Host": host}).status_code in (200, 503)


def test_under_its_own_name_everything_is_served(cast: Cast, production: None) -> None:
    host = {"Host": "naite.example.org"}
    assert Client().get("/sign-in/", headers=host).status_code == 200
    assert Client().get("/livez", headers=host).status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:6666", "localhost:6666", "testserver"])
@pytest.mark.parametrize("path", ["/sign-up/", "/password/reset/"])
def test_letters_lead_to_the_site_whatever_the_request_said(
    cast: Cast, path: str, host: str, mailoutbox: list[EmailMessage]
) -> None:
    cache.clear()
    for email in ("ada@acme.example", "nobody@acme.example"):
        Client().post(path, {"email": email}, headers={"Host": host})
    account_emails.send_due()
    assert len(mailoutbox) == 2
    found = [re.findall(r"\w+://\S+", f"{one.subject} {one.body}") for one in mailoutbox]
    assert all(link.startswith("http://testserver/") for links in found for link in links)
    assert any(found)
    assert not any("6666" in one.message().as_string() for one in mailoutbox)
