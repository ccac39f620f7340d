"""The page of a person's sessions: where the account is signed in, and a way to end each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from organizations.access import public
from organizations.models import Session, User
from organizations.sessions import USE_RECORD_INTERVAL, end_others

OTHERS = "others"


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as its owner sees it. Its key is a secret, so the page names it by a hash."""

    name: str
    device: str
    signed_in_at: datetime | None
    used: str  # how long ago; empty within the last hour
    is_current: bool


@public
@require_safe
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """List every session of this account, the present one first."""
    assert isinstance(request.user, User)
    moment, current = timezone.now(), request.session.session_key
    rows = [_build_row(row, moment, current) for row in _active_sessions(request.user, moment)]
    rows.sort(key=lambda session: not session.is_current)
    return render(request, "account/sessions.html", {"sessions": rows, "others": OTHERS})


@public
@require_POST
@login_required
def end(request: HttpRequest) -> HttpResponse:
    """End one other session, or all others; they are refused from their next request on."""
    assert isinstance(request.user, User)
    current, selected = request.session.session_key, request.POST.get("session", "")
    if selected == OTHERS:
        ended = end_others(request.user, but=current)
    else:
        keys = [row.session_key for row in _active_sessions(request.user, timezone.now())]
        chosen = [key for key in keys if _public_name(key) == selected and key != current]
        ended, _rows = Session.objects.filter(user=request.user, session_key__in=chosen).delete()
    if ended:
        messages.success(request, _("That device is signed out."))
    else:
        messages.info(request, _("That device was already signed out."))
    return redirect("account_sessions")


def _active_sessions(user: User, moment: datetime) -> list[Session]:
    """Return the sessions that have not expired, the most recently used first. 1 statement."""
    return list(Session.objects.filter(user=user, expire_date__gt=moment).order_by("-used_at"))


def _public_name(key: str) -> str:
    return salted_hmac("organizations.views.sessions", key, algorithm="sha256").hexdigest()[:32]


def _build_row(row: Session, moment: datetime, current: str | None) -> SessionRow:
    used_at = row.used_at or moment
    is_recent = moment - used_at < USE_RECORD_INTERVAL
    return SessionRow(
        name=_public_name(row.session_key),
        device=_device_text(row),
        signed_in_at=row.signed_in_at,
        used="" if is_recent else timesince(used_at, moment, depth=1),
        is_current=row.session_key == current,
    )


def _device_text(row: Session) -> str:
    if row.browser and row.system:
        return _("%(browser)s on %(system)s") % {"browser": row.browser, "system": row.system}
    return row.browser or row.system or _("Unknown browser")
