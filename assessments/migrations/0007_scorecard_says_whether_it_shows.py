"""A cycle with too few answers does not take the place of the one before it on the pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0006_soon_forget_deleted_answers")]
    operations = [
        migrations.AddField("scorecard", "shows", models.BooleanField(db_default=True)),
        migrations.RunSQL(
            """UPDATE assessments_scorecard SET shows = false WHERE summary->'shown' = '[]'""",
            migrations.RunSQL.noop,
        ),
    ]
