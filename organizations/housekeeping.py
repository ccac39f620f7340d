"""What is tidied up once a day for the whole installation: rows that have had their time."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from organizations import access_log
from organizations.models import Session


def delete_expired_sessions() -> int:
    """Nobody can use them any more; how many there were. The same as Django's `clearsessions`."""
    deleted, _by_model = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return deleted


def delete_old_access_events() -> int:
    """Who read which results is kept for so many days; how many lines went."""
    return access_log.purge(settings.ACCESS_LOG_DAYS)
