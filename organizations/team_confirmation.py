"""Owners and leaders confirm that people belong to their teams.

Someone who joined, moved or became a lead after a cycle was not asked there. If that alone showed them
its results, moving oneself would open a team's results; so somebody who sees them all confirms it.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from organizations import audit
from organizations.access import ABILITIES, Ability
from organizations.models import Membership
from organizations.people import find_actor, lock_organization

_SEES_ALL = [role for role, may in ABILITIES.items() if Ability.SEE_RESULTS in may]


def unconfirmed_people() -> QuerySet[Membership]:
    """Those who can sign in, may not see all results, and are not confirmed where they are."""
    people = Membership.objects.filter(
        team_confirmed=False, suspended_at=None, user__isnull=False
    ).exclude(role__in=_SEES_ALL)
    return people.select_related("team").order_by("name", "pk")


@transaction.atomic
def confirm(people: Collection[tuple[UUID, UUID, bool]], *, by: UUID | None) -> int:
    """How many were confirmed. Each is (membership, team, leads) as it was read: whoever has moved in
    the meantime stays unconfirmed."""
    if not find_actor(by).may(Ability.DECIDE):
        raise ValidationError(_("Only owners and leaders can confirm teams."))
    lock_organization()  # as everyone does who changes several people
    read = dict.fromkeys(people)
    rows = unconfirmed_people().filter(pk__in=[person for person, _team, _leads in read])
    confirmed = [
        row
        for row in rows.select_for_update(of=("self",))
        if (row.pk, row.team_id, row.leads) in read
    ]
    for row in confirmed:
        row.team_confirmed = True
        row.save(update_fields=["team_confirmed"])
        audit.record("person.team_confirmed", by=by, on=row)
    return len(confirmed)
