"""The pages on which a respondent changes to another device, or leaves a shared one."""

from __future__ import annotations

from uuid import UUID

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.survey import device_codes, respondents
from assessments.survey.device_codes import CodesUnavailable
from assessments.survey.devices import DEVICE_COOKIE
from assessments.views.survey import HTTP_UNPROCESSABLE, START
from assessments.views.survey_pages import (
    CONSENT_COOKIE,
    SurveyRequest,
    cycle_context,
    render_closed,
    set_survey_cookie,
    survey_page,
    survey_url,
)
from organizations.access import RESPONDENT_COOKIE, Ability, requires

HTTP_UNAVAILABLE = 503


@requires(Ability.ANSWER)
@require_POST
@survey_page
def show_code(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Show a code for another device, with a QR code of the address at which it is entered."""
    participation = respondents.find_participation(cycle, request.access.membership_id)
    if not participation.is_open_at(timezone.now()):
        return render_closed(request, participation)
    context = cycle_context(participation) | {"minutes": device_codes.VALID_SECONDS // 60}
    try:
        code = device_codes.create(participation.seat(request.visitor))
    except CodesUnavailable:
        return render(
            request, "assessments/survey_code_shown.html", context, status=HTTP_UNAVAILABLE
        )
    address = settings.SITE_URL + _other_device_url(request, cycle)
    context |= {"code": f"{code[:4]} {code[4:]}", "address": address, "picture": _qr_code(address)}
    return render(request, "assessments/survey_code_shown.html", context)


def _other_device_url(request: SurveyRequest, cycle: UUID) -> str:
    """Return the address at which another device begins: the personal link, or the page for the code,
    which asks for the sign-in first."""
    if request.access.via_personal_link:
        return reverse("link", args=[request.COOKIES[RESPONDENT_COOKIE]])
    return reverse("assessments:survey_enter_code", args=[request.access.slug, cycle])


def _qr_code(address: str) -> SafeString:
    """Return a QR code as SVG without style or script of its own."""
    code = segno.make(address, error="m", micro=False)
    return SafeString(
        code.svg_inline(
            border=4, dark="#111", light="#fff", svgclass="qr", lineclass=None, omitsize=True
        )
    )


@requires(Ability.ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
@survey_page
def enter_code(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Take the code of the first device. The page does not say what is wrong with a refused code."""
    participation = respondents.find_participation(cycle, request.access.membership_id)
    if not participation.is_open_at(timezone.now()):
        return render_closed(request, participation)
    if request.method != "POST":
        return render(request, "assessments/survey_code.html", cycle_context(participation))
    typed = "".join(request.POST.get("code", "").split())
    problem, status = (
        _("This code doesn't work. Get a new one on your first device."),
        HTTP_UNPROCESSABLE,
    )
    try:
        device = device_codes.redeem(participation.seat(request.visitor), typed)
    except CodesUnavailable:
        device, status = None, HTTP_UNAVAILABLE
        problem = _("Codes can't be checked right now. Try again in a minute.")
    if device is None:
        context = cycle_context(participation) | {"problem": problem}
        return render(request, "assessments/survey_code.html", context, status=status)
    response = redirect(f"{survey_url(request, cycle)}?part={START}")
    set_survey_cookie(response, request, cycle, DEVICE_COOKIE, device)
    return response


@requires(Ability.ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
@survey_page
def forget_device(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Delete the browser's secret, after a warning: nobody can see these answers again."""
    participation = respondents.find_participation(cycle, request.access.membership_id)
    context = cycle_context(participation)
    if request.method != "POST":
        if not participation.is_open_at(timezone.now()):
            return render_closed(request, participation)
        respondent = participation.seat(request.visitor)
        context |= {
            "storage_key": respondent.storage_key,
            "sent": respondents.fetch_answers(respondent).sent,
        }
        return render(request, "assessments/survey_leave.html", context)
    response = render(request, "assessments/survey_left.html", context)
    for cookie in (RESPONDENT_COOKIE, DEVICE_COOKIE, CONSENT_COOKIE):
        response.delete_cookie(cookie, path=survey_url(request, cycle), samesite="Lax")
    return response
