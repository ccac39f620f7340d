"""What migrations write into rows that were there before them: thresholds, and since when people are in a team."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, transaction

from assessments.models import Cycle
from devstack.roles import url_of_test_database
from organizations.models import AuditEvent, Membership, Organization, Team
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import opened, planned
from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)
SINCE = import_module(
    "organizations.migrations.0012_since_when_people_and_teams_are_where_they_are"
)
LOWEST = [
    import_module("organizations.migrations.0011_smallest_threshold_is_five"),
    import_module("assessments.migrations.0012_smallest_threshold_is_five"),
]


@pytest.fixture
def owner() -> Iterator[psycopg.Cursor[Any]]:
    """As PostgreSQL's administrator, whom no policy binds; nothing of it stays."""
    if "EMBEDDED_TEST_DATA" not in os.environ:
        pytest.skip("needs PostgreSQL's administrator")
    address = url_of_test_database().replace("//app_user", "//postgres", 1)
    with closing(psycopg.connect(address)) as door, door.cursor() as cursor:
        yield cursor
        door.rollback()


def test_a_threshold_of_four_is_raised_except_where_it_was_promised(
    cast: Cast, owner: psycopg.Cursor[Any]
) -> None:
    opened(cast.acme, name="Open")
    planned(cast.acme, name="Plan")
    owner.execute("ALTER TABLE assessments_cycle DROP CONSTRAINT cycle_threshold_range")
    owner.execute(
        "ALTER TABLE organizations_organization DROP CONSTRAINT organization_threshold_range"
    )
    owner.execute("UPDATE assessments_cycle SET threshold = 4")
    owner.execute("UPDATE organizations_organization SET threshold = 4")
    for migration in LOWEST:
        owner.execute(migration.Migration.operations[0].sql)
    owner.execute("SELECT name, threshold FROM assessments_cycle")
    assert dict(owner.fetchall()) == {"Open": 4, "Plan": 5}
    owner.execute("SELECT DISTINCT threshold FROM organizations_organization")
    assert owner.fetchall() == [(5,)]


def test_no_plan_and_no_organization_can_have_four(cast: Cast) -> None:
    with working_for(cast.acme.id):
        for rows in (
            Cycle.objects.filter(pk=planned(cast.acme, name="Plan").pk),
            Organization.objects.filter(pk=cast.acme.id),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                rows.update(threshold=4)
        closed = Cycle.objects.filter(pk=opened(cast.acme, name="Closed").pk)
        assert closed.update(stage=Cycle.Stage.CLOSED, threshold=4) == 1


def test_people_are_in_their_team_since_they_came_or_were_moved(
    cast: Cast, owner: psycopg.Cursor[Any]
) -> None:
    moved = datetime(2026, 10, 1, tzinfo=UTC)
    max_, brand = cast.acme.members["Max"].pk, cast.acme.teams["Brand"].pk
    with working_for(cast.acme.id):
        Membership.objects.update(team_since=moved + timedelta(days=900))
        Team.objects.update(parent_since=moved + timedelta(days=900))
        AuditEvent.objects.create(event="person.changed", subject=max_, detail={"team": True})
        AuditEvent.objects.create(event="person.changed", subject=max_, detail={"name": True})
        AuditEvent.objects.create(event="team.moved", subject=brand)
        ana = cast.acme.members["Ana"].pk
    made = datetime.fromtimestamp((ana.int >> 80) / 1000, UTC)
    owner.execute("UPDATE organizations_auditevent SET at = now() + interval '1 day'")
    owner.execute(SINCE.PEOPLE.replace("now()", "'2100-01-01'"))
    owner.execute(SINCE.TEAMS.replace("now()", "'2100-01-01'"))
    owner.execute("SELECT name, team_since - now() > '1 hour' FROM organizations_membership")
    assert {name for name, is_later in owner.fetchall() if is_later} == {"Max"}
    owner.execute("SELECT name, parent_since - now() > '1 hour' FROM organizations_team")
    assert {name for name, is_later in owner.fetchall() if is_later} == {"Brand"}
    owner.execute("SELECT team_since FROM organizations_membership WHERE id = %s", [ana])
    assert abs(owner.fetchall()[0][0] - made) < timedelta(milliseconds=2)
