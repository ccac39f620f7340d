"""Every statement that the product sends names its organization on the table that it writes, in a form
that a cluster of servers runs on one of them. `tests/conftest.py` looks at every statement of every test."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.survey import answers
from assessments.survey.devices import ANONYMOUS_VISITOR
from assessments.survey.respondents import find_respondent
from organizations.access import organizations_of
from organizations.models import Team
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON, opened
from tests.conftest import Cast
from tests.statements import IMMUTABLE, TABLES, Watch, faults

GOOD = [
    "SELECT * FROM reports_report FOR UPDATE",
    'UPDATE "reports_report" SET "slot" = %s WHERE ("reports_report"."organization_id" = (%s))',
    "DELETE FROM reports_report r USING open WHERE r.organization_id = %(organization)s",
    """UPDATE reports_report SET slot = CASE WHEN (reports_report.id = %s) THEN %s END
        WHERE organization_id = %s""",
    "DELETE FROM reports_report WHERE organization_id = %s AND slot = %s",
    'INSERT INTO "reports_report" ("organization_id", "id", "slot") VALUES (%s, %s, %s)',
    """INSERT INTO reports_report AS r (organization_id, id, error)
       SELECT organization_id, %s, 'new' FROM open
           ON CONFLICT (organization_id, id) DO UPDATE SET error = md5(r.error)""",
]
EVERYWHERE = "UPDATE on every server"
BAD = [
    ("UPDATE reports_report SET slot = %s WHERE id = %s", EVERYWHERE),
    (
        """UPDATE reports_report r SET slot = %s FROM open o
            WHERE r.organization_id = o.organization_id AND o.organization_id = %s""",
        EVERYWHERE,
    ),
    (
        """UPDATE "reports_report" SET "slot" = %s WHERE "reports_report"."id" IN (
           SELECT U0."id" FROM "reports_report" U0 WHERE U0."organization_id" = %s)""",
        EVERYWHERE,
    ),
    (
        """WITH told AS (UPDATE reports_report r SET slot = %s WHERE r.id = %s)
         DELETE FROM reports_delivery d WHERE d.organization_id = %s""",
        EVERYWHERE,
    ),
    ("INSERT INTO reports_report (id, slot) VALUES (%s, %s)", "without the organization"),
    ("INSERT INTO reports_report (organization_id, id) SELECT a, b FROM given", "becomes COPY"),
    ("UPDATE reports_report SET organization_id = %s WHERE organization_id = %s", "written again"),
    ("UPDATE reports_report SET slot = %s, id = %s WHERE organization_id = %s", "written again"),
    ("UPDATE reports_report SET (a, b) = (SELECT 1, 2) WHERE organization_id = %s", "are turned"),
    (
        """INSERT INTO reports_report (organization_id, id) VALUES (%s, %s)
               ON CONFLICT (organization_id, id) DO UPDATE SET slot = now()""",
        "not immutable",
    ),
]


@pytest.mark.parametrize("statement", GOOD)
def test_what_one_server_can_run_is_taken(statement: str) -> None:
    assert faults(statement) == []


@pytest.mark.parametrize(("statement", "fault"), BAD)
def test_what_it_cannot_is_found(statement: str, fault: str) -> None:
    (only,) = faults(statement)
    assert fault in only


def test_tenant_tables_are_looked_at() -> None:
    assert {"organizations_team", "assessments_response", "reports_report"} <= set(
        TABLES.split("|")
    )


def test_what_is_called_where_a_row_is_there_is_immutable(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT proname FROM pg_proc WHERE proname = ANY(%s) AND provolatile <> 'i'",
            [sorted(IMMUTABLE)],
        )
        assert cursor.fetchall() == []


def found(sent: Watch) -> list[str]:
    """What was noted; what follows begins anew."""
    faults, sent.faults = sent.faults, []
    return faults


def test_a_statement_of_the_product_on_every_server_is_seen(
    cast: Cast, sent: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = opened(cast.acme)
    everywhere = answers._FINISH.replace("= %(organization)s", "= open.organization_id")
    for statement, seen in ((answers._FINISH, 0), (everywhere, 1)):
        monkeypatch.setattr(answers, "_FINISH", statement)
        with working_for(cast.acme.id):
            member = cast.acme.members["Max"].pk
            answers.submit(find_respondent(cycle.pk, member, ANONYMOUS_VISITOR), moment=NOON)
        assert len(found(sent)) == seen


def test_a_request_that_asks_across_organizations_after_writing_is_seen(
    cast: Cast, sent: Watch
) -> None:
    for inside in (False, True):
        if inside:
            sent.begin()
        assert organizations_of(cast.acme.users["Max"])
        with working_for(cast.acme.id):
            cast.acme.teams["Brand"].save()
        assert organizations_of(cast.acme.users["Max"])
        sent.end()
        assert len(found(sent)) == inside


def test_a_row_that_is_stored_is_saved_without_its_organization(cast: Cast) -> None:
    with working_for(cast.acme.id), CaptureQueriesContext(connection) as log:
        team = Team.objects.defer("parent_since").get(name="Brand")
        team.name = "Brands"
        team.save()
        team.refresh_from_db()
    (update,) = [query["sql"] for query in log if query["sql"].startswith("UPDATE")]
    assert re.findall(r'"(\w+)" = ', update.partition(" WHERE ")[0]) == ["name", "parent_id"]
    assert team.name == "Brands"
