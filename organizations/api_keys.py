"""API keys: made, shown once, revoked.

Only a hash of a key is stored. Whoever has lost one makes another.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from organizations import audit
from organizations.access import KEY_PREFIX, Program, Scope
from organizations.models import ApiKey
from organizations.people import lock_organization
from organizations.pseudonyms import hash_token
from organizations.tenancy.scope import can_write

PREFIX_LENGTH = 12  # characters of a key that stay readable in the list
MAX_KEYS = 50  # usable keys of one organization
USE_RECORD_INTERVAL = timedelta(minutes=1)


def new_secret() -> str:
    """Return a new key: 24 bits stay visible in the list, 160 do not."""
    return f"{KEY_PREFIX}{secrets.token_hex(3)}{secrets.token_hex(20)}"


def list_keys(moment: datetime) -> list[ApiKey]:
    """Return usable keys first, then the others; the newest first. 1 statement."""
    rows = list(ApiKey.objects.order_by("-pk"))
    return sorted(rows, key=lambda key: not key.usable_at(moment))


@transaction.atomic
def create_key(
    name: str,
    *,
    scopes: Collection[Scope],
    expires_at: datetime | None,
    by: UUID | None,
    moment: datetime,
    secret: str = "",
) -> tuple[ApiKey, str]:
    """Create a key; return its row and the key itself, which nobody can read again.

    Raises ValidationError where the organization has MAX_KEYS usable keys.
    """
    lock_organization()
    usable = Q(expires_at=None) | Q(expires_at__gt=moment)
    if ApiKey.objects.filter(usable, revoked_at=None).count() >= MAX_KEYS:
        raise ValidationError(_("You already have 50 keys. Revoke one you no longer use."))
    secret = secret or new_secret()
    key = ApiKey.objects.create(
        name=name,
        prefix=secret[:PREFIX_LENGTH],
        key_hash=hash_token(secret),
        scopes=sorted(scopes),
        expires_at=expires_at,
    )
    audit.record("key.made", by=by, on=key, name=name, scopes=key.scopes)
    return key, secret


@transaction.atomic
def revoke(key: UUID, *, by: UUID | None, moment: datetime) -> ApiKey | None:
    """Revoke the key: the next request with it is refused. Revoking it again changes nothing."""
    row = ApiKey.objects.select_for_update().filter(pk=key).first()
    if row is not None and row.revoked_at is None:
        row.revoked_at = moment
        row.save(update_fields=["revoked_at"])
        audit.record("key.revoked", by=by, on=row, name=row.name)
    return row


def record_use(program: Program, *, moment: datetime) -> None:
    """Store when a key was last used, to the minute. Never waits: of two at once only one writes."""
    is_recorded = (
        program.last_used_at is not None and moment - program.last_used_at < USE_RECORD_INTERVAL
    )
    if is_recorded or not can_write():
        return
    unlocked = ApiKey.objects.select_for_update(skip_locked=True).filter(pk=program.key_id)
    ApiKey.objects.filter(pk__in=unlocked.values("pk")).update(last_used_at=moment)
