"""A cycle is closed: its answers are cut loose from their order of arrival, scored once, and what may
be shown is written down for good.

The work can be stopped at any point and done again: the numbers, the stage and the notices are
written in one transaction, by whoever still holds the cycle.
"""

from __future__ import annotations

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
from organizations.tenancy.bulk_insert import insert
from organizations.tenancy.scope import working_for


def close(claim: Claim) -> None:
    """Score the cycle and publish it, once, however often this is begun."""
    if not _seal(claim):
        return
    claim.renew("scoring")
    with working_for(claim.organization):
        cycle = Cycle.objects.select_related("edition").get(pk=claim.id)
        ballots = fetch_input(cycle)
    outcome = compute_results(cycle, ballots)
    claim.renew("publishing")
    with working_for(claim.organization):
        claim.finish()  # first: whoever has lost the cycle writes nothing
        _write(cycle, outcome)


def _seal(claim: Claim) -> bool:
    """Nobody answers any more; whoever was just answering is in, or was refused. False if the
    cycle is closed already."""
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
        _rewrite(cycle, Response, id="gen_random_uuid()", **unmarked)
        _rewrite(cycle, Comment, id="gen_random_uuid()", giver="NULL")
    return True


def _keep_comments_of_those_who_sent(cycle: Cycle) -> None:
    """A comment that was written while its author was sending is sent, too."""
    unsent = Comment.objects.filter(cycle=cycle, sent=False)
    capabilities = set(unsent.values_list("capability", flat=True))
    if cycle.imported or not capabilities:
        return
    secret = response_keys.cycle_secret(cycle, Organization.objects.get(pk=cycle.organization_id))
    finished = Participation.objects.filter(cycle=cycle, finished=True)
    own = {
        response_keys.comment_key(secret, author, cycle.pk, capability)
        for author in finished.values_list("membership_id", flat=True)
        for capability in capabilities
    }
    sent = [row.pk for row in unsent.only("pk", "key") if bytes(row.key) in own]
    Comment.objects.filter(pk__in=sent).update(sent=True)


def _rewrite(cycle: Cycle, model: type[Model], **anew: str) -> None:
    """New rows of what was sent, in the order of their keys, in one statement: neither id, place, order
    nor transaction number says any more who answered when, on which device, or how often an answer
    was changed. What was never sent is gone."""
    columns = [str(field.column) for field in model._meta.concrete_fields]
    table, names = model._meta.db_table, ", ".join(columns)
    values = ", ".join(anew.get(column, column) for column in columns)
    statement = (
        f"WITH gone AS (DELETE FROM {table}"  # noqa: S608  # names of our own models
        f" WHERE organization_id = %s AND cycle_id = %s RETURNING {names})"
        f" INSERT INTO {table} ({names}) SELECT {values} FROM gone WHERE sent ORDER BY key"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [cycle.organization_id, cycle.pk])


def _write(cycle: Cycle, outcome: ScoringOutput) -> None:
    outcome.scorecard.save(force_insert=True)
    insert(outcome.results)
    # An imported cycle has its last day. The salt of an unlinked one is destroyed for good.
    Cycle.objects.filter(pk=cycle.pk).update(
        stage=Cycle.Stage.CLOSED,
        closed_at=cycle.closes_at if cycle.imported else Now(),
        salt=None,
    )
    if not cycle.imported:
        for mail in ("closed", "results"):
            emails.queue_notices(cycle, mail=mail, moment=timezone.now())
        # The last mail has its address; nobody is asked at these any more.
        Participation.objects.filter(cycle=cycle).update(email="")
    audit.record("cycle.closed", by=None, on=cycle, name=cycle.name)
