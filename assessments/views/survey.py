"""The survey as a respondent meets it: by personal link or signed in, on any device, with or without
JavaScript. Every way to answer ends in `answering`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import answering, editions, questionnaire
from assessments.answering import Answer, AnswersStale, Given, Remark, Seat, SurveyClosed
from assessments.models import Cycle, Participation
from assessments.questionnaire import FilledPart, Progress, Questionnaire
from organizations.access import RESPONDENT_COOKIE, Ability, TenantRequest, public, requires
from organizations.models import Organization
from organizations.pseudonyms import hashed
from organizations.tenancy import working_for

REVIEW = "review"
STALE, GONE, UNFIT = 409, 410, 422


# --- The personal link ------------------------------------------------------------------------


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Opening it shows the promise and changes nothing; its button exchanges it for a cookie."""
    found = _survey_of(token)
    if found is None:
        return _private(render(request, "assessments/survey_no_link.html", status=404))
    organization, slug, cycle = found
    if request.method == "POST":
        return _private(_exchange(slug, cycle, token))
    with working_for(organization):
        context = _promise(organization, cycle, token)
    return _private(render(request, "assessments/survey_promise.html", context))


def _survey_of(token: str) -> tuple[UUID, str, UUID] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM survey_of_link(%s)", [hashed(token)])
        row: tuple[UUID, str, UUID] | None = cursor.fetchone()
    return row


def _promise(organization: UUID, cycle: UUID, token: str) -> dict[str, Any]:
    asked = Participation.objects.select_related("cycle__edition").get(
        cycle=cycle, token_hash=hashed(token)
    )
    return _terms(asked.cycle, Organization.objects.get(pk=organization)) | {
        "leads": asked.speaks == Participation.Speaks.LEAD,
        "finished": asked.finished,
    }


def _terms(cycle: Cycle, organization: Organization) -> dict[str, Any]:
    rubric = editions.rubric_of(cycle.edition)
    return {
        "cycle": cycle,
        "organization": organization,
        "zone": organization.time_zone,
        "rubric": rubric.name.in_(get_language() or "en"),
        "minutes": editions.minutes(rubric),
        "takes_answers": cycle.takes_answers_at(timezone.now()),
    }


