"""Take the import of a cycle back: the cycle, its answers, and the teams that it alone made."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from assessments.models import Cycle, CycleTeam, Scorecard, Target
from organizations import audit
from organizations.models import Membership, Team
from organizations.people import lock_organization
from organizations.teams import load_tree


def refusal(cycle: Cycle) -> str:
    """Return why the import cannot be taken back; empty if it can."""
    if not cycle.imported:
        return _("Only imported results can be taken back.")
    if cycle.stage != Cycle.Stage.CLOSED and not cycle.gave_up:
        return _("The results are being calculated. Try again when they're published.")
    later = _find_later(cycle)
    if later is not None:
        return _("This survey's changes are measured against these results: %(name)s") % {
            "name": later.name
        }
    return ""


def _find_later(cycle: Cycle) -> Cycle | None:
    """Return a cycle whose results refer to this one, or soon will."""
    id = str(cycle.pk)
    refers = Scorecard.objects.filter(Q(summary__before=id) | Q(summary__year_before=id))
    later = Cycle.objects.exclude(pk=cycle.pk).filter(
        Q(pk__in=refers.values("cycle")) | Q(stage=Cycle.Stage.CLOSING, rubric=cycle.rubric)
    )
    return later.order_by("closes_at", "pk").first()


@transaction.atomic
def take_back(cycle: Cycle, *, by: UUID | None) -> None:
    """Delete the imported cycle with everything that belongs to it. Raises ValidationError."""
    lock_organization()
    row = Cycle.objects.select_for_update().filter(pk=cycle.pk).first()
    if row is None:
        raise ValidationError(_("This survey no longer exists."))
    if sentence := refusal(row):
        raise ValidationError(sentence)
    made = set(CycleTeam.objects.filter(cycle=row, made=True).values_list("team_id", flat=True))
    row.delete()
    teams = removable_teams(made)
    Team.objects.filter(pk__in=teams).delete()
    audit.record("cycle.taken_back", by=by, on=cycle, name=cycle.name, teams=len(teams))


def removable_teams(made: set[UUID], besides: Cycle | None = None) -> list[UUID]:
    """Return those of these teams that nothing uses: no person, no target, no cycle `besides` this one, and
    no team below that stays."""
    frozen = CycleTeam.objects.filter(team__in=made)
    if besides is not None:
        frozen = frozen.exclude(cycle=besides)
    used = {
        *Membership.objects.filter(team__in=made).values_list("team_id", flat=True),
        *Target.objects.filter(team__in=made).values_list("team_id", flat=True),
        *frozen.values_list("team_id", flat=True),
    }
    removable: list[UUID] = []
    for node in reversed(load_tree().nodes):  # those below come first
        if node.id in made and node.id not in used:
            removable.append(node.id)
        elif node.parent is not None:
            used.add(node.parent)
    return removable
