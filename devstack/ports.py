"""Where the site listens: bound once and held from then on, so that two sites never share a port."""

from __future__ import annotations

import os
import socket
import sys

HOST, FIRST_PORT, PORTS_TRIED = "127.0.0.1", 8000, 50
BACKLOG = 1024  # connections that may wait while the web process starts


def wanted_port() -> int | None:
    """PORT, if it is set."""
    port = os.environ.get("PORT", "")
    if port and not (port.isdecimal() and 0 < int(port) < 65536):
        sys.exit(f"PORT must be a number between 1 and 65535; it is {port!r}.")
    return int(port) if port else None


def address_of(port: int) -> str:
    return f"http://{HOST}:{port}"


def expected_address() -> str:
    """Where the next start will probably serve: for links that are printed while no site runs."""
    return address_of(wanted_port() or FIRST_PORT)


def listen(port: int) -> socket.socket | None:
    """The listening socket; None where something else already has the port."""
    try:
        return socket.create_server((HOST, port), backlog=BACKLOG)
    except OSError:
        return None


def listen_on_free_port() -> socket.socket:
    """At PORT if it is set, else at the first free port from 8000 on."""
    wanted = wanted_port()
    ports = [wanted] if wanted else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED)
    for port in ports:
        if listener := listen(port):
            return listener
    sys.exit(f"Port {ports[0]} cannot be used; choose another one with PORT=...")
