"""Bringing a list of people: choose a file, look at what it would do, confirm.

Between the two steps nothing is kept here. The file travels in the page, signed for this person
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
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from organizations import columns, roster
from organizations.access import Ability, TenantRequest, requires
from organizations.asking import typed
from organizations.forms import ListForm

HOLDS = 3600  # seconds
MOST_CARRIED = 5_500_000  # below DATA_UPLOAD_MAX_MEMORY_SIZE
SHOWN = 100  # rows of each kind; what is wrong is shown in full
TOO_OLD = gettext_lazy("This dry run is too old. Choose the file again.")
CHANGED = gettext_lazy(
    "In the meantime someone changed people or teams. Nothing was stored; this is what the file"
    " would do now."
)


class _Raw:
    """The file itself is what is signed."""

    def dumps(self, content: bytes) -> bytes:
        return content

    def loads(self, content: bytes) -> bytes:
        return content


def _signer(request: TenantRequest) -> signing.TimestampSigner:
    door = request.door
    return signing.TimestampSigner(salt=f"people:{door.organization_id}:{door.membership_id}")


@requires(Ability.RUN_CYCLES)
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: TenantRequest) -> HttpResponse:
    if "carried" in request.POST:
        return _confirmed(request)
    form = ListForm(typed(request), request.FILES if request.method == "POST" else None)
    if not form.is_bound:
        return render(request, "organizations/import.html", {"form": form})
    if not form.is_valid():
        return _again(request, form)
    return _dry_run(request, form.cleaned_data["file"].read())


def _again(request: TenantRequest, form: forms.Form) -> HttpResponse:
    return render(request, "organizations/import.html", {"form": form}, status=422)


def _refused(request: TenantRequest, sentence: Any) -> HttpResponse:
    """An empty form again, with what to do now."""
    form = ListForm({})
    form.full_clean()
    form.errors.clear()
    form.add_error(None, sentence)
    return _again(request, form)


def _dry_run(request: TenantRequest, content: bytes, notice: Any = "") -> HttpResponse:
    """What the file would do; 422 if it cannot be taken over as it is."""
    plan = roster.plan(content, by=request.door.membership_id)
    carried = ""
    if plan.can_be_carried_out:
        carried = _signer(request).sign_object(content, serializer=_Raw, compress=True)
        if len(carried) > MOST_CARRIED:
            return _refused(request, _("This file is too large. Split it and import the parts."))
    context = {
        "form": ListForm(),
        "plan": plan,
        "problems": [(each.line, each.sentence(_)) for each in plan.problems],
        "new": plan.new[:SHOWN],
        "changed": plan.changed[:SHOWN],
        "carried": carried,
        "notice": notice,
    }
    status = 422 if plan.problems or notice else 200
    return render(request, "organizations/import_plan.html", context, status=status)


def _confirmed(request: TenantRequest) -> HttpResponse:
    try:
        content = _signer(request).unsign_object(
            request.POST["carried"], serializer=_Raw, max_age=HOLDS
        )
    except signing.BadSignature:
        return _refused(request, TOO_OLD)
    try:
        done = roster.carry_out(
            content, digest=request.POST.get("digest", ""), by=request.door.membership_id
        )
    except roster.ListChanged:
        return _dry_run(request, content, CHANGED)
    except ValidationError as refused:
        return _refused(request, refused)
    messages.success(request, _summary(done))
    return redirect("organizations:people", request.door.slug)


def _summary(done: roster.Plan) -> str:
    new, changed = len(done.new), len(done.changed)
    return " ".join(
        [
            ngettext("%(n)s person added.", "%(n)s people added.", new) % {"n": new},
            ngettext("%(n)s person changed.", "%(n)s people changed.", changed) % {"n": changed},
        ]
    )


@requires(Ability.RUN_CYCLES)
@require_safe
def template(_request: TenantRequest) -> HttpResponse:
    """A file to fill in, with two examples."""
    content = columns.template(get_language() or "en")
    attached = {"Content-Disposition": 'attachment; filename="people.csv"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=attached)
