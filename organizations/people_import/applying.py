"""Carry out an import of people: all of the file, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from organizations import audit, column_choices, people
from organizations.models import AuditEvent, Invitation, Membership, Team
from organizations.people_import.columns import KIND
from organizations.people_import.entries import (
    NO_CHOICES,
    ImportChoices,
    ImportEntry,
    ImportPlan,
    PlanOutdated,
)
from organizations.people_import.plan import build_plan
from organizations.team_tree import TeamPath
from organizations.teams import load_tree

BATCH_SIZE = 500  # rows in one statement


def apply_plan(
    content: bytes,
    *,
    digest: str,
    by: UUID | None,
    moment: datetime,
    choices: ImportChoices = NO_CHOICES,
) -> ImportPlan:
    """Import all of the file, or nothing. Raises PlanOutdated if the dry run showed something else."""
    with people.ensure_owner_remains():
        plan = build_plan(content, by=by, choices=choices)
        if not plan.is_applicable or plan.digest != digest:
            raise PlanOutdated
        teams = _create_teams(plan.teams)
        _create_people(plan.new, teams)
        _change_people(plan.changed, teams)
        audit.record(
            "people.imported",
            by=by,
            new=len(plan.new),
            changed=len(plan.changed),
            teams=len(plan.teams),
        )
        _note_changes(plan.changed, by)
        people.suspend_all(plan.suspended, by=by, moment=moment)
        if choices.remember:
            column_choices.remember(KIND, plan.columns)
    return plan


def _create_teams(paths: tuple[TeamPath, ...]) -> dict[TeamPath, UUID]:
    """Create the new teams level by level; return every team's id by its path."""
    ids = {node.path: node.id for node in load_tree()}
    for depth in sorted({len(path) for path in paths}):
        level = [path for path in paths if len(path) == depth]
        made = Team.objects.bulk_create(
            [Team(name=path[-1], parent_id=ids[path[:-1]]) for path in level], BATCH_SIZE
        )
        ids |= {path: team.pk for path, team in zip(level, made, strict=True)}
    return ids


def _create_people(entries: tuple[ImportEntry, ...], teams: Mapping[TeamPath, UUID]) -> None:
    members = [Membership(**people.field_values(entry.profile)) for entry in entries]
    for person, entry in zip(members, entries, strict=True):
        person.team_id = teams[entry.path]
    Membership.objects.bulk_create(members, BATCH_SIZE)


def _change_people(entries: tuple[ImportEntry, ...], teams: Mapping[TeamPath, UUID]) -> None:
    members: list[Membership] = []
    for entry in entries:
        assert entry.person is not None
        for column, value in people.field_values(entry.profile).items():
            setattr(entry.person, column, value)
        entry.person.team_id = teams[entry.path]
        people.note_team_change(entry.person, entry.changes)
        members.append(entry.person)
    fields = ["name", "team", "team_since", "team_confirmed", "role", "language", "leads"]
    Membership.objects.bulk_update(members, fields, BATCH_SIZE)
    other_role = [entry.person for entry in entries if "role" in entry.changes]
    Invitation.objects.filter(membership__in=other_role, accepted_at=None).delete()


def _note_changes(entries: tuple[ImportEntry, ...], by: UUID | None) -> None:
    """Record which fields changed, one event a person; new people are only counted, in one event."""
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                event="person.changed",
                actor=by,
                subject=entry.person.pk,
                detail={key: key == "team" or value for key, value in entry.changes.items()},
            )
            for entry in entries
            if entry.person
        ],
        BATCH_SIZE,
    )
