"""The keys of the organization's programs: which there are, making one, revoking one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from organizations import api_keys
from organizations.access import Ability, Scope, TenantRequest, requires
from organizations.form_pages import post_data, render_form, submit_form
from organizations.forms import KeyForm
from organizations.models import ApiKey

# What to ask first, by what the key may read: what is certain to be there comes first.
FIRST_REQUESTS = {Scope.CYCLES: "cycles/", Scope.RESULTS: "cycles/latest/results/"}


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """One key in the list."""

    key: ApiKey
    usable: bool


@requires(Ability.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def list_keys(request: TenantRequest) -> HttpResponse:
    """All keys, and the form for another. A key that was just made is shown here, once."""
    moment = timezone.now()
    form = KeyForm(post_data(request))
    made: list[tuple[ApiKey, str]] = []

    def verb() -> None:
        told = form.cleaned_data
        key = api_keys.create_key(
            told["name"],
            scopes=[Scope(scope) for scope in told["scopes"]],
            expires_at=form.expires_at(moment),
            by=request.access.membership_id,
            moment=moment,
        )
        made.append(key)

    if submit_form(form, verb):
        key, secret = made[0]
        lines = list(_first_lines(request, key, secret))
        return render(
            request, "organizations/key_made.html", {"key": key, "secret": secret, "lines": lines}
        )
    return render_form(request, "organizations/keys.html", form, lines=_lines(moment))


def _lines(moment: datetime) -> list[ApiKeyRow]:
    return [ApiKeyRow(key, key.usable_at(moment)) for key in api_keys.list_keys(moment)]


def _first_lines(request: TenantRequest, key: ApiKey, secret: str) -> Iterator[str]:
    """What to type to see real numbers at once."""
    here = request.build_absolute_uri(f"/api/v1/organizations/{request.access.slug}/")
    for scope, path in FIRST_REQUESTS.items():
        if scope in key.scopes:
            yield f'curl -H "Authorization: Bearer {secret}" {here}{path}'


@requires(Ability.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: TenantRequest, api_key: UUID) -> HttpResponse:
    """Asks once, then at once."""
    if request.method != "POST":
        key = get_object_or_404(ApiKey, pk=api_key)
        return render(request, "organizations/key_revoke.html", {"key": key})
    revoked = api_keys.revoke(api_key, by=request.access.membership_id, moment=timezone.now())
    if revoked is None:
        raise Http404
    messages.success(request, _("Key revoked: %(name)s") % {"name": revoked.name})
    return redirect("organizations:settings_keys", request.access.slug)
