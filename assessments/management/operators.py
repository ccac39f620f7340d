"""What commands share: find an organization by its address, read a file, print its problems."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from django.core.management.base import CommandError
from django.db import connection

from assessments.imports.ratings_table import RatingsProblem


def find_organization(slug: str) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT organization_with_slug(%s)", [slug])
        organization: UUID | None = cursor.fetchone()[0]
    return organization


def require_organization(slug: str) -> UUID:
    organization = find_organization(slug)
    if organization is None:
        raise CommandError(f"No organization with this slug: {slug}")
    return organization


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
    """Return one line a problem, as `file:line: text`, which editors can follow."""
    return "\n".join(f"{names[row.file]}:{row.line}: {row.text}" for row in problems)
