"""What commands share: find an organization by its address, read a file, print its problems."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.db import connection

from assessments.imports import headcounts, scales
from assessments.imports.file_problems import FileChoices, RatingsChoices, RatingsProblem
from organizations.tables import slashes, totals
from organizations.tables.decoding import CANDIDATES, ENCODING
from organizations.tables.mapping import fold

# Question of a file -> what a command may answer; a sheet has any name.
ANSWERS: Mapping[str, Sequence[str] | None] = {
    ENCODING: tuple(CANDIDATES),
    "sheet": None,
    totals.TOTALS: (totals.LEAVE_OUT, totals.KEEP),
    slashes.SLASHES: (slashes.ONE_NAME, slashes.LEVELS),
    scales.SCALE: (scales.FROM_ZERO, scales.FROM_ONE),
    scales.WORDING: (scales.BY_WORD, scales.BY_NUMBER),
    headcounts.PARENTS: (headcounts.INCLUDED, headcounts.DIRECT),
}


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
    """Return one line a problem, as `file:C4: text`: the cell as a spreadsheet counts."""
    return "\n".join(f"{names[row.file]}:{row.place or 0}: {row.text}" for row in problems)


def add_file_options(parser: ArgumentParser) -> None:
    """Add what answers the questions of a file: a command asks nothing."""
    group = parser.add_argument_group("what a file may leave open")
    group.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=FIELD",
        help="what a column fills; NAME=- leaves it out",
    )
    for key, values in ANSWERS.items():
        group.add_argument(f"--{key}", choices=values, metavar=None if values else "NAME")


def file_choices(options: Mapping[str, Any]) -> RatingsChoices:
    """Return the choices that the options of a command make for both files."""
    names: dict[str, str] = {}
    for choice in options["column"]:
        name, equals, field = choice.rpartition("=")
        if not equals:
            raise CommandError(f"Write --column NAME=FIELD. Found: {choice}", returncode=2)
        names[fold(name)] = field.strip()
    answers = {key: options[key] for key in ANSWERS if options[key]}
    choices = FileChoices(names=names, answers=answers)
    return RatingsChoices(choices, choices)


def parse_day(text: str) -> date:
    """Read a day of the command line."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  # a day alone
    except ValueError:
        raise ArgumentTypeError(
            f"Write the day as YYYY-MM-DD, for example 2026-11-20. Found: {text}"
        ) from None
