"""Who was finished at a nightly count: somebody who sends or withdraws in another's place does not move
the numbers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0013_groups_that_answers_count_in")]
    operations = [
        migrations.AddField(
            "participation", "counted", models.BooleanField(db_default=False, editable=False)
        ),
    ]
