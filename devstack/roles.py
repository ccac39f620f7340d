"""Two database roles in a test: the owner makes the test database, the user then works in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
from django.db import connection

_PARTS = ("USER", "PASSWORD", "HOST", "PORT")
# Emptying tables between tests, and the registers that Django then fills again: rights that the
# role has in the test database and nowhere else.
TEST_RIGHTS = """
    GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO app_user;
    GRANT SELECT, INSERT, UPDATE, DELETE ON django_content_type, auth_permission TO app_user;
    GRANT USAGE ON SEQUENCE django_content_type_id_seq, auth_permission_id_seq TO app_user;
"""


@contextmanager
def acting_as_owner() -> Iterator[None]:
    """Django's connection belongs to app_owner until the end of the block."""
    user = {part: connection.settings_dict[part] for part in _PARTS}
    owner: dict[str, Any] = environ.Env.db_url_config(os.environ["DATABASE_OWNER_URL"])
    connection.close()
    connection.settings_dict.update({part: owner[part] for part in _PARTS})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(user)


def grant_test_rights() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TEST_RIGHTS)


def current_role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def url_of_test_database() -> str:
    """Where another process finds the test database, as app_user."""
    before, question, after = os.environ["DATABASE_URL"].partition("?")
    return f"{before.rpartition('/')[0]}/{connection.settings_dict['NAME']}{question}{after}"
