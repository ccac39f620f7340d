"""Four people are too few to hide among: organizations that chose 4 get 5."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0010_daily_work")]
    operations = [
        migrations.RunSQL(
            "UPDATE organizations_organization SET threshold = 5 WHERE threshold < 5",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint("organization", "organization_threshold_range"),
        migrations.AddConstraint(
            "organization",
            models.CheckConstraint(
                condition=models.Q(threshold__range=(5, 20)), name="organization_threshold_range"
            ),
        ),
    ]
