"""The readiness check, for whatever starts, watches and routes to this installation."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from django.conf import settings
from django.core.cache import cache as valkey
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from organizations import jobs
from organizations.access import public

GOOD, DEGRADED, BAD = "ok", "degraded", "failing"
log = logging.getLogger(__name__)


@public
@transaction.non_atomic_requests
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 while pages can be served, even if something else is degraded; 503 while they cannot.

    The response names the part, never an address or a version.
    """
    checks = {"database": check_database(), "valkey": check_cache()}
    if checks["database"]["state"] == GOOD:
        checks["migrations"] = check_migrations()
    if checks.get("migrations", {"state": BAD})["state"] == GOOD:
        # These read tables that exist only once the migrations are applied.
        checks |= {"beat": check_beat(), "work": check_jobs()}
    states = [check["state"] for check in checks.values()]
    state = BAD if BAD in states else DEGRADED if DEGRADED in states else GOOD
    return JsonResponse({"state": state, **checks}, status=503 if state == BAD else 200)


def check_database() -> dict[str, Any]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.warning("readyz.database")
        return {"state": BAD}
    return {"state": GOOD}


def check_cache() -> dict[str, Any]:
    """Without Valkey pages and answers go on; rate limits and quick starts of jobs do not."""
    try:
        valkey.get("readyz")
    except Exception:  # noqa: BLE001  # whatever it is, Valkey cannot be used
        return {"state": DEGRADED}
    return {"state": GOOD}


def check_migrations() -> dict[str, Any]:
    missing = len(missing_migrations())
    return {"state": BAD if missing else GOOD, "missing": missing}


def missing_migrations() -> set[tuple[str, str]]:
    """Return the migrations that are not applied: all of them while the database is empty."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = {(app, name) for app, name in cursor.fetchall()}
    except ProgrammingError:  # no such table
        applied = set()
    return set(known_migrations()) - applied


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Return the migrations of this release; read from the disk once."""
    return frozenset(MigrationLoader(None).disk_migrations)


def check_beat() -> dict[str, Any]:
    """Without beat nothing that becomes due is found; what people do at the moment still works."""
    seconds = jobs.seconds_since_sweep()
    late = seconds is None or seconds > settings.MOST_SECONDS_WITHOUT_SWEEP
    return {"state": DEGRADED if late else GOOD, "seconds_since_sweep": seconds and round(seconds)}


def check_jobs() -> dict[str, Any]:
    """Check how long the oldest due job has waited. Pages can be served where nobody can say."""
    try:
        queues = jobs.queue_states()
    except DatabaseError:
        log.warning("readyz.work")
        return {"state": DEGRADED}
    oldest = max((queue.oldest for queue in queues), default=0.0)
    late = oldest > settings.MOST_SECONDS_WITHOUT_SWEEP * 5
    given_up = sum(queue.given_up for queue in queues)
    return {
        "state": DEGRADED if late else GOOD,
        "oldest_seconds": round(oldest),
        "waiting": sum(queue.waiting for queue in queues),
        "given_up": given_up,
    }
