"""When people were last reminded of a cycle, and how many had answered at the last daily count."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0003_operators_doors")]
    operations = [
        migrations.AddField(
            "cycle", "reminded_at", models.DateTimeField(editable=False, null=True)
        ),
        migrations.AddField("cycle", "counted", models.JSONField(editable=False, null=True)),
    ]
