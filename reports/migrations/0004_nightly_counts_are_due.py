"""The sweep finds the nightly counts of open cycles, and /readyz counts them."""

from django.db import migrations

FREE = "due_at <= now() AND attempts < 5"
BEFORE = {
    "close": "assessments_cycle",
    "notice": "assessments_notice",
    "invitation": "organizations_invitation",
    "schedule": "reports_reportschedule",
    "report": "reports_report",
    "delivery": "reports_delivery",
}
TABLES = BEFORE | {"count": "assessments_nightlycount"}
HEAD = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"


def due_work(tables):
    waiting = " UNION ALL ".join(
        f"SELECT organization_id, '{kind}' AS kind, id, due_at FROM public.{table}"
        f" WHERE {FREE} AND (lease_until IS NULL OR lease_until < now())"
        for kind, table in tables.items()
    )
    return f"""
CREATE OR REPLACE FUNCTION due_work(per_organization integer, most integer)
RETURNS TABLE (organization_id uuid, kind text, id uuid)
{HEAD}
AS $$
    SELECT organization_id, kind, id
      FROM (SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY due_at) AS turn
              FROM ({waiting}) AS waiting) AS turns
     WHERE turn <= per_organization
     ORDER BY turn, due_at
     LIMIT most
$$
"""


def waiting_work(tables):
    parts = " UNION ALL ".join(
        f"SELECT '{kind}', count(*) FILTER (WHERE {FREE}),"
        f" coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE {FREE})), 0)::float,"
        f" count(*) FILTER (WHERE attempts >= 5)"
        f" FROM public.{table} WHERE due_at IS NOT NULL"
        for kind, table in tables.items()
    )
    return f"""
CREATE OR REPLACE FUNCTION waiting_work()
RETURNS TABLE (kind text, waiting bigint, oldest float, given_up bigint)
{HEAD}
AS $$ {parts} $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0003_waiting_work"),
        ("assessments", "0009_nightly_counts"),
    ]
    operations = [
        migrations.RunSQL(due_work(TABLES), due_work(BEFORE)),
        migrations.RunSQL(waiting_work(TABLES), waiting_work(BEFORE)),
    ]
