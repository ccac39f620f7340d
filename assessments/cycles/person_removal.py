"""Delete a person's answers from the open cycles when the person is removed from the organization."""

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
    """Delete what someone has answered in open cycles. Nobody learns whether there was anything."""
    organization = Organization.objects.get(pk=bound_organization())
    cycle_ids = Participation.objects.filter(membership=membership).values("cycle")
    open_cycles = Cycle.objects.filter(pk__in=cycle_ids, stage=Cycle.Stage.OPEN).order_by("pk")
    # The exclusive lock waits for a save that is under way.
    for cycle in open_cycles.select_for_update(of=("self",)).select_related("edition"):
        respondent = SurveyRespondent(
            cycle=cycle.pk,
            membership=membership,
            visitor=ANONYMOUS_VISITOR,
            digest=cycle.edition.digest,
            rubric=rubric_of(cycle.edition),
            secret=response_keys.cycle_secret(cycle, organization),
        )
        Response.objects.filter(cycle=cycle, key=respondent.key).delete()
        Comment.objects.filter(cycle=cycle, key__in=respondent.comment_keys).delete()
