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

_ROLES_WITH_RESULTS = [
    role for role, abilities in ABILITIES.items() if Ability.SEE_RESULTS in abilities
]


def unconfirmed_people() -> QuerySet[Membership]:
    """Return those who can sign in, may not see all results, and are not confirmed in their team."""
    people = Membership.objects.filter(
        team_confirmed=False, suspended_at=None, user__isnull=False
    ).exclude(role__in=_ROLES_WITH_RESULTS)
    return people.select_related("team").order_by("name", "pk")


@transaction.atomic
def confirm(people: Collection[tuple[UUID, UUID, bool]], *, by: UUID | None) -> int:
    """Confirm people, each given as (membership, team, leads); return how many were confirmed.

    Whoever has moved since the page was read stays unconfirmed.
    """
    if not find_actor(by).may(Ability.DECIDE):
        raise ValidationError(_("Only owners and leaders can confirm teams."))
    lock_organization()  # as every function that changes several people
    as_shown = dict.fromkeys(people)
    rows = unconfirmed_people().filter(pk__in=[person for person, _team, _leads in as_shown])
    confirmed = [
        row
        for row in rows.select_for_update(of=("self",))
        if (row.pk, row.team_id, row.leads) in as_shown
    ]
    for row in confirmed:
        row.team_confirmed = True
        row.save(update_fields=["team_confirmed"])
        audit.record("person.team_confirmed", by=by, on=row)
    return len(confirmed)
