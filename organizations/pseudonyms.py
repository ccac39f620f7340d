"""How the same person is recognised in the next cycle without anyone being able to say who it is.

Every key is made with the organization's secret, which is made of two halves: one outside the
database (LINK_SECRET), one inside (the organization's salt). A copy of the database alone links
nothing, and destroying the salt makes it impossible for everyone.
"""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings


class SaltDestroyed(RuntimeError):
    """The organization has chosen that nobody can be recognised any more."""


def organization_secret(salt: bytes | memoryview | None) -> bytes:
    """32 bytes, never stored."""
    if salt is None:
        raise SaltDestroyed
    return hmac.digest(settings.LINK_SECRET.encode(), bytes(salt), "sha256")


def keyed_hash(secret: bytes, *parts: str) -> bytes:
    """HMAC-SHA256 over the parts, which are separated so that they cannot run into each other."""
    return hmac.digest(secret, "\x1f".join(parts).encode(), "sha256")


def hash_token(token: str) -> bytes:
    """What is stored of a token that someone else carries."""
    return hashlib.sha256(token.encode()).digest()


def secret_fingerprint() -> str:
    """Recognises LINK_SECRET without telling it."""
    return keyed_hash(settings.LINK_SECRET.encode(), "fingerprint").hex()[:32]
