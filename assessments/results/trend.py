"""Read the published cells of the trend page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Q

from assessments.models import Result
from assessments.results.queries import ClosedCycle, PublishedCells, read_cells


def trend_cells(cycles: Sequence[ClosedCycle], nodes: Iterable[UUID]) -> PublishedCells:
    """Return every level of the whole organization in these cycles, and the values of the `nodes` of the
    newest one. 1 statement."""
    roots = Q(node__in=[cycle.root for cycle in cycles])
    values = Q(node__in=list(nodes), subject_type="value")
    rows = Result.objects.filter(
        roots | values, scorecard__in=[cycle.scorecard for cycle in cycles], kind="performance"
    )
    return read_cells(rows)[0]
