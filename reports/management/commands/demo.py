"""Build an invented company with five closed cycles, an open one and a monthly report, so that every page
shows something: manage.py demo [--reset]

No result is written directly: people come from a list of people, closed cycles from the import, the
open one from the functions of the survey, and all are scored like those of a customer.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists
from django.utils import timezone
from django.utils.module_loading import import_string

from assessments import rubric_editions
from assessments.cycles import lifecycle, nightly_counts
from assessments.imports.import_cycle import import_cycle
from assessments.imports.rating_columns import IMPORTANCE_SUFFIX
from assessments.imports.rating_words import read_cell
from assessments.management.operators import find_organization
from assessments.models import Cycle
from assessments.rubrics import MAIN_RUBRIC
from assessments.survey import answers, respondents
from assessments.survey.devices import ANONYMOUS_VISITOR
from assessments.survey.questionnaire import Kind
from organizations import accounts, api_keys, audit, principles
from organizations.access import DEMO_KEY, Scope
from organizations.jobs import perform
from organizations.models import ApiKey, AuditEvent, Membership, Organization, Team, User
from organizations.people import create_organization
from organizations.people_import.applying import apply_plan
from organizations.people_import.plan import build_plan
from organizations.principles import PrincipleChange, PrincipleText
from organizations.pseudonyms import hash_token
from organizations.tables.reading import read_table
from organizations.tenancy.constraints import TenantTable
from organizations.tenancy.scope import TenantModel, working_for
from reports import schedules

SLUG, ORGANIZATION_NAME = "demo", "Hanbit Living"
OWNER, READER = "owner@demo.example", "cmo@demo.example"
PASSWORD = "growth-rings"  # noqa: S105  # the demo is for everyone
DEMO_ACCOUNTS = {
    READER: "the leader: results",
    "admin@demo.example": "the administrator: people, rubrics, surveys",
    "member@demo.example": "a team member: the survey",
    OWNER: "the owner: everything",
}
KEY_NAME = "Dashboard"
SECONDS_TO_CLOSE = 60
BUILT = "demo.built"  # the audit event that comes last
TIME_IN_TEAM = timedelta(days=500)  # how long everyone has been in their team
DEMO_DIRECTORY = Path(__file__).resolve().parents[2] / "demo"


class Command(BaseCommand):
    help = "Build the demo organization, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="delete it and build it again")

    def handle(self, **options: Any) -> None:
        refuse_in_public()
        existing = find_organization(SLUG)
        if not existing or options["reset"] or not is_complete(existing):
            if existing:
                delete(existing)
            build(timezone.now())
        self.stdout.write(f"  Sign in to the demo with the password {PASSWORD} as")
        for email, description in DEMO_ACCOUNTS.items():
            self.stdout.write(f"    {email:22}{description}")
        self.stdout.write(f"  Its emails are shown at {settings.SITE_URL}/dev/mail/")
        self.stdout.write(
            "  To read its results, run\n"
            f'    curl -H "Authorization: Bearer {DEMO_KEY}"'
            f" {settings.SITE_URL}/api/v1/organizations/{SLUG}/cycles/latest/results/"
        )


def refuse_in_public() -> None:
    """Refuse to build the demo where others can reach it: its passwords are known to everyone."""
    if not settings.DEMO:
        raise CommandError("Set DEMO=1 to build the demo.")
    if not settings.DEBUG and not settings.ON_LOOPBACK:
        raise CommandError("The demo can't be built on a site that others can reach.")


def is_complete(organization: UUID) -> bool:
    """Return whether the demo was built to the end, with its API key. One that was interrupted, or built
    before there were keys, is built again."""
    key = ApiKey.objects.filter(key_hash=hash_token(DEMO_KEY))
    with working_for(organization):
        return AuditEvent.objects.filter(Exists(key), event=BUILT).exists()


# --- Deleting ---------------------------------------------------------------------------------


def delete(organization: UUID) -> None:
    """Delete every row of the organization, referring rows first. The users stay."""
    with working_for(organization):
        for model in models_to_delete():
            if "DELETE" in table_grants(model):
                model.objects.all().delete()
        Organization.objects.filter(pk=organization).delete()


def models_to_delete() -> list[type[TenantModel]]:
    remaining = {model for model in apps.get_models() if issubclass(model, TenantModel)}
    ordered: list[type[TenantModel]] = []
    while remaining:
        referenced = {
            target
            for model in remaining
            for target in referenced_models(model)
            if target is not model
        }
        unreferenced = sorted(remaining - referenced, key=lambda model: model.__name__)
        ordered += unreferenced
        remaining -= set(unreferenced)
    return ordered


def referenced_models(model: type[TenantModel]) -> set[type[Any]]:
    return {field.related_model for field in model._meta.concrete_fields if field.related_model}


def table_grants(model: type[TenantModel]) -> str:
    """Return what app_user may do with the table. Rows that it may not delete are deleted together with
    the organization."""
    return next(rule.grants for rule in model._meta.constraints if isinstance(rule, TenantTable))


# --- Building ---------------------------------------------------------------------------------


def build(moment: datetime) -> None:
    """Build the organization. The audit line that marks it as complete comes last."""
    owner = next(row for row in read_rows("people.csv") if row["email"] == OWNER)
    organization = create_organization(
        name=ORGANIZATION_NAME,
        slug=SLUG,
        owner=None,
        owner_name=owner["name"],
        owner_email=OWNER,
        language="ko",
    ).pk
    with working_for(organization):
        import_people(moment - TIME_IN_TEAM)
    create_users(organization)
    for row in read_rows("cycles.csv"):
        import_closed_cycle(organization, row, moment)
    with working_for(organization):
        build_open_cycle(moment)
        write_principles(moment.date())
        create_api_key(moment)
        request_reports(moment)
        audit.record(BUILT, by=None)


def read_rows(name: str) -> Iterator[dict[str, str]]:
    table = read_table((DEMO_DIRECTORY / name).read_bytes())
    for row in table.rows:
        yield dict(zip(table.header, row.cells, strict=True))


def import_people(since: datetime) -> None:
    content = (DEMO_DIRECTORY / "people.csv").read_bytes()
    dry_run = build_plan(content, by=None)
    if dry_run.problems:
        raise CommandError("people.csv: " + "; ".join(map(str, dry_run.problems)))
    apply_plan(content, digest=dry_run.digest, by=None, moment=since)
    Membership.objects.update(team_since=since)
    Team.objects.update(parent_since=since)


def create_users(organization: UUID) -> None:
    """Create the users as whom a visitor can sign in."""
    for email in DEMO_ACCOUNTS:
        user, _ = User.objects.get_or_create(email=email)
        user.set_password(PASSWORD)
        user.save()
        accounts.confirm(user)
        with working_for(organization):
            Membership.objects.filter(email=email).update(user=user, team_confirmed=True)


def create_api_key(moment: datetime) -> None:
    """Create the API key, public like the passwords; it is refused where others can reach the site."""
    api_keys.create_key(
        KEY_NAME, scopes=list(Scope), expires_at=None, by=None, moment=moment, secret=DEMO_KEY
    )


def request_reports(moment: datetime) -> None:
    """Set up a monthly report, and ask for a first one that a worker makes at once."""
    reader = Membership.objects.get(email=READER).pk
    monthly = schedules.ScheduleSettings(on=True, day=1, at=time(9), recipients=frozenset({reader}))
    schedules.set_schedule(monthly, by=reader)
    schedules.request_report(by=reader, moment=moment)


def import_closed_cycle(organization: UUID, row: dict[str, str], moment: datetime) -> None:
    day = day_in_quarter(moment.date(), int(row["quarters_ago"]), int(row["days_into_quarter"]))
    with working_for(organization):
        cycle = import_cycle(
            name=quarter_name(day)
            if row["rubric"] == MAIN_RUBRIC
            else f"{quarter_name(day)} Collaboration",
            ratings=(DEMO_DIRECTORY / row["ratings"]).read_bytes(),
            headcounts=(DEMO_DIRECTORY / "headcounts.csv").read_bytes(),
            edition=rubric_editions.get_or_create_latest(row["rubric"]),
            closed_on=day,
            by=None,
            moment=moment,
        )
    close_cycle(organization, cycle)


def close_cycle(organization: UUID, cycle: Cycle) -> None:
    """Close the cycle now, or wait for the worker of a running site that has taken it."""
    # Imported only here: it loads all of the arithmetic, and most starts find a complete demo.
    close = import_string(Cycle.FUNCTION)
    deadline = monotonic() + SECONDS_TO_CLOSE
    while cycle.stage != Cycle.Stage.CLOSED:
        perform(Cycle, organization, cycle.pk, close)
        with working_for(organization):
            cycle.refresh_from_db(fields=["stage", "error"])
        if cycle.error or monotonic() > deadline:
            raise CommandError(f"{cycle.name}: {cycle.error or 'not closed in time'}")
        sleep(0.1)


def day_in_quarter(today: date, quarters: int, days: int) -> date:
    """Return the day so many days into the quarter that is so many quarters back, so that the demo stays
    recent."""
    months = today.year * 12 + (today.month - 1) // 3 * 3 - 3 * quarters
    return date(months // 12, months % 12 + 1, 1) + timedelta(days=days)


def quarter_name(day: date) -> str:
    return f"{day.year} Q{(day.month - 1) // 3 + 1}"


def write_principles(today: date) -> None:
    """Write two principles in the organization's own words; the third keeps the words of the rubric."""
    people = dict(Membership.objects.values_list("email", "pk"))
    for row in read_rows("principles.csv"):
        review = row["review_in_days"]
        principles.change_principle(
            int(row["number"]),
            PrincipleChange(
                PrincipleText(by_language(row, "wording"), by_language(row, "methods")),
                owner=people[row["owner"]],
                review_on=today + timedelta(days=int(review)) if review else None,
            ),
            version=1,
            today=today,
            by=None,
        )


