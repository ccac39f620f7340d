"""Granian on a socket that its starter has bound: `python -m devstack.web DESCRIPTOR APPLICATION`.

Granian itself binds with SO_REUSEPORT, and then a second site takes the same port unnoticed.
"""

from __future__ import annotations

import socket
import sys

from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer

THREADS = 4


class WebServer(MPServer):
    """One worker that answers requests on a socket from outside, as Granian's workers do on macOS."""

    def __init__(self, listener: socket.socket, application: str) -> None:
        super().__init__(
            application,
            interface=Interfaces.WSGI,
            blocking_threads=THREADS,
            websockets=False,
            log_level=LogLevels.warning,
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        """Takes the place of what binds; Granian's types know neither the arguments nor that these
        attributes are ever anything but empty."""
        self._sso: socket.socket | None = self._listener
        self._sfd = self._listener.fileno()  # type: ignore[assignment]
        self._shd = SocketHolder(self._sfd, False, self.backlog)  # type: ignore[assignment, call-arg]  # noqa: FBT003


def main(descriptor: str, application: str) -> None:
    listener = socket.socket(fileno=int(descriptor))
    listener.settimeout(0)  # Granian's workers never wait in `accept`
    WebServer(listener, application).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
