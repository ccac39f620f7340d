"""The app's start: refuse a database role that could see every organization, or another LINK_SECRET."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import Any, NoReturn

import structlog
from django.apps import AppConfig, apps
from django.conf import settings
from django.db import OperationalError
from django.db import connection as default
from django.db.backends.signals import connection_created

from organizations.pseudonyms import secret_fingerprint

UNRESTRICTED_ROLE_SQL = """
SELECT rolsuper OR rolbypassrls OR EXISTS (
           SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind = 'r')
  FROM pg_roles WHERE rolname = current_user
"""
FINGERPRINT_SQL = "SELECT link_secret FROM organizations_installation WHERE id = 1"
STORE_FINGERPRINT_SQL = """
INSERT INTO organizations_installation (id, link_secret) VALUES (1, %s) ON CONFLICT DO NOTHING
"""
ROLE_ERROR = "This database role ignores row-level security or owns tables; connect as app_user."
SECRET_ERROR = "LINK_SECRET is not the one this database was begun with."  # noqa: S105  # a sentence
_DISPATCH_UID = "organizations.look"
log = structlog.get_logger(__name__)


class OrganizationsConfig(AppConfig):
    name = "organizations"
    has_checked = False
    serves = False  # a web or worker process, whose threads and tasks would survive an exception
    parent: int | None = None  # the process that would start this one again and again

    def ready(self) -> None:
        if not settings.MIGRATING:
            connection_created.connect(self.check_connection, dispatch_uid=_DISPATCH_UID)

    def serve(self, parent: int | None) -> None:
        """Check before anything is served. A database that is away is checked when it is back, before its
        first answer is used."""
        if self.has_checked or settings.MIGRATING:
            return
        self.serves, self.parent = True, parent
        with suppress(OperationalError):
            default.ensure_connection()
        default.close()

    def check_connection(self, connection: Any, **_: Any) -> None:
        """Check each new connection until one was accepted: pools open more, with the same role."""
        if refusal := find_refusal(connection):
            self.end(refusal)
        self.has_checked = True
        connection_created.disconnect(dispatch_uid=_DISPATCH_UID)

    def end(self, reason: str) -> NoReturn:
        """End the process, and the one that would start it again."""
        if not self.serves:
            sys.exit(reason)
        log.critical("start.refused", reason=reason)
        if self.parent is not None:
            os.kill(self.parent, signal.SIGTERM)
        os._exit(1)


def check_before_serving(parent: int | None) -> None:
    """Check in a web or worker process; `parent` is the process that would start this one again."""
    config = apps.get_app_config(OrganizationsConfig.name)
    assert isinstance(config, OrganizationsConfig)
    config.serve(parent)


def find_refusal(connection: Any) -> str:
    """Return why nothing may be done over this connection; empty if it may be used."""
    if _is_unrestricted(connection):
        return ROLE_ERROR
    return SECRET_ERROR if _has_another_link_secret(connection) else ""


def _is_unrestricted(connection: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(UNRESTRICTED_ROLE_SQL)
        return bool(cursor.fetchone()[0])


def _has_another_link_secret(connection: Any) -> bool:
    """Return whether the database was begun with another secret, which would make everyone a stranger to
    their own earlier answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('organizations_installation') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(FINGERPRINT_SQL)
        if cursor.fetchone() is None:
            cursor.execute(STORE_FINGERPRINT_SQL, [secret_fingerprint()])
        cursor.execute(FINGERPRINT_SQL)
        return bool(cursor.fetchone()[0] != secret_fingerprint())
