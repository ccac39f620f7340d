"""The pages of the survey: by personal link or signed in, on any device, with or without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.cycles import groups
from assessments.rubrics import Rubric
from assessments.survey import answers, progress, questionnaire, respondents
from assessments.survey.answers import AnswersStale, CommentStale
from assessments.survey.form_data import SentChanges, overlay_typed, read_changes
from assessments.survey.progress import AnsweredSection, QuestionnaireProgress, StoredAnswers
from assessments.survey.questionnaire import Card, Questionnaire
from assessments.survey.respondents import SurveyClosed, SurveyParticipation, SurveyRespondent
from assessments.views import survey_cards
from assessments.views.survey_pages import (
    CONSENT_COOKIE,
    MISSING_STATUSES,
    SurveyRequest,
    cycle_context,
    read_consent,
    render_closed,
    set_survey_cookie,
    survey_page,
    survey_url,
)
from organizations.access import Ability, requires
from organizations.languages import current_language

# Parts of the survey that are no section; a section's slug never begins with an underscore.
START, NEXT, ALL, REVIEW, PROMISE = "_start", "_next", "_all", "_review", "_promise"
HTTP_CONFLICT, HTTP_GONE, HTTP_UNPROCESSABLE = 409, 410, 422


def localized_questionnaire(rubric: Rubric, digest: str) -> Questionnaire:
    """Return the questionnaire in the reader's language."""
    return questionnaire.cached_questionnaire(
        digest, rubric, current_language(), exposure=_("Compared with other options")
    )


# --- Showing ----------------------------------------------------------------------------------


