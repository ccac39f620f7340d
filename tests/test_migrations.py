"""Migrations that the release before them can run beside, and that can be undone."""

from __future__ import annotations

import pytest
from django.db import connection
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import (
    analyse_sql_statements,
    get_sql_analyser_class,
)

from devstack.servers import PROJECT_ROOT

APPS = ["organizations", "assessments", "reports"]
IGNORED = ["0002_access_functions"]  # its index is made before the first row
BREAKING = {
    "DROP_COLUMN": 'ALTER TABLE "organizations_team" DROP COLUMN "name"',
    "NOT_NULL": 'ALTER TABLE "organizations_team" ADD COLUMN "code" integer NOT NULL',
    "RENAME_TABLE": 'ALTER TABLE "organizations_team" RENAME TO "organizations_group"',
}


@pytest.mark.django_db
def test_no_migration_breaks_the_release_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    linter = MigrationLinter(
        str(PROJECT_ROOT),
        include_apps=APPS,
        ignore_name=IGNORED,
        no_cache=True,
        all_warnings_as_errors=True,
    )
    linter.lint_all_migrations()
    assert not linter.has_errors, capsys.readouterr().out
    assert linter.nb_valid >= 2 * len(APPS) - len(IGNORED)


@pytest.mark.parametrize(("code", "statement"), BREAKING.items())
def test_a_breaking_statement_is_an_error(code: str, statement: str) -> None:
    analyser = get_sql_analyser_class(connection.vendor)
    errors, _ignored, _warnings = analyse_sql_statements(analyser, [statement])
    assert [error.code for error in errors] == [code]
