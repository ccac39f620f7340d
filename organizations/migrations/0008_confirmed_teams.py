"""Whether an owner or a leader has confirmed that someone belongs to their team: until then nobody sees
results of cycles in which they were not asked there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0007_address_changes")]
    operations = [
        migrations.AddField(
            "membership",
            "team_confirmed",
            models.BooleanField(db_default=False, editable=False),
        ),
    ]
