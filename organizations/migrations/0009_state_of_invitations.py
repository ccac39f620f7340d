"""An invitation says what became of its letter, as every other letter does."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0008_confirmed_teams")]
    operations = [
        migrations.AddField(
            "invitation",
            "state",
            models.CharField(
                db_default="waiting", default="waiting", editable=False, max_length=10
            ),
        ),
    ]
