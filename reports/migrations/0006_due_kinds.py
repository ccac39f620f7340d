"""Where something is due: organization and kind, without the rows. A worker takes these itself, one by
one, within the organization. The release before this one still asks `due_work`."""

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
PARTS = " UNION ALL ".join(
    f"SELECT organization_id, '{kind}' AS kind, min(due_at) AS since FROM public.{table}"
    f" WHERE due_at <= now() AND attempts < 5 AND (lease_until IS NULL OR lease_until < now())"
    f" GROUP BY organization_id"
    for kind, table in TABLES.items()
)
FUNCTION = f"""
CREATE FUNCTION due_kinds()
RETURNS TABLE (organization_id uuid, kind text, since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT organization_id, kind, since FROM ({PARTS}) AS waiting ORDER BY since $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0005_delivery_ends_refused_or_unknown"),
        ("assessments", "0009_nightly_counts"),
        ("organizations", "0007_address_changes"),
    ]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION due_kinds()"),
        migrations.RunSQL("REVOKE ALL ON FUNCTION due_kinds() FROM PUBLIC"),
        migrations.RunSQL("GRANT EXECUTE ON FUNCTION due_kinds() TO app_user"),
    ]
