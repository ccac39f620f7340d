"""Another e-mail of a person is told to the old address. Both addresses go with the person; the line in
the audit trail, which is for good, holds none."""

from django.db import migrations, models
from django.db.models.functions import Now

from organizations.tenancy import constraints, scope

RULES_DO_IT = {"db_constraint": False, "db_index": False, "on_delete": models.DO_NOTHING}


class Migration(migrations.Migration):
    dependencies = [("organizations", "0006_last_sweep")]
    operations = [
        migrations.CreateModel(
            name="AddressChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=scope.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("lease", models.UUIDField(editable=False, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("progress", models.CharField(blank=True, editable=False, max_length=40)),
                ("error", models.CharField(blank=True, editable=False, max_length=300)),
                ("at", models.DateTimeField(db_default=Now())),
                ("by_other", models.BooleanField()),
                ("before", models.EmailField()),
                ("after", models.EmailField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                (
                    "membership",
                    scope.TenantForeignKey(
                        to="organizations.membership",
                        related_name="address_changes",
                        **RULES_DO_IT,
                    ),
                ),
                (
                    "organization",
                    scope.OrganizationKey(
                        to="organizations.organization",
                        related_name="+",
                        editable=False,
                        **RULES_DO_IT,
                    ),
                ),
            ],
            options={
                "constraints": [
                    constraints.TenantTable(
                        grants="SELECT, INSERT, UPDATE, DELETE", name="addresschange_tenant"
                    ),
                    constraints.SameTenant(
                        field="membership",
                        name="addresschange_membership_same_tenant",
                        on_delete="CASCADE",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["organization", "membership"], name="address_change_person"
                    ),
                    models.Index(
                        fields=["due_at"],
                        name="address_change_due",
                        condition=models.Q(due_at__isnull=False),
                    ),
                ],
            },
        ),
    ]
