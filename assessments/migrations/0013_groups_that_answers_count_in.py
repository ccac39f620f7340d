"""Which group shows the answers given in a node: decided when a cycle opens, told before the first
question. Cycles that are open go on counting the nodes they have counted so far."""

import django.db.models.deletion
from django.db import migrations, models

import organizations.tenancy.constraints
import organizations.tenancy.scope

SHOWN = """
UPDATE assessments_cycleteam t SET group_id = t.id
  FROM assessments_cycle c
 WHERE c.organization_id = t.organization_id AND c.id = t.cycle_id AND c.stage = 'open'
   AND c.counted -> 'answered' ? t.id::text
"""
HIDDEN = """
UPDATE assessments_cycleteam t SET group_id = p.group_id
  FROM assessments_cycleteam p
 WHERE p.organization_id = t.organization_id AND p.id = t.parent_id
   AND t.depth = {depth} AND t.group_id IS NULL
"""


def node():
    return organizations.tenancy.scope.TenantForeignKey(
        db_constraint=False,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="assessments.cycleteam",
    )


def same_tenant(field):
    return organizations.tenancy.constraints.SameTenant(
        field=field, name=f"cycleteam_{field}_same_tenant", on_delete="CASCADE"
    )


class Migration(migrations.Migration):
    dependencies = [("assessments", "0012_smallest_threshold_is_five")]
    operations = [
        migrations.AddField(
            "cycle",
            "groups_confirmed",
            models.CharField(max_length=64, blank=True, db_default="", editable=False),
        ),
        migrations.AddField("cycleteam", "moved", models.BooleanField(db_default=False)),
        migrations.AddField("cycleteam", "counts_in", node()),
        migrations.AddField("cycleteam", "held", models.BooleanField(db_default=False)),
        migrations.AddField("cycleteam", "group", node()),
        migrations.AddField("cycleteam", "people", models.PositiveIntegerField(db_default=0)),
        migrations.AddField("cycleteam", "since", models.DateTimeField(null=True)),
        migrations.AddField("participation", "newcomer", models.BooleanField(db_default=False)),
        migrations.RunSQL(SHOWN, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(HIDDEN.format(depth=depth), migrations.RunSQL.noop)
            for depth in range(1, 9)
        ),
        migrations.AddConstraint("cycleteam", same_tenant("counts_in")),
        migrations.AddConstraint("cycleteam", same_tenant("group")),
    ]
