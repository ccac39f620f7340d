"""People who joined the organization, or were reinstated, after a cycle was launched: they are not asked in it.

Asked later, they could be invented around the few who have answered in a team by then.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Cycle, Participation
from organizations.models import Membership
from organizations.people_list import PeopleNotice


def find_late_joiners(cycle: Cycle) -> QuerySet[Membership]:
    """Return the active people who are not asked in an open cycle, by name."""
    asked = Participation.objects.filter(cycle=cycle, membership=OuterRef("pk"))
    people = Membership.objects.filter(~Exists(asked), suspended_at=None)
    return people.select_related("team").order_by("name", "pk")


def people_notices(slug: str) -> list[PeopleNotice]:
    """Return what the page of people says: for each open cycle how many are not asked in it. `slug`: of the
    organization. 1 statement, and 1 more for each open cycle."""
    open_cycles = Cycle.objects.filter(stage=Cycle.Stage.OPEN, closes_at__gt=timezone.now())
    counted = ((cycle, find_late_joiners(cycle).count()) for cycle in open_cycles.order_by("pk"))
    return [
        PeopleNotice(
            ngettext(
                "%(number)s person joined after “%(name)s” was launched and isn't part of it.",
                "%(number)s people joined after “%(name)s” was launched and aren't part of it.",
                number,
            )
            % {"number": number, "name": cycle.name},
            reverse("assessments:cycle", args=[slug, cycle.pk]) + "#late",
            _("See who"),
        )
        for cycle, number in counted
        if number
    ]
