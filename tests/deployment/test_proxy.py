"""The proxy in front of the real web process: whoever stops in the middle holds up nobody, and no log
names a link or a client."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.deployment.installation import Installation, until
from tests.deployment.proxy import CLIENT, HOST, Proxy, first_refusal

HELD = 50
TOKEN = "canary-token-4711"
CYCLE = "0197a3c4-1111-7000-8000-000000000000"
FORGED = "203.0.113.77"
GUESSER = "127.77.66.56"  # who reaches a limit, and so stands in no other test's way
HEAD = f"POST /s/{TOKEN}/ HTTP/1.1\r\nHost: {HOST}\r\n"
HALF_BODY = f"{HEAD}Content-Length: 66\r\n\r\nperformance.x="
SENT = len("performance.x=")


@pytest.fixture
def held(proxy: Proxy, request: pytest.FixtureRequest) -> Iterator[list[socket.socket]]:
    """Fifty connections on which the same beginning was sent."""
    with ExitStack() as opened:
        begun = str(request.param).encode()
        yield [opened.enter_context(proxy.send(begun)) for _ in range(HELD)]


def are_held(connections: list[socket.socket]) -> bool:
    """Whether all are still open and unanswered: an answer or an end could be read."""
    return select.select(connections, [], [], 0)[0] == []


def requests_of(installation: Installation, route: str) -> int:
    return installation.said("web").count(f'"route": "{route}"')


# --- Half-sent requests -------------------------------------------------------------------------


@pytest.mark.parametrize("held", [HALF_BODY], indirect=True, ids=["body"])
def test_while_fifty_bodies_are_half_sent_everyone_else_is_answered(
    proxy: Proxy, installation: Installation, held: list[socket.socket]
) -> None:
    before = requests_of(installation, "link")
    for asked, path in enumerate(("/sign-in/", "/api/v1/docs/", "/language/", "/o/acme/")):
        for connection in held:
            connection.sendall(b"&")
        assert proxy.ask(path, tls=True).status in (200, 302, 405), path
        assert are_held(held), f"after {asked + 1} answers"
    assert requests_of(installation, "link") == before  # nothing half-sent has reached web
    held[0].sendall(b"x" * (66 - SENT - 4))
    assert held[0].recv(12).startswith(b"HTTP/1.1 ")  # the one that was finished is answered
    assert are_held(held[1:])


@pytest.mark.parametrize("held", [f"{HEAD}X-Half: "], indirect=True, ids=["head"])
def test_while_fifty_heads_are_half_sent_everyone_else_is_answered(
    proxy: Proxy, held: list[socket.socket]
) -> None:
    assert proxy.ask("/sign-in/", tls=True).status == 200
    assert are_held(held)


def test_a_body_that_breaks_off_never_reaches_the_site(
    proxy: Proxy, installation: Installation
) -> None:
    before = requests_of(installation, "set_language")
    begun = f"POST /language/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 66\r\n\r\nlanguage=ko"
    with proxy.send(begun.encode()) as broken:
        broken.shutdown(socket.SHUT_WR)
        assert broken.recv(1) == b""  # ended without an answer
    proxy.ask("/language/", tls=True)
    until(lambda: requests_of(installation, "set_language") > before, "the line of a whole one")
    assert requests_of(installation, "set_language") == before + 1


# --- What is passed on --------------------------------------------------------------------------


def test_health_is_told_inside_alone(proxy: Proxy, installation: Installation) -> None:
    token = (installation.secrets / "metrics_token").read_text()
    shown = (("Authorization", f"Bearer {token}"),)
    for path in ("/livez", "/readyz", "/metrics", "//livez", "/%6civez", "/x/../metrics"):
        answer = proxy.ask(path, tls=True, headers=shown)
        assert (answer.status, "not available from outside" in answer.text) == (403, True), path
    assert installation.visitor.ask("/livez").text == "ok"
    assert installation.visitor.ask("/metrics", Authorization=f"Bearer {token}").status == 200


def test_a_page_comes_by_tls_with_the_headers_of_the_site(proxy: Proxy) -> None:
    answer = proxy.ask("/sign-in/", tls=True)
    assert answer.status == 200
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert answer.headers["server"] == "nginx"


def test_plain_http_is_sent_to_tls_whatever_the_client_says_of_it(proxy: Proxy) -> None:
    for told in ((), (("X-Forwarded-Proto", "https"),)):
        answer = proxy.ask("/sign-in/", headers=told)
        assert (answer.status, answer.headers["location"]) == (301, f"https://{HOST}/sign-in/")


def test_more_than_six_megabytes_are_refused_with_a_sentence(proxy: Proxy) -> None:
    limit = 6 * 1024 * 1024
    assert proxy.ask("/language/", b"x" * limit, tls=True).status != 413
    answer = proxy.ask("/language/", b"x" * (limit + 1), tls=True)
    assert answer.status == 413
    assert "larger than 6 MB" in answer.text and "6MB보다 커요" in answer.text


# --- Logs ---------------------------------------------------------------------------------------


def misbehave(proxy: Proxy) -> None:
    """Whatever could make a log quote a link or a client."""
    forged = (("X-Forwarded-For", FORGED), ("Referer", f"https://{HOST}/s/{TOKEN}/"))
    paths = [f"/s/{TOKEN}/", f"/o/acme/surveys/{CYCLE}/?{TOKEN}", f"/sign-in/?next=/s/{TOKEN}/"]
    paths += [f"/join/{TOKEN}/", f"/password/reset/1-{TOKEN}/", f"/e-mail/confirm/{TOKEN}/"]
    for path in (*paths, f"/%73/{TOKEN}/", f"/{TOKEN}"):
        proxy.ask(path, tls=True, headers=forged)
        proxy.ask(path, b"x" * 7_000_000, tls=True, headers=forged)
    assert first_refusal(lambda: proxy.ask(f"/join/{TOKEN}/", source=GUESSER, headers=forged), 1000)
    cookie = f"Cookie: {TOKEN}={'x' * 40_000}\r\n\r\n"
    chunked = f"Transfer-Encoding: chunked\r\n\r\n{TOKEN}\r\n"
    for begun in (
        HALF_BODY,
        HEAD + cookie,
        HEAD + chunked,
        f"{TOKEN}\r\n\r\n",
        f"GET /%zz{TOKEN}\r\n",
    ):
        with proxy.send(begun.encode()) as broken:
            broken.shutdown(socket.SHUT_WR)
            while broken.recv(65536):
                pass


def test_no_log_names_a_link_or_a_client(proxy: Proxy, installation: Installation) -> None:
    misbehave(proxy)
    until(lambda: any(line["status"] == 429 for line in proxy.lines()), "the last lines")
    for text in (proxy.log.read_text(), installation.said("web")):
        assert text
        for secret in (TOKEN, CLIENT, GUESSER, FORGED, CYCLE, "/s/", "surveys/"):
            assert [line for line in text.splitlines() if secret in line] == []
    for line in installation.said("web").splitlines():
        json.loads(line)
    allowed = {"event", "timestamp", "method", "area", "status", "bytes", "seconds", "web"}
    assert {name for line in proxy.lines() for name in line} == allowed


def test_answering_leaves_no_line_of_the_proxy(proxy: Proxy) -> None:
    def count(area: str) -> int:
        return len([line for line in proxy.lines() if line["area"] == area])

    before, seen = count("theme"), len(proxy.lines())
    survey = f"/o/acme/surveys/{CYCLE}/"
    for path in (
        f"/s/{TOKEN}/",
        f"/s/{TOKEN}",
        f"/%73/{TOKEN}/",
        survey,
        f"{survey}answer/",
        f"/{survey}",
    ):
        proxy.ask(path, tls=True)
        proxy.ask(path, b"x" * 7_000_000, tls=True)
    proxy.ask("/theme/", tls=True)
    until(lambda: count("theme") == before + 1, "the line of a page that has one")
    assert len(proxy.lines()) == seen + 1
