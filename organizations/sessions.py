"""Sessions that end: 12 hours after their last use, 14 days after the sign-in, with a new password, or
when their owner ends them.

Django's own backend, with columns for what the owner is shown. The database refuses an expired session,
so none has to be deleted for it to end.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from organizations.models import Session, User
from organizations.tenancy.scope import can_write
from organizations.user_agents import browser_of, system_of

IDLE_TIMEOUT = timedelta(hours=12)
MAX_AGE = timedelta(days=14)
USE_RECORD_INTERVAL = timedelta(hours=1)
SIGNED_IN_AT, USED_AT, BROWSER, SYSTEM = "signed_in_at", "used_at", "browser", "system"


class SessionStore(DatabaseStore):
    """Django finds this class by its name in the module that SESSION_ENGINE names."""

    is_use_update = False

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        """Load the session and note its use, at most once an hour; the middleware saves it where it can."""
        data: dict[str, Any] = super().load()
        moment = timezone.now()
        used_at = _read_moment(data, USED_AT)
        if used_at and moment - used_at >= USE_RECORD_INTERVAL and can_write():
            data[USED_AT] = moment.isoformat()
            self.modified = self.is_use_update = True
        return data

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002  # Django's own
        """Save the session. A use that cannot be noted is no reason to refuse the page."""
        try:
            super().save(must_create)
        except UpdateError:
            if not self.is_use_update:
                raise

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast("Session", super().create_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        row.signed_in_at, row.used_at = (
            _read_moment(data, SIGNED_IN_AT),
            _read_moment(data, USED_AT),
        )
        row.browser, row.system = data.get(BROWSER, ""), data.get(SYSTEM, "")
        return row

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        data = dict(self.items())
        signed_in_at, used_at = _read_moment(data, SIGNED_IN_AT), _read_moment(data, USED_AT)
        if signed_in_at is None or used_at is None:
            default: datetime = super().get_expiry_date(**kwargs)
            return default
        return min(used_at + IDLE_TIMEOUT, signed_in_at + MAX_AGE)


def _read_moment(data: dict[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(data[name]) if name in data else None


@receiver(user_logged_in, dispatch_uid="organizations.sessions.record_sign_in")
def record_sign_in(request: HttpRequest, **_: Any) -> None:
    """Store device and moment of a sign-in in the session; a second sign-in begins again."""
    agent, moment = request.META.get("HTTP_USER_AGENT", ""), timezone.now().isoformat()
    device = {BROWSER: browser_of(agent), SYSTEM: system_of(agent)}
    request.session.update({SIGNED_IN_AT: moment, USED_AT: moment, **device})


@receiver([password_changed, password_reset, password_set], dispatch_uid="organizations.sessions")
def end_after_new_password(request: HttpRequest, user: User, **_: Any) -> None:
    """End the other sessions. Django refuses them anyway; this removes them from the list, too."""
    end_others(user, but=request.session.session_key)


def end_others(user: User, *, but: str | None) -> int:
    """End all sessions of this person except the one with this key; return how many."""
    deleted, _by_model = Session.objects.filter(user=user).exclude(session_key=but or "").delete()
    return deleted
