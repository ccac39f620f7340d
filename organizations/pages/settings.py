"""What holds for the whole organization, and the trail of who changed what."""

from __future__ import annotations

from dataclasses import asdict

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from organizations import access_history, trail
from organizations.access import Ability, TenantRequest, requires
from organizations.asking import asked, succeeds, typed
from organizations.forms import FrameForm
from organizations.models import Organization
from organizations.organization import change_organization, frame_of

A_FEW = 8


@requires(Ability.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def frame(request: TenantRequest) -> HttpResponse:
    organization = Organization.objects.get(pk=request.door.organization_id)
    form = FrameForm(typed(request), initial=asdict(frame_of(organization)))

    def verb() -> Organization:
        return change_organization(form.frame(), by=request.door.membership_id)

    if succeeds(form, verb):
        messages.success(request, _("Settings saved."))
        return redirect("organizations:settings", request.door.slug)
    _events, lines = trail.latest("1", A_FEW)
    return asked(request, "organizations/settings.html", form, lines=lines)


@requires(Ability.ADMINISTER)
@require_safe
def changes(request: TenantRequest) -> HttpResponse:
    """The whole audit trail, page by page."""
    page, lines = trail.latest(request.GET.get("page", ""))
    return render(request, "organizations/trail.html", {"page": page, "lines": lines})


@requires(Ability.ADMINISTER)
@require_safe
def access(request: TenantRequest) -> HttpResponse:
    """The whole access log, page by page."""
    page, lines = access_history.latest(request.door.slug, request.GET.get("page", ""))
    context = {"page": page, "lines": lines, "days": django_settings.ACCESS_LOG_DAYS}
    return render(request, "organizations/access.html", context)
