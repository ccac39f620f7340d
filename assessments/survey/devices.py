"""Which device may see an answer: the one that last gave it, and nobody else.

A personal link opens the survey for whoever holds it, and an administrator can come to hold one. So
the link alone shows nothing. A browser is known by a random secret in a cookie of its own, a sign-in
by a secret made from it; with each answer stands the mark of the one that gave it, until the close.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from organizations.pseudonyms import keyed_hash

DEVICE_COOKIE: str = settings.DEVICE_COOKIE_NAME
_DEVICE = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SurveyVisitor:
    """Whoever sits before the screen: the secret of the browser's cookie, and who is signed in."""

    device: str = ""
    user: UUID | None = None

    def devices(self, secret: bytes, cycle: UUID) -> tuple[str, ...]:
        """The secrets of whose answers may be shown; new answers are given by the first."""
        signed_in = "" if self.user is None else _of_sign_in(secret, self.user, cycle)
        return tuple(device for device in (self.device, signed_in) if device)


ANONYMOUS_VISITOR = SurveyVisitor()  # gives answers that no device can see again


def new_device() -> str:
    """128 bits that only this browser will hold."""
    return secrets.token_hex(16)


def is_device(text: str) -> bool:
    return _DEVICE.fullmatch(text) is not None


def _of_sign_in(secret: bytes, user: UUID, cycle: UUID) -> str:
    """Another account that comes to belong to the same person is another one."""
    return keyed_hash(secret, "sign-in", str(user), str(cycle)).hex()[:32]


def giver_mark(secret: bytes, device: str, row: bytes) -> int:
    """What stands with an answer, 64 bits: another one in every row, so that no two rows that one
    device gave can be joined by it."""
    return int.from_bytes(keyed_hash(secret, "device", device, row.hex())[:8], "big", signed=True)
