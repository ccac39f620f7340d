"""Rows that are worked on: the row itself is the job, and a Celery message is only a hint.

A worker takes a row by writing a lease on it. Whoever loses the lease (killed, frozen, too slow)
can no longer finish, so an effect happens once however often the hint arrives.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from organizations.telling import told
from organizations.tenancy import working_for

MOST_ATTEMPTS = 5
SOON = (5, 30, 120, 600)  # seconds before the next attempt
PATIENT = (
    60,
    1_800,
    14_400,
    72_000,
)  # of what waits for others: a mail server may be away for a day
log = logging.getLogger(__name__)


class LeaseLost(RuntimeError):
    """Another worker has taken the row over: stop, and change nothing more."""


class Work(models.Model):
    """What a row carries while it waits for a worker. `due_at` empty: there is nothing to do."""

    KIND: ClassVar[str]
    WAITS: ClassVar[tuple[int, ...]] = SOON

    due_at = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    lease = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    progress = models.CharField(max_length=40, blank=True, editable=False)
    error = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def gave_up(self) -> bool:
        """Nobody will try again by themselves; while the last attempt is under way this is open."""
        held = self.lease_until is not None and self.lease_until > timezone.now()
        return self.due_at is not None and self.attempts >= MOST_ATTEMPTS and not held


@dataclass(frozen=True, slots=True)
class Claim:
    """One worker's hold on one row, for as long as its lease lasts."""

    model: type[Any]
    organization: UUID
    id: UUID
    lease: UUID

    def _mine(self) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = self.model.objects.filter(pk=self.id, lease=self.lease)
        return rows

    def renew(self, progress: str) -> None:
        """Say how far the work is, and keep the row for another while."""
        with working_for(self.organization):
            if not self._mine().update(progress=progress, lease_until=_lease_end()):
                raise LeaseLost(f"{self.model.__name__} {self.id}")

    def finish(self) -> None:
        """Call inside the transaction that writes the effect: both happen, or neither."""
        done = {"due_at": None, "lease": None, "lease_until": None, "progress": "", "error": ""}
        if not self._mine().update(**done, attempts=0):
            raise LeaseLost(f"{self.model.__name__} {self.id}")

    def fail(self, reason: str) -> None:
        """Give the row back; it is tried again later, at most MOST_ATTEMPTS times."""
        with working_for(self.organization):
            row = self._mine().first()
            if row is None:
                return
            waits = self.model.WAITS
            wait = waits[min(row.attempts, len(waits)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311  # jitter
            self._mine().update(
                lease=None, lease_until=None, error=reason[:300], due_at=_seconds_from_now(wait)
            )


def _seconds_from_now(seconds: float) -> Any:
    return Now() + Value(f"{seconds:.3f} seconds", output_field=models.DurationField())


def _lease_end() -> Any:
    return _seconds_from_now(settings.WORK_LEASE_SECONDS)


def claim(model: type[Any], organization: UUID, row: UUID) -> Claim | None:
    """Take a due row that nobody holds. Time is the database's, so clocks cannot disagree."""
    lease = uuid4()
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    with working_for(organization):
        taken = model.objects.filter(
            free, pk=row, due_at__lte=Now(), attempts__lt=MOST_ATTEMPTS
        ).update(lease=lease, lease_until=_lease_end(), attempts=F("attempts") + 1)
    return Claim(model, organization, row, lease) if taken else None


def perform(model: type[Any], organization: UUID, row: UUID, verb: Callable[[Claim], None]) -> None:
    """Claim the row and do its work; say so on the row when it could not be done."""
    held = claim(model, organization, row)
    if held is None:
        return
    try:
        verb(held)
    except LeaseLost:
        log.warning("work.lease_lost", extra={"kind": model.KIND, "row": str(row)})
    except Exception as problem:  # whatever went wrong, the row must be given back
        log.exception("work.failed", extra={"kind": model.KIND, "row": str(row)})
        held.fail(told(problem))


def nudge(row: Any) -> None:
    """Ask for this row now instead of at the next sweep; if nobody hears it, the sweep does."""
    message = (str(row.organization_id), row.KIND, str(row.pk))
    transaction.on_commit(lambda: _call(message), robust=True)


def _call(message: tuple[str, str, str]) -> None:
    """Celery is loaded by the first who has work for it: most of what the web does is none."""
    import_string(settings.WORKERS).send_task("work", message, retry=False)


def due(per_organization: int, most: int) -> list[tuple[UUID, str, UUID]]:
    """(organization, kind, id) of rows that wait, in turns so that no organization waits long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM due_work(%s, %s)", [per_organization, most])
        return list(cursor.fetchall())


# --- How the work is going, over all organizations ---------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows of one kind: how many are due, since how many seconds, how many were given up."""

    kind: str
    waiting: int
    oldest: float
    given_up: int


def waiting() -> tuple[Waiting, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, waiting, oldest, given_up FROM waiting_work()")
        return tuple(Waiting(*row) for row in cursor.fetchall())


def swept() -> None:
    """Remember that the sweep went through."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE organizations_installation SET swept_at = now()")


def seconds_since_sweep() -> float | None:
    """None: it never went through."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM now() - swept_at)::float FROM organizations_installation"
        )
        row = cursor.fetchone()
    return row[0] if row else None
