"""Rows that are worked on: the row itself is the job, and a Celery message is only a hint.

A worker takes a row by writing a lease on it, and renews the lease while it works. Whoever loses it
(killed, frozen) can no longer finish, so an effect happens once however often the hint arrives.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from typing import Any, ClassVar
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import Error, connection, models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from organizations.redaction import describe_exception
from organizations.tenancy.scope import working_for

MAX_ATTEMPTS = 5
RETRY_DELAYS = (5, 30, 120, 600)  # seconds before the next attempt
SLOW_RETRY_DELAYS = (
    60,
    1_800,
    14_400,
    72_000,
)  # of what waits for others: a mail server may be away for a day
log = structlog.get_logger(__name__)


class LeaseLost(RuntimeError):
    """Another worker has taken the row over: stop, and change nothing more."""


class Job(models.Model):
    """What a row carries while it waits for a worker. `due_at` empty: there is nothing to do."""

    KIND: ClassVar[str]
    WAITS: ClassVar[tuple[int, ...]] = RETRY_DELAYS
    LEASE: ClassVar[int] = (
        60  # seconds without a sign of life, after which another may take the row
    )

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
        return self.due_at is not None and self.attempts >= MAX_ATTEMPTS and not held


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
            if not self._mine().update(progress=progress, lease_until=_lease_end(self.model)):
                raise LeaseLost(f"{self.model.__name__} {self.id}")

    def extend(self) -> bool:
        """Keep the row for another while; False if another worker has it."""
        with working_for(self.organization):
            return self._mine().update(lease_until=_lease_end(self.model)) > 0

    def finish(self) -> None:
        """Call inside the transaction that writes the effect: both happen, or neither."""
        done = {"due_at": None, "lease": None, "lease_until": None, "progress": "", "error": ""}
        if not self._mine().update(**done, attempts=0):
            raise LeaseLost(f"{self.model.__name__} {self.id}")

    def postpone(self, moment: datetime) -> None:
        """Give the row back untouched: it is not its turn yet."""
        with working_for(self.organization):
            free = {"lease": None, "lease_until": None, "progress": ""}
            self._mine().update(**free, due_at=moment, attempts=F("attempts") - 1)

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


def lease_seconds(model: type[Any]) -> float:
    """How long a worker may be silent; the installation may set one length for every kind."""
    return float(settings.WORK_LEASE_SECONDS or model.LEASE)


def _lease_end(model: type[Any]) -> Any:
    return _seconds_from_now(lease_seconds(model))


# --- Taking a row -----------------------------------------------------------------------------


def claim(model: type[Any], organization: UUID, row: UUID) -> Claim | None:
    """Take this row if it is due and nobody holds it."""
    return _claim_first(model, organization, pk=row)


def claim_next(model: type[Any], organization: UUID) -> Claim | None:
    """Take the row of this kind that has been due the longest; None if there is none."""
    return _claim_first(model, organization)


def _claim_first(model: type[Any], organization: UUID, **wanted: UUID) -> Claim | None:
    """Time is the database's, so clocks cannot disagree. Workers who come at the same moment skip
    what another is just taking."""
    lease = uuid4()
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    with working_for(organization):
        due = model.objects.filter(free, due_at__lte=Now(), attempts__lt=MAX_ATTEMPTS, **wanted)
        locked = due.order_by("due_at", "pk").select_for_update(skip_locked=True, no_key=True)
        row = locked.values_list("pk", flat=True).first()
        if row is None:
            return None
        model.objects.filter(pk=row).update(
            lease=lease, lease_until=_lease_end(model), attempts=F("attempts") + 1
        )
    return Claim(model, organization, row, lease)


# --- Working on it ----------------------------------------------------------------------------


def perform(model: type[Any], organization: UUID, row: UUID, verb: Callable[[Claim], None]) -> None:
    """Claim the row and do its work, if it is due and nobody holds it."""
    held = claim(model, organization, row)
    if held is not None:
        run_claimed(held, verb)


def run_claimed(held: Claim, verb: Callable[[Claim], None]) -> None:
    """Do the work of a claimed row; say so on the row when it could not be done."""
    named = {"kind": held.model.KIND, "row": str(held.id)}
    try:
        with _renewed(held):
            verb(held)
    except LeaseLost:
        log.warning("work.lease_lost", **named)
    except Exception as problem:  # whatever went wrong, the row must be given back
        log.exception("work.failed", **named)
        held.fail(describe_exception(problem))


@contextmanager
def _renewed(held: Claim) -> Iterator[None]:
    """Renew the lease while the work lasts, however long one stage of it is. A worker that is killed
    or frozen renews nothing; one that hangs is ended by Celery's time limit."""
    ended = Event()
    thread = Thread(target=_renew_until, args=(held, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renew_until(held: Claim, ended: Event) -> None:
    pause = lease_seconds(held.model) / 3
    try:
        while not ended.wait(pause):
            if not _extended(held):
                return
    finally:
        connection.close()  # a thread has a connection of its own, opened when it first renews


def _extended(held: Claim) -> bool:
    """A database that is away for a moment is asked again at the next turn."""
    try:
        return held.extend()
    except Error:
        log.warning("work.not_renewed", kind=held.model.KIND, row=str(held.id))
        return True


# --- Finding what is due ----------------------------------------------------------------------


def wake_worker() -> None:
    """Let workers look now, after the commit, instead of at the next sweep. Called once by the view
    or command whose verb made rows due; if nobody hears it, beat's sweep finds them."""
    transaction.on_commit(_ask_for_sweep, robust=True)


def _ask_for_sweep() -> None:
    """Celery is loaded by the first who has work for it: most of what the web does is none."""
    workers = import_string(settings.WORKERS)
    workers.send_task("sweep", retry=False, expires=settings.HINTS_EXPIRE_SECONDS)


def due_kinds() -> list[tuple[UUID, str]]:
    """(organization, kind) wherever a row is due that nobody holds or gave up; longest due first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT organization_id, kind FROM due_kinds()")
        return list(cursor.fetchall())


# --- How the work is going, over all organizations ---------------------------------------------


@dataclass(frozen=True, slots=True)
class QueueState:
    """Rows of one kind: how many are due, since how many seconds, how many were given up."""

    kind: str
    waiting: int
    oldest: float
    given_up: int


def queue_states() -> tuple[QueueState, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, waiting, oldest, given_up FROM waiting_work()")
        return tuple(QueueState(*row) for row in cursor.fetchall())


def record_sweep() -> None:
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


def claim_daily_run() -> bool:
    """Whether a day has passed since this was last True; of several workers one is told so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organizations_installation SET day_began_at = now()"
            " WHERE day_began_at IS NULL OR day_began_at <= now() - interval '1 day' RETURNING id"
        )
        return cursor.fetchone() is not None
