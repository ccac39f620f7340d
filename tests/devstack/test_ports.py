"""A site has its port for itself, and everything that says where it is says the same."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from devstack import ports
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
    with ports.listen_somewhere() as listener:
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
