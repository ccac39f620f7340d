"""Where a connection takes no writes, as to a standby, people and programs read all the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from organizations.models import AccessEvent, ApiKey
from organizations.sessions import USED_AT, SessionStore
from organizations.tenancy.scope import can_write, working_for
from tests.api.api_clients import Program
from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def only_reading() -> Iterator[list[str]]:
    """The statements that were sent meanwhile."""
    statements: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        with CaptureQueriesContext(connection) as asked:
            yield statements
        statements += [one["sql"] for one in asked]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET default_transaction_read_only")


def use_again_after(hours: int, client: Client) -> None:
    store = SessionStore(str(client.cookies["session"].value))
    store[USED_AT] = (timezone.now() - timedelta(hours=hours)).isoformat()
    store.save()


def test_a_connection_says_whether_it_takes_writes(db: None) -> None:
    assert can_write()
    with only_reading():
        assert not can_write()
    assert can_write()


def test_reading_leaves_no_trace_where_none_can_be_written(cast: Cast) -> None:
    owner, program = cast.acme.browser("Ada"), Program(cast.acme)
    use_again_after(2, owner)
    with only_reading() as statements:
        assert owner.get("/o/acme/teams/").status_code == 200
        assert program.get("teams/").status_code == 200
    assert len(statements) > 5
    writing = ("INSERT", "UPDATE", "DELETE", "SELECT note_access")
    assert [sql for sql in statements if sql.startswith(writing)] == []
    with working_for(cast.acme.id):
        assert ApiKey.objects.get().last_used_at is None
        assert not AccessEvent.objects.exists()


def test_with_writes_the_same_leaves_its_traces(cast: Cast) -> None:
    owner, program = cast.acme.browser("Ada"), Program(cast.acme)
    use_again_after(2, owner)
    with CaptureQueriesContext(connection) as asked:
        owner.get("/o/acme/teams/")
        program.get("teams/")
    assert any(one["sql"].startswith('UPDATE "organizations_session"') for one in asked)
    with working_for(cast.acme.id):
        assert ApiKey.objects.get().last_used_at is not None
        assert AccessEvent.objects.count() == 2
