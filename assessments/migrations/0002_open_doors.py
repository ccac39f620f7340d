"""A personal link opens its own survey; the sweep finds cycles to close and notices to send."""

from django.db import migrations

DEFINER = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
RESPONDENT = f"""
CREATE FUNCTION door_for_respondent(wanted bytea, survey uuid) RETURNS TABLE (
    organization_id uuid, slug varchar, name varchar, time_zone varchar, membership_id uuid,
    member_name varchar, language varchar, role varchar, leads boolean, team_id uuid) {DEFINER}
AS $$
    SELECT o.id, o.slug, o.name, o.time_zone, m.id, m.name, m.language, m.role, m.leads, m.team_id
      FROM public.assessments_participation p
      JOIN public.organizations_membership m
        ON m.organization_id = p.organization_id AND m.id = p.membership_id
      JOIN public.organizations_organization o ON o.id = p.organization_id
     WHERE p.token_hash = wanted AND p.cycle_id = survey AND m.suspended_at IS NULL
$$
"""
LINK = f"""
CREATE FUNCTION survey_of_link(wanted bytea) RETURNS TABLE (
    organization_id uuid, slug varchar, cycle_id uuid) {DEFINER}
AS $$
    SELECT o.id, o.slug, p.cycle_id
      FROM public.assessments_participation p
      JOIN public.organizations_organization o ON o.id = p.organization_id
     WHERE p.token_hash = wanted
$$
"""
WAITING = "due_at <= now() AND attempts < 5 AND (lease_until IS NULL OR lease_until < now())"
DUE = f"""
CREATE OR REPLACE FUNCTION due_work(per_organization integer, most integer)
RETURNS TABLE (organization_id uuid, kind text, id uuid) {DEFINER}
AS $$
    SELECT organization_id, kind, id
      FROM (SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY due_at) AS turn
              FROM (SELECT organization_id, 'close' AS kind, id, due_at
                      FROM public.assessments_cycle WHERE {WAITING}
                    UNION ALL
                    SELECT organization_id, 'notice', id, due_at
                      FROM public.assessments_notice WHERE {WAITING}
                    UNION ALL
                    SELECT organization_id, 'invitation', id, due_at
                      FROM public.organizations_invitation WHERE {WAITING}) AS waiting) AS turns
     WHERE turn <= per_organization
     ORDER BY turn, due_at
     LIMIT most
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0001_cycles_and_results"),
        ("organizations", "0002_open_doors"),
    ]
    operations = [
        migrations.RunSQL(RESPONDENT),
        migrations.RunSQL("REVOKE ALL ON FUNCTION door_for_respondent(bytea, uuid) FROM PUBLIC"),
        migrations.RunSQL("GRANT EXECUTE ON FUNCTION door_for_respondent(bytea, uuid) TO app_user"),
        migrations.RunSQL(LINK),
        migrations.RunSQL("REVOKE ALL ON FUNCTION survey_of_link(bytea) FROM PUBLIC"),
        migrations.RunSQL("GRANT EXECUTE ON FUNCTION survey_of_link(bytea) TO app_user"),
        migrations.RunSQL(DUE),
    ]
