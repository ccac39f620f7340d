"""Functions of the database that read across organizations: what must be asked before one is bound."""

from __future__ import annotations

from django.db import migrations

# As the owner of the tables, whom row-level security lets read every organization.
DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"


def definer_function(
    signature: str, returns: str, body: str, *, kind: str = "LANGUAGE sql STABLE"
) -> migrations.RunSQL:
    """Return the operation that creates the function, for the role of the site alone."""
    return migrations.RunSQL(
        [
            f"CREATE FUNCTION {signature} RETURNS {returns} {kind} {DEFINER} AS $$ {body} $$",
            f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {signature} TO app_user",
        ],
        f"DROP FUNCTION {signature}",
    )
