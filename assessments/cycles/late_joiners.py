"""People who joined the organization, or were reinstated, after a cycle was launched: an administrator can have
them asked too, while it is open.

They are newcomers in their team, whatever the list says: a group that has enough people only because of
them counts in a larger one (`groups`).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.cycles import emails, lifecycle
from assessments.cycles.while_open import lock_open
from assessments.models import Cycle, CycleTeam, Participation
from organizations import audit
from organizations.models import Membership
from organizations.people import lock_organization
from organizations.people_list import PeopleNotice


def find_late_joiners(cycle: Cycle) -> QuerySet[Membership]:
    """Return who could still be asked: active people of a team of the cycle who are asked neither in it nor in
    another open cycle of its rubric."""
    asked = Participation.objects.filter(
        membership=OuterRef("pk"), cycle__rubric=cycle.rubric, cycle__stage=Cycle.Stage.OPEN
    )
    teams = CycleTeam.objects.filter(cycle=cycle).values("team")
    people = Membership.objects.filter(~Exists(asked), suspended_at=None, team__in=teams)
    return people.select_related("team").order_by("name", "pk")


@transaction.atomic
def invite_late_joiners(cycle: Cycle, *, by: UUID | None, moment: datetime) -> int:
    """Ask them in the cycle, each in the team they are in now, and queue their invitations. Return how many
    they are."""
    organization = lock_organization()
    cycle = lock_open(cycle, moment)
    people = list(find_late_joiners(cycle))
    if not people:
        raise ValidationError(_("Everyone has been invited already."))
    teams = {person.team_id for person in people}
    nodes = {node.team_id: node for node in CycleTeam.objects.filter(cycle=cycle, team__in=teams)}
    seats = [(person.pk, nodes[person.team_id], person.leads) for person in people]
    newcomers = {person.pk for person in people}
    lifecycle.invite(cycle, organization, seats, newcomers)
    for node, number in Counter(node.pk for _person, node, leads in seats if not leads).items():
        CycleTeam.objects.filter(pk=node).update(headcount=F("headcount") + number)
    audit.record("cycle.late_joiners_invited", by=by, on=cycle, name=cycle.name, people=len(people))
    invited = Membership.objects.filter(pk__in=newcomers)
    return emails.queue_notices(cycle, mail="opened", moment=moment, to=invited)


def people_notices(slug: str) -> list[PeopleNotice]:
    """Return what the page of people says: for each open cycle how many are not asked in it yet. `slug`: of
    the organization. 1 statement, and 1 more for each open cycle."""
    open_cycles = Cycle.objects.filter(stage=Cycle.Stage.OPEN, closes_at__gt=timezone.now())
    counted = ((cycle, find_late_joiners(cycle).count()) for cycle in open_cycles.order_by("pk"))
    return [
        PeopleNotice(
            ngettext(
                "%(number)s person joined after “%(name)s” was launched and hasn't been invited.",
                "%(number)s people joined after “%(name)s” was launched and haven't been invited.",
                number,
            )
            % {"number": number, "name": cycle.name},
            reverse("assessments:cycle", args=[slug, cycle.pk]) + "#late",
            _("Invite them"),
        )
        for cycle, number in counted
        if number
    ]
