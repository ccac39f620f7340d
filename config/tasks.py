"""The three Celery tasks.

What is due is stored in the database; a message is only a hint that a worker may look now, so it names
nothing, and may be lost, late or repeated.
"""

import os
import time
from collections.abc import Iterator
from itertools import product
from random import shuffle
from uuid import UUID

import structlog
from celery.signals import worker_init, worker_process_init
from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from config.celery import app
from organizations import jobs as rows
from organizations.apps import check_before_serving
from organizations.email_delivery import shared_connection
from organizations.models import AccountLetter

# Called once a day for the whole installation.
DAILY_FUNCTIONS = (
    "organizations.housekeeping.delete_expired_sessions",
    "organizations.housekeeping.delete_old_access_events",
)
MAX_JOBS_PER_TURN = 10  # rows of one organization and kind before the next one's turn
MAX_TURN_SECONDS = 30  # the next message then begins another turn
log = structlog.get_logger(__name__)


@worker_init.connect
def _check_database(**_: object) -> None:
    """Check before there is a pool: the worker then ends with the reason."""
    check_before_serving(parent=None)


@worker_process_init.connect
def _check_in_pool(**_: object) -> None:
    """Check in each process of the pool: the database may have been away when the worker started."""
    check_before_serving(parent=os.getppid())


def _due_kinds() -> list[tuple[UUID, str]]:
    """Return where something is due, as `due_kinds` does. Where one server of several is away, which also
    fails what is read of all organizations, that may be everywhere."""
    try:
        return rows.due_kinds()
    except OperationalError:
        log.warning("work.unknown")
        return list(product(rows.organization_ids(), rows.job_models()))


@app.task(name="sweep", expires=settings.HINTS_EXPIRE_SECONDS)
def sweep() -> None:
    """Wake a worker process if anything is due; once a day, run the daily functions."""
    if _due_kinds():
        work.apply_async()
    if AccountLetter.objects.filter(due_at__lte=timezone.now()).exists():
        account_letters.apply_async()
    rows.record_sweep()
    with transaction.atomic():
        if rows.claim_daily_run():
            for function in DAILY_FUNCTIONS:
                import_string(function)()


@app.task(name="work", expires=settings.HINTS_EXPIRE_SECONDS)
def work(*_of_an_older_release: str) -> None:
    """Do what is due until nothing is. Each process that claims something wakes the next one."""
    deadline = time.monotonic() + MAX_TURN_SECONDS
    with shared_connection():
        for number, claim in enumerate(_claim_due_rows(deadline)):
            if number == 0:
                work.apply_async()
            rows.run_claimed(claim, import_string(claim.model.FUNCTION))


def _claim_due_rows(deadline: float) -> Iterator[rows.Claim]:
    """Yield rows that nobody else holds.

    Every organization and kind gets a turn, in any order, until nothing can be claimed or the time is over.
    A kind that this release does not know yet is left for a newer worker.
    """
    models = rows.job_models()
    has_claimed = True
    while has_claimed:
        has_claimed = False
        turns = [
            (organization, models[kind]) for organization, kind in _due_kinds() if kind in models
        ]
        shuffle(turns)
        for organization, model in turns:
            for _attempt in range(MAX_JOBS_PER_TURN):
                if time.monotonic() > deadline:
                    return
                claim = _claim_where_reachable(model, organization)
                if claim is None:
                    break
                has_claimed = True
                yield claim


def _claim_where_reachable(model: type[rows.Job], organization: UUID) -> rows.Claim | None:
    """Claim the next row; None also while the server that has this organization is away."""
    try:
        return rows.claim_next(model, organization)
    except OperationalError:
        log.warning(
            "work.unreachable", organization=str(organization), kind=model._meta.label_lower
        )
        return None


@app.task(name="account_letters", expires=settings.HINTS_EXPIRE_SECONDS)
def account_letters() -> None:
    """Send the e-mails about signing in that are due; they belong to no organization."""
    import_string("organizations.account_emails.send_due")()
