"""Fast insertion of many rows: the close of a large cycle writes sixty thousand results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import connection
from pydantic_core import to_json

from organizations.tenancy.scope import TenantModel, bound_organization

BATCH_SIZE = 5_000


def insert(rows: Sequence[TenantModel]) -> None:
    """Insert rows like `bulk_create`, about ten times as fast: the database reads them from one document.

    Every column must have its value: nothing is left to the database's defaults.
    """
    if rows:
        insert_columns(type(rows[0]), map(_columns, rows))


def insert_columns(model: type[TenantModel], rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows given as their columns without the organization, as JSON, a batch at a time: so many need
    not exist as objects, or at once."""
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH_SIZE)):
        _insert_batch(model, batch)


def _columns(row: TenantModel) -> dict[str, Any]:
    row.claim_ownership()
    return {
        field.column: _as_json(field.value_from_object(row)) for field in _own_fields(type(row))
    }


def _own_fields(model: type[TenantModel]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.column != "organization_id"]


def _insert_batch(model: type[TenantModel], rows: Sequence[Mapping[str, Any]]) -> None:
    others = _own_fields(model)
    names = ", ".join(f'"{field.column}"' for field in others)
    values = ", ".join(f'given."{field.column}"' for field in others)
    types = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in others)
    # The organization is that of the root team, so that the server which has it inserts the rows.
    statement = (
        f'INSERT INTO "{model._meta.db_table}" (organization_id, {names})'  # noqa: S608  # our own models
        f" SELECT root.organization_id, {values}"
        f" FROM organizations_team root, jsonb_to_recordset(%s::jsonb) AS given({types})"
        " WHERE root.organization_id = %s AND root.parent_id IS NULL"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [to_json(rows).decode(), bound_organization()])
        assert cursor.rowcount == len(rows), "every organization has a root team"


def _as_json(value: Any) -> Any:
    """Return bytes as the database reads them; what else isn't JSON is written as text that it reads."""
    return "\\x" + bytes(value).hex() if isinstance(value, bytes | memoryview) else value
