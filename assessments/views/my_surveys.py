"""The page with a member's own surveys: those that are open, and those that are over."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.models import Cycle, Participation
from organizations.access import Ability, TenantRequest, requires


@requires(Ability.ENTER)
@require_safe
def survey_list(request: TenantRequest) -> HttpResponse:
    """Show the reader's surveys, the newest first. Not whether they were answered: someone who signs in
    as somebody else would learn whether that person has answered."""
    participations = Participation.objects.select_related("cycle").filter(
        membership=request.access.membership_id, cycle__imported=False
    )
    rows = list(participations.order_by("-cycle__opened_at", "-cycle_id"))
    now = timezone.now()
    context = {
        "open": [row for row in rows if row.cycle.takes_answers_at(now)],
        "over": [row for row in rows if not row.cycle.takes_answers_at(now)],
        "closed": Cycle.Stage.CLOSED,
        "sees_results": request.access.may(Ability.SEE_RESULTS),
    }
    return render(request, "assessments/mine.html", context)
