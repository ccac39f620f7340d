"""Which teams of a closed cycle someone may see who may not see all results.

It is the team in which they were asked, not today's team: someone who is moved, made a lead or added
afterwards sees nothing more by it. Today's team counts once an owner or a leader has confirmed it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, F, Q, Value

from assessments.models import CycleTeam, Participation
from assessments.results.queries import ResultNode, ResultTree


@dataclass(frozen=True, slots=True)
class Position:
    """Where someone is in a cycle, and whether as the lead of that team."""

    node: UUID
    team: UUID
    leads: bool


def find_position(cycle: UUID, membership: UUID) -> Position | None:
    """Return someone's position; None where this cycle shows them nothing. 1 statement."""
    return find_positions([cycle], membership).get(cycle)


def find_positions(cycles: Collection[UUID], membership: UUID) -> dict[UUID, Position]:
    """Return someone's position in each of these cycles that shows them something. 1 statement."""
    confirmed = CycleTeam.objects.filter(
        cycle__in=cycles, team__members=membership, team__members__team_confirmed=True
    ).annotate(turn=Value(1), leads=F("team__members__leads"))
    as_lead = ExpressionWrapper(Q(answers_as=Participation.AnswersAs.LEAD), BooleanField())
    participations = Participation.objects.filter(cycle__in=cycles, membership=membership)
    asked = participations.annotate(turn=Value(2), leads=as_lead)
    rows = confirmed.values_list("turn", "cycle", "pk", "team", "leads").union(
        asked.values_list("turn", "cycle", "node", "node__team", "leads")
    )
    positions: dict[UUID, Position] = {}
    for _turn, cycle, *position in rows.order_by("turn"):
        positions.setdefault(cycle, Position(*position))
    return positions


def nodes_visible_to(tree: ResultTree, position: Position | None) -> tuple[ResultNode, ...]:
    """Return the own team or the nearest one above it with published results, and for a lead every team
    from the own one down."""
    if position is None:
        return ()
    own = tree.by_id()[position.node]
    nearest = next((node for node in reversed(tree.path(own)) if node.shown), None)
    below = tree.below(own) if position.leads else ()
    return below if nearest is None or nearest in below else (nearest, *below)
