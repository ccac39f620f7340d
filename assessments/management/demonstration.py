"""How the demo is built and taken away.

Nothing is written as a result: people come by the list, closed cycles by the import, the open one by
the verbs of answering, and all are scored like anyone's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.base import CommandError

from assessments import answering, cycles, editions, nightly_counts, respondents
from assessments.closing import close
from assessments.devices import NOBODY
from assessments.importing import import_cycle
from assessments.management.commands.demo import PASSWORD, SIGN_INS
from assessments.models import Cycle
from assessments.questionnaire import Kind
from assessments.rubric import MAIN
from assessments.sheets import IMPORTANCE, RATINGS
from organizations import accounts, api_keys, audit, principles
from organizations.access import DEMO_KEY, Scope
from organizations.csv_files import read_table
from organizations.jobs import perform
from organizations.models import Membership, Organization, Team, User
from organizations.people import create_organization
from organizations.people_import import plan
from organizations.principles import PrincipleChange, PrincipleText
from organizations.tenancy.constraints import TenantTable
from organizations.tenancy.scope import TenantModel, working_for

NAME = "Hanbit Living"
OWNER = "owner@demo.example"
KEY_NAME = "Dashboard"
TOGETHER = timedelta(days=500)  # for so long everyone has been in their team
FILES = Path(__file__).resolve().parents[1] / "demo"


def rows(name: str) -> Iterator[dict[str, str]]:
    table = read_table((FILES / name).read_bytes())
    for row in table.rows:
        yield dict(zip(table.header, row.cells, strict=True))


# --- Taking it away ---------------------------------------------------------------------------


def delete(organization: UUID) -> None:
    """Every row of it, those that point at others first. The sign-ins stay."""
    with working_for(organization):
        for model in pointing_first():
            if "DELETE" in rights(model):
                model.objects.all().delete()
        Organization.objects.filter(pk=organization).delete()


def pointing_first() -> list[type[TenantModel]]:
    waiting = {model for model in apps.get_models() if issubclass(model, TenantModel)}
    ordered: list[type[TenantModel]] = []
    while waiting:
        needed = {target for model in waiting for target in targets(model) if target is not model}
        free = sorted(waiting - needed, key=lambda model: model.__name__)
        ordered += free
        waiting -= set(free)
    return ordered


def targets(model: type[TenantModel]) -> set[type[Any]]:
    return {field.related_model for field in model._meta.concrete_fields if field.related_model}


def rights(model: type[TenantModel]) -> str:
    """What app_user may do with the table; the organization's own end takes the rest along."""
    return next(rule.grants for rule in model._meta.constraints if isinstance(rule, TenantTable))


# --- Building it ------------------------------------------------------------------------------


def build(slug: str, moment: datetime, *, mark: str) -> None:
    """All of it; the line that says so comes last."""
    first = next(row for row in rows("people.csv") if row["email"] == OWNER)
    organization = create_organization(
        name=NAME, slug=slug, owner=None, owner_name=first["name"], owner_email=OWNER, language="ko"
    ).pk
    with working_for(organization):
        bring_people(moment - TOGETHER)
    sign_in(organization)
    for row in rows("cycles.csv"):
        import_closed(organization, row, moment)
    with working_for(organization):
        open_one(moment)
        say_principles(moment.date())
        make_key(moment)
        audit.record(mark, by=None)


def bring_people(since: datetime) -> None:
    content = (FILES / "people.csv").read_bytes()
    dry_run = plan.build_plan(content, by=None)
    if dry_run.problems:
        raise CommandError("people.csv: " + "; ".join(map(str, dry_run.problems)))
    plan.apply_plan(content, digest=dry_run.digest, by=None)
    Membership.objects.update(team_since=since)
    Team.objects.update(parent_since=since)


