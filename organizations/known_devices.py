"""Remember devices on which somebody signed in: wrong attempts from elsewhere do not count for them.

A signed cookie holds the accounts and a random mark for each. It lets nobody in: whoever holds it
still needs the password, and has few attempts.
"""

from __future__ import annotations

import secrets
from typing import cast
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from organizations.models import User

COOKIE, SALT = settings.KNOWN_DEVICE_COOKIE_NAME, "organizations.known_devices"
MAX_ACCOUNTS = 5  # that share a device
VALID_SECONDS = 400 * 24 * 3600  # longer no browser keeps a cookie


def device_mark(request: HttpRequest, email: str) -> str:
    """Return the mark that this device got when the account with this e-mail signed in; else empty."""
    marks = _read_marks(request)
    if not marks:
        return ""
    user = User.objects.filter(email=email.lower(), pk__in=marks).first()
    return marks[str(user.pk)] if user else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Set the cookie. Call when the account has signed in on this device."""
    before = _read_marks(request)
    own_id = str(user.pk)
    others = [(account, mark) for account, mark in before.items() if account != own_id]
    marks = [(own_id, before.get(own_id) or secrets.token_hex(8)), *others][:MAX_ACCOUNTS]
    response.set_cookie(
        COOKIE,
        signing.dumps(marks, salt=SALT),
        max_age=VALID_SECONDS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _read_marks(request: HttpRequest) -> dict[str, str]:
    try:
        marks = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        return {}
    return {str(UUID(account)): mark for account, mark in cast("list[tuple[str, str]]", marks)}
