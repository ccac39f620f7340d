"""The pages of API keys: list them, create one, revoke one."""

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

# The first request to try by the key's scope; what is certain to have rows comes first.
FIRST_REQUESTS = {Scope.CYCLES: "cycles/", Scope.RESULTS: "cycles/latest/results/"}


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """One key in the list."""

    key: ApiKey
    usable: bool


@requires(Ability.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def list_keys(request: TenantRequest) -> HttpResponse:
    """Show all keys and the form for another. A new key is shown here, once."""
    moment = timezone.now()
    form = KeyForm(post_data(request))
    created: list[tuple[ApiKey, str]] = []

    def verb() -> None:
        data = form.cleaned_data
        key = api_keys.create_key(
            data["name"],
            scopes=[Scope(scope) for scope in data["scopes"]],
            expires_at=form.expires_at(moment),
            by=request.access.membership_id,
            moment=moment,
        )
        created.append(key)

    if submit_form(form, verb):
        key, secret = created[0]
        lines = list(_example_commands(request, key, secret))
        return render(
            request, "organizations/key_made.html", {"key": key, "secret": secret, "lines": lines}
        )
    return render_form(request, "organizations/keys.html", form, lines=_key_rows(moment))


def _key_rows(moment: datetime) -> list[ApiKeyRow]:
    return [ApiKeyRow(key, key.usable_at(moment)) for key in api_keys.list_keys(moment)]


def _example_commands(request: TenantRequest, key: ApiKey, secret: str) -> Iterator[str]:
    """Yield commands to type to see real results at once."""
    base_url = request.build_absolute_uri(f"/api/v1/organizations/{request.access.slug}/")
    for scope, path in FIRST_REQUESTS.items():
        if scope in key.scopes:
            yield f'curl -H "Authorization: Bearer {secret}" {base_url}{path}'


@requires(Ability.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: TenantRequest, api_key: UUID) -> HttpResponse:
    """Ask for confirmation, then revoke the key."""
    if request.method != "POST":
        key = get_object_or_404(ApiKey, pk=api_key)
        return render(request, "organizations/key_revoke.html", {"key": key})
    revoked = api_keys.revoke(api_key, by=request.access.membership_id, moment=timezone.now())
    if revoked is None:
        raise Http404
    messages.success(request, _("Key revoked: %(name)s") % {"name": revoked.name})
    return redirect("organizations:settings_keys", request.access.slug)
