"""Compute closed cycles anew from their stored answers, by today's method, as a new current scorecard. The
older one is kept with its results and never shown.

What the close decided (groups, named leads, targets, the cycle before) stays. Where answers are not all
there any more nothing is computed: the published cells of small groups are made coarse instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.db.models import Max

from assessments.cycles import emails
from assessments.cycles.scoring_run import ScoringInput, ScoringOutput, compute_results, fetch_input
from assessments.cycles.verification import (
    answers_removed,
    input_differences,
    output_differences,
    result_key,
)
from assessments.models import Cycle, Result, Scorecard
from assessments.results.coarse import make_coarse
from assessments.results.storage import COLUMNS, cell_from_row
from assessments.scoring.cell import MIN_PARTS_FOR_TENTHS
from assessments.scoring.publish.publish import METHOD_VERSION
from assessments.scoring.visibility import DETAIL_THRESHOLD
from organizations import audit
from organizations.models import Organization
from organizations.people import lock_organization
from organizations.tenancy.scope import working_for


class Outcome(Enum):
    """What computing a cycle anew comes to."""

    REPLACED = "cycle.rescored"  # the first two are audit events
    MADE_COARSE = "cycle.made_coarse"
    SAME = "same"
    REMOVED = "removed"  # answers are missing, and what is shown is coarse already
    DIFFERENT_ANSWERS = "different answers"  # not those that were scored
    OVERTAKEN = "overtaken"  # another run has replaced the scorecard meanwhile


@dataclass(frozen=True, slots=True)
class Rescoring:
    """What became of one cycle, and how many of its scores are not those shown before."""

    outcome: Outcome
    changed: int = 0


def rescore(
    organization: UUID, cycle_id: UUID, *, moment: datetime, dry_run: bool = False
) -> Rescoring:
    """Compute the closed cycle anew and show the new results: read, compute without the database, write.
    Stopped at any point it has changed nothing, or everything."""
    with working_for(organization):
        cycle = Cycle.objects.select_related("edition").get(pk=cycle_id)
        card = Scorecard.objects.current().get(cycle=cycle)
        published = tuple(Result.objects.filter(scorecard=card))
        scoring_input = fetch_input(cycle)
        salt_is_gone = Organization.objects.get(pk=organization).salt is None
    is_complete = not (salt_is_gone or answers_removed(card, scoring_input))
    outcome, output = (
        _compute_anew(cycle, card, published, scoring_input)
        if is_complete
        else _coarsen(card, published)
    )
    if output is None:
        return Rescoring(outcome)
    changed = _count_changed(published, output.results)
    if not dry_run:
        output.scorecard.computed_at, output.scorecard.changed = moment, changed
        with working_for(organization):
            if not _replace(cycle, card, output, outcome):
                return Rescoring(Outcome.OVERTAKEN)
    return Rescoring(outcome, changed)


def _compute_anew(
    cycle: Cycle, card: Scorecard, published: Iterable[Result], scoring_input: ScoringInput
) -> tuple[Outcome, ScoringOutput | None]:
    output = compute_results(cycle, scoring_input)
    if any(input_differences(card, output)):
        return Outcome.DIFFERENT_ANSWERS, None
    if not any(output_differences(card, published, output)):
        return Outcome.SAME, None
    return Outcome.REPLACED, output


def _coarsen(card: Scorecard, published: Iterable[Result]) -> tuple[Outcome, ScoringOutput | None]:
    """Return the same scorecard with coarse cells where few have answered, or where it isn't shown how
    many."""
    if card.method == METHOD_VERSION or card.summary.get("coarse"):
        return Outcome.REMOVED, None
    enough = {
        UUID(node)
        for node, count in card.participation.items()
        if (count["n"] or 0) >= DETAIL_THRESHOLD
    }
    coarse = Scorecard(
        cycle_id=card.cycle_id,
        method=card.method,
        edition_digest=card.edition_digest,
        input_digest=card.input_digest,
        discarded=card.discarded,
        shows=card.shows,
        participation=card.participation,
        summary=_coarse_summary(card.summary, enough),
    )
    cells = [cell_from_row({name: getattr(row, name) for name in COLUMNS}) for row in published]
    nodes = {cell.node: UUID(cell.node) for cell in cells}
    shown = [cell if nodes[cell.node] in enough else make_coarse(cell) for cell in cells]
    return Outcome.MADE_COARSE, ScoringOutput(coarse, lambda: shown, nodes)


def _coarse_summary(summary: dict[str, Any], enough: set[UUID]) -> dict[str, Any]:
    """Return the summary without how leader and team align where that rests on few answers to few
    questions."""
    alignments = {
        node: alignment
        for node, alignment in summary.get("alignments", {}).items()
        if UUID(node) in enough or alignment["compared"] >= MIN_PARTS_FOR_TENTHS
    }
    return {**summary, "alignments": alignments, "coarse": True}


def _count_changed(before: Iterable[Result], after: Iterable[Result]) -> int:
    """Return how many scores moved by 0.1 or more, changed their level, came or went."""
    shown_before, shown_after = (
        {(result_key(row), row.score, row.level) for row in rows if row.score is not None}
        for rows in (before, after)
    )
    return len({key for key, *_numbers in shown_before ^ shown_after})


def _replace(cycle: Cycle, card: Scorecard, output: ScoringOutput, outcome: Outcome) -> bool:
    """Show the new results instead of those of this scorecard; False if others are shown meanwhile."""
    if not Scorecard.objects.current().filter(pk=card.pk).update(current=False):
        return False
    output.store()
    audit.record(
        outcome.value,
        by=None,
        on=cycle,
        name=cycle.name,
        method=[card.method, output.scorecard.method],
        scores=output.scorecard.changed,
    )
    return True


def announce(organization: UUID, *, moment: datetime) -> int:
    """Queue one mail to everyone who decides, about all cycles that were computed anew and not announced
    yet. Return for how many people."""
    with working_for(organization):
        lock_organization()  # one announcement at a time
        cards = Scorecard.objects.current().filter(changed__isnull=False, turn=None)
        latest = cards.select_related("cycle").order_by("cycle__closed_at", "cycle_id").last()
        if latest is None:
            return 0
        last_turn = Scorecard.objects.aggregate(last=Max("turn"))["last"]
        turn = 0 if last_turn is None else last_turn + 1
        cards.update(turn=turn)
        return emails.queue_notices(latest.cycle, mail="rescored", moment=moment, turn=turn)
