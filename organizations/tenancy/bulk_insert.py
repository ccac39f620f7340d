"""Fast insertion of many rows: the close of a large cycle writes sixty thousand results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.db import connection

from organizations.tenancy.scope import TenantModel

BATCH_SIZE = 10_000


def insert(rows: Sequence[TenantModel]) -> None:
    """Insert rows like `bulk_create`, about ten times as fast: the database reads them from one document.

    Every column must have its value: nothing is left to the database's defaults.
    """
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH_SIZE)):
        _insert_batch(batch)


def _insert_batch(rows: Sequence[TenantModel]) -> None:
    for row in rows:
        row.claim_ownership()
    meta = type(rows[0])._meta
    fields = meta.concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    types = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in fields)
    statement = (
        f'INSERT INTO "{meta.db_table}" ({names})'  # noqa: S608  # names of our own models
        f" SELECT {names} FROM jsonb_to_recordset(%s::jsonb) AS given({types})"
    )
    document = [{field.column: field.value_from_object(row) for field in fields} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(document, default=_encode_value)])


def _encode_value(value: Any) -> str:
    """Return the value as the database reads it; the database refuses a type that is not read this way."""
    return "\\x" + bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)
