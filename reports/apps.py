"""The app. On start it connects schedules to changes of an organization's time zone."""

from __future__ import annotations

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"

    def ready(self) -> None:
        from organizations.organization_settings import time_zone_changed  # noqa: PLC0415  # needs all tables
        from reports.schedules import update_time_zone  # noqa: PLC0415

        time_zone_changed.connect(update_time_zone, dispatch_uid="reports.follow_clock")
