"""Functions of the database that read across organizations: what must be asked before one is bound."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# As the owner of the tables, whom row-level security lets read every organization. A cluster of servers
# plans the statements of PL/pgSQL with their parameters, those of SQL functions without.
DEFINER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp"


def definer_function(
    signature: str, returns: str, body: str, *, volatility: str = "STABLE"
) -> migrations.RunSQL:
    """Return the operation that creates the function, for the role of the site alone."""
    statements = _statements(signature, returns, body, volatility)
    return migrations.RunSQL(statements, f"DROP FUNCTION {signature}")


def _statements(
    signature: str, returns: str, body: str, volatility: str = "STABLE"
) -> tuple[str, ...]:
    kind = f"{volatility} {DEFINER}"
    return (
        f"CREATE OR REPLACE FUNCTION {signature} RETURNS {returns} {kind} AS $$ {body} $$",
        f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {signature} TO app_user",
    )


# --- Jobs of every kind -----------------------------------------------------------------------

DUE_SQL = """
SELECT j.organization_id, '{kind}' AS kind, min(j.due_at) AS since
  FROM public.{table} j
 WHERE j.due_at <= now() AND j.attempts < 5 AND (j.lease_until IS NULL OR j.lease_until < now())
 GROUP BY j.organization_id
"""
WAITING_SQL = """
SELECT '{kind}', count(*) FILTER (WHERE due_at <= now() AND attempts < 5),
       coalesce(extract(epoch FROM now() - min(due_at)
                        FILTER (WHERE due_at <= now() AND attempts < 5)), 0)::float,
       count(*) FILTER (WHERE attempts >= 5)
  FROM public.{table} WHERE due_at IS NOT NULL
"""


class CreateJobFunctions(Operation):
    """Create the functions `due_kinds` and `waiting_work` for the models that are jobs at this point of the
    migrations. The migration that adds such a model has this operation again."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The functions are no part of the models."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in _job_functions(to_state):
            schema_editor.execute(statement, params=None)

    database_backwards = database_forwards  # for the models of the state before


def _job_functions(state: ProjectState) -> list[str]:
    tables = {
        f"{app}.{name}": f"{app}_{name}"
        for (app, name), model in sorted(state.models.items())
        if {"due_at", "lease_until"} <= model.fields.keys()
    }
    due, waiting = (
        " UNION ALL ".join(sql.format(kind=kind, table=table) for kind, table in tables.items())
        for sql in (DUE_SQL, WAITING_SQL)
    )
    return [
        *_statements(
            "due_kinds()",
            "TABLE (organization_id uuid, kind text, since timestamptz)",
            f"BEGIN RETURN QUERY SELECT due.* FROM ({due}) AS due ORDER BY due.since; END",  # noqa: S608  # our own tables
        ),
        *_statements(
            "waiting_work()",
            "TABLE (kind text, waiting bigint, oldest float, given_up bigint)",
            f"BEGIN RETURN QUERY {waiting}; END",
        ),
    ]
