"""Reports follow the organization's clock."""

from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        from organizations.organization_settings import time_zone_changed  # noqa: PLC0415  # needs all tables
        from reports.schedules import follow_clock  # noqa: PLC0415

        time_zone_changed.connect(follow_clock, dispatch_uid="reports.follow_clock")
