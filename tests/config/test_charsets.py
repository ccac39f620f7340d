"""A body is read as UTF-8 or refused, with a page, its headers and a line in the log. Nothing in a header
can make an answer fail, and the pages of an error least of all."""

from __future__ import annotations

import json
import logging
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.test import Client, override_settings
from structlog.stdlib import ProcessorFormatter

from config import urls
from config.logs import logging_settings
from config.middleware import with_plain_kind
from tests.conftest import Cast

APPLICATION = with_plain_kind(WSGIHandler())
CHARSETS = [
    "utf-16",
    "utf-32-le",
    "utf-7",
    "utf-8-sig",
    "latin-1",
    "euc-kr",
    "cp949",
    "idna",
    "punycode",
    "base64",
    "rot13",
    "hex",
    "zip",
    "unicode_escape",
    "undefined",
    "mbcs",
    "no-such-charset",
    "",
    "a\0b",
    "\xff\xfe",
    "../../etc/passwd",
    "x" * 60_000,
]
STRANGE_HEADERS = [
    "text/plain; charset*=no-such'en'utf-8",
    "text/plain; charset*=utf-8''a%00b",
    "text/plain; charset*0=utf-; charset*1=9",
    "text/plain; charset*=\0''utf-8",
    'text/plain; charset="',
]
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=edge"
KINDS = {
    FORM: b"login=ada%40acme.example&password=x",
    MULTIPART: b'--edge\r\nContent-Disposition: form-data; name="login"\r\n\r\nada\r\n--edge--\r\n',
    "application/json": b'{"login": "ada"}',
}
PATHS = ["/sign-in/?next=%C3%A9", "/theme/", "/o/acme/", "/api/v1/organizations/acme/teams/?a=%FF"]


def send(path: str, kind: str, body: bytes, method: str = "POST") -> tuple[int, dict[str, str]]:
    """Through the application that the server loads: a header may fail before Django has a request."""
    place, _, query = path.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": place,
        "QUERY_STRING": query,
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "testserver",
        "wsgi.input": BytesIO(body),
    }
    setup_testing_defaults(environ)
    heard: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Any:
        heard.update(status=int(status.split()[0]), headers=dict(headers))

    assert b"".join(APPLICATION(environ, start_response)) is not None
    return heard["status"], heard["headers"]


def request_lines(caplog: pytest.LogCaptureFixture) -> list[Any]:
    """What stands in the log of the requests, as JSON."""
    told = logging_settings(readable=False)["formatters"]["lines"]
    formatter = ProcessorFormatter(**{name: told[name] for name in told if name != "()"})
    lines = [record for record in caplog.records if record.name == "request"]
    return [json.loads(formatter.format(line)) for line in lines]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("charset", CHARSETS, ids=lambda name: repr(name[:20]))
def test_another_charset_is_a_400_with_headers_and_a_line(
    cast: Cast, caplog: pytest.LogCaptureFixture, kind: str, charset: str
) -> None:
    caplog.set_level(logging.INFO)
    for path in PATHS:
        caplog.clear()
        status, headers = send(path, f"{kind}; charset={charset}", KINDS[kind])
        assert status == 400, path
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in headers["Cache-Control"]
        (line,) = request_lines(caplog)
        assert line["status"] == 400
        assert line["method"] == "POST"