def sign_in(organization: UUID) -> None:
    """A sign-in for those whom a visitor may be."""
    for email in SIGN_INS:
        user, _ = User.objects.get_or_create(email=email)
        user.set_password(PASSWORD)
        user.save()
        accounts.confirm(user)
        with working_for(organization):
            Membership.objects.filter(email=email).update(user=user, team_confirmed=True)


def make_key(moment: datetime) -> None:
    """For everyone, like the passwords; it opens nothing where others can reach the site."""
    api_keys.create_key(
        KEY_NAME, scopes=list(Scope), expires_at=None, by=None, moment=moment, secret=DEMO_KEY
    )


def import_closed(organization: UUID, row: dict[str, str], moment: datetime) -> None:
    day = counted_back(moment.date(), int(row["quarters_ago"]), int(row["days_into_quarter"]))
    with working_for(organization):
        cycle = import_cycle(
            name=quarter(day) if row["rubric"] == MAIN else f"{quarter(day)} Collaboration",
            ratings=(FILES / row["ratings"]).read_bytes(),
            headcounts=(FILES / "headcounts.csv").read_bytes(),
            edition=editions.adopt(row["rubric"]),
            closed_on=day,
            by=None,
            moment=moment,
        )
    perform(Cycle, organization, cycle.pk, close)
    with working_for(organization):
        cycle.refresh_from_db(fields=["stage", "error"])
    if cycle.stage != Cycle.Stage.CLOSED:
        raise CommandError(f"{cycle.name}: {cycle.error}")


def counted_back(today: date, quarters: int, days: int) -> date:
    """So many days into the quarter that lies so many quarters back: the demo stays young."""
    months = today.year * 12 + (today.month - 1) // 3 * 3 - 3 * quarters
    return date(months // 12, months % 12 + 1, 1) + timedelta(days=days)


def quarter(day: date) -> str:
    return f"{day.year} Q{(day.month - 1) // 3 + 1}"


def say_principles(today: date) -> None:
    """Two in the organization's own words; the third still says what the rubric says."""
    people = dict(Membership.objects.values_list("email", "pk"))
    for row in rows("principles.csv"):
        review = row["review_in_days"]
        principles.change_principle(
            int(row["number"]),
            PrincipleChange(
                PrincipleText(both(row, "wording"), both(row, "methods")),
                owner=people[row["owner"]],
                review_on=today + timedelta(days=int(review)) if review else None,
            ),
            version=1,
            today=today,
            by=None,
        )


def both(row: dict[str, str], part: str) -> dict[str, str]:
    return {one: row[f"{part}_{one}"].replace(" | ", "\n") for one in ("en", "ko")}


def open_one(moment: datetime) -> None:
    cycle = cycles.plan(
        name=quarter(moment.date()),
        edition=editions.adopt(MAIN),
        closes_at=moment + timedelta(days=9),
        mode=Cycle.Mode.CONFIDENTIAL,
        threshold=5,
        by=None,
    )
    cycle = cycles.open_cycle(cycle, by=None, moment=moment - timedelta(days=5))
    people = dict(Membership.objects.values_list("email", "pk"))
    for row in rows("open-cycle.csv"):
        seat = respondents.seat(cycle.pk, people[row["email"]], NOBODY)
        answering.save(seat, answers_in(row), moment=moment)
        if row["finished"] == "yes":
            answering.submit(seat, moment=moment)
    for row in rows("comments.csv"):
        seat = respondents.seat(cycle.pk, people[row["email"]], NOBODY)
        said = {name: row[name] for name in ("capability", "text", "evidence")}
        answering.save_comment(seat, **said, moment=moment)
    organization = Organization.objects.get(pk=cycle.organization_id)
    nightly_counts.count(cycle, organization, moment=moment)


def answers_in(row: dict[str, str]) -> Iterator[answering.Answer]:
    for name, code in row.items():
        if name not in ("email", "finished") and code:
            kind: Kind = "importance" if name.endswith(IMPORTANCE) else "performance"
            yield answering.Answer(kind, name.removesuffix(IMPORTANCE), RATINGS[code])
