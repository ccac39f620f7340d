"""What commands share: an organization is named by its address, a spreadsheet by its path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from django.core.management.base import CommandError
from django.db import connection

from assessments.imports.ratings_table import RatingsProblem


def find_organization(slug: str) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT organization_at(%s)", [slug])
        found: UUID | None = cursor.fetchone()[0]
    return found


def require_organization(slug: str) -> UUID:
    found = find_organization(slug)
    if found is None:
        raise CommandError(f"There is no organization at the address {slug}.")
    return found


def organizations_with_results() -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT organizations_with_results()")
        return [organization for (organization,) in cursor.fetchall()]


def read_file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as problem:
        raise CommandError(f"{path}: {problem.strerror}", returncode=2) from None


def format_problems(problems: tuple[RatingsProblem, ...], names: Mapping[str, str]) -> str:
    """One line a problem, in the form in which editors find it."""
    return "\n".join(f"{names[each.file]}:{each.line}: {each.text}" for each in problems)
