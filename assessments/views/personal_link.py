"""The personal link: opening it shows the promise and changes nothing, however often a mail scanner opens it; its
button lets this device answer one survey, and nothing else. After the close its button opens the result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
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
from assessments.results.shared_results import ResultState
from assessments.survey import questionnaire, respondents
from assessments.survey.respondents import SurveyParticipation
from assessments.views.survey import START, localized_questionnaire
from assessments.views.survey_pages import END_FIELD, cycle_context
from organizations.access import RESPONDENT_COOKIE, public
from organizations.languages import current_language
from organizations.pseudonyms import hash_token
from organizations.tenancy.scope import working_for

HTTP_OK, HTTP_FORBIDDEN, HTTP_GONE = 200, 403, 410
STATUSES = {ResultState.ENDED: HTTP_GONE, ResultState.SWITCHED_OFF: HTTP_FORBIDDEN}


def not_indexed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep the view's pages out of search engines."""

    @wraps(view)
    def marked(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return marked


@not_indexed
@public
@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the promise, after the close the way to the result; or status 404: unknown and withdrawn links look
    the same."""
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
        if request.method == "POST" and END_FIELD not in request.POST:
            raise BadRequest("the form broke off")
        if not participation.is_open_at(moment):
            return _open_result(request, slug, participation, token, moment)
        if request.method != "POST":
            return _promise(request, participation)
        survey_url = reverse("assessments:survey", args=[slug, cycle])
        code_url = reverse("assessments:survey_enter_code", args=[slug, cycle])
        target = code_url if request.POST.get("go") == "code" else f"{survey_url}?part={START}"
        # The close can be moved.
        return _exchange_for_cookie(survey_url, target, token, MAX_DURATION)


def _open_result(
    request: HttpRequest,
    slug: str,
    participation: SurveyParticipation,
    token: str,
    moment: datetime,
) -> HttpResponse:
    """Show the button that opens the result, or why there is none; pressed, go there."""
    state, until = participation.shared.state_at(moment, by_link=True), participation.shared.until
    is_pressed = request.method == "POST" and request.POST.get("go") == "result"
    if is_pressed and until is not None and state is ResultState.OPEN:
        arguments = [slug, participation.cycle.pk]
        survey_url = reverse("assessments:survey", args=arguments)
        target = reverse("reports:own_result", args=arguments)
        return _exchange_for_cookie(survey_url, target, token, until - moment)
    _speak_their_language(request, participation)
    return render_link_state(request, participation, state)


def render_link_state(
    request: HttpRequest, participation: SurveyParticipation, state: ResultState
) -> HttpResponse:
    """Show what the link opens once the survey takes no more answers. Nothing of the results is on it."""
    context = cycle_context(participation) | {
        "state": state.value,
        "shared": participation.shared,
        "organization": participation.organization,
        "zone": participation.zone,
    }
    status = STATUSES.get(state, HTTP_OK)
    return render(request, "assessments/result_link.html", context, status=status)


def _find_survey(token: str) -> tuple[UUID, str, UUID] | None:
    """Return organization, slug and cycle of a link: the only query before an organization is bound."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organization_id, slug, cycle_id FROM survey_of_link(%s)", [hash_token(token)]
        )
        row: tuple[UUID, str, UUID] | None = cursor.fetchone()
    return row


def _promise(request: HttpRequest, participation: SurveyParticipation) -> HttpResponse:
    _speak_their_language(request, participation)
    language = current_language()
    context = cycle_context(participation) | {
        "rubric": participation.rubric.name.in_(language),
        "organization": participation.organization,
        "zone": participation.zone,
        "group": groups.group_of(participation.cycle.pk, participation.membership),
        "minutes": questionnaire.estimated_minutes(
            localized_questionnaire(participation.rubric, participation.digest)
        ),
    }
    return render(request, "assessments/survey_promise.html", context)


def _speak_their_language(request: HttpRequest, participation: SurveyParticipation) -> None:
    """Activate the person's language, until they choose another one."""
    if "language" not in request.COOKIES:
        translation.activate(participation.language)


def _exchange_for_cookie(
    survey_url: str, target: str, token: str, max_age: timedelta
) -> HttpResponse:
    """Put the token into a cookie of this survey and go to `target`, whose address can be passed on without
    harm."""
    response = HttpResponse(status=303, headers={"Location": target})
    response.set_cookie(
        RESPONDENT_COOKIE,
        token,
        max_age=int(max_age.total_seconds()),
        path=survey_url,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
