"""The pages on which an administrator plans a cycle, opens it, watches it and closes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import rubric_editions
from assessments.cycles import (
    emails,
    groups,
    late_joiners,
    lifecycle,
    nightly_counts,
    while_open,
)
from assessments.cycles.forecast import forecast_opening
from assessments.forms import OpenCycleForm, PlanForm, default_closing_time
from assessments.models import Cycle
from assessments.results import queries
from organizations.access import Ability, TenantRequest, requires
from organizations.form_pages import post_data, render_form, submit_form
from organizations.jobs import wake_worker
from organizations.models import Membership, Organization
from organizations.organization_settings import email_limit

PAGE_SIZE = 30
ACTIVE_FIRST = Case(
    *(
        When(stage=stage, then=Value(rank))
        for rank, stage in enumerate(("closing", "open", "planned"))
    ),
    default=Value(9),
)


def _get_cycle(cycle: UUID) -> Cycle:
    rows = Cycle.objects.select_related("edition").defer("edition__content")
    return get_object_or_404(rows, pk=cycle)


@requires(Ability.RUN_CYCLES)
@require_safe
def cycle_list(request: TenantRequest) -> HttpResponse:
    rows = Cycle.objects.select_related("edition").defer("edition__content")
    ordered = rows.order_by(ACTIVE_FIRST, "-closed_at", "-id")
    page = Paginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
    names = {choice.slug: choice.name for choice in rubric_editions.choices()}
    for cycle in page.object_list:
        cycle.rubric_name = names.get(cycle.rubric, cycle.rubric)  # type: ignore[attr-defined]  # for the page
    return render(request, "assessments/cycles.html", {"page": page})


# --- Planning ---------------------------------------------------------------------------------


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: TenantRequest) -> HttpResponse:
    organization = Organization.objects.get(pk=request.access.organization_id)
    suggested = {
        "closes_at": default_closing_time(timezone.now()),
        "threshold": organization.threshold,
        "rubric": request.GET.get("rubric", organization.main_rubric),
    }
    return _plan_page(request, suggested, None)


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """Change the plan, or what can be changed while the survey is open."""
    row = _get_cycle(cycle)
    if row.takes_answers_at(timezone.now()):
        return _open_cycle_page(request, row)
    if row.stage != Cycle.Stage.PLANNED:
        messages.error(request, _("This survey is over. It can't be changed anymore."))
        return redirect("assessments:cycle", request.access.slug, row.pk)
    fields = ("name", "rubric", "segment", "closes_at", "mode", "threshold")
    return _plan_page(request, {field: getattr(row, field) for field in fields}, row)


def _plan_page(request: TenantRequest, initial: dict[str, Any], row: Cycle | None) -> HttpResponse:
    form = PlanForm(post_data(request), initial=initial, zone=request.access.time_zone)
    saved: list[Cycle] = []

    def save() -> None:
        fields, by = dict(form.cleaned_data), request.access.membership_id
        fields["edition"] = rubric_editions.get_or_create_latest(fields.pop("rubric"))
        result = (
            lifecycle.update_plan(row, **fields, by=by) if row else lifecycle.plan(**fields, by=by)
        )
        saved.append(result)

    if submit_form(form, save):
        return redirect("assessments:cycle", request.access.slug, saved[0].pk)
    return render_form(request, "assessments/cycle_plan.html", form, cycle=row)


def _open_cycle_page(request: TenantRequest, row: Cycle) -> HttpResponse:
    initial = {"name": row.name, "closes_at": row.closes_at}
    form = OpenCycleForm(post_data(request), initial=initial, zone=request.access.time_zone)

    def save() -> None:
        by, moment = request.access.membership_id, timezone.now()
        while_open.change(row, **form.cleaned_data, by=by, moment=moment)

    if submit_form(form, save):
        wake_worker()
        messages.success(request, _("Changes saved."))
        return redirect("assessments:cycle", request.access.slug, row.pk)
    return render_form(request, "assessments/cycle_open_edit.html", form, cycle=row)


# --- One cycle, in each of its stages ---------------------------------------------------------


@requires(Ability.RUN_CYCLES)
@require_safe
def cycle_detail(request: TenantRequest, cycle: UUID) -> HttpResponse:
    row = _get_cycle(cycle)
    rubric = rubric_editions.rubric_of(row.edition)
    context = {
        "cycle": row,
        "rubric": rubric.name.in_(request.LANGUAGE_CODE),
        "minutes": rubric_editions.estimated_minutes(rubric),
    }
    context["sees_results"] = request.access.may(Ability.SEE_RESULTS)
    context |= STAGE_CONTEXTS[row.stage](row)
    return render(request, f"assessments/cycle_{row.stage}.html", context)


def _planned_context(row: Cycle) -> dict[str, Any]:
    opening = groups.preview_opening(row.threshold, timezone.now())
    refusal = lifecycle.opening_refusal(row, opening, timezone.now())
    forecast = None if refusal else forecast_opening(opening, row.threshold, row.rubric)
    doubtful = forecast.by_team if forecast else {}
    newest = rubric_editions.latest(row.rubric)
    return {
        "opening": opening,
        "forecast": forecast,
        "rows": [(team, doubtful.get(team.seat.team)) for team in opening.rows],
        "participants": opening.participants,
        "refusal": refusal,
        "is_confirmed": groups.is_confirmed(row, opening),
        "owners": groups.owner_names() if opening.needs_owner else (),
        "newer": newest if newest and newest.pk != row.edition_id else None,
        "letters": email_limit(timezone.now()),
    }


def _open_context(row: Cycle) -> dict[str, Any]:
    return {
        "progress": nightly_counts.progress(row),
        "reminding_refusal": while_open.reminding_refusal(row, timezone.now()),
        "post": emails.delivery_status(row),
        "late": late_joiners.find_late_joiners(row),
    }


def _closing_context(row: Cycle) -> dict[str, Any]:
    return {"progress": nightly_counts.progress(row)}


def _closed_context(row: Cycle) -> dict[str, Any]:
    closed = queries.find(row.pk)
    nodes = queries.tree(closed).nodes if closed else ()
    counts = [
        nightly_counts.NodeCount(node.id, node.name, node.depth, node.n, node.invited)
        for node in nodes
    ]
    return {"nodes": counts, "post": emails.delivery_status(row)}


STAGE_CONTEXTS: dict[str, Callable[[Cycle], dict[str, Any]]] = {
    Cycle.Stage.PLANNED: _planned_context,
    Cycle.Stage.OPEN: _open_context,
    Cycle.Stage.CLOSING: _closing_context,
    Cycle.Stage.CLOSED: _closed_context,
}


# --- Changing a cycle's stage -------------------------------------------------------------------


def _try(request: TenantRequest, action: Callable[[], Any], message: str) -> bool:
    """Run the action and show `message`, or show why it was refused. Return whether it was done."""
    try:
        action()
    except ValidationError as problem:
        for sentence in problem.messages:
            messages.error(request, sentence)
        return False
    messages.success(request, message)
    return True


def _try_and_send_mail(
    request: TenantRequest, row: Cycle, action: Callable[[], Any], message: str
) -> HttpResponse:
    if _try(request, action, message):
        wake_worker()
    return redirect("assessments:cycle", request.access.slug, row.pk)


@requires(Ability.RUN_CYCLES)
@require_POST
def cycle_open(request: TenantRequest, cycle: UUID) -> HttpResponse:
    row, by = _get_cycle(cycle), request.access.membership_id
    message = _("Survey launched. Invitations are being sent.")
    return _try_and_send_mail(
        request, row, lambda: lifecycle.open_cycle(row, by=by, moment=timezone.now()), message
    )


@requires(Ability.ADMINISTER)
@require_POST
def confirm_groups(request: TenantRequest, cycle: UUID) -> HttpResponse:
    row, by, seen = _get_cycle(cycle), request.access.membership_id, request.POST.get("seen", "")
    message = _("Groups confirmed. You can launch the survey now.")
    _try(request, lambda: groups.confirm(row, seen=seen, by=by, moment=timezone.now()), message)
    return redirect("assessments:cycle", request.access.slug, row.pk)


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """Show whom a reminder would reach and the mail itself, then send it."""
    row, by, moment = _get_cycle(cycle), request.access.membership_id, timezone.now()
    if request.method != "POST" and not while_open.reminding_refusal(row, moment):
        full = Cycle.objects.select_related("edition").get(pk=row.pk)
        reader = Membership.objects.select_related("organization").get(pk=by)
        context = {
            "cycle": row,
            "progress": nightly_counts.progress(row),
            "mail": emails.preview(full, "reminder", reader),
        }
        return render(request, "assessments/cycle_remind.html", context)
    message = _("Reminders are being sent.")
    return _try_and_send_mail(
        request, row, lambda: while_open.send_reminders(row, by=by, moment=moment), message
    )


@requires(Ability.RUN_CYCLES)
@require_POST
def invite_again(request: TenantRequest, cycle: UUID) -> HttpResponse:
    row, by = _get_cycle(cycle), request.access.membership_id
    message = _("Invitations are being sent to these addresses again.")
    return _try_and_send_mail(
        request,
        row,
        lambda: while_open.resend_invitations(row, by=by, moment=timezone.now()),
        message,
    )


@requires(Ability.RUN_CYCLES)
@require_POST
def send_link(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """Send one person's link again; the page says the same whether they have answered or not."""
    row, by = _get_cycle(cycle), request.access.membership_id
    email = request.POST.get("email", "")
    return _try_and_send_mail(
        request,
        row,
        lambda: while_open.send_link(row, email, by=by, moment=timezone.now()),
        _("The link is being sent."),
    )


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: TenantRequest, cycle: UUID) -> HttpResponse:
    """Close the cycle, after asking for a confirmation: nobody can answer any more."""
    row, by = _get_cycle(cycle), request.access.membership_id
    if request.method != "POST" and row.stage == Cycle.Stage.OPEN:
        context = {"cycle": row, "progress": nightly_counts.progress(row)}
        return render(request, "assessments/cycle_close.html", context)
    if request.method == "POST":
        message = _("Closed. Calculating results…")
        if _try(
            request, lambda: lifecycle.start_closing(row, by=by, moment=timezone.now()), message
        ):
            wake_worker()
    return redirect("assessments:cycle", request.access.slug, row.pk)


@requires(Ability.RUN_CYCLES)
@require_POST
def discard(request: TenantRequest, cycle: UUID) -> HttpResponse:
    row, by = _get_cycle(cycle), request.access.membership_id
    if not _try(request, lambda: lifecycle.discard(row, by=by), _("Draft deleted.")):
        return redirect("assessments:cycle", request.access.slug, row.pk)
    return redirect("assessments:cycles", request.access.slug)
