"""Import a spreadsheet of ratings that a company already has as a closed cycle.

manage.py import_cycle --organization SLUG --name NAME [--rubric SLUG] [--closed-on DATE]
                       [--headcounts TEAMS] [--dry-run] RATINGS

Files are CSV or Excel workbooks. What they leave open is answered by options (`--help`); without an answer the
file is refused with the question.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from assessments import rubric_editions
from assessments.cycles.closing import close
from assessments.imports.file_problems import RatingsRefused
from assessments.imports.import_cycle import import_cycle
from assessments.management.operators import (
    add_file_options,
    file_choices,
    format_problems,
    parse_day,
    read_file,
    require_organization,
)
from assessments.models import Cycle, CycleTeam, Response, RubricEdition
from assessments.rubrics import MAIN_RUBRIC
from organizations.jobs import perform
from organizations.tenancy.scope import working_for


def edition_of(rubric: str) -> RubricEdition:
    known = [choice.slug for choice in rubric_editions.choices()]
    if rubric not in known:
        raise CommandError(f"No such rubric: {rubric}. Available: {', '.join(known)}")
    return rubric_editions.get_or_create_latest(rubric)


class Command(BaseCommand):
    help = "Import a spreadsheet of ratings as a closed, scored cycle."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ratings", metavar="RATINGS")
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--name", required=True, help="what the cycle is called")
        parser.add_argument("--rubric", default=MAIN_RUBRIC, metavar="SLUG")
        parser.add_argument("--closed-on", type=parse_day, metavar="YYYY-MM-DD")
        parser.add_argument("--headcounts", metavar="TEAMS")
        parser.add_argument("--dry-run", action="store_true", help="say what it would do")
        add_file_options(parser)

    def handle(self, **options: Any) -> None:
        organization = require_organization(options["organization"])
        ratings = read_file(options["ratings"])
        headcounts = read_file(options["headcounts"]) if options["headcounts"] else None
        try:
            with working_for(organization):
                cycle = import_cycle(
                    name=options["name"],
                    ratings=ratings,
                    headcounts=headcounts,
                    edition=edition_of(options["rubric"]),
                    closed_on=options["closed_on"],
                    choices=file_choices(options),
                    by=None,
                    moment=timezone.now(),
                )
                if options["dry_run"]:
                    self._say_preview(cycle)
                    transaction.set_rollback(True)
                    return
        except RatingsRefused as error:
            problems = format_problems(error.problems, options)
            raise CommandError(f"{problems}\nNothing was imported.") from None
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from None
        perform(Cycle, organization, cycle.pk, close)
        with working_for(organization):
            self._say(Cycle.objects.get(pk=cycle.pk))

    def _say_preview(self, cycle: Cycle) -> None:
        """Print the teams of the cycle, which is not kept, with their answers."""
        answers = Counter(Response.objects.filter(cycle=cycle).values_list("node_id", "answers_as"))
        for team in CycleTeam.objects.filter(cycle=cycle).order_by("place"):
            size = f" of {team.headcount}" if team.headcount else ""
            is_new = ", new" if team.made else ""
            leads = answers[team.pk, "lead"]
            lead = f", {leads} as lead" if leads else ""
            self.stdout.write(
                f"{'  ' * team.depth}{team.name}: {answers[team.pk, 'member']}{size} answered{lead}{is_new}"
            )
        self.stdout.write("Nothing was imported.")

    def _say(self, cycle: Cycle) -> None:
        if cycle.stage != Cycle.Stage.CLOSED:
            raise CommandError(f"{cycle.name}: {cycle.error or 'a worker is scoring it'}")
        self.stdout.write(f"{cycle.name}: {cycle.pk}")
