"""A site has its port for itself, and everything that says where it is says the same."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from devstack import ports
from devstack.mail import MailServer, free_port
from tests.devstack.sites import Running, processes_of, run


def test_two_starts_at_the_same_moment_take_two_ports(
    begin: Callable[..., Running], data: Path, other_data: Path
) -> None:
    racing = [begin(data), begin(other_data)]
    for begun in racing:
        begun.wait_until_ready()
    assert len({begun.address for begun in racing}) == 2
    assert [begun.get("/livez") for begun in racing] == [200, 200]
    assert [begun.end(signal.SIGTERM) for begun in racing] == [0, 0]


@pytest.mark.parametrize("option", [socket.SO_REUSEADDR, socket.SO_REUSEPORT])
def test_a_port_is_held_even_against_those_who_would_share_it(option: int) -> None:
    """Granian binds with SO_REUSEPORT, and so did every site before."""
    with socket.socket() as first:
        first.setsockopt(socket.SOL_SOCKET, option, 1)
        first.bind((ports.HOST, 0))
        port = first.getsockname()[1]
        first.listen()
        assert ports.listen(port) is None
    held = ports.listen(port)
    assert held
    with held, socket.socket() as second:
        second.setsockopt(socket.SOL_SOCKET, option, 1)
        with pytest.raises(OSError, match="in use"):
            second.bind(held.getsockname())


def test_a_taken_port_gives_way_to_the_next_free_one(
    taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setattr(ports, "FIRST_PORT", taken_port)
    with ports.listen_on_free_port() as listener:
        assert listener.getsockname()[1] > taken_port


def test_a_taken_port_that_was_asked_for_is_refused(data: Path, taken_port: int) -> None:
    refused = run(data, PORT=str(taken_port))
    assert refused.returncode == 1
    assert f"Port {taken_port} cannot be used" in refused.stderr
    assert processes_of(data) == set()


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_a_port_that_is_none_is_refused(data: Path, port: str) -> None:
    refused = run(data, PORT=port)
    assert (refused.returncode, refused.stderr.strip()) == (
        1,
        f"PORT must be a number between 1 and 65535; it is {port!r}.",
    )


def invite(data: Path, name: str, **changes: str) -> str:
    """Founds an organization; what the command prints holds the link of its owner's invitation."""
    who = ("--owner-name", "Ada", "--owner-email", f"ada@{name}.example")
    done = run(data, "create_organization", "--name", name, *who, **changes)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_another_port_stands_in_the_links_of_new_letters_and_commands(
    start: Callable[..., Running], data: Path, mail_server: MailServer
) -> None:
    for number in (1, 2):
        port = free_port()
        begun = start(PORT=str(port), EMAIL_URL=mail_server.url)
        assert f"{begun.address}/join/" in invite(data, f"running{number}")
        letter = mail_server.wait_for(number)[number - 1]
        assert begun.address == f"http://127.0.0.1:{port}"
        assert f"{begun.address}/join/" in letter.get_content()
        assert begun.end(signal.SIGTERM) == 0
        assert f"http://127.0.0.1:{port}/join/" in invite(data, f"ended{number}", PORT=str(port))
