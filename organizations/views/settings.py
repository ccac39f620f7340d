"""The pages of the organization's settings, audit trail and access log."""

from __future__ import annotations

from dataclasses import asdict

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from organizations import access_history, audit_history
from organizations.access import Ability, TenantRequest, requires
from organizations.form_pages import post_data, render_form, submit_form
from organizations.forms import SettingsForm
from organizations.models import Organization
from organizations.organization_settings import change_organization, settings_of

RECENT_COUNT = 8


@requires(Ability.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: TenantRequest) -> HttpResponse:
    organization = Organization.objects.get(pk=request.access.organization_id)
    form = SettingsForm(post_data(request), initial=asdict(settings_of(organization)))

    def verb() -> Organization:
        return change_organization(form.organization_settings(), by=request.access.membership_id)

    if submit_form(form, verb):
        messages.success(request, _("Settings saved."))
        return redirect("organizations:settings", request.access.slug)
    _events, lines = audit_history.latest("1", RECENT_COUNT)
    return render_form(request, "organizations/settings.html", form, lines=lines)


@requires(Ability.ADMINISTER)
@require_safe
def changes(request: TenantRequest) -> HttpResponse:
    """Show the whole audit trail, page by page."""
    page, lines = audit_history.latest(request.GET.get("page", ""))
    return render(request, "organizations/trail.html", {"page": page, "lines": lines})


@requires(Ability.ADMINISTER)
@require_safe
def access(request: TenantRequest) -> HttpResponse:
    """Show the whole access log, page by page."""
    page, lines = access_history.latest(request.access.slug, request.GET.get("page", ""))
    context = {"page": page, "lines": lines, "days": django_settings.ACCESS_LOG_DAYS}
    return render(request, "organizations/access.html", context)
