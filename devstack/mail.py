"""A real mail server for tests: what is sent arrives here and is kept."""

from __future__ import annotations

import email
import email.policy
import socket
import time
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MailServer:
    """Listens on this machine only; `letters` are in the order of their arrival."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.url = f"smtp://127.0.0.1:{self._controller.port}"
        self._controller.start()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the protocol's word
        assert isinstance(envelope.content, bytes)
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        # A long subject begins on a line of its own; the space before it is not part of it.
        letter.replace_header("Subject", str(letter["Subject"]).strip())
        self.letters.append(letter)
        return "250 OK"

    def wait_for(self, number: int, seconds: float = 20) -> list[EmailMessage]:
        """The letters, once there are so many."""
        end = time.monotonic() + seconds
        while len(self.letters) < number and time.monotonic() < end:
            time.sleep(0.05)
        return self.letters

    def stop(self) -> None:
        self._controller.stop()
