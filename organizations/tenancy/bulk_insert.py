"""Fast insertion of many rows: the close of a large cycle writes sixty thousand results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.db import connection

from organizations.tenancy.scope import TenantModel, bound_organization

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
    others = [field for field in meta.concrete_fields if field.column != "organization_id"]
    names = ", ".join(f'"{field.column}"' for field in others)
    values = ", ".join(f'given."{field.column}"' for field in others)
    types = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in others)
    # The organization is that of the root team, so that the server which has it inserts the rows.
    statement = (
        f'INSERT INTO "{meta.db_table}" (organization_id, {names})'  # noqa: S608  # our own models
        f" SELECT root.organization_id, {values}"
        f" FROM organizations_team root, jsonb_to_recordset(%s::jsonb) AS given({types})"
        " WHERE root.organization_id = %s AND root.parent_id IS NULL"
    )
    document = [{field.column: field.value_from_object(row) for field in others} for row in rows]
    given = json.dumps(document, default=_encode_value)
    with connection.cursor() as cursor:
        cursor.execute(statement, [given, bound_organization()])
        assert cursor.rowcount == len(rows), "every organization has a root team"


def _encode_value(value: Any) -> str:
    """Return the value as the database reads it; the database refuses a type that is not read this way."""
    return "\\x" + bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)
