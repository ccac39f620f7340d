"""What every page of the survey does: recognise the browser, refuse incomplete forms, and say that it is over."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from assessments.cycles.lifecycle import MAX_DURATION
from assessments.results.shared_results import ResultState
from assessments.survey.devices import DEVICE_COOKIE, SurveyVisitor, is_device, new_device
from assessments.survey.respondents import SurveyParticipation
from organizations.access import TenantRequest

CONSENT_COOKIE = "consent"
END_FIELD = "end"  # the last field of every form of the survey
MISSING_STATUSES = (404, 410)


class SurveyRequest(TenantRequest):
    """A request of someone who is asked, with the browser's secret."""

    visitor: SurveyVisitor


SurveyView = Callable[[SurveyRequest, UUID], HttpResponse]


def survey_page(view: SurveyView) -> Callable[[TenantRequest, UUID], HttpResponse]:
    """Refuse a form whose end is missing; give a browser that came by link a secret of its own."""

    @wraps(view)
    def guarded(request: TenantRequest, cycle: UUID) -> HttpResponse:
        if request.method == "POST" and END_FIELD not in request.POST:
            raise BadRequest("the form broke off")
        device = request.COOKIES.get(DEVICE_COOKIE, "")
        is_new = request.access.via_personal_link and not is_device(device)
        secret = new_device() if is_new else device if is_device(device) else ""
        request.visitor = SurveyVisitor(secret, request.user.pk)  # type: ignore[attr-defined]
        response = view(request, cycle)  # type: ignore[arg-type]
        if (
            is_new
            and response.status_code not in MISSING_STATUSES
            and DEVICE_COOKIE not in response.cookies
        ):
            set_survey_cookie(response, request, cycle, DEVICE_COOKIE, secret)
        return response

    return guarded


def survey_url(request: TenantRequest, cycle: UUID) -> str:
    """Return the address of the survey. Its cookies are sent there and below, and nowhere else."""
    return reverse("assessments:survey", args=[request.access.slug, cycle])


def set_survey_cookie(
    response: HttpResponse, request: TenantRequest, cycle: UUID, cookie: str, value: str
) -> None:
    """Set a cookie in this browser for this survey."""
    response.set_cookie(
        cookie,
        value,
        max_age=int(MAX_DURATION.total_seconds()),
        path=survey_url(request, cycle),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def read_consent(request: TenantRequest) -> bool | None:
    """Return what a lead has decided in this browser about being named; None: nothing yet. The stored
    decision is not read, because another device may have made it."""
    return {"yes": True, "no": False}.get(request.COOKIES.get(CONSENT_COOKIE, ""))


def cycle_context(participation: SurveyParticipation) -> dict[str, Any]:
    """Return what the template of every survey page needs."""
    return {"cycle": participation.cycle, "stands": participation}


def render_closed(
    request: SurveyRequest, participation: SurveyParticipation, status: int = 200
) -> HttpResponse:
    """Show that nothing can be answered (any more), with the comments that were just typed."""
    typed = [text for name, text in request.POST.items() if name.startswith("comment.") and text]
    by_link = request.access.via_personal_link
    state = participation.shared.state_at(timezone.now(), by_link=by_link)
    context = cycle_context(participation) | {
        "kept": typed,
        "result_open": state is ResultState.OPEN,
    }
    return render(request, "assessments/survey_over.html", context, status=status)
