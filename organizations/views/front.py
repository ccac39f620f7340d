"""The pages outside an organization: front page, founding one, theme, and the liveness check."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from organizations.access import organizations_of, public
from organizations.form_pages import post_data, render_form
from organizations.forms import OrganizationForm
from organizations.models import User

THEMES = ("light", "dark", "device")
A_YEAR = 365 * 24 * 3600


@public
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """List the organizations of the user; redirect to it when there is only one. Someone who is not signed
    in reads what Naite is, and where a link from an email leads."""
    if not isinstance(request.user, User):
        return render(request, "organizations/welcome.html", {"may_found": settings.OPEN_SIGNUP})
    organizations = organizations_of(request.user)
    if len(organizations) == 1:
        return redirect("reports:home", organizations[0][1])
    return render(
        request,
        "organizations/front.html",
        {"organizations": organizations, "may_found": settings.OPEN_SIGNUP},
    )


@public
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def create_organization(request: HttpRequest) -> HttpResponse:
    """Found an organization, for someone who has a sign-in already."""
    assert isinstance(request.user, User)
    if not settings.OPEN_SIGNUP:
        return render(request, "account/signup_closed.html", status=403)
    form = OrganizationForm(post_data(request))
    if form.is_bound and form.is_valid():
        organization = form.create(request.user, timezone.now())
        return redirect("reports:home", organization.slug)
    return render_form(request, "organizations/found.html", form)


@public
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Store the theme: light, dark, or the device's own."""
    next_url = request.POST.get("next", "/")
    is_safe = url_has_allowed_host_and_scheme(
        next_url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = HttpResponseRedirect(next_url if is_safe else "/")
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            "theme", theme, max_age=A_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response


@public
@transaction.non_atomic_requests
@require_GET
def livez(_request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive, without asking anything else."""
    return HttpResponse("ok", content_type="text/plain")
