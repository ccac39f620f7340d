"""What commands need before they may read an organization: an operator names it by its address."""

from __future__ import annotations

from uuid import UUID

from django.core.management.base import CommandError
from django.db import connection


def find_organization(slug: str) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT organization_at(%s)", [slug])
        found: UUID | None = cursor.fetchone()[0]
    return found


def organization_at(slug: str) -> UUID:
    found = find_organization(slug)
    if found is None:
        raise CommandError(f"There is no organization at the address {slug}.")
    return found


def organizations_with_results() -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT organizations_with_results()")
        return [organization for (organization,) in cursor.fetchall()]
