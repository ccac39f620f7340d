"""The team tree grows and changes here. It stays one tree, at most eight levels deep."""

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

_STILL_PEOPLE = gettext_lazy("There are people in this team. Move them to another one first.")
_IN_A_CYCLE = gettext_lazy(
    "This team took part in a cycle, whose results show it. You can rename or move it."
)


def load_tree() -> TeamTree:
    """Every team of the organization, in one query."""
    return build_tree(Team.objects.values_list("pk", "name", "parent_id"))


@transaction.atomic
def add_team(name: str, *, parent: UUID, by: UUID | None) -> Team:
    lock_organization()
    now = load_tree()
    _check_there(now, parent)
    if now.node(parent).depth + 1 > MAX_DEPTH:
        raise ValidationError({"parent": _("Teams may stand at most 8 deep.")})
    team = Team(name=name, parent_id=parent)
    _save(team)
    audit.record("team.added", by=by, on=team, name=name)
    return team


@transaction.atomic
def change_team(team: Team, *, name: str, parent: UUID, by: UUID | None) -> Team:
    """Another name, another place, or both; everyone in it and below comes along."""
    lock_organization()
    now = load_tree()
    _check_there(now, team.pk)
    before = now.node(team.pk)
    if before.parent is None:
        raise ValidationError(_("The organization's own name is changed in the settings."))
    if parent != before.parent:
        _check_place(now, before.id, parent)
    team.refresh_from_db(fields=["parent_since"])
    team.name, team.parent_id = name, parent
    if parent != before.parent:
        team.parent_since = timezone.now()
    _save(team)
    if name != before.name:
        audit.record("team.renamed", by=by, on=team, names=[before.name, name])
    if parent != before.parent:
        audit.record("team.moved", by=by, on=team, name=name)
    return team


def _check_there(now: TeamTree, team: UUID) -> None:
    if team not in now:
        raise ValidationError({"parent": _("This team is no longer there.")})


def _check_place(now: TeamTree, team: UUID, parent: UUID) -> None:
    _check_there(now, parent)
    if now.node(parent) in now.below(team):
        raise ValidationError({"parent": _("A team cannot stand below itself.")})
    if now.node(parent).depth + 1 + now.height(team) > MAX_DEPTH:
        raise ValidationError({"parent": _("Teams may stand at most 8 deep.")})


@transaction.atomic
def remove_team(team: Team, *, by: UUID | None) -> None:
    """Only a team that nobody needs any more: past cycles go on showing theirs."""
    lock_organization()
    if team.parent_id is None:
        raise ValidationError(_("The organization itself cannot be removed here."))
    if Team.objects.filter(parent=team).exists():
        raise ValidationError(_("There are teams below this one. Move or remove them first."))
    if Membership.objects.filter(team=team).exists():
        raise ValidationError(_STILL_PEOPLE)
    audit.record("team.removed", by=by, on=team, name=team.name)
    try:
        with transaction.atomic():
            team.delete()
    except IntegrityError as problem:
        # Someone has just been put here, or the frozen tree of a cycle names the team.
        people = violated_constraint(problem) == "membership_team_same_tenant"
        raise ValidationError(_STILL_PEOPLE if people else _IN_A_CYCLE) from None


def _save(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:
        taken = _("There is a team of this name here already. Choose another name.")
        raise ValidationError({"name": taken}) from None
