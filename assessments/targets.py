"""The levels that leaders ask for. What is asked of a team holds for the teams below it, until one of
them is asked for something else; a cycle takes what is in force on the day it closes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from assessments.models import Target
from assessments.rubrics import Rubric
from organizations import audit
from organizations.models import Team
from organizations.team_tree import TeamTree

LEVELS = range(1, 6)


@dataclass(frozen=True, slots=True)
class CapabilityTarget:
    """What is asked of one capability in one team."""

    own: int | None  # asked of this very team
    inherited: int | None  # asked of the nearest team above it that is asked for something


def team_targets(rubric: str, tree: TeamTree, team: UUID) -> dict[str, CapabilityTarget]:
    """By capability, those that are asked for something here or above. 1 statement."""
    above = _way_up(tree, team)
    rows = Target.objects.filter(rubric=rubric, team__in=[team, *above])
    found = {(team_id, slug): level for team_id, slug, level in _plain(rows)}
    return {
        slug: CapabilityTarget(
            found.get((team, slug)),
            next((found[up, slug] for up in above if (up, slug) in found), None),
        )
        for slug in {slug for _team, slug in found}
    }


def _way_up(tree: TeamTree, team: UUID) -> list[UUID]:
    """The teams above this one, the nearest first."""
    way, above = [], tree.node(team).parent
    while above is not None:
        way.append(above)
        above = tree.node(above).parent
    return way


def _plain(rows: QuerySet[Target]) -> list[tuple[UUID, str, int]]:
    return list(rows.values_list("team_id", "capability", "level"))


def levels_by_node(rubric: str, nodes: Mapping[UUID, str]) -> dict[tuple[str, str], float]:
    """(node, capability) -> level, for the teams of a cycle's tree. 1 statement."""
    rows = Target.objects.filter(rubric=rubric, team__in=list(nodes))
    return {(nodes[team], slug): float(level) for team, slug, level in _plain(rows)}


@transaction.atomic
def set_targets(
    team: Team, rubric: Rubric, levels: Mapping[str, int | None], *, by: UUID
) -> list[str]:
    """Set what is asked of this team; None asks for nothing of its own. Capabilities that are not
    named stay as they are. Returns those that changed."""
    _check(rubric, levels)
    mine = Target.objects.filter(rubric=rubric.slug, team=team).select_for_update()
    before = {slug: level for _team, slug, level in _plain(mine)}
    changed = {slug: level for slug, level in levels.items() if before.get(slug) != level}
    Target.objects.filter(rubric=rubric.slug, team=team, capability__in=changed).delete()
    Target.objects.bulk_create(
        Target(team=team, rubric=rubric.slug, capability=slug, level=level)
        for slug, level in sorted(changed.items())
        if level is not None
    )
    if changed:
        told = {slug: [before.get(slug), level] for slug, level in sorted(changed.items())}
        audit.record("targets.set", by=by, on=team, rubric=rubric.slug, levels=told)
    return sorted(changed)


def _check(rubric: Rubric, levels: Mapping[str, int | None]) -> None:
    known = {item.slug for item in rubric.capabilities}
    unknown = sorted(set(levels) - known)
    if unknown:
        text = _("This rubric has no such capability: %(name)s")
        raise ValidationError(text % {"name": unknown[0][:60]})
    if any(level is not None and level not in LEVELS for level in levels.values()):
        raise ValidationError(_("A level is one of 1 to 5, or nothing."))
