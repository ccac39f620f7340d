"""Keyed hashes: recognise the same person in the next cycle without anyone being able to say who it is.

Every hash is made with the organization's secret, which is made of two halves: one outside the
database (LINK_SECRET), one inside (the organization's salt). A copy of the database alone links
nothing, and destroying the salt makes it impossible for everyone.
"""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings


class SaltDestroyed(RuntimeError):
    """The organization has destroyed its salt: nobody can be recognised any more."""


def organization_secret(salt: bytes | memoryview | None) -> bytes:
    """Return the organization's secret: 32 bytes, never stored. Raises SaltDestroyed."""
    if salt is None:
        raise SaltDestroyed
    return hmac.digest(settings.LINK_SECRET.encode(), bytes(salt), "sha256")


def keyed_hash(secret: bytes, *parts: str) -> bytes:
    """Return HMAC-SHA256 over the parts, with a separator so that they cannot run into each other."""
    return hmac.digest(secret, "\x1f".join(parts).encode(), "sha256")


def hash_token(token: str) -> bytes:
    """Return the hash that is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def secret_fingerprint() -> str:
    """Return a value that identifies LINK_SECRET without revealing it."""
    return keyed_hash(settings.LINK_SECRET.encode(), "fingerprint").hex()[:32]
