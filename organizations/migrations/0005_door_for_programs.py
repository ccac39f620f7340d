"""A program that shows its key is told in one question whose key it is and what it may read."""

from django.db import migrations

SIGNATURE = "door_for_key(wanted bytea)"
AS = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
BEFORE = """SELECT organization_id, id FROM public.organizations_apikey
             WHERE key_hash = wanted AND revoked_at IS NULL
               AND (expires_at IS NULL OR expires_at > now())"""
NOW = """SELECT o.id, o.slug, k.id, k.scopes, k.last_used_at
           FROM public.organizations_apikey k
           JOIN public.organizations_organization o ON o.id = k.organization_id
          WHERE k.key_hash = wanted AND k.revoked_at IS NULL
            AND (k.expires_at IS NULL OR k.expires_at > now())"""


def door(columns: str, body: str) -> tuple[str, ...]:
    """What a function returns cannot be changed, so it is made anew."""
    return (
        f"DROP FUNCTION IF EXISTS {SIGNATURE}",
        f"CREATE FUNCTION {SIGNATURE} RETURNS TABLE ({columns}) {AS} AS $$ {body} $$",
        f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO app_user",
    )


class Migration(migrations.Migration):
    dependencies = [("organizations", "0004_original_principles")]
    operations = [
        migrations.RunSQL(
            door(
                "organization_id uuid, slug varchar, key_id uuid, scopes varchar[],"
                " last_used_at timestamptz",
                NOW,
            ),
            door("organization_id uuid, key_id uuid", BEFORE),
        )
    ]
