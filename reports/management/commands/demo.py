"""Create the demo, with a monthly report and a first one that a worker makes at once.

manage.py demo [--reset]
"""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from django.utils import timezone

from assessments.management.commands import demo
from assessments.management.operators import find_organization
from organizations.models import Membership
from organizations.tenancy.scope import working_for
from reports import schedules

READER = "cmo@demo.example"


class Command(demo.Command):
    def handle(self, **options: Any) -> None:
        super().handle(**options)
        organization = find_organization(demo.SLUG)
        assert organization is not None
        with working_for(organization):
            if schedules.current_schedule() is None:
                ask_for_reports(Membership.objects.get(email=READER).pk)


def ask_for_reports(reader: UUID) -> None:
    settings = schedules.ScheduleSettings(
        on=True, day=1, at=time(9), recipients=frozenset({reader})
    )
    schedules.set_schedule(settings, by=reader)
    schedules.request_report(by=reader, moment=timezone.now())
