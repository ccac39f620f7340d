"""The survey as a respondent meets it: by personal link or signed in, on any device, with or without
JavaScript. Every way to answer ends in `answering`."""

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
from django.utils.translation import get_language
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
    read_consent,
    set_survey_cookie,
    survey_page,
    survey_url,
)
from organizations.access import Ability, requires

# Parts of the survey that are no section; a section's slug never begins like this.
START, NEXT, ALL, REVIEW, PROMISE = "_start", "_next", "_all", "_review", "_promise"
HTTP_CONFLICT, HTTP_GONE, HTTP_UNPROCESSABLE = 409, 410, 422


def localized_questionnaire(rubric: Rubric, digest: str) -> Questionnaire:
    """The questionnaire in the reader's language."""
    language = get_language() or "en"
    return questionnaire.cached_questionnaire(digest, rubric, language, exposure=_("Other choices"))


def cycle_context(stands: SurveyParticipation) -> dict[str, Any]:
    """What a page says about the cycle."""
    return {"cycle": stands.cycle, "stands": stands}


# --- Looking ----------------------------------------------------------------------------------


@requires(Ability.ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
@survey_page
def survey(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """A section, the review, or what there is to say before and after. A POST saves a section."""
    if request.method == "POST":
        return _save_section(request, cycle)
    stands = respondents.find_participation(cycle, request.access.membership_id)
    if not stands.is_open_at(timezone.now()):
        return render_closed(request, stands)
    wanted = request.GET.get("part", "")
    if wanted == PROMISE:
        return _promise(request, stands)
    given = respondents.fetch_answers(stands.seat(request.visitor))
    if wanted in ("", START):
        return _arrive(request, stands, given, wanted)
    return _ask(request, stands, wanted, given)


def _arrive(
    request: SurveyRequest, stands: SurveyParticipation, given: StoredAnswers, wanted: str
) -> HttpResponse:
    """Where a browser is led that comes to the survey: the promise, where it stopped, or what was
    sent. `START` is said by whoever has read the promise."""
    if given.sent:
        return _done(request, stands, given)
    if wanted == START:
        return _ask(request, stands, NEXT, given)
    if given.is_empty:
        return _promise(request, stands)
    return redirect(f"{survey_url(request, stands.cycle.pk)}?part={NEXT}")


def _ask(
    request: SurveyRequest, stands: SurveyParticipation, wanted: str, given: StoredAnswers
) -> HttpResponse:
    """The questions; before the first one a lead decides about being named."""
    if stands.leads and read_consent(request) is None:
        return render(request, "assessments/survey_consent.html", cycle_context(stands))
    return _show(request, stands, wanted, given)


def _promise(request: SurveyRequest, stands: SurveyParticipation) -> HttpResponse:
    asked = localized_questionnaire(stands.rubric, stands.digest)
    context = cycle_context(stands) | {
        "rubric": stands.rubric.name.in_(get_language() or "en"),
        "organization": request.access.name,
        "zone": request.access.time_zone,
        "group": groups.group_of(stands.cycle.pk, stands.membership),
        "minutes": questionnaire.estimated_minutes(asked),
        "begin": f"{survey_url(request, stands.cycle.pk)}?part={START}",
    }
    return render(request, "assessments/survey_promise.html", context)


def _progress(
    stands: SurveyParticipation, given: StoredAnswers, typed: StoredAnswers | None = None
) -> QuestionnaireProgress:
    asked = localized_questionnaire(stands.rubric, stands.digest)
    return progress.with_answers(asked, given, questionnaire.version_offsets(stands.rubric), typed)


def _show(
    request: SurveyRequest,
    stands: SurveyParticipation,
    wanted: str,
    given: StoredAnswers,
    *,
    typed: StoredAnswers | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """One section, all of them, or the review."""
    asked, progress = (
        localized_questionnaire(stands.rubric, stands.digest),
        _progress(stands, given, typed),
    )
    if wanted == NEXT:
        wanted = progress.first_open[0] if progress.first_open else REVIEW
    context = (
        cycle_context(stands) | {"progress": progress, "words": asked.words, "here": wanted} | more
    )
    seat = stands.seat(request.visitor)
    context |= {"shelf": seat.shelf, "sent": given.sent, "seconds": questionnaire.SECONDS_PER_CARD}
    context |= {"named": read_consent(request)}
    if wanted == REVIEW:
        return render(request, "assessments/survey_review.html", context, status=status)
    if wanted != ALL and not asked.has(wanted):
        raise Http404
    shown = progress.sections if wanted == ALL else (progress.at(wanted),)
    context |= {
        "sections": [_printed(stands, asked, section) for section in shown],
        "before": "" if wanted == ALL else asked.beside(wanted, -1),
        "after": REVIEW if wanted == ALL else asked.beside(wanted, 1) or REVIEW,
    }
    return render(request, "assessments/survey.html", context, status=status)


def _printed(
    stands: SurveyParticipation, asked: Questionnaire, filled: AnsweredSection
) -> tuple[AnsweredSection, SafeString]:
    language, comments = get_language() or "en", stands.cycle.comment_threshold
    shown = survey_cards.render_cards(
        stands.digest, language, asked, filled.cards, comments=comments
    )
    return filled, SafeString("".join(shown))


def render_closed(
    request: SurveyRequest, stands: SurveyParticipation, status: int = 200
) -> HttpResponse:
    """Nothing can be answered (any more); what was just typed is shown once more."""
    sent = [text for name, text in request.POST.items() if name.startswith("comment.") and text]
    context = cycle_context(stands) | {"kept": sent}
    return render(request, "assessments/survey_over.html", context, status=status)


def _done(
    request: SurveyRequest, stands: SurveyParticipation, given: StoredAnswers
) -> HttpResponse:
    """What happens next, and one's own answers by value."""
    shelf = stands.seat(request.visitor).shelf
    context = {"progress": _progress(stands, given), "shelf": shelf, "sent": True}
    return render(request, "assessments/survey_done.html", cycle_context(stands) | context)


# --- Answering --------------------------------------------------------------------------------


def _store(seat: SurveyRespondent, sent: SentChanges) -> dict[str, str]:
    """All that was sent, or nothing; by name what the page has seen now."""
    moment, now = timezone.now(), dict[str, str]()
    if sent.answers or not sent.remarks:
        values = {(one.kind, one.subject): one.value for one in sent.answers}
        for (kind, subject), version in answers.save(seat, sent.answers, moment=moment).items():
            value = values[kind, subject]  # type: ignore[index]  # the kinds are the same
            now[f"{kind}.{subject}"] = f"{version}:{'' if value is None else value}"
    for one in sent.remarks:
        now[f"comment.{one.capability}"] = answers.save_comment(
            seat,
            capability=one.capability,
            text=one.text,
            evidence=one.evidence,
            seen=one.seen,
            moment=moment,
        )
    return now


def _save_section(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Without JavaScript: a whole section at once, then on to where the button points."""
    here = request.POST.get("part", "")
    go = here if "clear" in request.POST else request.POST.get("go", NEXT)
    return _storing(request, cycle, here, f"?part={quote(go)}")


def _storing(
    request: SurveyRequest,
    cycle: UUID,
    here: str,
    go: str,
    then: Callable[[SurveyRespondent], object] = lambda _seat: None,
) -> HttpResponse:
    """Store what came along, do what is to be done with it, and go on; or the same page once more."""
    member = request.access.membership_id
    try:
        seat, sent = (
            respondents.find_respondent(cycle, member, request.visitor),
            read_changes(request.POST),
        )
        # The page that says why is made of what is really stored. Ratings are one statement, and
        # `then` refuses only what they would have refused: a survey that is closed.
        with transaction.atomic() if sent.remarks else nullcontext():
            _store(seat, sent)
            then(seat)
    except SurveyClosed:
        return render_closed(request, respondents.find_participation(cycle, member), HTTP_GONE)
    except (AnswersStale, CommentStale) as refused:
        return _again(request, cycle, here, HTTP_CONFLICT, refused)
    except ValidationError as refused:
        return _again(request, cycle, here, HTTP_UNPROCESSABLE, refused)
    return redirect(survey_url(request, cycle) + go)


def _again(
    request: SurveyRequest, cycle: UUID, here: str, status: int, refused: Exception
) -> HttpResponse:
    """The same page once more, with everything that was typed and why it was not saved."""
    stands = respondents.find_participation(cycle, request.access.membership_id)
    given = respondents.fetch_answers(stands.seat(request.visitor))
    asked = localized_questionnaire(stands.rubric, stands.digest)
    return _show(
        request,
        stands,
        here,
        given,
        typed=overlay_typed(request.POST, stands.rubric, given),
        status=status,
        problems=list(_problems(asked, refused)),
        elsewhere=list(_elsewhere(asked, refused)),
    )


def _problems(asked: Questionnaire, refused: Exception) -> Iterator[tuple[Card | None, str]]:
    """What cannot be stored, and on which card where that is known."""
    cards = {card.slug: card for card in asked.cards if not card.is_exposure}
    for error in refused.error_list if isinstance(refused, ValidationError) else ():
        capability = (error.params or {}).get("capability", "")
        yield cards.get(capability), " ".join(error.messages)


def _elsewhere(asked: Questionnaire, refused: Exception) -> Iterator[tuple[Card, str]]:
    """The cards on which something newer is stored, and what."""
    cards = {(kind, card.slug): card for card in asked.cards for kind in card.kinds}
    if isinstance(refused, CommentStale):
        yield cards["performance", refused.capability], refused.remark.text
    for one in refused.stale if isinstance(refused, AnswersStale) else ():
        card = cards[one.answer.kind, one.answer.subject]
        yield card, asked.words_for(one.answer.kind, card, one.value)


@requires(Ability.ANSWER)
@require_POST
@survey_page
def answer(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Answers as they are given, from a page with JavaScript. The reply says what is stored now; an
    answer that is newer than the page is told, not lost."""
    try:
        seat = respondents.find_respondent(cycle, request.access.membership_id, request.visitor)
        return JsonResponse(_store(seat, read_changes(request.POST, unchanged=True)))
    except SurveyClosed:
        return JsonResponse({"error": _("The survey has closed.")}, status=HTTP_GONE)
    except AnswersStale as refused:
        return JsonResponse({"stale": [_told(one) for one in refused.stale]}, status=HTTP_CONFLICT)
    except CommentStale as refused:
        there = {
            "name": f"comment.{refused.capability}",
            "seen": respondents.comment_digest(refused.remark),
            "value": refused.remark.text,
            "evidence": refused.remark.evidence,
        }
        return JsonResponse({"stale": [there]}, status=HTTP_CONFLICT)
    except ValidationError as refused:
        return JsonResponse({"error": " ".join(refused.messages)}, status=HTTP_UNPROCESSABLE)


def _told(stale: answers.StaleAnswer) -> dict[str, Any]:
    """Both answers: theirs with its version, and the one that was not stored."""
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
    """A lead's decision about being named."""
    chosen = request.POST.get("named")
    if chosen not in ("yes", "no"):
        stands = respondents.find_participation(cycle, request.access.membership_id)
        told = {"problem": _("Choose one of the two before you go on.")}
        return render(
            request,
            "assessments/survey_consent.html",
            cycle_context(stands) | told,
            status=HTTP_UNPROCESSABLE,
        )
    back = REVIEW if request.POST.get("go") == REVIEW else NEXT
    response = _then(
        request,
        cycle,
        lambda seat: answers.record_consent(seat, named=chosen == "yes", moment=timezone.now()),
        part=back,
    )
    if response.status_code not in MISSING_STATUSES:
        set_survey_cookie(response, request, cycle, CONSENT_COOKIE, chosen)
    return response


@requires(Ability.ANSWER)
@require_POST
@survey_page
def submit(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Finished: what is open may stay open. Answers that come along are saved first."""
    return _storing(
        request, cycle, ALL, "", lambda seat: answers.submit(seat, moment=timezone.now())
    )


@requires(Ability.ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
@survey_page
def withdraw(request: SurveyRequest, cycle: UUID) -> HttpResponse:
    """Asks once more before all answers are taken back."""
    if request.method == "POST":

        def take_back(seat: SurveyRespondent) -> None:
            answers.withdraw(seat, moment=timezone.now())
            messages.success(request, _("Your answers are deleted."))

        return _then(request, cycle, take_back, PROMISE)
    stands = respondents.find_participation(cycle, request.access.membership_id)
    if not stands.is_open_at(timezone.now()):
        return render_closed(request, stands)
    seat = stands.seat(request.visitor)
    context = {"shelf": seat.shelf, "sent": respondents.fetch_answers(seat).sent}
    return render(request, "assessments/survey_withdraw.html", cycle_context(stands) | context)


def _then(
    request: SurveyRequest, cycle: UUID, verb: Callable[[SurveyRespondent], object], part: str = ""
) -> HttpResponse:
    """Do it and go on; say so when the survey has closed meanwhile."""
    try:
        verb(respondents.find_respondent(cycle, request.access.membership_id, request.visitor))
    except SurveyClosed:
        return render_closed(
            request, respondents.find_participation(cycle, request.access.membership_id), HTTP_GONE
        )
    place = survey_url(request, cycle)
    return redirect(f"{place}?part={part}" if part else place)
