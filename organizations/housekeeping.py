"""Delete rows that have expired, once a day for the whole installation."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from organizations import access_log
from organizations.models import Session


def delete_expired_sessions() -> int:
    """Delete the sessions that nobody can use any more, like Django's `clearsessions`; return how many."""
    deleted, _by_model = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return deleted


def delete_old_access_events() -> int:
    """Delete the lines of the access log older than ACCESS_LOG_DAYS; return how many."""
    return access_log.purge(settings.ACCESS_LOG_DAYS)
