"""The sweep finds schedules, reports and their mails, too."""

from django.db import migrations

WAITING = "due_at <= now() AND attempts < 5 AND (lease_until IS NULL OR lease_until < now())"
TABLES = {
    "close": "assessments_cycle",
    "notice": "assessments_notice",
    "invitation": "organizations_invitation",
    "schedule": "reports_reportschedule",
    "report": "reports_report",
    "delivery": "reports_delivery",
}
BEFORE = tuple(TABLES)[:3]


def due_work(kinds):
    waiting = " UNION ALL ".join(
        f"SELECT organization_id, '{kind}' AS kind, id, due_at FROM public.{TABLES[kind]}"
        f" WHERE {WAITING}"
        for kind in kinds
    )
    return f"""
CREATE OR REPLACE FUNCTION due_work(per_organization integer, most integer)
RETURNS TABLE (organization_id uuid, kind text, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT organization_id, kind, id
      FROM (SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY due_at) AS turn
              FROM ({waiting}) AS waiting) AS turns
     WHERE turn <= per_organization
     ORDER BY turn, due_at
     LIMIT most
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_schedules_and_reports"),
        ("assessments", "0002_open_doors"),
    ]
    operations = [migrations.RunSQL(due_work(TABLES), due_work(BEFORE))]
