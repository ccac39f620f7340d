"""Who read which results. The role of the site writes a line and cannot change or delete one."""

import django.db.models.functions.datetime
from django.db import migrations, models

import organizations.tenancy.constraints
import organizations.tenancy.scope

NOTE = "note_access(wanted uuid, line uuid, on_day date, who uuid, page text, subject text)"
PURGE = "purge_access_events(keep_days integer)"
FUNCTIONS = {
    # As app_user, so the row must be the bound organization's. One statement that fails no read:
    # where the database or its disk takes nothing, the answer is false.
    NOTE: """
        RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            INSERT INTO public.organizations_accessevent
                   (organization_id, id, day, reader, page, subject)
            VALUES (wanted, line, on_day, who, note_access.page, note_access.subject)
                ON CONFLICT DO NOTHING;
            RETURN true;
        EXCEPTION WHEN read_only_sql_transaction OR disk_full THEN
            RETURN false;
        END $$""",
    # As the owner of the table, in all organizations; whoever takes over the site cannot use it to
    # remove what happened in the last 30 days.
    PURGE: """
        RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            WITH gone AS (
                DELETE FROM public.organizations_accessevent
                 WHERE day < current_date - greatest(keep_days, 30) RETURNING 1)
            SELECT count(*) FROM gone $$""",
}


class Migration(migrations.Migration):
    dependencies = [("organizations", "0013_sessions")]
    operations = [
        migrations.CreateModel(
            name="AccessEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=organizations.tenancy.scope.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("day", models.DateField()),
                ("reader", models.UUIDField()),
                ("page", models.CharField(max_length=60)),
                ("subject", models.CharField(max_length=200)),
                (
                    "organization",
                    organizations.tenancy.scope.OrganizationKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=models.DO_NOTHING,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organization", "-at"], name="access_latest"),
                    models.Index(fields=["day"], name="access_day"),
                ],
                "constraints": [
                    organizations.tenancy.constraints.TenantTable(
                        grants="SELECT, INSERT", name="accessevent_tenant"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "day", "reader", "page", "subject"),
                        name="access_once_a_day",
                    ),
                ],
            },
        ),
        *(
            migrations.RunSQL(
                (
                    f"CREATE FUNCTION {signature} {body}",
                    f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
                    f"GRANT EXECUTE ON FUNCTION {signature} TO app_user",
                ),
                f"DROP FUNCTION {signature}",
            )
            for signature, body in FUNCTIONS.items()
        ),
    ]
