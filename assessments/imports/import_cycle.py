"""Import a spreadsheet of ratings that a company already has as a closed cycle.

People are not created; the cycle has responses and head-counts only. The rows are stored here; the
scoring is the same close as that of every cycle.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from secrets import token_bytes
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessments.imports.file_problems import NO_CHOICES, RatingsChoices
from assessments.imports.rating_columns import HEADCOUNTS, kind_of_ratings
from assessments.imports.ratings_table import RatingsRow, RatingsTable, read_ratings_table
from assessments.models import Cycle, CycleTeam, Response, RubricEdition
from assessments.rubric_editions import rubric_of
from assessments.survey import response_keys
from organizations import audit, column_choices
from organizations.models import Organization, Team
from organizations.people import lock_organization
from organizations.team_tree import TeamPath, casefold_path
from organizations.teams import load_tree
from organizations.tenancy.bulk_insert import insert
from organizations.tenancy.scope import bound_organization
from organizations.text import normalize_line

FIRST_YEAR = 2000


def import_cycle(
    *,
    name: str,
    ratings: bytes,
    headcounts: bytes | None = None,
    edition: RubricEdition,
    closed_on: date | None = None,
    choices: RatingsChoices = NO_CHOICES,
    by: UUID | None,
    moment: datetime,
) -> Cycle:
    """Store a cycle that waits to be scored, without a guess. Raises `RatingsRefused` with every problem of
    the files, or `ValidationError` about the name or the date; then nothing was stored."""
    table = read_ratings_table(
        rubric_of(edition), ratings, headcounts, with_known_names(choices, edition.slug)
    )
    return store_cycle(
        name=name, table=table, edition=edition, closed_on=closed_on, by=by, moment=moment
    )


def with_known_names(choices: RatingsChoices, rubric: str) -> RatingsChoices:
    """Return the choices with what the organization knows: its name, its teams, and what the columns of this
    rubric's files meant."""
    ratings = {
        **column_choices.remembered(kind_of_ratings(rubric)),
        **choices.ratings.names,
    }
    counts = {**column_choices.remembered(HEADCOUNTS), **choices.headcounts.names}
    return RatingsChoices(
        ratings=replace(choices.ratings, names=ratings),
        headcounts=replace(choices.headcounts, names=counts),
        organization=Organization.objects.get(pk=bound_organization()).name,
        teams=frozenset(load_tree().by_path()),
    )


def store_cycle(
    *,
    name: str,
    table: RatingsTable,
    edition: RubricEdition,
    closed_on: date | None,
    by: UUID | None,
    moment: datetime,
) -> Cycle:
    """Store what was read. Raises `ValidationError` about the name or the date."""
    organization = Organization.objects.get(pk=bound_organization())
    closed_at = end_of_day(closed_on, organization, moment)
    cycle = Cycle(
        name=normalize_line(name),
        edition=edition,
        rubric=edition.slug,
        stage=Cycle.Stage.CLOSING,
        threshold=organization.threshold,
        comment_threshold=max(10, organization.threshold),
        imported=True,
        asked=dict(table.asked),
        closes_at=closed_at,
        due_at=moment,
    )
    _save(cycle)
    team_ids, made = _get_or_create_teams(table)
    nodes = _freeze_tree(cycle, organization, team_ids, made, table)
    _store_answers(cycle, organization, nodes, table)
    audit.record("cycle.imported", by=by, on=cycle, name=cycle.name, rows=len(table.rows))
    return cycle


def end_of_day(day: date | None, organization: Organization, moment: datetime) -> datetime:
    """Return the end of that day in the organization's time zone; now, if it is today or not given."""
    if day is None:
        return moment
    zone = ZoneInfo(organization.time_zone)
    today = moment.astimezone(zone).date()
    if day > today:
        raise ValidationError(
            {"closed_on": _("This date is in the future. Choose today or an earlier date.")}
        )
    if day.year < FIRST_YEAR:
        years = {"first": FIRST_YEAR, "last": today.year + 1}
        text = _("Years from %(first)s to %(last)s. Write the date as YYYY-MM-DD.")
        raise ValidationError({"closed_on": text % years})
    return min(moment, datetime.combine(day, time.max.replace(microsecond=0), zone))


def _save(cycle: Cycle) -> None:
    """Store the cycle. A name that exists already is refused, so that no file is imported twice."""
    if not cycle.name:
        raise ValidationError({"name": _("Give the survey a name.")})
    if len(cycle.name) > 80:
        raise ValidationError({"name": _("Names can have up to 80 characters.")})
    try:
        with transaction.atomic():
            cycle.save(force_insert=True)
    except IntegrityError:
        text = _("There's already a survey with this name. Choose another.")
        raise ValidationError({"name": text}) from None


def _get_or_create_teams(table: RatingsTable) -> tuple[dict[TeamPath, UUID], set[TeamPath]]:
    """Return the organization's teams by path, and which of them were missing and have been created."""
    lock_organization()
    existing = {path: node.id for path, node in load_tree().by_path().items()}
    team_ids = {
        path: existing[casefold_path(path)]
        for path in table.teams
        if casefold_path(path) in existing
    }
    made: set[TeamPath] = set()
    for depth in range(1, max(map(len, table.teams)) + 1):
        missing = {
            path: Team(name=path[-1], parent_id=team_ids[path[:-1]])
            for path in table.teams
            if len(path) == depth and path not in team_ids
        }
        Team.objects.bulk_create(missing.values())
        team_ids |= {path: team.pk for path, team in missing.items()}
        made |= missing.keys()
    return team_ids, made


def _freeze_tree(
    cycle: Cycle,
    organization: Organization,
    teams: Mapping[TeamPath, UUID],
    made: Container[TeamPath],
    table: RatingsTable,
) -> dict[TeamPath, CycleTeam]:
    """Store the tree of this cycle, the teams of the file and those above them; return it by path."""
    nodes: dict[TeamPath, CycleTeam] = {}
    for place, path in enumerate(table.teams):
        nodes[path] = CycleTeam(
            cycle=cycle,
            team_id=teams[path],
            parent=nodes[path[:-1]] if path else None,
            name=path[-1] if path else organization.name,
            place=place,
            depth=len(path),
            headcount=table.headcounts.get(path, 0),
            made=path in made,
        )
    CycleTeam.objects.bulk_create(nodes.values())
    return nodes


def _store_answers(
    cycle: Cycle,
    organization: Organization,
    nodes: Mapping[TeamPath, CycleTeam],
    table: RatingsTable,
) -> None:
    secret = response_keys.cycle_secret(cycle, organization)

    def build_response(row: RatingsRow) -> Response:
        # Without a pseudonym nobody is recognised in another cycle.
        key = response_keys.imported_key(secret, row.person) if row.person else token_bytes(32)
        return Response(
            sent=True,
            cycle=cycle,
            node=nodes[row.team],
            key=key,
            answers_as=row.role,
            performance=list(row.performance),
            importance=list(row.importance),
        )

    insert([build_response(row) for row in table.rows])
