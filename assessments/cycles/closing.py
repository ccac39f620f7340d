"""Close a cycle: remove the order in which its answers arrived, score them once, and store what may be
shown.

The job can be stopped at any point and run again: the numbers, the stage and the notices are written
in one transaction, by the worker that still has the claim.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model
from django.db.models.functions import Now
from django.utils import timezone

from assessments.cycles import emails
from assessments.cycles.scoring_run import ScoringOutput, compute_results, fetch_input
from assessments.models import Comment, Cycle, Participation, Response
from assessments.survey import response_keys
from organizations import audit
from organizations.jobs import Claim
from organizations.models import Organization
from organizations.tenancy.scope import working_for


def close(claim: Claim) -> None:
    """Score the cycle and publish it, once, however often this is begun."""
    if not _seal(claim):
        return
    claim.renew("scoring")
    with working_for(claim.organization):
        cycle = Cycle.objects.select_related("edition").get(pk=claim.id)
        scoring_input = fetch_input(cycle)
    with _uninterrupted():
        output = compute_results(cycle, scoring_input)
        claim.renew("publishing")
        with working_for(claim.organization):
            claim.finish()  # first: a worker that has lost the claim writes nothing
            _store_results(cycle, output)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Search for no unreachable cycles of objects meanwhile: hundreds of thousands of cells, none of which
    refers to another, would be looked through again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _seal(claim: Claim) -> bool:
    """Stop the answering: a save under way is stored before this, or refused. Return False if the cycle
    is closed already."""
    with working_for(claim.organization):
        cycle = Cycle.objects.select_for_update().get(pk=claim.id)
        if cycle.stage == Cycle.Stage.CLOSED:
            claim.finish()
            return False
        claim.renew("sealing")
        Cycle.objects.filter(pk=cycle.pk).update(stage=Cycle.Stage.CLOSING)
        Participation.objects.filter(cycle=cycle).update(named_by=None, counted=False)
        _keep_comments_of_those_who_sent(cycle)
        unmarked = {"versions": "'{}'", "givers": "'{}'", "sender": "NULL"}
        _rewrite_sent_rows(cycle, Response, id="gen_random_uuid()", **unmarked)
        _rewrite_sent_rows(cycle, Comment, id="gen_random_uuid()", giver="NULL")
    return True


def _keep_comments_of_those_who_sent(cycle: Cycle) -> None:
    """Mark a comment as sent that was written while its author was sending."""
    unsent = Comment.objects.filter(cycle=cycle, sent=False)
    capabilities = set(unsent.values_list("capability", flat=True))
    if cycle.imported or not capabilities:
        return
    secret = response_keys.cycle_secret(cycle, Organization.objects.get(pk=cycle.organization_id))
    finished = Participation.objects.filter(cycle=cycle, finished=True)
    sent_keys = {
        response_keys.comment_key(secret, author, cycle.pk, capability)
        for author in finished.values_list("membership_id", flat=True)
        for capability in capabilities
    }
    sent_ids = [row.pk for row in unsent.only("pk", "key") if bytes(row.key) in sent_keys]
    Comment.objects.filter(pk__in=sent_ids).update(sent=True)


def _rewrite_sent_rows(cycle: Cycle, model: type[Model], **replacements: str) -> None:
    """Replace the sent rows by new ones in the order of their keys, in one statement, with these SQL
    values for some columns. Neither id, position nor transaction number says any more who answered
    when, on which device, or how often an answer was changed. What was never sent is deleted.

    A cluster reads INSERT ... SELECT with RETURNING through its coordinator; without, it would use COPY,
    which row-level security refuses."""
    columns = [str(field.column) for field in model._meta.concrete_fields]
    table, names = model._meta.db_table, ", ".join(columns)
    values = ", ".join(replacements.get(column, column) for column in columns)
    statement = (
        f"WITH gone AS (DELETE FROM {table}"  # noqa: S608  # names of our own models
        f" WHERE organization_id = %s AND cycle_id = %s RETURNING {names})"
        f" INSERT INTO {table} ({names}) SELECT {values} FROM gone WHERE sent ORDER BY key"
        " RETURNING 1"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [cycle.organization_id, cycle.pk])


def _store_results(cycle: Cycle, output: ScoringOutput) -> None:
    output.store()
    # An imported cycle is closed as of its last day. The salt of an unlinked one is destroyed for good.
    Cycle.objects.filter(pk=cycle.pk).update(
        stage=Cycle.Stage.CLOSED,
        closed_at=cycle.closes_at if cycle.imported else Now(),
        salt=None,
    )
    if not cycle.imported:
        for mail in ("closed", "results"):
            emails.queue_notices(cycle, mail=mail, moment=timezone.now())
        # The last notices hold their own addresses; no other mail goes to these any more.
        Participation.objects.filter(cycle=cycle).update(email="")
    audit.record("cycle.closed", by=None, on=cycle, name=cycle.name)
