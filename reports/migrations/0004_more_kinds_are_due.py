"""The sweep finds nightly counts and mails that tell of another address, and they are counted while they
wait."""

from django.db import migrations

TABLES = {
    "close": "assessments_cycle",
    "notice": "assessments_notice",
    "invitation": "organizations_invitation",
    "schedule": "reports_reportschedule",
    "report": "reports_report",
    "delivery": "reports_delivery",
    "address_change": "organizations_addresschange",
    "count": "assessments_nightlycount",
}
BEFORE = tuple(TABLES)[:-2]
FREE = "due_at <= now() AND attempts < 5 AND (lease_until IS NULL OR lease_until < now())"
DEFINER = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"


def due_work(kinds):
    waiting = " UNION ALL ".join(
        f"SELECT organization_id, '{kind}' AS kind, id, due_at FROM public.{TABLES[kind]}"
        f" WHERE {FREE}"
        for kind in kinds
    )
    return f"""
CREATE OR REPLACE FUNCTION due_work(per_organization integer, most integer)
RETURNS TABLE (organization_id uuid, kind text, id uuid) {DEFINER}
AS $$
    SELECT organization_id, kind, id
      FROM (SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY due_at) AS turn
              FROM ({waiting}) AS waiting) AS turns
     WHERE turn <= per_organization
     ORDER BY turn, due_at
     LIMIT most
$$
"""


def waiting_work(kinds):
    counts = " UNION ALL ".join(
        f"SELECT '{kind}', count(*) FILTER (WHERE due_at <= now() AND attempts < 5),"
        f" coalesce(extract(epoch FROM now() - min(due_at)"
        f" FILTER (WHERE due_at <= now() AND attempts < 5)), 0)::float,"
        f" count(*) FILTER (WHERE attempts >= 5)"
        f" FROM public.{TABLES[kind]} WHERE due_at IS NOT NULL"
        for kind in kinds
    )
    return f"""
CREATE OR REPLACE FUNCTION waiting_work()
RETURNS TABLE (kind text, waiting bigint, oldest float, given_up bigint) {DEFINER}
AS $$ {counts} $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0003_waiting_work"),
        ("organizations", "0007_address_changes"),
        ("assessments", "0009_nightly_counts"),
    ]
    operations = [
        migrations.RunSQL(due_work(TABLES), due_work(BEFORE)),
        migrations.RunSQL(waiting_work(TABLES), waiting_work(BEFORE)),
    ]
