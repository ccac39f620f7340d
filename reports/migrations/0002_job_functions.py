"""Where something is due, and how much of each kind waits, over all organizations; no row is named."""

from django.db import migrations

from organizations.tenancy.functions import definer_function

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
DUE = """
SELECT organization_id, '{kind}' AS kind, min(due_at) AS since
  FROM public.{table}
 WHERE due_at <= now() AND attempts < 5 AND (lease_until IS NULL OR lease_until < now())
 GROUP BY organization_id
"""
WAITING = """
SELECT '{kind}', count(*) FILTER (WHERE due_at <= now() AND attempts < 5),
       coalesce(extract(epoch FROM now() - min(due_at)
                        FILTER (WHERE due_at <= now() AND attempts < 5)), 0)::float,
       count(*) FILTER (WHERE attempts >= 5)
  FROM public.{table} WHERE due_at IS NOT NULL
"""


def of_all_kinds(select):
    return " UNION ALL ".join(
        select.format(kind=kind, table=table) for kind, table in TABLES.items()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_initial"),
        ("assessments", "0002_survey_functions"),
    ]
    operations = [
        definer_function(
            "due_kinds()",
            "TABLE (organization_id uuid, kind text, since timestamptz)",
            f"SELECT organization_id, kind, since FROM ({of_all_kinds(DUE)}) AS due ORDER BY since",
        ),
        definer_function(
            "waiting_work()",
            "TABLE (kind text, waiting bigint, oldest float, given_up bigint)",
            of_all_kinds(WAITING),
        ),
    ]
