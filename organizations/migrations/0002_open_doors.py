"""The few questions that may be asked before an organization is bound, and who may use the tables
that belong to no organization."""

from collections.abc import Iterator

from django.db import migrations

MEMBER = """
    SELECT o.id AS organization_id, o.slug, o.name, o.time_zone, m.id AS membership_id,
           m.name AS member_name, m.language, m.role, m.leads, m.team_id
      FROM public.organizations_membership m
      JOIN public.organizations_organization o ON o.id = m.organization_id
"""
DOOR = """TABLE (organization_id uuid, slug varchar, name varchar, time_zone varchar,
    membership_id uuid, member_name varchar, language varchar, role varchar, leads boolean,
    team_id uuid)"""
DEFINER = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

FUNCTIONS = {
    "door_for_user(wanted text, who uuid)": (
        DOOR,
        f"{MEMBER} WHERE o.slug = wanted AND m.user_id = who AND m.suspended_at IS NULL",
    ),
    "door_for_key(wanted bytea)": (
        "TABLE (organization_id uuid, key_id uuid)",
        """SELECT organization_id, id FROM public.organizations_apikey
            WHERE key_hash = wanted AND revoked_at IS NULL
              AND (expires_at IS NULL OR expires_at > now())""",
    ),
    "door_for_invitation(wanted bytea)": (
        "TABLE (organization_id uuid, invitation_id uuid)",
        """SELECT organization_id, id FROM public.organizations_invitation
            WHERE token_hash = wanted AND accepted_at IS NULL AND expires_at > now()""",
    ),
    "organizations_of(who uuid)": (
        "TABLE (id uuid, slug varchar, name varchar)",
        """SELECT o.id, o.slug, o.name FROM public.organizations_membership m
             JOIN public.organizations_organization o ON o.id = m.organization_id
            WHERE m.user_id = who AND m.suspended_at IS NULL ORDER BY o.name, o.id""",
    ),
    "address_is_taken(wanted text)": (
        "boolean",
        "SELECT EXISTS (SELECT FROM public.organizations_organization WHERE slug = wanted)",
    ),
    "due_work(per_organization integer, most integer)": (
        "TABLE (organization_id uuid, kind text, id uuid)",
        """SELECT organization_id, 'invitation', id FROM public.organizations_invitation
            WHERE due_at <= now() AND attempts < 5 AND (lease_until IS NULL OR lease_until < now())
            ORDER BY due_at LIMIT most""",
    ),
}

# Tables without an organization, and what everything but a migration may do with them.
GLOBAL_TABLES = {
    "organizations_user": "SELECT, INSERT, UPDATE, DELETE",
    "organizations_installation": "SELECT, INSERT",
    "account_emailaddress": "SELECT, INSERT, UPDATE, DELETE",
    "account_emailconfirmation": "SELECT, INSERT, UPDATE, DELETE",
    "django_session": "SELECT, INSERT, UPDATE, DELETE",
    "django_content_type": "SELECT",
    "django_migrations": "SELECT",
}
SEQUENCES = ("account_emailaddress_id_seq", "account_emailconfirmation_id_seq")


def statements() -> Iterator[str]:
    for signature, (returns, body) in FUNCTIONS.items():
        yield f"CREATE FUNCTION {signature} RETURNS {returns} {DEFINER} AS $$ {body} $$"
        yield f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {signature} TO app_user"
    for table, rights in GLOBAL_TABLES.items():
        yield f"GRANT {rights} ON {table} TO app_user"
    for sequence in SEQUENCES:
        yield f"GRANT USAGE ON SEQUENCE {sequence} TO app_user"


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0001_people_and_teams"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunSQL(statement) for statement in statements()]
