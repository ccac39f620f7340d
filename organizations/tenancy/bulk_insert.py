"""Fast insertion of many rows: the close of a large cycle writes sixty thousand results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection
from pydantic_core import to_json

from organizations.tenancy.scope import TenantModel, bound_organization

BATCH_SIZE = 2_500


def insert(rows: Sequence[TenantModel]) -> None:
    """Insert rows like `bulk_create`, about ten times as fast: the database reads them from one document.

    Every column must have its value: nothing is left to the database's defaults.
    """
    if rows:
        insert_columns(type(rows[0]), [_columns(row) for row in rows])


def insert_columns(model: type[TenantModel], rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows given as their columns without the organization, as JSON, a batch at a time: so many need
    not exist as objects, or at once. While the database inserts a batch, another thread builds the next,
    without the context of this one."""
    with ThreadPoolExecutor(max_workers=1) as thread, connection.cursor() as cursor:
        batches, statement = _batches(rows), _insert_statement(model)
        following = thread.submit(next, batches, None)
        while batch := following.result():
            following = thread.submit(next, batches, None)
            cursor.execute(statement, [batch.document, bound_organization()])
            assert cursor.rowcount == batch.size, "every organization has a root team"


class _Batch(NamedTuple):
    document: str  # JSON
    size: int  # rows


def _batches(rows: Iterable[Mapping[str, Any]]) -> Iterator[_Batch]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH_SIZE)):
        yield _Batch(to_json(batch).decode(), len(batch))


def _columns(row: TenantModel) -> dict[str, Any]:
    row.claim_ownership()
    return {
        field.column: _as_json(field.value_from_object(row)) for field in _own_fields(type(row))
    }


def _own_fields(model: type[TenantModel]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.column != "organization_id"]


def _insert_statement(model: type[TenantModel]) -> str:
    others = _own_fields(model)
    names = ", ".join(f'"{field.column}"' for field in others)
    values = ", ".join(f'given."{field.column}"' for field in others)
    types = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in others)
    # The organization is that of the root team, so that the server which has it inserts the rows.
    return (
        f'INSERT INTO "{model._meta.db_table}" (organization_id, {names})'  # noqa: S608  # our own models
        f" SELECT root.organization_id, {values}"
        f" FROM organizations_team root, jsonb_to_recordset(%s::jsonb) AS given({types})"
        " WHERE root.organization_id = %s AND root.parent_id IS NULL"
    )


def _as_json(value: Any) -> Any:
    """Return bytes as the database reads them; what else isn't JSON is written as text that it reads."""
    return "\\x" + bytes(value).hex() if isinstance(value, bytes | memoryview) else value