@requires(Ability.ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
@survey_page
def survey(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Show a section, the review, or the page before or after the survey. A POST saves a section."""
    if request.method == "POST":
        return _save_section(request, cycle)
    participation = respondents.find_participation(cycle, request.access.membership_id)
    if not participation.is_open_at(timezone.now()):
        return render_closed(request, participation)
    part = request.GET.get("part", "")
    if part == PROMISE:
        return _promise(request, participation)
    stored = respondents.fetch_answers(participation.seat(request.visitor))
    if part in ("", START):
        return _enter(request, participation, stored, part)
    return _ask(request, participation, part, stored)


def _enter(
    request: SurveyRequest, participation: SurveyParticipation, stored: StoredAnswers, part: str
) -> HttpResponse:
    """Show what was sent, or where this device stopped; without answers the promise, and the first question
    to whoever has read it and asks for `START`."""
    if stored.sent or not stored.is_empty:
        return _show_progress(request, participation, stored)
    if part == START:
        return _ask(request, participation, NEXT, stored)
    return _promise(request, participation)


def _ask(
    request: SurveyRequest, participation: SurveyParticipation, part: str, stored: StoredAnswers
) -> HttpResponse:
    """Show the questions; before the first one a lead decides about being named."""
    if participation.leads and read_consent(request) is None:
        return render(request, "assessments/survey_consent.html", cycle_context(participation))
    return _show(request, participation, part, stored)


def _promise(request: SurveyRequest, participation: SurveyParticipation) -> HttpResponse:
    texts = localized_questionnaire(participation.rubric, participation.digest)
    context = cycle_context(participation) | {
        "rubric": participation.rubric.name.in_(current_language()),
        "organization": request.access.name,
        "zone": request.access.time_zone,
        "group": groups.group_of(participation.cycle.pk, participation.membership),
        "minutes": questionnaire.estimated_minutes(texts),
        "begin": f"{survey_url(request, participation.cycle.pk)}?part={START}",
    }
    return render(request, "assessments/survey_promise.html", context)


def _progress(
    participation: SurveyParticipation, stored: StoredAnswers, typed: StoredAnswers | None = None
) -> QuestionnaireProgress:
    texts = localized_questionnaire(participation.rubric, participation.digest)
    return progress.with_answers(
        texts, stored, questionnaire.version_offsets(participation.rubric), typed
    )


def _show(
    request: SurveyRequest,
    participation: SurveyParticipation,
    part: str,
    stored: StoredAnswers,
    *,
    typed: StoredAnswers | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Show one section, all of them, or the review. `more` goes into the template's context."""
    texts = localized_questionnaire(participation.rubric, participation.digest)
    progress = _progress(participation, stored, typed)
    if part == NEXT:
        part = progress.first_open[0] if progress.first_open else REVIEW
    context = cycle_context(participation) | {
        "progress": progress,
        "words": texts.words,
        "here": part,
        "storage_key": participation.seat(request.visitor).storage_key,
        "sent": stored.sent,
        "seconds": questionnaire.SECONDS_PER_CARD,
        "named": read_consent(request),
    }
    context |= more
    if part == REVIEW:
        return render(request, "assessments/survey_review.html", context, status=status)
    if part != ALL and not texts.has(part):
        raise Http404
    shown = progress.sections if part == ALL else (progress.at(part),)
    context |= {
        "sections": [_render_section(participation, texts, section) for section in shown],
        "before": "" if part == ALL else texts.beside(part, -1),
        "after": REVIEW if part == ALL else texts.beside(part, 1) or REVIEW,
    }
    return render(request, "assessments/survey.html", context, status=status)


def _render_section(
    participation: SurveyParticipation, texts: Questionnaire, section: AnsweredSection
) -> tuple[AnsweredSection, SafeString]:
    language, comments = current_language(), participation.cycle.comment_threshold
    markup = survey_cards.render_cards(
        participation.digest, language, texts, section.cards, comments=comments
    )
    return section, SafeString("".join(markup))


def _show_progress(
    request: SurveyRequest, participation: SurveyParticipation, stored: StoredAnswers
) -> HttpResponse:
    """Show how much is answered and what comes next; once sent, also the reader's own answers by value."""
    context = {
        "progress": _progress(participation, stored),
        "storage_key": participation.seat(request.visitor).storage_key,
        "sent": stored.sent,
    }
    template = "assessments/survey_done.html" if stored.sent else "assessments/survey_resume.html"
    return render(request, template, cycle_context(participation) | context)


# --- Answering --------------------------------------------------------------------------------


def _store(person: SurveyRespondent, sent: SentChanges) -> dict[str, str]:
    """Store what was sent, and return the new `seen` of each field by name."""
    moment, seen = timezone.now(), dict[str, str]()
    if sent.answers or not sent.comments:
        values = {(rating.kind, rating.subject): rating.value for rating in sent.answers}
        for (kind, subject), version in answers.save(person, sent.answers, moment=moment).items():
            value = values[kind, subject]  # type: ignore[index]  # the kinds are the same
            seen[f"{kind}.{subject}"] = f"{version}:{'' if value is None else value}"
    for comment in sent.comments:
        seen[f"comment.{comment.capability}"] = answers.save_comment(
            person,
            capability=comment.capability,
            text=comment.text,
            evidence=comment.evidence,
            seen=comment.seen,
            moment=moment,
        )
    return seen


def _save_section(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Save a whole section without JavaScript, then go on to where the button points."""
    part = request.POST.get("part", "")
    go = part if "clear" in request.POST else request.POST.get("go", NEXT)
    return _store_and_go_on(request, cycle, part, f"?part={quote(go)}")


def _store_and_go_on(
    request: SurveyRequest,
    cycle: UUID,
    part: str,
    go: str,
    then: Callable[[SurveyRespondent], object] = lambda _seat: None,
) -> HttpResponse:
    """Store what the form holds, call `then`, and go on to `go`; if it was refused, show the same page."""
    member = request.access.membership_id
    try:
        respondent = respondents.find_respondent(cycle, member, request.visitor)
        sent = read_changes(request.POST)
        # A refusal leaves nothing stored. Without comments that needs no transaction: ratings are one
        # statement, and `then` refuses only what they would have refused, a closed survey.
        with transaction.atomic() if sent.comments else nullcontext():
            _store(respondent, sent)
            then(respondent)
    except SurveyClosed:
        return render_closed(request, respondents.find_participation(cycle, member), HTTP_GONE)
    except (AnswersStale, CommentStale) as error:
        return _show_refused(request, cycle, part, HTTP_CONFLICT, error)
    except ValidationError as error:
        return _show_refused(request, cycle, part, HTTP_UNPROCESSABLE, error)
    return redirect(survey_url(request, cycle) + go)


def _show_refused(
    request: SurveyRequest, cycle: UUID, part: str, status: int, error: Exception
) -> HttpResponse:
    """Show the same page again, with everything that was typed and why it was not saved."""
    participation = respondents.find_participation(cycle, request.access.membership_id)
    stored = respondents.fetch_answers(participation.seat(request.visitor))
    texts = localized_questionnaire(participation.rubric, participation.digest)
    return _show(
        request,
        participation,
        part,
        stored,
        typed=overlay_typed(request.POST, participation.rubric, stored),
        status=status,
        problems=list(_problems(texts, error)),
        elsewhere=list(_stale_cards(texts, error)),
    )


def _problems(texts: Questionnaire, refusal: Exception) -> Iterator[tuple[Card | None, str]]:
    """Return why something cannot be stored, with its card where that is known."""
    cards = {card.slug: card for card in texts.cards if not card.is_exposure}
    for error in refusal.error_list if isinstance(refusal, ValidationError) else ():
        capability = (error.params or {}).get("capability", "")
        yield cards.get(capability), " ".join(error.messages)


def _stale_cards(texts: Questionnaire, error: Exception) -> Iterator[tuple[Card, str]]:
    """Return the cards on which something newer is stored, with that text."""
    cards = {(kind, card.slug): card for card in texts.cards for kind in card.kinds}
    if isinstance(error, CommentStale):
        yield cards["performance", error.capability], error.comment.text
    for row in error.stale if isinstance(error, AnswersStale) else ():
        card = cards[row.answer.kind, row.answer.subject]
        yield card, texts.words_for(row.answer.kind, card, row.value)


@requires(Ability.ANSWER)
@require_POST
@survey_page
def answer(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Store answers as they are given, with JavaScript. Return what is stored now, or 409 if it is newer."""
    try:
        respondent = respondents.find_respondent(
            cycle, request.access.membership_id, request.visitor
        )
        return JsonResponse(_store(respondent, read_changes(request.POST, unchanged=True)))
    except SurveyClosed:
        return JsonResponse({"error": _("The survey has closed.")}, status=HTTP_GONE)
    except AnswersStale as error:
        return JsonResponse({"stale": [_stale_row(it) for it in error.stale]}, status=HTTP_CONFLICT)
    except CommentStale as error:
        row = {
            "name": f"comment.{error.capability}",
            "seen": respondents.comment_digest(error.comment),
            "value": error.comment.text,
            "evidence": error.comment.evidence,
        }
        return JsonResponse({"stale": [row]}, status=HTTP_CONFLICT)
    except ValidationError as error:
        return JsonResponse({"error": " ".join(error.messages)}, status=HTTP_UNPROCESSABLE)


def _stale_row(stale: answers.StaleAnswer) -> dict[str, Any]:
    """Return both answers: the stored one with its version, and the one that was not stored."""
    value = "" if stale.value is None else str(stale.value)
    return {
        "name": f"{stale.answer.kind}.{stale.answer.subject}",
        "seen": f"{stale.version}:{value}",
        "value": value,
        "yours": "" if stale.answer.value is None else str(stale.answer.value),
    }


# --- Before and after -------------------------------------------------------------------------


@requires(Ability.ANSWER)
@require_POST
@survey_page
def consent(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Record a lead's decision about being named."""
    chosen = request.POST.get("named")
    if chosen not in ("yes", "no"):
        participation = respondents.find_participation(cycle, request.access.membership_id)
        context = {"problem": _("Choose one of the two to continue.")}
        return render(
            request,
            "assessments/survey_consent.html",
            cycle_context(participation) | context,
            status=HTTP_UNPROCESSABLE,
        )
    back = REVIEW if request.POST.get("go") == REVIEW else NEXT
    response = _run_and_go_on(
        request,
        cycle,
        lambda person: answers.record_consent(person, named=chosen == "yes", moment=timezone.now()),
        part=back,
    )
    if response.status_code not in MISSING_STATUSES:
        set_survey_cookie(response, request, cycle, CONSENT_COOKIE, chosen)
    return response


@requires(Ability.ANSWER)
@require_POST
@survey_page
def submit(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Send the answers; questions may stay open. Answers in the form are saved first."""
    return _store_and_go_on(
        request, cycle, ALL, "", lambda person: answers.submit(person, moment=timezone.now())
    )


@requires(Ability.ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
@survey_page
def withdraw(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Delete all answers of the reader, after asking for a confirmation."""
    if request.method == "POST":

        def take_back(respondent: SurveyRespondent) -> None:
            answers.withdraw(respondent, moment=timezone.now())
            messages.success(request, _("Your answers were deleted."))

        return _run_and_go_on(request, cycle, take_back, PROMISE)
    participation = respondents.find_participation(cycle, request.access.membership_id)
    if not participation.is_open_at(timezone.now()):
        return render_closed(request, participation)
    respondent = participation.seat(request.visitor)
    context = {
        "storage_key": respondent.storage_key,
        "sent": respondents.fetch_answers(respondent).sent,
    }
    return render(
        request, "assessments/survey_withdraw.html", cycle_context(participation) | context
    )


def _run_and_go_on(
    request: SurveyRequest, cycle: UUID, verb: Callable[[SurveyRespondent], object], part: str = ""
) -> HttpResponse:
    """Run the verb and go on, or show that the survey has closed meanwhile."""
    member = request.access.membership_id
    try:
        verb(respondents.find_respondent(cycle, member, request.visitor))
    except SurveyClosed:
        return render_closed(request, respondents.find_participation(cycle, member), HTTP_GONE)
    url = survey_url(request, cycle)
    return redirect(f"{url}?part={part}" if part else url)
