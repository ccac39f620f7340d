"""Read what a scorecard says of a whole cycle beside its cells."""

from __future__ import annotations

from uuid import UUID

from assessments.models import Scorecard
from assessments.results.queries import ClosedCycle
from assessments.results.storage import alignment_from_json, quality_from_json
from assessments.scoring.summary import LeaderAlignment, QualityReport


def root_alignments(*cycles: ClosedCycle) -> dict[UUID, LeaderAlignment]:
    """Return how leader and team of the whole organization align, by cycle where both rated. 1 statement."""
    cards = Scorecard.objects.filter(pk__in=[cycle.scorecard for cycle in cycles])
    stored = dict(cards.values_list("cycle", "summary__alignments"))
    return {
        cycle.id: alignment_from_json(alignment)
        for cycle in cycles
        if (alignment := (stored.get(cycle.id) or {}).get(str(cycle.root)))
    }


def quality_report(cycle: ClosedCycle) -> QualityReport:
    """Return how good the questions and answers are, as published. 1 statement."""
    cards = Scorecard.objects.filter(pk=cycle.scorecard)
    return quality_from_json(cards.values_list("summary__quality", flat=True).first() or {})
