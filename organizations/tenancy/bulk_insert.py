"""Many rows at once: sixty thousand results are written while one is still being spelt out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.db import connection

from organizations.tenancy.scope import TenantModel

BATCH_SIZE = 10_000


def insert(rows: Sequence[TenantModel]) -> None:
    """Like `bulk_create`, about ten times as fast: the database reads the rows from one document.

    For rows whose every column has its value: nothing is left to the database's defaults.
    """
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH_SIZE)):
        _insert(batch)


def _insert(rows: Sequence[TenantModel]) -> None:
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
        cursor.execute(statement, [json.dumps(document, default=_spelt)])


def _spelt(value: Any) -> str:
    """As the database reads it; a type that it does not read this way is refused by it."""
    return "\\x" + bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)
