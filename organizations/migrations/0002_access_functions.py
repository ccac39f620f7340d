"""What may be asked before an organization is bound, the access log, and who may use the tables that
belong to no organization."""

from django.db import migrations

from organizations.tenancy.functions import definer_function

MEMBER = """TABLE (organization_id uuid, slug varchar, name varchar, time_zone varchar,
    membership_id uuid, member_name varchar, language varchar, role varchar, leads boolean,
    team_id uuid)"""
# Where an address is known, its organization is looked up first: all else is then asked of that one.
HOME = """home uuid := (
                SELECT o.id FROM public.organizations_organization o WHERE o.slug = wanted);"""
USABLE_KEY = """
            SELECT o.id, o.slug, k.id, k.scopes, k.last_used_at
              FROM public.organizations_apikey k
              JOIN public.organizations_organization o ON o.id = k.organization_id
             WHERE k.key_hash = digest AND k.revoked_at IS NULL
               AND (k.expires_at IS NULL OR k.expires_at > now())"""
FUNCTIONS = (
    definer_function(
        "access_of_user(wanted text, who uuid)",
        MEMBER,
        f"""
        DECLARE
            {HOME}
        BEGIN
            RETURN QUERY
            SELECT o.id, o.slug, o.name, o.time_zone, m.id, m.name, m.language, m.role, m.leads,
                   m.team_id
              FROM public.organizations_membership m
              JOIN public.organizations_organization o ON o.id = m.organization_id
             WHERE m.organization_id = home AND m.user_id = who AND m.suspended_at IS NULL;
        END
        """,
    ),
    definer_function(
        "access_of_key(wanted text, digest bytea)",
        """TABLE (organization_id uuid, slug varchar, key_id uuid, scopes varchar[],
            last_used_at timestamptz)""",
        # A key is known in the address of another organization too: that refuses it in other words.
        f"""
        DECLARE
            {HOME}
        BEGIN
            RETURN QUERY {USABLE_KEY} AND k.organization_id = home;
            IF NOT FOUND THEN
                RETURN QUERY {USABLE_KEY};
            END IF;
        END
        """,
    ),
    definer_function(
        "invitation_of_token(wanted bytea)",
        "TABLE (organization_id uuid, invitation_id uuid)",
        """
        BEGIN
            RETURN QUERY
            SELECT i.organization_id, i.id FROM public.organizations_invitation i
             WHERE i.token_hash = wanted AND i.accepted_at IS NULL AND i.expires_at > now();
        END
        """,
    ),
    definer_function(
        "organizations_of(who uuid)",
        "TABLE (id uuid, slug varchar, name varchar)",
        """
        BEGIN
            RETURN QUERY
            SELECT o.id, o.slug, o.name FROM public.organizations_membership m
              JOIN public.organizations_organization o ON o.id = m.organization_id
             WHERE m.user_id = who AND m.suspended_at IS NULL ORDER BY o.name, o.id;
        END
        """,
    ),
    definer_function(
        "organization_with_slug(wanted text)",
        "uuid",
        """
        BEGIN
            RETURN (SELECT o.id FROM public.organizations_organization o WHERE o.slug = wanted);
        END
        """,
    ),
    definer_function(
        "organization_ids()",
        "SETOF uuid",
        """
        BEGIN
            RETURN QUERY SELECT o.id FROM public.organizations_organization o;
        END
        """,
    ),
    # Whoever takes over the site cannot use it to remove what happened in the last 30 days.
    definer_function(
        "purge_access_events(keep_days integer)",
        "bigint",
        """
        DECLARE
            deleted bigint;
        BEGIN
            DELETE FROM public.organizations_accessevent
             WHERE day < current_date - greatest(keep_days, 30);
            GET DIAGNOSTICS deleted = ROW_COUNT;
            RETURN deleted;
        END
        """,
        volatility="VOLATILE",
    ),
)

NOTE_ACCESS = "note_access(wanted uuid, line uuid, on_day date, who uuid, page text, subject text)"
# As app_user, so the row must be the bound organization's. One statement that fails no read: where
# the database or its disk takes nothing, the answer is false.
ACCESS_LOG = (
    f"""
    CREATE FUNCTION {NOTE_ACCESS}
    RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        INSERT INTO public.organizations_accessevent
               (organization_id, id, day, reader, page, subject)
        VALUES (wanted, line, on_day, who, note_access.page, note_access.subject)
            ON CONFLICT DO NOTHING;
        RETURN true;
    EXCEPTION WHEN read_only_sql_transaction OR disk_full THEN
        RETURN false;
    END $$
    """,
    f"REVOKE ALL ON FUNCTION {NOTE_ACCESS} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {NOTE_ACCESS} TO app_user",
)

# Tables without an organization, and what everything but a migration may do with them.
RIGHTS = {
    "organizations_user": "SELECT, INSERT, UPDATE, DELETE",
    "organizations_session": "SELECT, INSERT, UPDATE, DELETE",
    "organizations_accountletter": "SELECT, INSERT, UPDATE, DELETE",
    "organizations_installation": "SELECT, INSERT, UPDATE (swept_at, day_began_at)",
    "account_emailaddress": "SELECT, INSERT, UPDATE, DELETE",
    "account_emailconfirmation": "SELECT, INSERT, UPDATE, DELETE",
    "django_content_type": "SELECT",
    "django_migrations": "SELECT",
}
SEQUENCES = (
    "account_emailaddress_id_seq",
    "account_emailconfirmation_id_seq",
    "organizations_accountletter_id_seq",
)


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        *FUNCTIONS,
        migrations.RunSQL(ACCESS_LOG, f"DROP FUNCTION {NOTE_ACCESS}"),
        *(
            migrations.RunSQL(
                f"GRANT {rights} ON {table} TO app_user", f"REVOKE ALL ON {table} FROM app_user"
            )
            for table, rights in RIGHTS.items()
        ),
        *(
            migrations.RunSQL(
                f"GRANT USAGE ON SEQUENCE {name} TO app_user",
                f"REVOKE ALL ON SEQUENCE {name} FROM app_user",
            )
            for name in SEQUENCES
        ),
        # An account has one e-mail: the one it signs in with.
        migrations.RunSQL(
            "CREATE UNIQUE INDEX account_one_address ON account_emailaddress (user_id)",
            "DROP INDEX account_one_address",
        ),
    ]
