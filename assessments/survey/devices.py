"""Which device may see an answer: the one that last gave it, and nobody else.

A personal link opens the survey for anyone who has it, and an administrator can come to have one. So
the link alone shows no answers. A browser is recognised by a random secret in a cookie of its own, a
sign-in by a secret derived from it; each answer is stored with the mark of its device until the close.
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
    """The one who looks at a survey: the secret of the browser's cookie, and who is signed in."""

    device: str = ""
    user: UUID | None = None

    def devices(self, secret: bytes, cycle: UUID) -> tuple[str, ...]:
        """Return the device secrets whose answers may be shown; new answers are given by the first."""
        signed_in = "" if self.user is None else _sign_in_device(secret, self.user, cycle)
        return tuple(device for device in (self.device, signed_in) if device)


ANONYMOUS_VISITOR = SurveyVisitor()  # gives answers that no device can see again


def new_device() -> str:
    """Return a device secret of 128 bits that only this browser will have."""
    return secrets.token_hex(16)


def is_device(text: str) -> bool:
    return _DEVICE.fullmatch(text) is not None


def _sign_in_device(secret: bytes, user: UUID, cycle: UUID) -> str:
    """Return the device secret of a signed-in user: another one if the person gets another account."""
    return keyed_hash(secret, "sign-in", str(user), str(cycle)).hex()[:32]


def giver_mark(secret: bytes, device: str, row: bytes) -> int:
    """Return the 64-bit mark that is stored with an answer. It differs in every row, so that no two rows
    given by one device can be joined by it."""
    return int.from_bytes(keyed_hash(secret, "device", device, row.hex())[:8], "big", signed=True)
