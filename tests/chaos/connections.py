"""HTTP by hand, so that requests can break off, come twice, slowly, or with a wrong length."""

from __future__ import annotations

import http.client
import random
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

LAST_FIELD = b"&end=1"  # of every form of the survey
PATIENCE = 60  # seconds
SLOW = 0.1  # seconds between the halves of a slow body
_RESET = struct.pack("ii", 1, 0)  # closes at once: what was not yet read is thrown away


class Fault(StrEnum):
    """What goes wrong with a request."""

    NONE = "none"
    CUT_HEAD = "cut in the head"
    CUT_BODY = "cut in the body"
    SHORT = "body shorter than announced"
    LONG = "body longer than announced"
    DROPPED = "dropped before the reply"
    TWICE = "sent twice at once"
    SLOW = "body in two parts"


BROKEN = (Fault.CUT_HEAD, Fault.CUT_BODY, Fault.SHORT)
"""Less is sent than was announced: nothing of it may be stored."""
CUT = (*BROKEN, Fault.DROPPED)
"""Connections that end too early."""
DELIVERED = (Fault.LONG, Fault.TWICE, Fault.SLOW)
"""Requests that all arrive, in a way no server should rely on."""


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    cookies: dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """How a request ended. `is_whole`: the server was sent all that it announced, with all fields."""

    fault: Fault
    is_whole: bool
    reply: Reply | None
    began: float
    ended: float


class Connection:
    """One browser's connection to the site, open until something goes wrong."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self.port, self.chance = port, chance
        self.cookies: dict[str, str] = {}
        self._socket: socket.socket | None = None

    def ask(self, method: str, path: str, body: bytes = b"") -> Reply:
        """A request that must succeed."""
        self._open().sendall(self._head(method, path, len(body)) + body)
        reply = self._read()
        assert reply is not None and reply.status < 400, reply
        return reply

    def post(self, path: str, body: bytes, fault: Fault) -> Outcome:
        """A form of the survey, with whatever goes wrong."""
        began, reply, is_whole = time.monotonic(), None, fault not in BROKEN
        with suppress(OSError):
            if fault == Fault.LONG:
                announced = self.chance.randrange(1, len(body))
                is_whole = body[:announced].endswith((LAST_FIELD[:-2], LAST_FIELD[:-1]))
                self._open().sendall(self._head("POST", path, announced) + body)
                reply = self._read()
                self.close()
            else:
                reply = self._send(fault, self._head("POST", path, len(body)), body)
        return Outcome(fault, is_whole, reply, began, time.monotonic())

    def _send(self, fault: Fault, head: bytes, body: bytes) -> Reply | None:
        """The request as far as it gets, and the reply where somebody waits for it."""
        connected, whole = self._open(), head + body
        if fault == Fault.SLOW:
            half = len(head) + self.chance.randrange(len(body))
            connected.sendall(whole[:half])
            time.sleep(SLOW)
            connected.sendall(whole[half:])
        elif fault == Fault.TWICE:
            with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as second:
                second.sendall(whole)
                connected.sendall(whole)
                return self._read()
        elif fault == Fault.CUT_HEAD:
            connected.sendall(head[: self.chance.randrange(1, len(head))])
        elif fault in (Fault.CUT_BODY, Fault.SHORT):
            connected.sendall(head + body[: self._breaking_point(body)])
        else:
            connected.sendall(whole)
        if fault == Fault.SHORT:
            connected.shutdown(socket.SHUT_WR)
            reply = self._read()
            self.close()
            return reply
        if fault in CUT:
            self.break_off()
            return None
        return self._read()

    def _breaking_point(self, body: bytes) -> int:
        """Every second one lies in the value of the last field: what has arrived by then reads like a
        whole form."""
        if self.chance.random() < 0.5:
            return len(body) - self.chance.choice((1, 2))
        return self.chance.randrange(len(body))

    def _head(self, method: str, path: str, length: int) -> bytes:
        site = f"127.0.0.1:{self.port}"
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"{method} {path} HTTP/1.1", f"Host: {site}", f"Origin: http://{site}"]
        lines += [f"Cookie: {cookies}", f"X-CSRFToken: {self.cookies.get('csrf', '')}"]
        if method == "POST":
            lines += ["Content-Type: application/x-www-form-urlencoded;charset=UTF-8"]
            lines += [f"Content-Length: {length}"]
        return "\r\n".join([*lines, "", ""]).encode()

    def _open(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        return self._socket

    def _read(self) -> Reply | None:
        """The reply, or None where the connection is closed before there was a whole one."""
        assert self._socket is not None
        answer = http.client.HTTPResponse(self._socket)
        try:
            answer.begin()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return None
        cookies = {}
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _equals, rest = line.partition("=")
            cookies[name] = rest.partition(";")[0]
        self.cookies |= cookies
        if answer.will_close:
            self.close()
        return Reply(answer.status, body, cookies)

    def break_off(self) -> None:
        """In good order, or as when a network is lost."""
        if self._socket is not None and self.chance.random() < 0.5:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.close()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None
