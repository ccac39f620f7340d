"""What the database itself says about isolation, read from its catalogue."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from config import checks
from organizations.tenancy import constraints
from organizations.tenancy.scope import TenantForeignKey, TenantManager, TenantModel
from tests.statements import PRIVILEGED

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]
# Tables without an organization; what app_user may do with them is said in one migration.
GLOBAL_TABLES = {
    "organizations_user": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "organizations_installation": {"SELECT", "INSERT"},
    "organizations_accountletter": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "account_emailaddress": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "account_emailconfirmation": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "organizations_session": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "django_content_type": {"SELECT"},
    "django_migrations": {"SELECT"},
}
# The test database alone lets app_user write these, to empty itself between tests.
WRITABLE_IN_TESTS = {"django_content_type", "auth_permission"}


def ask(text: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return list(cursor.fetchall())


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Every question here is asked of the database."""


def test_every_table_is_secured_or_named_here() -> None:
    secured = {
        name
        for (name,) in ask(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
        )
    }
    mine = {model._meta.db_table for model in TENANT_MODELS} | {"organizations_organization"}
    assert secured == mine
    reachable = {
        name
        for (name,) in ask(
            """SELECT relname FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
                  AND has_table_privilege('app_user', oid, 'SELECT')"""
        )
    }
    assert reachable - mine - WRITABLE_IN_TESTS == set(GLOBAL_TABLES) - WRITABLE_IN_TESTS


def test_global_tables_are_granted_by_the_one_list() -> None:
    for table, rights in GLOBAL_TABLES.items():
        if table in WRITABLE_IN_TESTS:
            continue
        held = {
            right
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE")
            if ask(f"SELECT has_table_privilege('app_user', '{table}', '{right}')") == [(True,)]
        }
        assert held == rights, table


def test_every_key_of_a_tenant_table_starts_with_the_organization() -> None:
    tables = ", ".join(f"'{model._meta.db_table}'::regclass" for model in TENANT_MODELS)
    unique = ask(
        f"""SELECT indexrelid::regclass::text, attname FROM pg_index
              LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
             WHERE indisunique AND indrelid IN ({tables})"""
    )
    assert unique
    assert [index for index, column in unique if column != "organization_id"] == []
    foreign = ask(
        f"""SELECT conname, attname FROM pg_constraint
              JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
             WHERE contype = 'f' AND conrelid IN ({tables})"""
    )
    # The one pointer out of an organization: a membership's sign-in.
    strays = {name for name, column in foreign if column != "organization_id"}
    assert len(strays) == 1
    assert "user_id" in strays.pop()


def test_relations_between_tenant_rows_are_guarded() -> None:
    guarded = {name for (name,) in ask("SELECT conname FROM pg_constraint WHERE contype = 'f'")}
    for model in TENANT_MODELS:
        assert isinstance(model._default_manager, TenantManager), model
        assert isinstance(model._base_manager, TenantManager), model
        for field in model._meta.local_fields:
            target = field.related_model
            if isinstance(target, type) and issubclass(target, TenantModel):
                assert isinstance(field, TenantForeignKey), field
                assert f"{model._meta.model_name}_{field.name}_same_tenant" in guarded


def test_every_policy_is_permissive() -> None:
    """A cluster of servers makes restrictive ones permissive, too."""
    assert ask("SELECT count(*) > 30, bool_and(polpermissive) FROM pg_policy") == [(True, True)]


def test_a_restrictive_policy_is_refused_before_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_policies() == []
    monkeypatch.setitem(constraints.POLICIES, "", "AS RESTRICTIVE TO app_user USING (true)")
    assert {error.id for error in checks.check_policies()} == {"naite.E007"}


def test_a_row_that_goes_empties_no_column_of_others() -> None:
    """SET NULL of one column of a key is refused by a cluster of servers."""
    rules = ask("SELECT DISTINCT confdeltype::text FROM pg_constraint WHERE contype = 'f'")
    assert set(rules) == {("a",), ("c",)}  # NO ACTION, CASCADE


def test_functions_are_planned_with_their_parameters() -> None:
    languages = ask(
        """SELECT DISTINCT lanname::text FROM pg_proc JOIN pg_language l ON l.oid = prolang
            WHERE pronamespace = 'public'::regnamespace"""
    )
    assert languages == [("plpgsql",)]


def test_app_user_owns_and_bypasses_nothing() -> None:
    assert ask(
        "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = 'app_user'"
    ) == [(False, False, False)]
    assert ask("SELECT count(*) FROM pg_class WHERE relowner = 'app_user'::regrole") == [(0,)]
    assert ask("SELECT pg_has_role('app_user', 'app_owner', 'MEMBER')") == [(False,)]


def test_the_questions_before_the_door_are_known() -> None:
    privileged = ask(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    assert {name for (name,) in privileged} == PRIVILEGED


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE organizations_team DISABLE ROW LEVEL SECURITY",
        "SET ROLE app_owner",
        "CREATE TABLE forgotten (id integer)",
        "DROP POLICY team_tenant ON organizations_team",
    ],
)
def test_app_user_cannot_open_the_wall(statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
