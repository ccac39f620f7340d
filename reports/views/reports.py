"""Views of the reports: the list, the schedule, and each report as a page and as a PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organizations.access import Ability, TenantRequest, requires
from organizations.form_pages import post_data, render_form, submit_form
from organizations.jobs import wake_worker
from organizations.languages import current_language, language_names
from organizations.text import in_language
from reports import schedules
from reports.documents.document import from_json
from reports.forms import ScheduleForm
from reports.models import Report, ReportFile


@requires(Ability.LIST_REPORTS)
@require_safe
def report_list(request: TenantRequest) -> HttpResponse:
    """List the reports, and say when the next one is due."""
    context = {
        "languages": language_names(),
        "reports": schedules.list_reports(),
        "schedule": schedules.current_schedule(),
        "reads": request.access.may(Ability.SEE_RESULTS),
        "schedules": request.access.may(Ability.SCHEDULE_REPORTS),
    }
    return render(request, "reports/reports.html", context)


@requires(Ability.SCHEDULE_REPORTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_schedule(request: TenantRequest) -> HttpResponse:
    """Edit when the monthly report is made and who is notified."""
    row = schedules.current_schedule()
    form = ScheduleForm(
        post_data(request),
        readers=schedules.eligible_recipients(),
        initial=ScheduleForm.initial_of(row),
    )

    def verb() -> None:
        schedules.set_schedule(form.wanted, by=request.access.membership_id)

    if submit_form(form, verb):
        messages.success(request, _("Saved."))
        return redirect("reports:reports", request.access.slug)
    return render_form(request, "reports/schedule.html", form, zone=request.access.time_zone)


@requires(Ability.SCHEDULE_REPORTS)
@require_POST
def make_report(request: TenantRequest) -> HttpResponse:
    """Request a report now and redirect to its page, which shows the progress."""
    row = schedules.request_report(by=request.access.membership_id, moment=timezone.now())
    wake_worker()
    return redirect("reports:report", request.access.slug, row.pk)


@requires(Ability.SCHEDULE_REPORTS)
@require_POST
def retry_report(request: TenantRequest, report: UUID) -> HttpResponse:
    row = get_object_or_404(Report.objects.defer("documents"), pk=report)
    schedules.retry_report(row, by=request.access.membership_id, moment=timezone.now())
    wake_worker()
    return redirect("reports:report", request.access.slug, row.pk)


@requires(Ability.SCHEDULE_REPORTS)
@require_POST
def resend_emails(request: TenantRequest, report: UUID) -> HttpResponse:
    """Send again the mails that did not arrive."""
    row = get_object_or_404(Report.objects.defer("documents"), pk=report)
    if schedules.resend_emails(row, by=request.access.membership_id, moment=timezone.now()):
        wake_worker()
        messages.success(request, _("Emails are being sent again."))
    return redirect("reports:report", request.access.slug, row.pk)


@requires(Ability.LIST_REPORTS)
@require_safe
def report(request: TenantRequest, report: UUID) -> HttpResponse:
    """Show the report in the reader's language, or the progress while it is being made."""
    row = get_object_or_404(Report, pk=report)
    context: dict[str, Any] = {
        "report": row,
        "languages": language_names(),
        "reads": request.access.may(Ability.SEE_RESULTS),
        "schedules": request.access.may(Ability.SCHEDULE_REPORTS),
    }
    if row.made_at is not None and context["schedules"]:
        context["deliveries"] = schedules.deliveries(row)
        context["lost"] = any(
            delivery.outcome in ("failed", "unknown") for delivery in context["deliveries"]
        )
    if row.made_at is not None and context["reads"]:
        context["document"] = from_json(in_language(row.documents, current_language()))
        return render(request, "reports/report.html", context)
    return render(request, "reports/report_making.html", context)


@requires(Ability.SEE_RESULTS)
@require_safe
def report_pdf(request: TenantRequest, report: UUID, language: str) -> HttpResponse:
    """Return the report as a PDF for download."""
    rows = ReportFile.objects.filter(report=report, language=language)
    row = rows.select_related("report").defer("report__documents").first()
    if row is None:
        raise Http404
    day = timezone.localdate(row.report.slot)
    name = f"{request.access.name} {day:%Y-%m-%d} {language}.pdf"
    return HttpResponse(
        bytes(row.content),
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},  # noqa: FBT003  # Django's own
    )
