"""What the proxy makes of a request before web sees it: who asks, how often, and how much."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from django.urls import resolve

from devstack.mail import free_port
from organizations.client_address import client_address, parse_networks
from tests.deployment.installation import Answer, until
from tests.deployment.proxy import CLIENT, HOST, Proxy, arrived, first_refusal

FORGED = "203.0.113.77"
OTHER_PROXY = "127.66.0.1"
TRUSTED = "127.66.0.0/16,fd00::/8"
ENTRANCES = (
    "/sign-in/",
    "/sign-up/",
    "/password/reset/",
    "/password/reset/1-abc/",
    "/join/AAAA/",
    f"/o/acme/surveys/{UUID(int=1)}/code/",
)
ELSEWHERE = ("/", "/o/acme/", "/o/acme/surveys/0197/answer/", "/s/AAAA/", "/api/v1/docs/", "/new/")


# --- Who asks -----------------------------------------------------------------------------------


def test_what_a_client_says_of_its_address_is_replaced(recording: Proxy) -> None:
    told = (
        ("X-Forwarded-For", FORGED),
        ("X-Forwarded-For", f"{FORGED}, 127.0.0.1"),
        ("X_Forwarded_For", FORGED),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Port", "1"),
        ("X-Real-IP", FORGED),
        ("Forwarded", f"for={FORGED}"),
    )
    answer = recording.ask("/", headers=told)
    assert arrived(answer, "X-Forwarded-For") == [CLIENT]
    assert arrived(answer, "X-Forwarded-Proto") == ["http"]
    assert arrived(answer, "Host") == [HOST]
    assert FORGED not in answer.text and "evil" not in answer.text


@pytest.mark.parametrize(
    ("source", "forwarded", "client"),
    [
        (OTHER_PROXY, "203.0.113.9", "203.0.113.9"),
        (OTHER_PROXY, f"{FORGED}, 203.0.113.9", "203.0.113.9"),
        (OTHER_PROXY, f"{FORGED}, 203.0.113.9, 127.66.0.2", "203.0.113.9"),
        (OTHER_PROXY, f"{FORGED}, 2001:db8::9", "2001:db8::9"),
        (OTHER_PROXY, "unreadable", OTHER_PROXY),
        (OTHER_PROXY, "", OTHER_PROXY),
        (CLIENT, FORGED, CLIENT),
    ],
)
def test_behind_another_proxy_its_client_counts_and_no_one_elses(
    behind: Proxy, source: str, forwarded: str, client: str
) -> None:
    """The function for web reads the same from it, so that both count the same addresses."""
    told = (("X-Forwarded-For", forwarded), ("X-Forwarded-Proto", "https"))
    answer = behind.ask("/", source=source, headers=told)
    assert arrived(answer, "X-Forwarded-For") == [client]
    assert arrived(answer, "X-Forwarded-Proto") == ["https" if source == OTHER_PROXY else "http"]
    assert client_address(source, forwarded, parse_networks(TRUSTED.split(","))) == client
    assert client_address("172.28.1.9", client, parse_networks(["172.28.1.0/24"])) == client


# --- How often ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "path"), list(enumerate(ENTRANCES)))
def test_where_something_can_be_guessed_a_limit_is_soon_reached(
    recording: Proxy, place: int, path: str
) -> None:
    guesser, colleague = f"127.88.{place}.1", f"127.88.{place}.2"
    refused = first_refusal(lambda: recording.ask(path, source=guesser), 1000)
    assert refused is not None and refused.headers["retry-after"] == "5"
    assert "Too many requests" in refused.text and "너무 많이" in refused.text
    # The same address reads on, and others sign in.
    assert {recording.ask(other, source=guesser).status for other in ELSEWHERE} == {200}
    assert recording.ask(path, source=colleague).status == 200


def test_addresses_of_one_ipv6_network_count_as_one(behind: Proxy) -> None:
    """A single household has 2^64 of them."""

    def guess(client: str) -> Answer:
        told = (("X-Forwarded-For", client),)
        return behind.ask("/sign-in/", source=OTHER_PROXY, headers=told)

    guesses = count(1)
    assert first_refusal(lambda: guess(f"2001:db8:1:1::{next(guesses):x}"), 1000)
    assert guess("2001:db8:1:2::1").status == 200


def test_the_strict_pages_are_those_where_a_stranger_can_guess() -> None:
    assert [resolve(path).view_name for path in ENTRANCES] == [
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_reset_password_from_key",
        "join",
        "assessments:survey_enter_code",
    ]


def test_an_office_behind_one_address_is_not_limited(recording: Proxy) -> None:
    office = "127.89.0.1"
    answers = [recording.ask(ELSEWHERE[n % len(ELSEWHERE)], source=office) for n in range(350)]
    assert {answer.status for answer in answers} == {200}


def test_an_office_may_hold_five_hundred_connections(recording: Proxy) -> None:
    begun = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9\r\n\r\n1".encode()
    with ExitStack() as opened:
        for _ in range(490):
            opened.enter_context(recording.send(begun, source="127.90.0.1"))
        assert recording.ask("/", source="127.90.0.1").status == 200


# --- How much -----------------------------------------------------------------------------------


def open_files(proxy: Proxy) -> list[str]:
    """The files of bodies that the worker processes hold open; they have no name any more."""
    assert proxy.process is not None
    master = Path("/proc", str(proxy.process.pid))
    workers = (master / "task" / master.name / "children").read_text().split()
    targets = []
    for fd in [fd for worker in workers for fd in Path("/proc", worker, "fd").iterdir()]:
        with suppress(FileNotFoundError):  # closed meanwhile
            targets.append(str(fd.readlink()))
    return [target for target in targets if "/run/bodies/" in target]


@pytest.mark.parametrize(("size", "files"), [(60_000, 0), (65_536, 0), (200_000, 1)])
def test_only_a_large_body_is_written_to_a_file(recording: Proxy, size: int, files: int) -> None:
    """Which is in memory too: compose mounts tmpfs there."""
    head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {size}\r\n\r\n"
    with recording.send(head.encode() + b"x" * (size - 1)) as held:
        assert recording.ask("/", b"x" * size).json()["length"] == size
        until(lambda: len(open_files(recording)) == files, "the half-sent body alone")
        held.sendall(b"x")
        assert held.recv(12) == b"HTTP/1.1 200"


# --- When something is wrong --------------------------------------------------------------------


def test_while_web_is_away_the_proxy_says_when_to_come_back(nginx: None) -> None:
    with Proxy(free_port()) as alone:
        answer = alone.ask("/join/canary-4712/?x=canary-4712")
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert "Back in a moment" in answer.text and "잠시만" in answer.text
        assert alone.ask("/s/canary-4712/").status == 503
        assert alone.ask("/").status == 503
        until(lambda: len(alone.lines()) == 2, "a line of each but the personal link")
        assert sorted(line["area"] for line in alone.lines()) == ["front", "join"]
        assert "canary" not in alone.log.read_text() and CLIENT not in alone.log.read_text()


def test_what_cannot_be_read_is_refused_with_a_sentence(recording: Proxy) -> None:
    for begun in (b"NONSENSE\r\n\r\n", b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"):
        with recording.send(begun) as held:
            answer = held.makefile("rb").read().decode()
        assert answer.startswith("HTTP/1.1 400 ") and "could not read" in answer


@pytest.mark.parametrize(
    ("trusted", "empty", "sentence"),
    [
        ("10.0.0.0/8,proxy.example", (), "'proxy.example' is not a network such as 10.1.0.0/16"),
        ("", ("tls_key",), "one of them is empty"),
        ("", ("tls_certificate",), "one of them is empty"),
    ],
)
def test_a_start_that_cannot_be_meant_is_refused_with_a_sentence(
    nginx: None, trusted: str, empty: tuple[str, ...], sentence: str
) -> None:
    proxy = Proxy(free_port(), trusted=trusted, tls=bool(empty))
    try:
        for name in empty:
            (proxy.secrets / name).write_text("")
        assert proxy.start().wait(60) == 1
        assert sentence in proxy.log.read_text()
    finally:
        proxy.end()
