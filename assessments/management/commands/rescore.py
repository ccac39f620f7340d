"""Compute closed cycles anew from their stored answers, by today's method.

manage.py rescore --cycle ID | --all [--organization SLUG] [--dry-run]
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assessments.cycles.rescoring import Outcome, Rescoring, announce, rescore
from assessments.management.operators import organizations_with_results, require_organization
from assessments.models import Cycle
from assessments.scoring.publish.publish import METHOD_VERSION
from organizations.jobs import wake_worker
from organizations.models import Organization
from organizations.tenancy.scope import working_for

MEANINGS = {
    Outcome.REPLACED: f"computed anew by method {METHOD_VERSION}",
    Outcome.MADE_COARSE: "made coarse, groups below ten in half levels, as answers are missing",
    Outcome.SAME: f"method {METHOD_VERSION}, the same results; left as it is",
    Outcome.REMOVED: "answers are missing, groups below ten are in half levels; left as it is",
    Outcome.OVERTAKEN: "another run has just computed it; left as it is",
}
DIFFERENT_ANSWERS = (
    "its answers or its rubric aren't those that were scored; left as it is. Run verify_scores."
)
CHANGES = (Outcome.REPLACED, Outcome.MADE_COARSE)


class Command(BaseCommand):
    help = (
        "Compute closed cycles anew by today's method, keep their older results unseen, and send one "
        "email to those who decide; exits with 1 if a cycle has other answers than were scored."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--cycle", type=UUID, metavar="ID", help="this closed cycle alone")
        which.add_argument(
            "--all", action="store_true", help="every closed cycle, the oldest first"
        )
        parser.add_argument("--organization", metavar="SLUG", help="only of this one")
        parser.add_argument("--dry-run", action="store_true", help="say what would change")

    def handle(self, **options: Any) -> None:
        slug, cycle, dry_run = options["organization"], options["cycle"], options["dry_run"]
        organizations = [require_organization(slug)] if slug else organizations_with_results()
        outcomes = Counter[Outcome]()
        for organization in organizations:
            outcomes += self._rescore(organization, cycle, dry_run=dry_run)
        if cycle is not None and not outcomes:
            raise CommandError(f"No closed cycle with this id: {cycle}")
        changed_count = sum(outcomes[outcome] for outcome in CHANGES)
        verb = "would change" if dry_run else "changed"
        self.stdout.write(f"{outcomes.total()} closed cycles, {changed_count} {verb}.")
        if not dry_run:
            wake_worker()
        if outcomes[Outcome.DIFFERENT_ANSWERS]:
            sys.exit(1)

    def _rescore(
        self, organization: UUID, cycle: UUID | None, *, dry_run: bool
    ) -> Counter[Outcome]:
        with working_for(organization):
            slug = Organization.objects.values_list("slug", flat=True).get(pk=organization)
            closed = Cycle.objects.closed().reverse()
            rows = closed if cycle is None else closed.filter(pk=cycle)
            cycles = list(rows.values_list("pk", "name"))
        outcomes = Counter[Outcome]()
        for pk, name in cycles:
            rescoring = rescore(organization, pk, moment=timezone.now(), dry_run=dry_run)
            outcomes[rescoring.outcome] += 1
            self._say(f"{slug} / {name}", rescoring, dry_run=dry_run)
        if not dry_run:
            announce(organization, moment=timezone.now())
        return outcomes

    def _say(self, name: str, rescoring: Rescoring, *, dry_run: bool) -> None:
        if rescoring.outcome == Outcome.DIFFERENT_ANSWERS:
            self.stderr.write(f"{name}: {DIFFERENT_ANSWERS}")
            return
        text = MEANINGS[rescoring.outcome]
        if rescoring.outcome in CHANGES:
            text = (
                f"{'would be ' if dry_run else ''}{text}; scores that change: {rescoring.changed}"
            )
        self.stdout.write(f"{name}: {text}")
