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

from organizations import keys
from organizations.access import Ability, Scope, TenantRequest, requires
from organizations.asking import asked, succeeds, typed
from organizations.forms import KeyForm
from organizations.models import ApiKey

# What to ask first, by what the key may read: what is certain to be there comes first.
FIRST = {Scope.CYCLES: "cycles/", Scope.RESULTS: "cycles/latest/results/"}


@dataclass(frozen=True, slots=True)
class Line:
    """One key in the list."""

    key: ApiKey
    usable: bool


@requires(Ability.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def everyone(request: TenantRequest) -> HttpResponse:
    """All keys, and the form for another. A key that was just made is shown here, once."""
    moment = timezone.now()
    form = KeyForm(typed(request))
    made: list[tuple[ApiKey, str]] = []

    def verb() -> None:
        told = form.cleaned_data
        key = keys.make(
            told["name"],
            scopes=[Scope(scope) for scope in told["scopes"]],
            expires_at=form.expires_at(moment),
            by=request.door.membership_id,
            moment=moment,
        )
        made.append(key)

    if succeeds(form, verb):
        key, secret = made[0]
        lines = list(_first_lines(request, key, secret))
        return render(
            request, "organizations/key_made.html", {"key": key, "secret": secret, "lines": lines}
        )
    return asked(request, "organizations/keys.html", form, lines=_lines(moment))


def _lines(moment: datetime) -> list[Line]:
    return [Line(key, key.usable_at(moment)) for key in keys.in_order(moment)]


def _first_lines(request: TenantRequest, key: ApiKey, secret: str) -> Iterator[str]:
    """What to type to see real numbers at once."""
    here = request.build_absolute_uri(f"/api/v1/organizations/{request.door.slug}/")
    for scope, path in FIRST.items():
        if scope in key.scopes:
            yield f'curl -H "Authorization: Bearer {secret}" {here}{path}'


@requires(Ability.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: TenantRequest, api_key: UUID) -> HttpResponse:
    """Asks once, then at once."""
    if request.method != "POST":
        key = get_object_or_404(ApiKey, pk=api_key)
        return render(request, "organizations/key_revoke.html", {"key": key})
    revoked = keys.revoke(api_key, by=request.door.membership_id, moment=timezone.now())
    if revoked is None:
        raise Http404
    messages.success(request, _("Key revoked: %(name)s") % {"name": revoked.name})
    return redirect("organizations:settings_keys", request.door.slug)
