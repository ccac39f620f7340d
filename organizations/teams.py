"""Add, rename, move and remove teams. They stay one tree, at most eight levels deep."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import audit
from organizations.models import Membership, Team
from organizations.people import lock_organization
from organizations.team_tree import MAX_DEPTH, TeamTree, build_tree
from organizations.tenancy.constraints import violated_constraint

_HAS_PEOPLE = gettext_lazy("There are people in this team. Move them first.")
_IN_A_CYCLE = gettext_lazy("This team is part of past results. You can rename or move it.")


def load_tree() -> TeamTree:
    """Return every team of the organization. 1 statement."""
    return build_tree(Team.objects.values_list("pk", "name", "parent_id"))


@transaction.atomic
def add_team(name: str, *, parent: UUID, by: UUID | None) -> Team:
    """Add a team. Raises ValidationError by field."""
    lock_organization()
    tree = load_tree()
    _check_exists(tree, parent)
    if tree.node(parent).depth + 1 > MAX_DEPTH:
        raise ValidationError({"parent": _("Teams can be nested up to 8 levels.")})
    team = Team(name=name, parent_id=parent)
    _save(team)
    audit.record("team.added", by=by, on=team, name=name)
    return team


@transaction.atomic
def change_team(team: Team, *, name: str, parent: UUID, by: UUID | None) -> Team:
    """Rename or move a team, or both; everyone in it and below moves along."""
    lock_organization()
    tree = load_tree()
    _check_exists(tree, team.pk)
    node = tree.node(team.pk)
    if node.parent is None:
        raise ValidationError(_("Change the organization's name in the settings."))
    if parent != node.parent:
        _check_parent(tree, node.id, parent)
    team.refresh_from_db(fields=["parent_since"])
    team.name, team.parent_id = name, parent
    if parent != node.parent:
        team.parent_since = timezone.now()
    _save(team)
    if name != node.name:
        audit.record("team.renamed", by=by, on=team, names=[node.name, name])
    if parent != node.parent:
        audit.record("team.moved", by=by, on=team, name=name)
    return team


def _check_exists(tree: TeamTree, team: UUID) -> None:
    if team not in tree:
        raise ValidationError({"parent": _("This team no longer exists.")})


def _check_parent(tree: TeamTree, team: UUID, parent: UUID) -> None:
    _check_exists(tree, parent)
    if tree.node(parent) in tree.below(team):
        raise ValidationError({"parent": _("A team can't be moved below itself.")})
    if tree.node(parent).depth + 1 + tree.height(team) > MAX_DEPTH:
        raise ValidationError({"parent": _("Teams can be nested up to 8 levels.")})


@transaction.atomic
def remove_team(team: Team, *, by: UUID | None) -> None:
    """Remove a team that is empty and part of no cycle: past cycles go on showing their teams."""
    lock_organization()
    if team.parent_id is None:
        raise ValidationError(_("The organization itself can't be removed here."))
    if Team.objects.filter(parent=team).exists():
        raise ValidationError(_("This team has sub-teams. Move or remove them first."))
    if Membership.objects.filter(team=team).exists():
        raise ValidationError(_HAS_PEOPLE)
    audit.record("team.removed", by=by, on=team, name=team.name)
    try:
        with transaction.atomic():
            team.delete()
    except IntegrityError as problem:
        # Someone has just been put here, or the frozen tree of a cycle names the team.
        has_people = violated_constraint(problem) == "membership_team_same_tenant"
        raise ValidationError(_HAS_PEOPLE if has_people else _IN_A_CYCLE) from None


def _save(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:
        message = _("There's already a team with this name here. Choose another.")
        raise ValidationError({"name": message}) from None
