"""Targets: the levels that leaders ask for. A team's target also holds for the teams below it, unless
one of them has its own; a cycle uses the targets in force on the day it closes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from assessments.models import Target
from assessments.rubrics import Rubric
from organizations import audit
from organizations.models import AuditEvent, Membership, Team
from organizations.team_tree import TeamTree

LEVELS = range(1, 6)
MAX_EVENTS = 50  # of the history


@dataclass(frozen=True, slots=True)
class CapabilityTarget:
    """The target of one capability in one team."""

    own: int | None  # set for this team itself
    inherited: int | None  # set for the nearest team above it that has one

    @property
    def level(self) -> int | None:
        """The target that holds."""
        return self.own or self.inherited


@dataclass(frozen=True, slots=True)
class TargetChange:
    """That someone set or removed the target of one capability."""

    at: datetime
    by: str  # "" where the person is no longer here
    team: UUID
    capability: str
    before: int | None
    after: int | None


def team_targets(rubric: str, tree: TeamTree, team: UUID) -> dict[str, CapabilityTarget]:
    """Return the targets by capability, where one is set for this team or above. 1 statement."""
    above = teams_above(tree, team)
    rows = Target.objects.filter(rubric=rubric, team__in=[team, *above])
    levels = {(team_id, slug): level for team_id, slug, level in _target_values(rows)}
    return {
        slug: CapabilityTarget(
            levels.get((team, slug)),
            next((levels[upper, slug] for upper in above if (upper, slug) in levels), None),
        )
        for slug in {slug for _team, slug in levels}
    }


def teams_above(tree: TeamTree, team: UUID) -> list[UUID]:
    """Return the teams above this one, the nearest first."""
    teams, above = [], tree.node(team).parent
    while above is not None:
        teams.append(above)
        above = tree.node(above).parent
    return teams


def target_changes(rubric: str, teams: Collection[UUID]) -> list[TargetChange]:
    """Return who set what in these teams, the newest first. 1 statement."""
    person = Membership.objects.filter(pk=OuterRef("actor")).values("name")[:1]
    events = AuditEvent.objects.filter(
        event="targets.set", subject__in=list(teams), detail__rubric=rubric
    )
    rows = events.order_by("-at", "-pk").annotate(person=Subquery(person))[:MAX_EVENTS]
    return [
        TargetChange(row.at, row.person or "", row.subject, slug, before, after)
        for row in rows
        if row.subject
        for slug, (before, after) in row.detail["levels"].items()
    ]


def _target_values(rows: QuerySet[Target]) -> list[tuple[UUID, str, int]]:
    return list(rows.values_list("team_id", "capability", "level"))


def levels_by_node(rubric: str, nodes: Mapping[UUID, str]) -> dict[tuple[str, str], float]:
    """Return (node, capability) -> level, for the teams of a cycle's tree. 1 statement."""
    rows = Target.objects.filter(rubric=rubric, team__in=list(nodes))
    return {(nodes[team], slug): float(level) for team, slug, level in _target_values(rows)}


@transaction.atomic
def set_targets(
    team: Team, rubric: Rubric, levels: Mapping[str, int | None], *, by: UUID
) -> list[str]:
    """Set the targets of this team; None removes one. Capabilities that are not given stay as they are.
    Return those that changed. Raises ValidationError."""
    _check_levels(rubric, levels)
    stored = Target.objects.filter(rubric=rubric.slug, team=team).select_for_update()
    before = {slug: level for _team, slug, level in _target_values(stored)}
    changed = {slug: level for slug, level in levels.items() if before.get(slug) != level}
    Target.objects.filter(rubric=rubric.slug, team=team, capability__in=changed).delete()
    Target.objects.bulk_create(
        Target(team=team, rubric=rubric.slug, capability=slug, level=level)
        for slug, level in sorted(changed.items())
        if level is not None
    )
    if changed:
        changes = {slug: [before.get(slug), level] for slug, level in sorted(changed.items())}
        audit.record("targets.set", by=by, on=team, rubric=rubric.slug, levels=changes)
    return sorted(changed)


def _check_levels(rubric: Rubric, levels: Mapping[str, int | None]) -> None:
    known = {item.slug for item in rubric.capabilities}
    unknown = sorted(set(levels) - known)
    if unknown:
        text = _("This rubric doesn't have this capability: %(name)s")
        raise ValidationError(text % {"name": unknown[0][:60]})
    if any(level is not None and level not in LEVELS for level in levels.values()):
        raise ValidationError(_("Choose a level from 1 to 5, or leave it empty."))
