"""Refuses to start on a database role that could see every organization, or with another secret."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created

from organizations.pseudonyms import fingerprint

UNRESTRICTED = """
SELECT rolsuper OR rolbypassrls OR EXISTS (
           SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind = 'r')
  FROM pg_roles WHERE rolname = current_user
"""
FINGERPRINT = """
INSERT INTO organizations_installation (id, link_secret) VALUES (1, %s) ON CONFLICT DO NOTHING
"""


class OrganizationsConfig(AppConfig):
    name = "organizations"

    def ready(self) -> None:
        if not settings.MIGRATING:
            connection_created.connect(look_once, dispatch_uid="organizations.look_once")


def look_once(connection: Any, **_: Any) -> None:
    """At the first connection of a process; pools make more, which are the same role."""
    connection_created.disconnect(dispatch_uid="organizations.look_once")
    refuse_unrestricted_role(connection)
    refuse_another_link_secret(connection)


def refuse_unrestricted_role(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(UNRESTRICTED)
        if cursor.fetchone()[0]:
            raise RuntimeError(
                "This database role ignores row-level security or owns tables; connect as app_user."
            )


def refuse_another_link_secret(connection: Any) -> None:
    """Another LINK_SECRET would make everyone a stranger to their own earlier answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('organizations_installation') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return
        cursor.execute(FINGERPRINT, [fingerprint()])
        cursor.execute("SELECT link_secret FROM organizations_installation WHERE id = 1")
        if cursor.fetchone()[0] != fingerprint():
            raise RuntimeError("LINK_SECRET is not the one this database was begun with.")