def _exchange(slug: str, cycle: UUID, token: str) -> HttpResponse:
    place = reverse("assessments:survey", args=[slug, cycle])
    response = HttpResponse(status=303, headers={"Location": f"{place}?part=next"})
    response.set_cookie(
        RESPONDENT_COOKIE,
        token,
        max_age=100 * 24 * 3600,
        path=place,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _private(response: HttpResponse) -> HttpResponse:
    """The address holds a token: tell it to nobody."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


# --- Answering --------------------------------------------------------------------------------


@requires(Ability.ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """One part of the survey, the review, or what there is to say when it is over."""
    if request.method == "POST":
        return _save_part(request, cycle)
    seat = answering.seat(cycle, request.door.membership_id)
    if not seat.cycle.takes_answers_at(timezone.now()):
        return render(request, "assessments/survey_over.html", _context(seat))
    wanted = request.GET.get("part", "")
    if wanted == "" and seat.finished:
        return _done(request, seat)
    if wanted == "":
        return _first_page(request, seat)
    if seat.must_decide:
        return render(request, "assessments/survey_consent.html", _context(seat))
    return _show(request, seat, wanted)


def _context(seat: Seat) -> dict[str, Any]:
    return {"seat": seat, "cycle": seat.cycle}


def _first_page(request: TenantRequest, seat: Seat) -> HttpResponse:
    """The promise, for those who are signed in."""
    organization = Organization.objects.get(pk=request.door.organization_id)
    cycle = Cycle.objects.select_related("edition").get(pk=seat.cycle.pk)
    context = _terms(cycle, organization) | {"leads": seat.leads, "finished": seat.finished}
    begin = reverse("assessments:survey", args=[request.door.slug, seat.cycle.pk])
    return render(request, "assessments/survey_promise.html", context | {"begin": begin})


def _asked(seat: Seat) -> Questionnaire:
    digest: str = seat.cycle.edition_digest  # type: ignore[attr-defined]  # from the seat's statement
    return questionnaire.kept(digest, seat.rubric, get_language() or "en")


def _progress(seat: Seat, typed: QueryDict | None = None) -> Progress:
    given = answering.given(seat)
    if typed is not None:
        given = _as_typed(seat, given, typed)
    return questionnaire.filled(_asked(seat), given, answering.offsets(seat.rubric))


def _as_typed(seat: Seat, given: Given, typed: QueryDict) -> Given:
    """What was refused is shown as it was typed."""
    chosen = {
        kind: tuple(
            _number(typed.get(f"{kind}.{item.slug}")) if f"{kind}.{item.slug}" in typed else value
            for item, value in zip(seat.rubric.capabilities, getattr(given, kind), strict=True)
        )
        for kind in ("performance", "importance")
    }
    said = {slug: Remark(text, link) for slug, text, link in _remarks(typed, seat)}
    return replace(given, **chosen, remarks={**given.remarks, **said})


def _show(
    request: TenantRequest,
    seat: Seat,
    wanted: str,
    status: int = 200,
    typed: QueryDict | None = None,
    **more: Any,
) -> HttpResponse:
    progress = _progress(seat, typed)
    if wanted == "next":
        wanted = progress.first_open.part.slug if progress.first_open else REVIEW
    context = _context(seat) | {"progress": progress, "words": _asked(seat).words} | more
    if wanted == REVIEW:
        return render(request, "assessments/survey_review.html", context, status=status)
    part = progress.at(wanted)
    if part is None:
        raise Http404
    return render(request, "assessments/survey.html", context | _beside(seat, part), status=status)


def _beside(seat: Seat, part: FilledPart) -> dict[str, Any]:
    asked = _asked(seat)
    place = asked.parts.index(part.part)
    before, after = asked.beside(part.part, -1), asked.beside(part.part, 1)
    return {
        "part": part,
        "number": place + 1,
        "before": before.slug if before else "",
        "after": after.slug if after else REVIEW,
    }


def _save_part(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """Without JavaScript: a whole part at once, then on to where the button points."""
    seat = answering.seat(cycle, request.door.membership_id, writing=True)
    wanted, moment = request.POST.get("part", ""), timezone.now()
    try:
        answering.save(seat, _answers(request), moment=moment)
        for slug, text, link in _remarks(request.POST, seat):
            answering.save_comment(seat, capability=slug, text=text, evidence=link, moment=moment)
    except SurveyClosed:
        return render(request, "assessments/survey_over.html", _context(seat), status=GONE)
    except AnswersStale as refused:
        return _show(request, seat, wanted, STALE, stale=refused.stale)
    except ValidationError as refused:
        return _show(request, seat, wanted, UNFIT, request.POST, problems=refused.messages)
    go = request.POST.get("go", "next")
    place = reverse("assessments:survey", args=[request.door.slug, cycle])
    return redirect(f"{place}?part={go}")


def _answers(request: HttpRequest) -> list[Answer]:
    """Fields named `kind.subject`; `seen.kind.subject` holds the version the page showed."""
    found = []
    for name, raw in request.POST.items():
        kind, dot, subject = name.partition(".")
        if dot and kind in answering.CODES:
            seen = _number(request.POST.get(f"seen.{name}"))
            found.append(Answer(kind, subject, _code(str(raw)), seen))  # type: ignore[arg-type]  # one of CODES
    return found


def _code(raw: str) -> int | None:
    """The chosen code; nothing chosen is None. What is no number is no answer."""
    if raw == "":
        return None
    number = _number(raw)
    if number is None:
        raise ValidationError(_("This is not one of the answers. Choose one that is offered."))
    return number


def _number(raw: str | None) -> int | None:
    """A small whole number, or None for everything else."""
    text = raw or ""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 6 else None


def _remarks(typed: QueryDict, seat: Seat) -> list[tuple[str, str, str]]:
    """(capability, comment, link) of each comment field that was sent."""
    return [
        (
            item.slug,
            str(typed.get(f"comment.{item.slug}", "")),
            str(typed.get(f"evidence.{item.slug}", "")),
        )
        for item in seat.rubric.capabilities
        if f"comment.{item.slug}" in typed
    ]


@requires(Ability.ANSWER)
@require_POST
def answer(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """One answer as it is chosen. The reply is its new version; a newer one is shown, not lost."""
    seat = answering.seat(cycle, request.door.membership_id, writing=True)
    try:
        versions = answering.save(seat, _answers(request), moment=timezone.now())
    except SurveyClosed:
        return JsonResponse({"error": _("The survey has closed.")}, status=GONE)
    except AnswersStale as refused:
        stale = refused.stale[0]
        return JsonResponse({"value": stale.value, "version": stale.version}, status=STALE)
    except ValidationError as refused:
        return JsonResponse({"error": " ".join(refused.messages)}, status=UNFIT)
    return JsonResponse({f"{kind}.{subject}": new for (kind, subject), new in versions.items()})


@requires(Ability.ANSWER)
@require_POST
def comment(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """One remark, saved while it is typed."""
    seat = answering.seat(cycle, request.door.membership_id, writing=True)
    try:
        for slug, text, link in _remarks(request.POST, seat):
            answering.save_comment(
                seat, capability=slug, text=text, evidence=link, moment=timezone.now()
            )
    except SurveyClosed:
        return JsonResponse({"error": _("The survey has closed.")}, status=GONE)
    except ValidationError as refused:
        return JsonResponse({"error": " ".join(refused.messages)}, status=UNFIT)
    return HttpResponse(status=204)


# --- Before and after -------------------------------------------------------------------------


@requires(Ability.ANSWER)
@require_POST
def consent(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """A lead's decision about being named."""
    seat = answering.seat(cycle, request.door.membership_id, writing=True)
    if request.POST.get("named") not in ("yes", "no"):
        told = {"problem": _("Choose one of the two before you go on.")}
        return render(
            request, "assessments/survey_consent.html", _context(seat) | told, status=UNFIT
        )
    named = request.POST["named"] == "yes"
    return _then(request, seat, lambda: answering.agree(seat, named=named, moment=timezone.now()))


@requires(Ability.ANSWER)
@require_POST
def submit(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """Finished: what is open may stay open."""
    seat = answering.seat(cycle, request.door.membership_id, writing=True)
    return _then(request, seat, lambda: answering.submit(seat, moment=timezone.now()), part="")


@requires(Ability.ANSWER)
@require_POST
def reopen(request: TenantRequest, cycle: UUID) -> HttpResponse:
    seat = answering.seat(cycle, request.door.membership_id, writing=True)
    return _then(request, seat, lambda: answering.reopen(seat, moment=timezone.now()), part=REVIEW)


@requires(Ability.ANSWER)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """Asks once more before all answers are taken back."""
    seat = answering.seat(cycle, request.door.membership_id, writing=request.method == "POST")
    if request.method != "POST":
        return render(request, "assessments/survey_withdraw.html", _context(seat))
    return _then(request, seat, lambda: answering.withdraw(seat, moment=timezone.now()), part="")


def _then(request: TenantRequest, seat: Seat, verb: Any, part: str = "next") -> HttpResponse:
    """Do it and go on; say so when the survey has closed meanwhile."""
    try:
        verb()
    except SurveyClosed:
        return render(request, "assessments/survey_over.html", _context(seat), status=GONE)
    place = reverse("assessments:survey", args=[request.door.slug, seat.cycle.pk])
    return redirect(f"{place}?part={part}" if part else place)


def _done(request: TenantRequest, seat: Seat) -> HttpResponse:
    """What happens next, and one's own answers by value."""
    progress = _progress(seat)
    return render(request, "assessments/survey_done.html", _context(seat) | {"progress": progress})


@requires(Ability.ENTER)
@require_safe
def mine(request: TenantRequest) -> HttpResponse:
    """My surveys: those that wait for me, and those that are over."""
    asked = Participation.objects.select_related("cycle").filter(
        membership=request.door.membership_id
    )
    rows = sorted(asked, key=lambda one: one.cycle.opened_at or timezone.now(), reverse=True)
    now = timezone.now()
    return render(
        request,
        "assessments/mine.html",
        {
            "open": [one for one in rows if one.cycle.takes_answers_at(now)],
            "over": [one for one in rows if not one.cycle.takes_answers_at(now)],
            "sees_results": request.door.may(Ability.SEE_RESULTS),
        },
    )
