"""Compute every closed cycle again and compare it with what was published.

manage.py verify_scores [--organization SLUG]
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from assessments.cycles.verification import VerificationResult, verify
from assessments.management.operators import organizations_with_results, require_organization
from assessments.models import Cycle
from assessments.scoring.publish.publish import METHOD_VERSION
from organizations.models import Organization
from organizations.tenancy.scope import working_for


class Command(BaseCommand):
    help = "Compute every closed cycle again; exits with 1 if any published value differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="check this one alone")

    def handle(self, **options: Any) -> None:
        slug = options["organization"]
        organizations = [require_organization(slug)] if slug else organizations_with_results()
        findings = [
            finding for organization in organizations for finding in self._verify(organization)
        ]
        same_count = sum(finding.is_same for finding in findings)
        self.stdout.write(
            f"{len(findings)} closed cycles, {same_count} computed again and the same."
        )
        older_count = sum(bool(finding.older_method) for finding in findings)
        if older_count:
            self.stdout.write(
                f"{older_count} by an older method: their answers alone were checked."
            )
        if kept_count := sum(finding.older_scorecards for finding in findings):
            self.stdout.write(f"{kept_count} older scorecards are kept and never shown.")
        if any(finding.differences for finding in findings):
            sys.exit(1)

    def _verify(self, organization: UUID) -> list[VerificationResult]:
        with working_for(organization):
            slug = Organization.objects.values_list("slug", flat=True).get(pk=organization)
            cycles = list(Cycle.objects.closed().select_related("edition"))
        findings = []
        for cycle in cycles:  # one transaction each, because an installation has many
            with working_for(organization):
                findings.append(verify(cycle))
            self._say(f"{slug} / {cycle.name}", findings[-1])
        return findings

    def _say(self, name: str, finding: VerificationResult) -> None:
        if finding.answers_removed:
            self.stdout.write(f"{name}: answers were removed since; cannot be computed again")
        if finding.older_method:
            self.stdout.write(
                f"{name}: computed by method {finding.older_method}, today's is {METHOD_VERSION}:"
                " rescore computes it anew"
            )
        for difference in finding.differences:
            self.stderr.write(f"{name}: {difference}")
