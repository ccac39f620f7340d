"""What was really done, how often: a table to which the database itself adds a line in the very
transaction that writes an effect. Nothing in it is unique, so nothing hides a second time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from devstack.roles import acting_as_owner

SLOT, MADE, AGAIN, SETTLED = "slot taken", "report made", "letter sent again", "letter settled"
_WATCHED = {
    SLOT: ("reports_reportschedule", "OLD.due_at IS NOT NULL AND NEW.due_at IS NULL"),
    MADE: ("reports_report", "NEW.made_at IS DISTINCT FROM OLD.made_at"),
    AGAIN: ("reports_delivery", "NEW.state = 'resending' AND OLD.state <> NEW.state"),
    SETTLED: (
        "reports_delivery",
        "NEW.state IN ('sent', 'refused', 'unknown', 'needless') AND OLD.state <> NEW.state",
    ),
}
_COUNTER = """
CREATE TABLE effects (what text NOT NULL, id uuid NOT NULL);
GRANT SELECT, INSERT ON effects TO app_user;
CREATE FUNCTION note_effect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.effects VALUES (TG_ARGV[0], NEW.id);
    RETURN NULL;
END $$;
"""


def _run(statements: str) -> None:
    with acting_as_owner(), connection.cursor() as cursor:
        cursor.execute(statements)


@contextmanager
def counted() -> Iterator[None]:
    """While it lasts every effect is counted, whoever causes it."""
    triggers = (
        f'CREATE TRIGGER "{what}" AFTER UPDATE ON {table} FOR EACH ROW'
        f" WHEN ({condition}) EXECUTE FUNCTION note_effect('{what}');"
        for what, (table, condition) in _WATCHED.items()
    )
    _run(_COUNTER + "\n".join(triggers))
    yield
    _run("DROP FUNCTION note_effect() CASCADE; DROP TABLE effects")


def times(what: str) -> Counter[UUID]:
    """How often it happened to each row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, count(*) FROM effects WHERE what = %s GROUP BY id", [what])
        return Counter(dict(cursor.fetchall()))
