"""Planned cycles with 4 get 5. What was opened with 4 keeps what its first page said."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0011_notice_ends_refused_or_unknown")]
    operations = [
        migrations.RunSQL(
            "UPDATE assessments_cycle SET threshold = 5 WHERE threshold < 5 AND stage = 'planned'",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint("cycle", "cycle_threshold_range"),
        migrations.AddConstraint(
            "cycle",
            models.CheckConstraint(
                condition=models.Q(threshold__range=(5, 20))
                | models.Q(threshold=4) & ~models.Q(stage="planned"),
                name="cycle_threshold_range",
            ),
        ),
    ]
