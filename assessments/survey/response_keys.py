"""The keys that lead from a person to their answers, and from a personal link to its survey.

All are made with a secret that is not in the database (`organizations/pseudonyms.py`).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from uuid import UUID

from assessments.models import Cycle
from organizations.models import Organization
from organizations.pseudonyms import keyed_hash, organization_secret


def cycle_secret(cycle: Cycle, organization: Organization) -> bytes:
    """Return the secret for the keys of a cycle. Confidential: the organization's secret, so that the
    next cycle recognises the same key. Unlinked: a secret of this cycle alone, which nobody can make
    again after the close."""
    unlinked = cycle.mode == Cycle.Mode.UNLINKED
    return organization_secret(cycle.salt if unlinked else organization.salt)


def response_key(secret: bytes, membership: UUID) -> bytes:
    return keyed_hash(secret, "response", str(membership))


def imported_key(secret: bytes, pseudonym: str) -> bytes:
    return keyed_hash(secret, "import", pseudonym)


def comment_key(secret: bytes, membership: UUID, cycle: UUID, capability: str) -> bytes:
    return keyed_hash(secret, "comment", str(membership), str(cycle), capability)


def link_token(organization: Organization, participation: UUID) -> str:
    """Return the token of a personal link, 128 bits. It is made again for every mail, so that only its
    hash is stored and old mails still work."""
    secret = organization_secret(organization.salt)
    raw = keyed_hash(secret, "link", str(participation))[:16]
    return urlsafe_b64encode(raw).decode().rstrip("=")
