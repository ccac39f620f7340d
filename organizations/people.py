"""Organizations, teams and people come into being here."""

from __future__ import annotations

import re
import unicodedata
from uuid import UUID

from django.db import connection

from organizations import audit
from organizations.models import Membership, Organization, Role, Team, User
from organizations.tenancy import uuid7, working_for


def address_from(name: str) -> str:
    """A web address from an organization's name; empty when nothing Latin is in it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def address_is_taken(slug: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT address_is_taken(%s)", [slug])
        return bool(cursor.fetchone()[0])


def found_organization(
    *,
    name: str,
    slug: str,
    owner: User | None,
    owner_name: str,
    owner_email: str = "",
    language: str = "en",
    id: UUID | None = None,
) -> Organization:
    """An organization, the root of its tree and its owner, in one step."""
    organization = Organization(
        id=id or uuid7(),
        name=name.strip(),
        slug=slug or f"org-{uuid7().hex[-8:]}",
        language=language,
        time_zone="Asia/Seoul" if language == "ko" else "UTC",
    )
    with working_for(organization.id):
        organization.save(force_insert=True)
        root = Team.objects.create(name=organization.name)
        member = Membership.objects.create(
            name=owner_name.strip(),
            email=(owner.email if owner else owner_email).lower(),
            language=language,
            team=root,
            role=Role.OWNER,
            user=owner,
        )
        audit.record("organization.founded", by=member.pk, on=organization, name=organization.name)
    return organization
