"""Rubric editions, cycles, answers and results."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import organizations.tenancy.constraints
import organizations.tenancy.scope
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("organizations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cycle",
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
                ("name", models.CharField(max_length=80)),
                ("rubric", models.CharField(max_length=60)),
                ("segment", models.CharField(blank=True, max_length=120)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("open", "Open"),
                            ("closing", "Closing"),
                            ("closed", "Closed"),
                        ],
                        default="planned",
                        max_length=10,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("confidential", "Confidential"), ("unlinked", "Unlinked")],
                        default="confidential",
                        max_length=12,
                    ),
                ),
                ("threshold", models.PositiveSmallIntegerField(default=5)),
                ("comment_threshold", models.PositiveSmallIntegerField(default=10)),
                ("imported", models.BooleanField(default=False)),
                ("asked", models.JSONField(blank=True, default=dict)),
                ("salt", models.BinaryField(max_length=32, null=True)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("closes_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("reminded_at", models.DateTimeField(editable=False, null=True)),
                ("counted", models.JSONField(editable=False, null=True)),
                (
                    "groups_confirmed",
                    models.CharField(blank=True, db_default="", editable=False, max_length=64),
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
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="CycleTeam",
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
                ("name", models.CharField(max_length=120)),
                ("place", models.PositiveSmallIntegerField()),
                ("depth", models.PositiveSmallIntegerField()),
                ("headcount", models.PositiveIntegerField(default=0)),
                ("moved", models.BooleanField(db_default=False)),
                ("held", models.BooleanField(db_default=False)),
                ("people", models.PositiveIntegerField(db_default=0)),
                ("since", models.DateTimeField(null=True)),
                (
                    "counts_in",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessments.cycleteam",
                    ),
                ),
                (
                    "cycle",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="teams",
                        to="assessments.cycle",
                    ),
                ),
                (
                    "group",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessments.cycleteam",
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
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="children",
                        to="assessments.cycleteam",
                    ),
                ),
                (
                    "team",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organizations.team",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.BinaryField(max_length=32)),
                ("capability", models.CharField(max_length=60)),
                ("text", models.TextField(blank=True, max_length=2000)),
                ("evidence", models.URLField(blank=True, max_length=500)),
                ("giver", models.BigIntegerField(editable=False, null=True)),
                ("sent", models.BooleanField(db_default=True)),
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
                    "cycle",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="comments",
                        to="assessments.cycle",
                    ),
                ),
                (
                    "node",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessments.cycleteam",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NightlyCount",
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
                    "cycle",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessments.cycle",
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
        ),
        migrations.CreateModel(
            name="Notice",
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
                ("mail", models.CharField(max_length=20)),
                ("turn", models.PositiveSmallIntegerField(default=0)),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("email", models.EmailField(db_default="", max_length=254)),
                (
                    "cycle",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="notices",
                        to="assessments.cycle",
                    ),
                ),
                (
                    "membership",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="notices",
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
        ),
        migrations.CreateModel(
            name="Participation",
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
                    "answers_as",
                    models.CharField(
                        choices=[("member", "Member"), ("lead", "Lead")],
                        default="member",
                        max_length=6,
                    ),
                ),
                ("named", models.BooleanField(null=True)),
                ("named_by", models.BigIntegerField(editable=False, null=True)),
                ("finished", models.BooleanField(default=False)),
                ("counted", models.BooleanField(db_default=False, editable=False)),
                ("token_hash", models.BinaryField(max_length=32)),
                ("email", models.EmailField(db_default="", max_length=254)),
                ("bounced", models.BooleanField(default=False)),
                ("newcomer", models.BooleanField(db_default=False)),
                (
                    "cycle",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="participations",
                        to="assessments.cycle",
                    ),
                ),
                (
                    "membership",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="participations",
                        to="organizations.membership",
                    ),
                ),
                (
                    "node",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessments.cycleteam",
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
        ),
        migrations.CreateModel(
            name="Response",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.BinaryField(max_length=32)),
                (
                    "answers_as",
                    models.CharField(
                        choices=[("member", "Member"), ("lead", "Lead")], max_length=6
                    ),
                ),
                (
                    "performance",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(null=True), default=list, size=None
                    ),
                ),
                (
                    "importance",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(null=True), default=list, size=None
                    ),
                ),
                (
                    "exposure",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(null=True), default=list, size=None
                    ),
                ),
                (
                    "versions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(null=True), default=list, size=None
                    ),
                ),
                (
                    "givers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(null=True),
                        default=list,
                        null=True,
                        size=None,
                    ),
                ),
                ("sent", models.BooleanField(db_default=True)),
                ("sender", models.BigIntegerField(editable=False, null=True)),
                (
                    "cycle",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="responses",
                        to="assessments.cycle",
                    ),
                ),
                (
                    "node",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="assessments.cycleteam",
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
        ),
        migrations.CreateModel(
            name="Result",
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
                ("subject_type", models.CharField(max_length=10)),
                ("subject", models.CharField(blank=True, max_length=121)),
                ("kind", models.CharField(max_length=11)),
                ("suppressed", models.CharField(blank=True, max_length=20)),
                ("score", models.DecimalField(decimal_places=1, max_digits=2, null=True)),
                ("low", models.DecimalField(decimal_places=1, max_digits=2, null=True)),
                ("high", models.DecimalField(decimal_places=1, max_digits=2, null=True)),
                ("n", models.PositiveIntegerField(null=True)),
                ("invited", models.PositiveIntegerField(null=True)),
                ("level", models.PositiveSmallIntegerField(null=True)),
                ("state", models.CharField(blank=True, max_length=10)),
                ("need", models.DecimalField(decimal_places=1, max_digits=2, null=True)),
                ("fit", models.PositiveSmallIntegerField(null=True)),
                ("detail", models.JSONField(default=dict)),
                (
                    "node",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="results",
                        to="assessments.cycleteam",
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
        ),
        migrations.CreateModel(
            name="RubricEdition",
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
                ("slug", models.CharField(max_length=60)),
                ("version", models.CharField(max_length=40)),
                ("content", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True)),
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
        migrations.AddField(
            model_name="cycle",
            name="edition",
            field=organizations.tenancy.scope.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="cycles",
                to="assessments.rubricedition",
            ),
        ),
        migrations.CreateModel(
            name="Scorecard",
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
                ("current", models.BooleanField(db_default=True)),
                (
                    "computed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("method", models.CharField(max_length=20)),
                ("edition_digest", models.CharField(max_length=64)),
                ("input_digest", models.CharField(max_length=64)),
                ("discarded", models.PositiveIntegerField(default=0)),
                ("shows", models.BooleanField(db_default=True)),
                ("participation", models.JSONField(default=dict)),
                ("summary", models.JSONField(default=dict)),
                ("changed", models.PositiveIntegerField(null=True)),
                ("turn", models.PositiveSmallIntegerField(null=True)),
                (
                    "cycle",
                    organizations.tenancy.scope.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="scorecards",
                        to="assessments.cycle",
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
        ),
        migrations.CreateModel(
            name="Target",
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
                ("rubric", models.CharField(max_length=60)),
                ("capability", models.CharField(max_length=60)),
                ("level", models.PositiveSmallIntegerField()),
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
                        related_name="+",
                        to="organizations.team",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="result",
            name="scorecard",
            field=organizations.tenancy.scope.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="results",
                to="assessments.scorecard",
            ),
        ),
        migrations.AddConstraint(
            model_name="cycleteam",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="cycleteam_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycleteam",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="cycle", name="cycleteam_cycle_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycleteam",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="team", name="cycleteam_team_same_tenant", on_delete="NO ACTION"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycleteam",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="parent", name="cycleteam_parent_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycleteam",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="counts_in", name="cycleteam_counts_in_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycleteam",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="group", name="cycleteam_group_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycleteam",
            constraint=models.UniqueConstraint(
                fields=("organization", "cycle", "place"), name="place_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycleteam",
            constraint=models.UniqueConstraint(
                fields=("organization", "cycle", "team"), name="node_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="comment_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="cycle", name="comment_cycle_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="node", name="comment_node_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.UniqueConstraint(
                fields=("organization", "cycle", "key"), name="comment_once"
            ),
        ),
        migrations.AddIndex(
            model_name="nightlycount",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="count_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="nightlycount",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="nightlycount_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="nightlycount",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="cycle", name="nightlycount_cycle_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="nightlycount",
            constraint=models.UniqueConstraint(fields=("organization", "cycle"), name="count_once"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="notice_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="notice_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="cycle", name="notice_cycle_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="membership", name="notice_membership_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("organization", "cycle", "membership", "mail", "turn"), name="notice_once"
            ),
        ),
        migrations.AddIndex(
            model_name="participation",
            index=models.Index(fields=["token_hash"], name="participation_token"),
        ),
        migrations.AddConstraint(
            model_name="participation",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="participation_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="participation",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="cycle", name="participation_cycle_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="participation",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="membership", name="participation_membership_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="participation",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="node", name="participation_node_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="participation",
            constraint=models.UniqueConstraint(
                fields=("organization", "cycle", "membership"), name="participation_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="response_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="cycle", name="response_cycle_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="node", name="response_node_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.UniqueConstraint(
                fields=("organization", "cycle", "key"), name="response_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="response",
            constraint=models.CheckConstraint(
                condition=models.Q(("performance__len", models.F("importance__len"))),
                name="response_as_many_ratings",
            ),
        ),
        migrations.AddConstraint(
            model_name="result",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="result_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="result",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="scorecard", name="result_scorecard_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="result",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="node", name="result_node_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="result",
            constraint=models.UniqueConstraint(
                fields=("organization", "scorecard", "node", "subject_type", "subject", "kind"),
                name="result_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="rubricedition",
            constraint=organizations.tenancy.constraints.TenantTable(
                frozen_once="published_at",
                grants="SELECT, INSERT, UPDATE, DELETE",
                name="rubricedition_tenant",
            ),
        ),
        migrations.AddConstraint(
            model_name="rubricedition",
            constraint=models.UniqueConstraint(
                fields=("organization", "slug", "digest"), name="edition_content_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="rubricedition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("published_at__isnull", False)),
                fields=("organization", "slug", "version"),
                name="edition_version_once",
            ),
        ),
        migrations.AddIndex(
            model_name="cycle",
            index=models.Index(
                fields=["organization", "rubric", "-closed_at"], name="cycle_latest"
            ),
        ),
        migrations.AddIndex(
            model_name="cycle",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="cycle_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="cycle_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="edition", name="cycle_edition_same_tenant", on_delete="NO ACTION"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.UniqueConstraint(
                fields=("organization", "name"), name="cycle_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="cycle",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("threshold__range", (5, 20)),
                    models.Q(("threshold", 4), models.Q(("stage", "planned"), _negated=True)),
                    _connector="OR",
                ),
                name="cycle_threshold_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="scorecard_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="cycle", name="scorecard_cycle_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.UniqueConstraint(
                condition=models.Q(("current", True)),
                fields=("organization", "cycle"),
                name="scorecard_current_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=organizations.tenancy.constraints.TenantTable(
                grants="SELECT, INSERT, UPDATE, DELETE", name="target_tenant"
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=organizations.tenancy.constraints.SameTenant(
                field="team", name="target_team_same_tenant", on_delete="CASCADE"
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.UniqueConstraint(
                fields=("organization", "rubric", "team", "capability"), name="target_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__range", (1, 5))), name="target_is_a_level"
            ),
        ),
    ]
