"""Build an invented company with five closed cycles and an open one, so that every page shows something.

manage.py demo [--reset]
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists
from django.utils import timezone
from django.utils.module_loading import import_string

from assessments.management.operators import find_organization
from organizations.access import DEMO_KEY
from organizations.models import ApiKey, AuditEvent
from organizations.pseudonyms import hash_token
from organizations.tenancy.scope import working_for

SLUG, BUILT = "demo", "demo.built"
# Imported only where there is something to build, so that a start with a complete demo is quick.
BUILDER = "assessments.management.demonstration"
PASSWORD = "growth-rings"  # noqa: S105  # the demo is for everyone
DEMO_ACCOUNTS = {
    "cmo@demo.example": "the leader: results",
    "admin@demo.example": "the administrator: people, rubrics, cycles",
    "member@demo.example": "a team member: the survey",
    "owner@demo.example": "the owner: everything",
}


class Command(BaseCommand):
    help = "Build the demo organization, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="delete it and build it again")

    def handle(self, **options: Any) -> None:
        refuse_in_public()
        existing = find_organization(SLUG)
        if not existing or options["reset"] or not is_complete(existing):
            if existing:
                import_string(f"{BUILDER}.delete")(existing)
            import_string(f"{BUILDER}.build")(SLUG, timezone.now(), mark=BUILT)
        self.stdout.write(f"  Sign in to the demo with the password {PASSWORD} as")
        for email, description in DEMO_ACCOUNTS.items():
            self.stdout.write(f"    {email:22}{description}")
        self.stdout.write(f"  Its mail is shown at {settings.SITE_URL}/dev/mail/")
        self.stdout.write(
            "  Its numbers are read with\n"
            f'    curl -H "Authorization: Bearer {DEMO_KEY}"'
            f" {settings.SITE_URL}/api/v1/organizations/{SLUG}/cycles/latest/results/"
        )


def refuse_in_public() -> None:
    """Refuse to build the demo where others can reach it: its passwords are known to everyone."""
    if not settings.DEMO:
        raise CommandError("The demo is built only where DEMO=1.")
    if not settings.DEBUG and not settings.ON_LOOPBACK:
        raise CommandError("The demo is not built where others can reach it.")


def is_complete(organization: UUID) -> bool:
    """Return whether the demo was built to the end, with its API key. One that was interrupted, or built
    before there were keys, is built again."""
    key = ApiKey.objects.filter(key_hash=hash_token(DEMO_KEY))
    with working_for(organization):
        return AuditEvent.objects.filter(Exists(key), event=BUILT).exists()
