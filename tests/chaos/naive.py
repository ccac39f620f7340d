"""How a report would be made without a lease: the task that the storm must be able to break."""

from __future__ import annotations

import time
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models.functions import Now
from django.urls import reverse

from config.celery import app
from organizations.models import Organization
from organizations.tenancy.scope import working_for
from reports.models import Report
from reports.schedules import current_schedule, eligible_recipients


@app.task(name="naive")  # type: ignore[untyped-decorator,unused-ignore]
def naive(organization: str) -> None:
    """Looks whether it is done, does it, says that it is done, and tells the readers."""
    with working_for(UUID(organization)):
        row = current_schedule()
        assert row is not None and row.due_at is not None
        report, _new = Report.objects.get_or_create(schedule=row, slot=row.due_at)
        if report.made_at is not None:
            return
    time.sleep(0.2)  # about what writing and drawing take
    with working_for(UUID(organization)):
        Report.objects.filter(pk=report.pk).update(made_at=Now())
        slug = Organization.objects.get().slug
        people = [person.email for person in eligible_recipients()]
    link = settings.SITE_URL + reverse("reports:report", args=[slug, report.pk])
    for person in people:
        EmailMessage("A new report is ready", link, to=[person]).send()
