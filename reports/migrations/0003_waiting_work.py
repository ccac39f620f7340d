"""How much work of each kind waits over all organizations, and for how long; no row is named."""

from django.db import migrations

TABLES = {
    "close": "assessments_cycle",
    "notice": "assessments_notice",
    "invitation": "organizations_invitation",
    "schedule": "reports_reportschedule",
    "report": "reports_report",
    "delivery": "reports_delivery",
}
PARTS = " UNION ALL ".join(
    f"SELECT '{kind}', count(*) FILTER (WHERE due_at <= now() AND attempts < 5),"
    f" coalesce(extract(epoch FROM now() - min(due_at)"
    f" FILTER (WHERE due_at <= now() AND attempts < 5)), 0)::float,"
    f" count(*) FILTER (WHERE attempts >= 5)"
    f" FROM public.{table} WHERE due_at IS NOT NULL"
    for kind, table in TABLES.items()
)
FUNCTION = f"""
CREATE FUNCTION waiting_work()
RETURNS TABLE (kind text, waiting bigint, oldest float, given_up bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ {PARTS} $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_due_reports"),
        ("organizations", "0006_last_sweep"),
    ]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION waiting_work()"),
        migrations.RunSQL("REVOKE ALL ON FUNCTION waiting_work() FROM PUBLIC"),
        migrations.RunSQL("GRANT EXECUTE ON FUNCTION waiting_work() TO app_user"),
    ]
