"""How a report would be made without a lease: the task that the storm must be able to break."""

from __future__ import annotations

import time
from uuid import UUID

from django.utils import timezone

from config.celery import app
from organizations import audit
from organizations.tenancy import working_for
from reports.models import Report

MADE = "report.made"


@app.task(name="naive")  # type: ignore[untyped-decorator,unused-ignore]
def naive(organization: str, report: str) -> None:
    """Looks whether it is done, does it, says that it is done."""
    with working_for(UUID(organization)):
        if Report.objects.get(pk=report).made_at is not None:
            return
    time.sleep(0.2)  # about what writing and drawing take
    with working_for(UUID(organization)):
        audit.record(MADE, by=None, on=Report.objects.get(pk=report))
        Report.objects.filter(pk=report).update(made_at=timezone.now(), due_at=None)
