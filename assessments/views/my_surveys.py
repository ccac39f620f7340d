"""Someone's own page: the surveys that wait for them, and those that are over."""

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
    """My surveys, the newest first. Not what became of them: whoever came to sign in for somebody else
    would learn whether that person has answered."""
    asked = Participation.objects.select_related("cycle").filter(
        membership=request.access.membership_id, cycle__imported=False
    )
    rows = list(asked.order_by("-cycle__opened_at", "-cycle_id"))
    now = timezone.now()
    context = {
        "open": [one for one in rows if one.cycle.takes_answers_at(now)],
        "over": [one for one in rows if not one.cycle.takes_answers_at(now)],
        "closed": Cycle.Stage.CLOSED,
        "sees_results": request.access.may(Ability.SEE_RESULTS),
    }
    return render(request, "assessments/mine.html", context)
