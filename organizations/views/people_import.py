"""The pages of an import of people: choose a file, look at the dry run, confirm.

Nothing is stored between the two steps. The file is carried in the page, signed for this person
and this organization and for one hour, so what is confirmed is what was shown, to the byte.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from organizations.access import Ability, TenantRequest, requires
from organizations.form_pages import post_data
from organizations.forms import PeopleFileForm
from organizations.languages import current_language
from organizations.people_import import columns, plan

MAX_AGE_SECONDS = 3600
MAX_SIGNED_LENGTH = 5_500_000  # below DATA_UPLOAD_MAX_MEMORY_SIZE
MAX_ROWS_SHOWN = 100  # rows of each kind; what is wrong is shown in full
PLAN_EXPIRED = gettext_lazy("This preview is out of date. Choose the file again.")
PLAN_CHANGED = gettext_lazy(
    "Someone else just changed people or teams. Nothing was saved. Here's what the file would "
    "change now."
)


class _RawSerializer:
    """A serializer that leaves the file as it is, so that the file itself is signed."""

    def dumps(self, content: bytes) -> bytes:
        return content

    def loads(self, content: bytes) -> bytes:
        return content


def _signer(request: TenantRequest) -> signing.TimestampSigner:
    access = request.access
    return signing.TimestampSigner(salt=f"people:{access.organization_id}:{access.membership_id}")


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: TenantRequest) -> HttpResponse:
    if "carried" in request.POST:
        return _apply(request)
    form = PeopleFileForm(post_data(request), request.FILES if request.method == "POST" else None)
    if not form.is_bound:
        return render(request, "organizations/import.html", {"form": form})
    if not form.is_valid():
        return _show_again(request, form)
    return _show_dry_run(request, form.cleaned_data["file"].read())


def _show_again(request: TenantRequest, form: forms.Form) -> HttpResponse:
    return render(request, "organizations/import.html", {"form": form}, status=422)


def _show_refusal(request: TenantRequest, sentence: Any) -> HttpResponse:
    """Show an empty form again, with what to do now."""
    form = PeopleFileForm({})
    form.full_clean()
    form.errors.clear()
    form.add_error(None, sentence)
    return _show_again(request, form)


def _show_dry_run(request: TenantRequest, content: bytes, notice: Any = "") -> HttpResponse:
    """Show what the import of the file would do; 422 if it cannot be imported as it is."""
    dry_run = plan.build_plan(content, by=request.access.membership_id)
    carried = ""
    if dry_run.is_applicable:
        carried = _signer(request).sign_object(content, serializer=_RawSerializer, compress=True)
        if len(carried) > MAX_SIGNED_LENGTH:
            return _show_refusal(
                request, _("This file is too large. Split it and import the parts.")
            )
    context = {
        "form": PeopleFileForm(),
        "plan": dry_run,
        "problems": [(problem.line, problem.sentence(_)) for problem in dry_run.problems],
        "new": dry_run.new[:MAX_ROWS_SHOWN],
        "changed": dry_run.changed[:MAX_ROWS_SHOWN],
        "carried": carried,
        "notice": notice,
    }
    status = 422 if dry_run.problems or notice else 200
    return render(request, "organizations/import_plan.html", context, status=status)


def _apply(request: TenantRequest) -> HttpResponse:
    try:
        content = _signer(request).unsign_object(
            request.POST["carried"], serializer=_RawSerializer, max_age=MAX_AGE_SECONDS
        )
    except signing.BadSignature:
        return _show_refusal(request, PLAN_EXPIRED)
    try:
        applied = plan.apply_plan(
            content, digest=request.POST.get("digest", ""), by=request.access.membership_id
        )
    except plan.PlanOutdated:
        return _show_dry_run(request, content, PLAN_CHANGED)
    except ValidationError as refused:
        return _show_refusal(request, refused)
    messages.success(request, _summary(applied))
    return redirect("organizations:people", request.access.slug)


def _summary(applied: plan.ImportPlan) -> str:
    new, changed = len(applied.new), len(applied.changed)
    return " ".join(
        [
            ngettext("%(n)s person added.", "%(n)s people added.", new) % {"n": new},
            ngettext("%(n)s person changed.", "%(n)s people changed.", changed) % {"n": changed},
        ]
    )


@requires(Ability.RUN_CYCLES)
@require_safe
def template(_request: TenantRequest) -> HttpResponse:
    """Send a file to fill in, with two examples."""
    content = columns.example_file(current_language())
    headers = {"Content-Disposition": 'attachment; filename="people.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
