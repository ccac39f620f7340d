"""The main job on a spreadsheet that a company already has: it becomes a closed cycle like any other.

People are not created; the cycle has responses and head-counts only. The rows are stored here, the
scoring is the same close that every cycle goes through.
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
    """A cycle that waits to be scored. Raises `SheetRefused` with every problem of the files, or
    `ValidationError` about the name or the date; then nothing was stored."""
    organization = Organization.objects.get(pk=bound_organization())
    closed_at = _end_of(closed_on, organization, moment)
    sheet = read_ratings_table(rubric_of(edition), ratings, headcounts)
    cycle = Cycle(
        name=name.strip(),
        edition=edition,
        rubric=edition.slug,
        stage=Cycle.Stage.CLOSING,
        threshold=organization.threshold,
        comment_threshold=max(10, organization.threshold),
        imported=True,
        asked=dict(sheet.asked),
        closes_at=closed_at,
        due_at=moment,
    )
    _save(cycle)
    nodes = _freeze(cycle, organization, _teams(sheet), sheet)
    _store_answers(cycle, organization, nodes, sheet)
    audit.record("cycle.imported", by=by, on=cycle, name=cycle.name, rows=len(sheet.rows))
    return cycle


def _end_of(day: date | None, organization: Organization, moment: datetime) -> datetime:
    """The end of that day where the organization is; now, if the day is today or was not told."""
    if day is None:
        return moment
    zone = ZoneInfo(organization.time_zone)
    if day > moment.astimezone(zone).date():
        raise ValidationError({"closed_on": _("This day has not come yet.")})
    return min(moment, datetime.combine(day, time.max.replace(microsecond=0), zone))


def _save(cycle: Cycle) -> None:
    """The name decides whether the same file was imported already."""
    if not cycle.name:
        raise ValidationError({"name": _("Give the cycle a name.")})
    if len(cycle.name) > 80:
        raise ValidationError({"name": _("A name may have at most 80 characters.")})
    try:
        with transaction.atomic():
            cycle.save(force_insert=True)
    except IntegrityError:
        text = _("There is a cycle of this name already. Choose another name.")
        raise ValidationError({"name": text}) from None


def _teams(sheet: RatingsTable) -> dict[TeamPath, UUID]:
    """The organization's teams by path; those that are missing are created."""
    lock_organization()
    standing = {path: node.id for path, node in load_tree().by_path().items()}
    found = {
        path: standing[casefold_path(path)]
        for path in sheet.teams
        if casefold_path(path) in standing
    }
    for depth in range(1, max(map(len, sheet.teams)) + 1):
        missing = {
            path: Team(name=path[-1], parent_id=found[path[:-1]])
            for path in sheet.teams
            if len(path) == depth and path not in found
        }
        Team.objects.bulk_create(missing.values())
        found |= {path: team.pk for path, team in missing.items()}
    return found


def _freeze(
    cycle: Cycle, organization: Organization, teams: Mapping[TeamPath, UUID], sheet: RatingsTable
) -> dict[TeamPath, CycleTeam]:
    """The tree of this cycle: the teams of the file and those above them."""
    nodes: dict[TeamPath, CycleTeam] = {}
    for place, path in enumerate(sheet.teams):
        nodes[path] = CycleTeam(
            cycle=cycle,
            team_id=teams[path],
            parent=nodes[path[:-1]] if path else None,
            name=path[-1] if path else organization.name,
            place=place,
            depth=len(path),
            headcount=sheet.headcounts.get(path, 0),
        )
    CycleTeam.objects.bulk_create(nodes.values())
    return nodes


def _store_answers(
    cycle: Cycle,
    organization: Organization,
    nodes: Mapping[TeamPath, CycleTeam],
    sheet: RatingsTable,
) -> None:
    secret = response_keys.cycle_secret(cycle, organization)

    def response(row: RatingsRow) -> Response:
        # Without a pseudonym nobody is recognised in another cycle.
        key = response_keys.imported_key(secret, row.person) if row.person else token_bytes(32)
        return Response(
            sent=True,
            cycle=cycle,
            node=nodes[row.team],
            key=key,
            speaks=row.role,
            performance=list(row.performance),
            importance=list(row.importance),
        )

    insert([response(row) for row in sheet.rows])
