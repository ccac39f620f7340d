"""Write the audit trail: one event for every change, in the same transaction. Answering writes none."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Model

from organizations.models import AuditEvent


def record(event: str, *, by: UUID | None, on: Model | None = None, **detail: Any) -> AuditEvent:
    """Record a past fact such as "cycle.opened"; `by` is the membership that did it, if any."""
    return AuditEvent.objects.create(
        event=event, actor=by, subject=on.pk if on is not None else None, detail=detail
    )
