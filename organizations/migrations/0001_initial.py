"""Accounts, organizations, their people and teams, and what is kept of each."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import organizations.languages
import organizations.models
import organizations.tenancy.constraints
import organizations.tenancy.scope
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=organizations.tenancy.scope.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="email")),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AccountLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                ("email", models.EmailField(max_length=254)),
                (
                    "language",
                    models.CharField(choices=organizations.languages.language_choices, max_length=10),
                ),
                ("detail", models.JSONField(default=dict)),
                (
                    "asked_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("due_at", models.DateTimeField(db_index=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Installation",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("link_secret", models.CharField(max_length=32)),
                ("swept_at", models.DateTimeField(null=True)),
                ("day_began_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_installation")
                ],
            },
        ),
        migrations.CreateModel(
            name="Organization",
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
                    "slug",
                    models.CharField(
                        max_length=60,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$",
                                "Use lowercase letters, digits and hyphens. Start and end with "
                                "a letter or digit.",
                            )
                        ],
                        verbose_name="address",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "language",
                    models.CharField(
                        choices=organizations.languages.language_choices, default="en", max_length=10
                    ),
                ),
                ("time_zone", models.CharField(default="UTC", max_length=60)),
                ("threshold", models.PositiveSmallIntegerField(default=5)),
                ("salt", models.BinaryField(default=organizations.models.new_salt, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("few_letters_until", models.DateTimeField(editable=False, null=True)),
                ("letters_on", models.DateField(editable=False, null=True)),
                ("letters_sent", models.PositiveIntegerField(db_default=0, editable=False)),
            ],
            options={
                "constraints": [
                    organizations.tenancy.constraints.OwnRow(name="organization_own_row"),
                    models.CheckConstraint(
                        condition=models.Q(("threshold__range", (5, 20))),
                        name="organization_threshold_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="session key"
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("signed_in_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("browser", models.CharField(max_length=30)),
                ("system", models.CharField(max_length=30)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Team",
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
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "parent_since",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "organization",
                    organizations.tenancy.scope.OrganizationKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
                (
                    "parent",
                    organizations.tenancy.scope.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="children",
                        to="organizations.team",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Membership",
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
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("email", models.EmailField(max_length=254, verbose_name="email")),
                (
                    "language",
                    models.CharField(
                        choices=organizations.languages.language_choices,
                        default="en",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("leader", "Leader"),
                            ("admin", "Administrator"),
                            ("analyst", "Analyst"),
                            ("member", "Member"),
                        ],
                        default="member",
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("leads", models.BooleanField(default=False, verbose_name="leads this team")),
                ("team_confirmed", models.BooleanField(db_default=False, editable=False)),
                (
                    "team_since",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("suspended_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    organizations.tenancy.scope.OrganizationKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
                (
                    "team",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="members",
                        to="organizations.team",
                        verbose_name="team",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Invitation",
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
                ("due_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("lease", models.UUIDField(editable=False, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("progress", models.CharField(blank=True, editable=False, max_length=40)),
                ("error", models.CharField(blank=True, editable=False, max_length=300)),
                ("token_hash", models.BinaryField(max_length=32)),
                ("invited_by", models.CharField(max_length=120)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        db_default="waiting", default="waiting", editable=False, max_length=10
                    ),
                ),
                (
                    "membership",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="invitations",
                        to="organizations.membership",
                    ),
                ),
                (
                    "organization",
                    organizations.tenancy.scope.OrganizationKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["token_hash"], name="invitation_token"),
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="invitation_due",
                    ),
                ],
                "constraints": [
                    organizations.tenancy.constraints.TenantTable(
                        grants="SELECT, INSERT, UPDATE, DELETE", name="invitation_tenant"
                    ),
                    organizations.tenancy.constraints.SameTenant(
                        field="membership",
                        name="invitation_membership_same_tenant",
                        on_delete="CASCADE",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None)),
                        fields=("organization", "membership"),
                        name="invitation_open_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
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
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("actor", models.UUIDField(null=True)),
                ("event", models.CharField(max_length=60)),
                ("subject", models.UUIDField(null=True)),
                ("detail", models.JSONField(default=dict)),
                (
                    "organization",
                    organizations.tenancy.scope.OrganizationKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organization", "-at"], name="audit_latest")],
                "constraints": [
                    organizations.tenancy.constraints.TenantTable(
                        grants="SELECT, INSERT", name="auditevent_tenant"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiKey",
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
                ("name", models.CharField(max_length=80)),
                ("prefix", models.CharField(max_length=12)),
                ("key_hash", models.BinaryField(max_length=32)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), size=None
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "organization",
                    organizations.tenancy.scope.OrganizationKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["key_hash"], name="api_key_hash")],
                "constraints": [
                    organizations.tenancy.constraints.TenantTable(
                        grants="SELECT, INSERT, UPDATE, DELETE", name="apikey_tenant"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AddressChange",
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
                ("due_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("lease", models.UUIDField(editable=False, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("progress", models.CharField(blank=True, editable=False, max_length=40)),
                ("error", models.CharField(blank=True, editable=False, max_length=300)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("by_other", models.BooleanField()),
                ("before", models.EmailField(max_length=254)),
                ("after", models.EmailField(max_length=254)),
                ("state", models.CharField(default="waiting", max_length=10)),
                (
                    "membership",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="address_changes",
                        to="organizations.membership",
                    ),
                ),
                (
                    "organization",
                    organizations.tenancy.scope.OrganizationKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organization", "membership"], name="address_change_person"
                    ),
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="address_change_due",
                    ),
                ],
                "constraints": [
                    organizations.tenancy.constraints.TenantTable(
                        grants="SELECT, INSERT, UPDATE, DELETE", name="addresschange_tenant"
                    ),
                    organizations.tenancy.constraints.SameTenant(
                        field="membership",
                        name="addresschange_membership_same_tenant",
                        on_delete="CASCADE",
                    ),
                ],
            },
        ),
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
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                        on_delete=django.db.models.deletion.DO_NOTHING,
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
        migrations.CreateModel(
            name="Principle",
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
                ("number", models.PositiveSmallIntegerField()),
                ("wording", models.JSONField()),
                ("methods", models.JSONField()),
                ("review_on", models.DateField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "organization",
                    organizations.tenancy.scope.OrganizationKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
                (
                    "owner",
                    organizations.tenancy.scope.TenantForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.membership",
                    ),
                ),
            ],
            options={
                "constraints": [
                    organizations.tenancy.constraints.TenantTable(
                        grants="SELECT, INSERT, UPDATE, DELETE", name="principle_tenant"
                    ),
                    organizations.tenancy.constraints.SameTenant(
                        field="owner",
                        name="principle_owner_same_tenant",
                        on_delete="NO ACTION",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "number"), name="principle_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__range", (1, 3))),
                        name="principle_is_one_of_three",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="team_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="parent", name="team_parent_same_tenant", on_delete="NO ACTION"
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                fields=("organization", "parent", "name"),
                name="team_name_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent", None)), fields=("organization",), name="team_one_root"
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["organization", "team"], name="membership_team"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="membership_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="team", name="membership_team_same_tenant", on_delete="NO ACTION"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=("organization", "email"), name="membership_email_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=("organization", "user"), name="membership_user_once"
            ),
        ),
    ]
