"""What a personal link opens, which organizations have results, and how soon deleted answers are vacuumed."""

from django.db import migrations

from organizations.tenancy.functions import definer_function

# What the close deletes stays in the table's file until it is vacuumed. By default that waits until a
# fifth of the table has changed; of answers and comments it is done at the next round.
TABLES = ("assessments_response", "assessments_comment")
NAMES = [
    f"{prefix}autovacuum_vacuum_{name}"
    for prefix in ("", "toast.")
    for name in ("threshold", "scale_factor")
]


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0001_initial"),
        ("organizations", "0002_access_functions"),
    ]
    operations = [
        definer_function(
            "access_of_respondent(wanted text, token bytea, survey uuid)",
            """TABLE (organization_id uuid, slug varchar, name varchar, time_zone varchar,
                membership_id uuid, member_name varchar, language varchar, role varchar,
                leads boolean, team_id uuid)""",
            # The organization of the address is looked up first: all else is asked of that one.
            """
            DECLARE
                home uuid := (
                    SELECT o.id FROM public.organizations_organization o WHERE o.slug = wanted);
            BEGIN
                RETURN QUERY
                SELECT o.id, o.slug, o.name, o.time_zone, m.id, m.name, m.language, m.role,
                       m.leads, m.team_id
                  FROM public.assessments_participation p
                  JOIN public.organizations_membership m
                    ON m.organization_id = p.organization_id AND m.id = p.membership_id
                  JOIN public.organizations_organization o ON o.id = p.organization_id
                 WHERE p.organization_id = home AND p.token_hash = token AND p.cycle_id = survey
                   AND m.suspended_at IS NULL;
            END
            """,
        ),
        definer_function(
            "survey_of_link(wanted bytea)",
            "TABLE (organization_id uuid, slug varchar, cycle_id uuid)",
            """
            BEGIN
                RETURN QUERY
                SELECT o.id, o.slug, p.cycle_id
                  FROM public.assessments_participation p
                  JOIN public.organizations_organization o ON o.id = p.organization_id
                 WHERE p.token_hash = wanted;
            END
            """,
        ),
        definer_function(
            "organizations_with_results()",
            "SETOF uuid",
            """
            BEGIN
                RETURN QUERY
                SELECT DISTINCT s.organization_id FROM public.assessments_scorecard s ORDER BY 1;
            END
            """,
        ),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} SET ({', '.join(f'{name} = 0' for name in NAMES)})",
                f"ALTER TABLE {table} RESET ({', '.join(NAMES)})",
            )
            for table in TABLES
        ),
    ]
