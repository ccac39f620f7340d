"""The personal link: opening it shows the promise and changes nothing, however often a mail scanner
opens it; its button lets this device answer one survey, and nothing else."""

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
from assessments.cycles.lifecycle import MAX_DURATION
from assessments.survey import questionnaire, respondents
from assessments.survey.respondents import SurveyParticipation
from assessments.views.survey import START, cycle_context, localized_questionnaire
from assessments.views.survey_pages import END_FIELD
from organizations.access import RESPONDENT_COOKIE, public
from organizations.languages import current_language
from organizations.models import Organization
from organizations.pseudonyms import hash_token
from organizations.tenancy.scope import working_for


@public
@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the promise, or status 404: unknown, withdrawn and closed links look the same."""
    try:
        response = _open(request, token, timezone.now())
    except Http404:
        response = render(request, "assessments/link_gone.html", status=404)
    # The address holds a token, so other sites get only our origin. With "no-referrer" browsers would
    # not send the origin of the form either, and it would be refused.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _open(request: HttpRequest, token: str, moment: datetime) -> HttpResponse:
    survey = _find_survey(token)
    if survey is None:
        raise Http404
    organization, slug, cycle = survey
    with working_for(organization):
        participation = respondents.find_participation_by_link(cycle, hash_token(token))
        if not participation.is_open_at(moment):
            raise Http404
        if request.method == "POST":
            if END_FIELD not in request.POST:
                raise BadRequest("the form broke off")
            return _exchange_for_cookie(request, slug, participation, token)
        return _promise(request, participation)


def _find_survey(token: str) -> tuple[UUID, str, UUID] | None:
    """Return organization, slug and cycle of a link: the only query before an organization is bound."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organization_id, slug, cycle_id FROM survey_of_link(%s)", [hash_token(token)]
        )
        row: tuple[UUID, str, UUID] | None = cursor.fetchone()
    return row


def _promise(request: HttpRequest, participation: SurveyParticipation) -> HttpResponse:
    if "language" not in request.COOKIES:
        translation.activate(participation.language)
    organization = Organization.objects.get(pk=participation.cycle.organization_id)
    language = current_language()
    context = cycle_context(participation) | {
        "rubric": participation.rubric.name.in_(language),
        "organization": organization.name,
        "zone": organization.time_zone,
        "group": groups.group_of(participation.cycle.pk, participation.membership),
        "minutes": questionnaire.estimated_minutes(
            localized_questionnaire(participation.rubric, participation.digest)
        ),
    }
    return render(request, "assessments/survey_promise.html", context)


def _exchange_for_cookie(
    request: HttpRequest,
    slug: str,
    participation: SurveyParticipation,
    token: str,
) -> HttpResponse:
    """Put the token into a cookie and go to the survey, whose address can be passed on without harm."""
    survey_url = reverse("assessments:survey", args=[slug, participation.cycle.pk])
    code_url = reverse("assessments:survey_enter_code", args=[slug, participation.cycle.pk])
    target = code_url if request.POST.get("go") == "code" else f"{survey_url}?part={START}"
    response = HttpResponse(status=303, headers={"Location": target})
    response.set_cookie(
        RESPONDENT_COOKIE,
        token,
        max_age=int(MAX_DURATION.total_seconds()),  # the close can be moved
        path=survey_url,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