@pytest.mark.parametrize("header", STRANGE_HEADERS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_header_that_cannot_be_read_is_refused_like_any_other(
    cast: Cast, caplog: pytest.LogCaptureFixture, header: str, method: str
) -> None:
    caplog.set_level(logging.INFO)
    status, headers = send("/sign-in/", header, b"", method)
    assert (status, "Content-Security-Policy" in headers) == (400, True)
    assert [line["status"] for line in request_lines(caplog)] == [400]


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8", "Utf-8 "])
def test_utf_8_is_read_however_it_is_spelled(cast: Cast, charset: str) -> None:
    for kind in (FORM, "multipart/form-data; boundary=edge"):
        status, _headers = send("/language/", f"{kind}; charset={charset}", KINDS[kind])
        assert status == 403  # it was read; the token against forged forms is missing


@pytest.mark.parametrize("charset", ["idna", "base64", "utf-16", "no-such-charset"])
def test_an_address_that_is_not_there_says_so_whatever_the_charset(
    cast: Cast, charset: str
) -> None:
    """The page of the error reads the query too."""
    status, headers = send("/nowhere/?a=%C3%A9", f"{FORM}; charset={charset}", b"a=b")
    assert (status, "Content-Security-Policy" in headers) == (404, True)


@pytest.mark.parametrize("kind", [FORM, f"{FORM}; charset=utf-8", f"{FORM}; charset=euc-kr"])
def test_more_fields_than_anyone_asks_with_are_refused_with_a_page(cast: Cast, kind: str) -> None:
    status, headers = send("/sign-in/?" + "a=1&" * 2_001, kind, b"", "GET")
    assert (status, "Content-Security-Policy" in headers) == (400, True)


def test_the_check_stands_in_the_site_too(cast: Cast) -> None:
    for charset in ("utf-16", "euc-kr", "latin-1"):
        answer = Client().post("/sign-in/", b"a=b", content_type=f"{FORM}; charset={charset}")
        assert answer.status_code == 400
        assert b"<html" in answer.content


PARTS = [
    "Content-Disposition: form-data; name=\"file\"; filename*=no-such''a.csv",
    "Content-Disposition: form-data; name=\"file\"; filename*=base64''YQ",
    "Content-Disposition: form-data; name=\"file\"; filename*=utf-8''%ff%00",
    "Content-Disposition: form-data; name*=idna''%ff",
    "Content-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset*=x''y",
    'Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=base64',
    'Content-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: a/b; charset=idna',
    'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64',
]


@pytest.mark.parametrize("charset", [*CHARSETS[:16], "no-such-charset"])
@pytest.mark.parametrize("place", ['name="login"', 'name="file"; filename="people.csv"'])
def test_another_charset_of_a_part_is_a_400(cast: Cast, place: str, charset: str) -> None:
    part = f"Content-Disposition: form-data; {place}\r\ncontent-TYPE: text/plain; charset={charset}"
    body = f"--edge\r\n{part}\r\n\r\nwords\r\n--edge--\r\n".encode()
    for path in PATHS:
        status, headers = send(path, MULTIPART, body)
        assert (status, "Content-Security-Policy" in headers) == (400, True)
    inside = (
        b"\r\nContent-Type: text/plain; charset=utf-16\r\n"  # of a file, which says what it likes
    )
    plain = f"--edge\r\nContent-Disposition: form-data; {place}\r\n\r\n".encode()
    assert send("/language/", MULTIPART, plain + inside + b"\r\n--edge--\r\n")[0] == 403


@pytest.mark.parametrize("part", PARTS)
def test_no_charset_of_a_part_makes_an_answer_fail(cast: Cast, part: str) -> None:
    body = f"--edge\r\n{part}\r\n\r\nwords\r\n--edge--\r\n".encode()
    for path in PATHS:
        status, headers = send(path, MULTIPART, body)
        assert status in (302, 400, 401, 403, 405), path
        assert "Content-Security-Policy" in headers


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_the_pages_of_an_error_cannot_raise(status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Even where no page can be drawn there is an answer, and a line that says why."""
    handler = getattr(urls, f"handler{status}")
    request = HttpRequest()
    request.path_info = "/"
    arguments = {} if status == 500 else {"exception": Exception("of a test")}
    with override_settings(TEMPLATES=[{"BACKEND": "no.such.engine"}]):
        answer = handler(request, **arguments)
    assert answer.status_code == status
    assert answer["Content-Type"] == "text/plain"
    assert ["error_page.failed" in record.getMessage() for record in caplog.records] == [True]
