"""What leaves the open cycles together with a person who is removed from the organization."""

from __future__ import annotations

from uuid import UUID

from assessments.models import Comment, Cycle, Participation, Response
from assessments.rubric_editions import rubric_of
from assessments.survey import response_keys
from assessments.survey.devices import ANONYMOUS_VISITOR
from assessments.survey.respondents import SurveyRespondent
from organizations.models import Organization
from organizations.tenancy.scope import bound_organization


def remove_answers(membership: UUID) -> None:
    """Delete what someone has answered in open cycles. Say to nobody whether there was anything."""
    organization = Organization.objects.get(pk=bound_organization())
    asking = Participation.objects.filter(membership=membership).values("cycle")
    opened = Cycle.objects.filter(pk__in=asking, stage=Cycle.Stage.OPEN).order_by("pk")
    # The exclusive lock waits for whoever is just saving; afterwards nobody is asked any more.
    for cycle in opened.select_for_update(of=("self",)).select_related("edition"):
        seat = SurveyRespondent(
            cycle=cycle.pk,
            membership=membership,
            visitor=ANONYMOUS_VISITOR,
            digest=cycle.edition.digest,
            rubric=rubric_of(cycle.edition),
            secret=response_keys.cycle_secret(cycle, organization),
        )
        Response.objects.filter(cycle=cycle, key=seat.key).delete()
        Comment.objects.filter(cycle=cycle, key__in=seat.comment_keys).delete()
