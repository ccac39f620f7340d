"""Jobs: rows that a worker processes. The row itself is the job, and a Celery message is only a hint.

A worker claims a row by writing a lease on it, and renews the lease while it works. A worker that loses
the lease (killed, frozen) can no longer finish, so an effect happens once however often the hint arrives.
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
from django.apps import apps
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
# The same for jobs that depend on others: a mail server may be away for a day.
SLOW_RETRY_DELAYS = (60, 1_800, 14_400, 72_000)
log = structlog.get_logger(__name__)


class LeaseLost(RuntimeError):
    """Another worker has taken the row over: stop, and change nothing more."""


class PermanentFailure(Exception):
    """The job can't succeed however often it is tried."""


class Job(models.Model):
    """The columns of a row that waits for a worker. `due_at` empty: there is nothing to do.

    Each model is a kind of job, called by its label in lower letters, such as `assessments.cycle`.
    """

    # Does the job; receives a Claim. Imported when a job comes, so that a web process starts without it.
    FUNCTION: ClassVar[str]
    WAITS: ClassVar[tuple[int, ...]] = RETRY_DELAYS
    LEASE: ClassVar[int] = 60  # seconds without renewal, after which another may claim the row

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
        """Whether nobody will try again without being told to; False while the last attempt is running."""
        is_held = self.lease_until is not None and self.lease_until > timezone.now()
        return self.due_at is not None and self.attempts >= MAX_ATTEMPTS and not is_held


def job_models() -> dict[str, type[Job]]:
    """Return kind -> model."""
    models = (model for model in apps.get_models() if issubclass(model, Job))
    return {model._meta.label_lower: model for model in models}


