"""Delete the lines of the access log that are older than ACCESS_LOG_DAYS. Meant for once a day."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from organizations import access_log


class Command(BaseCommand):
    help = "Deletes lines of the access log that are older than ACCESS_LOG_DAYS."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{access_log.purge(settings.ACCESS_LOG_DAYS)} lines deleted")