def by_language(row: dict[str, str], part: str) -> dict[str, str]:
    """Return the texts of the columns that are named for this part and a language, such as wording_ko."""
    columns = (name for name in row if name.startswith(f"{part}_"))
    return {name.removeprefix(f"{part}_"): row[name].replace(" | ", "\n") for name in columns}


def build_open_cycle(moment: datetime) -> None:
    cycle = lifecycle.plan(
        name=quarter_name(moment.date()),
        edition=rubric_editions.get_or_create_latest(MAIN_RUBRIC),
        closes_at=moment + timedelta(days=9),
        mode=Cycle.Mode.CONFIDENTIAL,
        threshold=5,
        by=None,
    )
    cycle = lifecycle.open_cycle(cycle, by=None, moment=moment - timedelta(days=5))
    people = dict(Membership.objects.values_list("email", "pk"))
    for row in read_rows("open-cycle.csv"):
        respondent = respondents.find_respondent(cycle.pk, people[row["email"]], ANONYMOUS_VISITOR)
        answers.save(respondent, read_answers(row), moment=moment)
        if row["finished"] == "yes":
            answers.submit(respondent, moment=moment)
    for row in read_rows("comments.csv"):
        respondent = respondents.find_respondent(cycle.pk, people[row["email"]], ANONYMOUS_VISITOR)
        comment = {name: row[name] for name in ("capability", "text", "evidence")}
        answers.save_comment(respondent, **comment, moment=moment)
    organization = Organization.objects.get(pk=cycle.organization_id)
    nightly_counts.count(cycle, organization, moment=moment)


def read_answers(row: dict[str, str]) -> Iterator[answers.SentAnswer]:
    for name, code in row.items():
        if name not in ("email", "finished") and code:
            kind: Kind = "importance" if name.endswith(IMPORTANCE_SUFFIX) else "performance"
            cell = read_cell(code)
            assert cell is not None
            yield answers.SentAnswer(kind, name.removesuffix(IMPORTANCE_SUFFIX), cell.code)
