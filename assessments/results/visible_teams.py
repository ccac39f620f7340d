"""Which teams of a closed cycle someone may see who may not see all results.

It is the team in which they were asked, not today's team: someone who is moved, made a lead or added
afterwards sees nothing more by it. Today's team counts once an owner or a leader has confirmed it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet, Value

from assessments.models import CycleTeam, Participation
from assessments.results.queries import ResultNode, ResultTree


@dataclass(frozen=True, slots=True)
class Position:
    """Where someone is in a cycle, whether as the lead of that team, and whether they may see the levels of its
    single capabilities: leads always, members unless the organization switched it off."""

    node: UUID
    team: UUID
    leads: bool
    sees_capabilities: bool = True


def find_position(cycle: UUID, membership: UUID) -> Position | None:
    """Return someone's position; None where this cycle shows them nothing. 1 statement."""
    return find_positions([cycle], membership).get(cycle)


def find_positions(cycles: Collection[UUID], membership: UUID) -> dict[UUID, Position]:
    """Return someone's position in each of these cycles that shows them something. 1 statement."""
    confirmed = CycleTeam.objects.filter(
        cycle__in=cycles, team__members=membership, team__members__team_confirmed=True
    ).annotate(turn=Value(1), leads=F("team__members__leads"), opened=_OPENED)
    rows = confirmed.values_list("turn", "cycle", "pk", "team", "leads", "opened").union(
        _asked(cycles, membership)
    )
    return _positions(rows.order_by("turn"))


def find_asked_positions(cycles: Collection[UUID], membership: UUID) -> dict[UUID, Position]:
    """Return where someone was asked in each of these cycles, whatever was confirmed later. 1 statement."""
    return _positions(_asked(cycles, membership))


_OPENED = F("organization__members_see_capabilities")


def _asked(cycles: Collection[UUID], membership: UUID) -> QuerySet[Participation, tuple[Any, ...]]:
    as_lead = ExpressionWrapper(Q(answers_as=Participation.AnswersAs.LEAD), BooleanField())
    participations = Participation.objects.filter(cycle__in=cycles, membership=membership)
    asked = participations.annotate(turn=Value(2), leads=as_lead, opened=_OPENED)
    return asked.values_list("turn", "cycle", "node", "node__team", "leads", "opened")


def _positions(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, Position]:
    """Return the first position of each cycle."""
    positions: dict[UUID, Position] = {}
    for _turn, cycle, node, team, leads, opened in rows:
        positions.setdefault(cycle, Position(node, team, leads, leads or opened))
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
