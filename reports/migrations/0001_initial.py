"""Schedules, reports, their files and mails."""

import datetime
import django.core.validators
import django.db.models.deletion
import organizations.languages
import organizations.tenancy.constraints
import organizations.tenancy.scope
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("organizations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportSchedule",
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
                (
                    "day",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(31),
                        ],
                    ),
                ),
                ("at", models.TimeField()),
                ("time_zone", models.CharField(max_length=60)),
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
        ),
        migrations.CreateModel(
            name="Report",
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
                ("slot", models.DateTimeField()),
                ("late", models.DurationField(default=datetime.timedelta)),
                ("made_at", models.DateTimeField(null=True)),
                ("documents", models.JSONField(default=dict)),
                (
                    "asked_by",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
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
                (
                    "schedule",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="reports",
                        to="reports.reportschedule",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Recipient",
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
                    "membership",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
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
                (
                    "schedule",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="recipients",
                        to="reports.reportschedule",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
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
                ("state", models.CharField(default="waiting", max_length=10)),
                (
                    "membership",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
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
                (
                    "report",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="deliveries",
                        to="reports.report",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="delivery_due",
                    )
                ],
                "constraints": [
                    organizations.tenancy.constraints.TenantTable(
                        grants="SELECT, INSERT, UPDATE, DELETE", name="delivery_tenant"
                    ),
                    organizations.tenancy.constraints.SameTenant(
                        field="report", name="delivery_report_same_tenant", on_delete="CASCADE"
                    ),
                    organizations.tenancy.constraints.SameTenant(
                        field="membership",
                        name="delivery_membership_same_tenant",
                        on_delete="CASCADE",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "report", "membership"), name="delivery_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportFile",
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
                    "language",
                    models.CharField(choices=organizations.languages.language_choices, max_length=10),
                ),
                ("content", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
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
                    "report",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="files",
                        to="reports.report",
                    ),
                ),
            ],
            options={
                "constraints": [
                    organizations.tenancy.constraints.TenantTable(
                        grants="SELECT, INSERT, UPDATE, DELETE", name="reportfile_tenant"
                    ),
                    organizations.tenancy.constraints.SameTenant(
                        field="report", name="reportfile_report_same_tenant", on_delete="CASCADE"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "report", "language"), name="file_once_a_language"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="reportschedule",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["due_at"],
                name="schedule_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="reportschedule_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=models.UniqueConstraint(fields=("organization",), name="schedule_once"),
        ),
        migrations.AddConstraint(
            model_name="reportschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("day__range", (1, 31))), name="schedule_day_of_month"
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["organization", "-slot"], name="report_latest"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="report_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="report_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="schedule",
                name="report_schedule_same_tenant",
                on_delete="NO ACTION",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="asked_by",
                name="report_asked_by_same_tenant",
                on_delete="NO ACTION",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                fields=("organization", "schedule", "slot"),
                name="report_once_a_slot",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="recipient",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="recipient_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="recipient",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="schedule", name="recipient_schedule_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="recipient",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="membership", name="recipient_membership_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="recipient",
            constraint=models.UniqueConstraint(
                fields=("organization", "schedule", "membership"), name="recipient_once"
            ),
        ),
    ]
