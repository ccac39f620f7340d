"""Nothing runs before an organization is named, and then only its own rows are there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from assessments.models import Cycle, RubricEdition
from organizations.models import AuditEvent, Membership, Organization, Team
from organizations.tenancy.scope import (
    NoTenant,
    WrongTenant,
    bound_organization,
    uuid7,
    working_for,
)
from tests.conftest import Cast

IN_A_CLASS_BODY = Team.objects.filter(name__contains="r")  # built with no organization bound

ASK: dict[str, Callable[[], Any]] = {
    "iterate": lambda: list(Team.objects.all()),
    "get": lambda: Team.objects.get(name="x"),
    "first": Team.objects.first,
    "count": Team.objects.count,
    "exists": Team.objects.exists,
    "in_bulk": Team.objects.in_bulk,
    "aggregate": lambda: Team.objects.aggregate(n=models.Count("pk")),
    "values": lambda: list(Team.objects.values("name")),
    "update": lambda: Team.objects.update(name="x"),
    "delete": lambda: Team.objects.all().delete(),
    "get_or_create": lambda: Team.objects.get_or_create(name="x"),
    "create": lambda: Team.objects.create(name="x"),
    "bulk_create": lambda: Team.objects.bulk_create([Team(name="x")]),
    "union": lambda: list(Team.objects.all().union(Team.objects.all())),
    "iterator": lambda: list(Team.objects.iterator()),
    "join": lambda: list(Membership.objects.select_related("team")),
}


def sql(text: str, *values: str | UUID) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def test_the_suite_acts_as_the_role_that_serves_requests(db: None) -> None:
    assert sql("SELECT current_user") == [("app_user",)]


@pytest.mark.parametrize("question", ASK)
def test_nothing_runs_before_an_organization_is_named(cast: Cast, question: str) -> None:
    with pytest.raises(NoTenant):
        ASK[question]()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM organizations_team",
        "SELECT count(*) FROM assessments_response",
        "UPDATE organizations_membership SET name = 'x'",
        "DELETE FROM assessments_cycle",
        "SELECT * FROM organizations_organization",
    ],
)
def test_raw_sql_fails_too(cast: Cast, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(statement)


def test_each_organization_sees_only_its_own(cast: Cast) -> None:
    for house in (cast.acme, cast.rival):
        with working_for(house.id):
            assert {team.pk for team in Team.objects.all()} == {t.pk for t in house.teams.values()}
            assert models.query.QuerySet(Team).count() == len(house.teams)  # skips the manager
            assert sql("SELECT count(*) FROM organizations_team") == [(len(house.teams),)]
            assert Organization.objects.get().slug == house.slug


def test_a_queryset_follows_whoever_runs_it(cast: Cast) -> None:
    with working_for(cast.acme.id):
        mine = {team.name for team in IN_A_CLASS_BODY.all()}
    with working_for(cast.rival.id):
        theirs = {team.name for team in IN_A_CLASS_BODY.all()}
    assert mine == {"Growth", "Brand"}
    assert not mine & theirs


def test_a_row_cannot_be_written_for_another_organization(cast: Cast) -> None:
    rival = cast.rival.id
    with working_for(cast.acme.id):
        with pytest.raises(WrongTenant):
            Team.objects.create(name="x", organization_id=rival)
        with pytest.raises(WrongTenant):
            cast.rival.teams[""].save()
        with pytest.raises(WrongTenant):
            cast.rival.teams[""].delete()
        with pytest.raises(WrongTenant):
            Team.objects.bulk_create([Team(name="x", organization_id=rival)])
        with pytest.raises(DatabaseError), transaction.atomic():
            sql("UPDATE organizations_team SET organization_id = %s", rival)


def point_by_orm(mine: UUID, theirs: UUID) -> None:
    Team.objects.create(name="x", parent_id=theirs)


def point_by_sql(mine: UUID, theirs: UUID) -> None:
    sql(
        "INSERT INTO organizations_team (organization_id, id, name, parent_id)"
        " VALUES (%s, %s, 'x', %s)",
        mine,
        uuid7(),
        theirs,
    )


def test_identifiers_stand_in_the_order_in_which_they_were_made() -> None:
    made = [uuid7() for _time in range(200)]
    assert len(set(made)) == 200 and all(one.version == 7 for one in made)
    assert sorted(one.int >> 64 for one in made) == [one.int >> 64 for one in made]


@pytest.mark.parametrize("point", [point_by_orm, point_by_sql])
def test_a_foreign_key_cannot_cross(cast: Cast, point: Callable[[UUID, UUID], None]) -> None:
    theirs = cast.rival.teams[""].pk
    with working_for(cast.acme.id), pytest.raises(IntegrityError), transaction.atomic():
        point(cast.acme.id, theirs)


def test_every_statement_names_the_organization(cast: Cast) -> None:
    with working_for(cast.acme.id), CaptureQueriesContext(connection) as log:
        list(Membership.objects.select_related("team__parent").filter(team__name="Brand"))
        list(Team.objects.prefetch_related("members"))
        team = Team.objects.get(name="Brand")
        team.save()
        team.refresh_from_db()
    statements = [query["sql"] for query in log if "organizations_" in query["sql"]]
    assert statements
    assert [text for text in statements if cast.acme.id.hex not in text.replace("-", "")] == []


def test_nesting_joins_the_same_and_refuses_another(cast: Cast) -> None:
    with working_for(cast.acme.id):
        with working_for(cast.acme.id):
            assert Team.objects.count() == 3
        with pytest.raises(WrongTenant), working_for(cast.rival.id):
            pass
        assert bound_organization() == cast.acme.id


def test_the_binding_ends_with_the_block(cast: Cast) -> None:
    with working_for(cast.acme.id):
        assert Team.objects.count() == 3
    with pytest.raises(NoTenant):
        Team.objects.count()
    with pytest.raises(DatabaseError), transaction.atomic():
        sql("SELECT count(*) FROM organizations_team")


def test_threads_inherit_nothing(cast: Cast) -> None:
    seen: list[str] = []

    def look() -> None:
        try:
            bound_organization()
        except NoTenant:
            seen.append("refused")

    with working_for(cast.acme.id):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == ["refused"]


def test_an_audit_line_cannot_be_changed_or_removed(cast: Cast) -> None:
    with working_for(cast.acme.id):
        assert AuditEvent.objects.exists()
        for statement in ("UPDATE {} SET event = 'x'", "DELETE FROM {}"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                sql(statement.format("organizations_auditevent"))


def test_a_published_edition_cannot_be_changed(cast: Cast) -> None:
    with working_for(cast.acme.id):
        edition = RubricEdition.objects.create(slug="a", version="1", content={}, digest="d")
        assert RubricEdition.objects.filter(pk=edition.pk).update(version="2") == 1
        sql("UPDATE assessments_rubricedition SET published_at = now()")
        assert RubricEdition.objects.filter(pk=edition.pk).update(version="3") == 0
        edition.refresh_from_db()
        assert edition.version == "2"


def test_related_managers_are_scoped(cast: Cast) -> None:
    with working_for(cast.acme.id):
        assert list(cast.rival.teams[""].members.all()) == []
        assert Cycle.objects.count() == 0
