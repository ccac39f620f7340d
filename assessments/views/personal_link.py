"""The personal link: opening it shows the promise and changes nothing, however often a mail scanner
does; its button lets this device answer one survey, and nothing else."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from assessments.cycles import groups
from assessments.survey import questionnaire, respondents
from assessments.survey.respondents import SurveyParticipation
from assessments.views.survey import START, cycle_context, localized_questionnaire
from assessments.views.survey_pages import END_FIELD
from organizations.access import RESPONDENT_COOKIE, public
from organizations.models import Organization
from organizations.pseudonyms import hash_token
from organizations.tenancy.scope import working_for


@public
@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """The promise, or that there is nothing behind this address: unknown, withdrawn and closed look
    the same."""
    try:
        answer = _open(request, token, timezone.now())
    except Http404:
        answer = render(request, "assessments/link_gone.html", status=404)
    # The address holds a token, so nobody is told more than our name. Without even that ("no-referrer")
    # browsers would not say where the form comes from either, and it would be refused.
    answer.headers["Referrer-Policy"] = "strict-origin"
    return answer


def _open(request: HttpRequest, token: str, moment: datetime) -> HttpResponse:
    found = _survey_of(token)
    if found is None:
        raise Http404
    organization, slug, cycle = found
    with working_for(organization):
        stands = respondents.find_participation_by_link(cycle, hash_token(token))
        if not stands.is_open_at(moment):
            raise Http404
        if request.method == "POST":
            if END_FIELD not in request.POST:
                raise BadRequest("the form broke off")
            return _exchange(request, slug, stands, token, moment)
        return _promise(request, stands)


def _survey_of(token: str) -> tuple[UUID, str, UUID] | None:
    """The one question that may be asked before an organization is bound."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organization_id, slug, cycle_id FROM survey_of_link(%s)", [hash_token(token)]
        )
        row: tuple[UUID, str, UUID] | None = cursor.fetchone()
    return row


def _promise(request: HttpRequest, stands: SurveyParticipation) -> HttpResponse:
    if "language" not in request.COOKIES:
        translation.activate(stands.language)
    organization = Organization.objects.get(pk=stands.cycle.organization_id)
    language = translation.get_language() or "en"
    context = cycle_context(stands) | {
        "rubric": stands.rubric.name.in_(language),
        "organization": organization.name,
        "zone": organization.time_zone,
        "group": groups.group_of(stands.cycle.pk, stands.membership),
        "minutes": questionnaire.estimated_minutes(
            localized_questionnaire(stands.rubric, stands.digest)
        ),
    }
    return render(request, "assessments/survey_promise.html", context)


def _exchange(
    request: HttpRequest, slug: str, stands: SurveyParticipation, token: str, moment: datetime
) -> HttpResponse:
    """From here on the address holds nothing that could be passed on."""
    place = reverse("assessments:survey", args=[slug, stands.cycle.pk])
    enter = reverse("assessments:survey_enter_code", args=[slug, stands.cycle.pk])
    go = enter if request.POST.get("go") == "code" else f"{place}?part={START}"
    response = HttpResponse(status=303, headers={"Location": go})
    until = stands.cycle.closes_at
    response.set_cookie(
        RESPONDENT_COOKIE,
        token,
        max_age=int((until - moment).total_seconds()) if until else None,
        path=place,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