@dataclass(frozen=True, slots=True)
class Claim:
    """One worker's claim on one row, valid as long as its lease."""

    model: type[Any]
    organization: UUID
    id: UUID
    lease: UUID

    def _claimed_rows(self) -> models.QuerySet[Any]:
        claimed: models.QuerySet[Any] = self.model.objects.filter(pk=self.id, lease=self.lease)
        return claimed

    def renew(self, progress: str) -> None:
        """Store how far the work is, and extend the lease. Raises LeaseLost if another worker has the row."""
        with working_for(self.organization):
            if not self._claimed_rows().update(
                progress=progress, lease_until=_lease_end(self.model)
            ):
                raise LeaseLost(f"{self.model.__name__} {self.id}")

    def extend(self) -> bool:
        """Extend the lease; False if another worker has the row."""
        with working_for(self.organization):
            return self._claimed_rows().update(lease_until=_lease_end(self.model)) > 0

    def finish(self) -> None:
        """Complete the job. Call inside the transaction that writes the effect: both happen, or neither."""
        cleared = {"due_at": None, "lease": None, "lease_until": None, "progress": "", "error": ""}
        if not self._claimed_rows().update(**cleared, attempts=0):
            raise LeaseLost(f"{self.model.__name__} {self.id}")

    def postpone(self, moment: datetime) -> None:
        """Give the row back until this moment; the attempt is not counted."""
        with working_for(self.organization):
            released = {"lease": None, "lease_until": None, "progress": ""}
            self._claimed_rows().update(**released, due_at=moment, attempts=F("attempts") - 1)

    def give_up(self, reason: str) -> None:
        """Give the row back; it is tried again only when somebody says so."""
        with working_for(self.organization):
            self._claimed_rows().update(
                lease=None, lease_until=None, error=reason[:300], attempts=MAX_ATTEMPTS
            )

    def fail(self, reason: str) -> None:
        """Give the row back; it is tried again later, at most MAX_ATTEMPTS times in all."""
        with working_for(self.organization):
            row = self._claimed_rows().first()
            if row is None:
                return
            delays = self.model.WAITS
            delay = delays[min(row.attempts, len(delays)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311  # jitter
            self._claimed_rows().update(
                lease=None, lease_until=None, error=reason[:300], due_at=_seconds_from_now(delay)
            )


def _seconds_from_now(seconds: float) -> Any:
    return Now() + Value(f"{seconds:.3f} seconds", output_field=models.DurationField())


def lease_seconds(model: type[Any]) -> float:
    """Return how long a worker may be silent; the installation may set one length for every kind."""
    return float(settings.WORK_LEASE_SECONDS or model.LEASE)


def _lease_end(model: type[Any]) -> Any:
    return _seconds_from_now(lease_seconds(model))


# --- Claiming a row ---------------------------------------------------------------------------


def claim(model: type[Any], organization: UUID, row: UUID) -> Claim | None:
    """Claim this row if it is due and nobody holds it."""
    return _claim_first(model, organization, pk=row)


def claim_next(model: type[Any], organization: UUID) -> Claim | None:
    """Claim the row of this kind that has been due the longest; None if there is none."""
    return _claim_first(model, organization)


def _claim_first(model: type[Any], organization: UUID, **filters: UUID) -> Claim | None:
    """Claim the first row that is due. Time is the database's, so clocks cannot disagree; workers that come
    at the same moment skip a row that another is just claiming."""
    lease = uuid4()
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    with working_for(organization):
        due = model.objects.filter(free, due_at__lte=Now(), attempts__lt=MAX_ATTEMPTS, **filters)
        locked = due.order_by("due_at", "pk").select_for_update(skip_locked=True, no_key=True)
        row = locked.values_list("pk", flat=True).first()
        if row is None:
            return None
        model.objects.filter(pk=row).update(
            lease=lease, lease_until=_lease_end(model), attempts=F("attempts") + 1
        )
    return Claim(model, organization, row, lease)


# --- Doing the work ---------------------------------------------------------------------------


def perform(
    model: type[Any], organization: UUID, row: UUID, function: Callable[[Claim], None]
) -> None:
    """Claim the row and do its work, if it is due and nobody holds it."""
    claimed = claim(model, organization, row)
    if claimed is not None:
        run_claimed(claimed, function)


def run_claimed(claimed: Claim, function: Callable[[Claim], None]) -> None:
    """Do the work of a claimed row; store on the row that it failed if it could not be done."""
    log_fields = {"kind": claimed.model._meta.label_lower, "row": str(claimed.id)}
    try:
        with _keep_lease(claimed):
            function(claimed)
    except LeaseLost:
        log.warning("work.lease_lost", **log_fields)
    except PermanentFailure as problem:
        log.exception("work.impossible", **log_fields)
        claimed.give_up(describe_exception(problem))
    except Exception as problem:  # whatever failed, the row must be given back
        log.exception("work.failed", **log_fields)
        claimed.fail(describe_exception(problem))


@contextmanager
def _keep_lease(claimed: Claim) -> Iterator[None]:
    """Renew the lease while the work lasts, however long one stage of it is. A worker that is killed
    or frozen renews nothing; one that hangs is ended by Celery's time limit."""
    ended = Event()
    thread = Thread(target=_renew_until, args=(claimed, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renew_until(claimed: Claim, ended: Event) -> None:
    pause = lease_seconds(claimed.model) / 3
    try:
        while not ended.wait(pause):
            if not _try_extend(claimed):
                return
    finally:
        connection.close()  # a thread has a connection of its own, opened when it first renews


def _try_extend(claimed: Claim) -> bool:
    """Extend the lease; where the database is away for a moment, it is asked again at the next turn."""
    try:
        return claimed.extend()
    except Error:
        log.warning("work.not_renewed", kind=claimed.model._meta.label_lower, row=str(claimed.id))
        return True


# --- Finding what is due ----------------------------------------------------------------------


def wake_worker() -> None:
    """Let workers look now, after the commit, instead of at the next sweep.

    Called once by the view or command whose verb made rows due. If the message is lost, beat's sweep finds
    them.
    """
    transaction.on_commit(_ask_for_sweep, robust=True)


def _ask_for_sweep() -> None:
    """Send the message. Celery is loaded only here: most requests have no work for it."""
    workers = import_string(settings.WORKERS)
    workers.send_task("sweep", retry=False, expires=settings.HINTS_EXPIRE_SECONDS)


def due_kinds() -> list[tuple[UUID, str]]:
    """Return (organization, kind) wherever a row is due that nobody holds or gave up; longest due first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT organization_id, kind FROM due_kinds()")
        return list(cursor.fetchall())


def organization_ids() -> list[UUID]:
    """Return the id of every organization."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT organization_ids()")
        return [organization for (organization,) in cursor.fetchall()]


# --- How the work is going, over all organizations --------------------------------------------


@dataclass(frozen=True, slots=True)
class QueueState:
    """Rows of one kind: how many are due, for how many seconds the oldest, how many were given up."""

    kind: str
    waiting: int
    oldest: float
    given_up: int


def queue_states() -> tuple[QueueState, ...]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, waiting, oldest, given_up FROM waiting_work()")
        return tuple(QueueState(*row) for row in cursor.fetchall())


def record_sweep() -> None:
    """Store that the sweep has run."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE organizations_installation SET swept_at = now()")


def seconds_since_sweep() -> float | None:
    """Return the seconds since the last sweep; None if there was none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM now() - swept_at)::float FROM organizations_installation"
        )
        row = cursor.fetchone()
    return row[0] if row else None


def claim_daily_run() -> bool:
    """Return True once a day; of several workers only one gets it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organizations_installation SET day_began_at = now()"
            " WHERE day_began_at IS NULL OR day_began_at <= now() - interval '1 day' RETURNING id"
        )
        return cursor.fetchone() is not None
