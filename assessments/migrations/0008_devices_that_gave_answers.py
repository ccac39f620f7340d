"""Which device gave each answer and sent the whole. What was answered before counts as sent."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0007_scorecard_says_whether_it_shows")]
    operations = [
        migrations.AddField("participation", "named_by", models.BigIntegerField(null=True, editable=False)),
        migrations.AddField(
            "response",
            "givers",
            django.contrib.postgres.fields.ArrayField(
                models.BigIntegerField(null=True), default=list, null=True
            ),
        ),
        migrations.AddField("response", "sender", models.BigIntegerField(null=True, editable=False)),
        migrations.AddField("response", "sent", models.BooleanField(db_default=True)),
        migrations.AddField("comment", "giver", models.BigIntegerField(null=True, editable=False)),
        migrations.AddField("comment", "sent", models.BooleanField(db_default=True)),
    ]
