"""Import a spreadsheet of ratings that a company already has as a closed cycle.

People are not created; the cycle has responses and head-counts only. The rows are stored here; the
scoring is the same close as that of every cycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from secrets import token_bytes
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessments.imports.ratings_table import RatingsRow, RatingsTable, read_ratings_table
from assessments.models import Cycle, CycleTeam, Response, RubricEdition
from assessments.rubric_editions import rubric_of
from assessments.survey import response_keys
from organizations import audit
from organizations.models import Organization, Team
from organizations.people import lock_organization
from organizations.team_tree import TeamPath, casefold_path
from organizations.teams import load_tree
from organizations.tenancy.bulk_insert import insert
from organizations.tenancy.scope import bound_organization


def import_cycle(
    *,
    name: str,
    ratings: bytes,
    headcounts: bytes | None = None,
    edition: RubricEdition,
    closed_on: date | None = None,
    by: UUID | None,
    moment: datetime,
) -> Cycle:
    """Store a cycle that waits to be scored. Raises `RatingsRefused` with every problem of the files, or
    `ValidationError` about the name or the date; then nothing was stored."""
    organization = Organization.objects.get(pk=bound_organization())
    closed_at = _end_of_day(closed_on, organization, moment)
    table = read_ratings_table(rubric_of(edition), ratings, headcounts)
    cycle = Cycle(
        name=name.strip(),
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
    nodes = _freeze_tree(cycle, organization, _get_or_create_teams(table), table)
    _store_answers(cycle, organization, nodes, table)
    audit.record("cycle.imported", by=by, on=cycle, name=cycle.name, rows=len(table.rows))
    return cycle


def _end_of_day(day: date | None, organization: Organization, moment: datetime) -> datetime:
    """Return the end of that day in the organization's time zone; now, if it is today or not given."""
    if day is None:
        return moment
    zone = ZoneInfo(organization.time_zone)
    if day > moment.astimezone(zone).date():
        raise ValidationError(
            {"closed_on": _("This date is in the future. Choose today or an earlier date.")}
        )
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


def _get_or_create_teams(table: RatingsTable) -> dict[TeamPath, UUID]:
    """Return the organization's teams by path; those that are missing are created."""
    lock_organization()
    existing = {path: node.id for path, node in load_tree().by_path().items()}
    team_ids = {
        path: existing[casefold_path(path)]
        for path in table.teams
        if casefold_path(path) in existing
    }
    for depth in range(1, max(map(len, table.teams)) + 1):
        missing = {
            path: Team(name=path[-1], parent_id=team_ids[path[:-1]])
            for path in table.teams
            if len(path) == depth and path not in team_ids
        }
        Team.objects.bulk_create(missing.values())
        team_ids |= {path: team.pk for path, team in missing.items()}
    return team_ids


def _freeze_tree(
    cycle: Cycle, organization: Organization, teams: Mapping[TeamPath, UUID], table: RatingsTable
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
