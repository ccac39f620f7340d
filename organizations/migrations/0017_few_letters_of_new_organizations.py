"""Organizations founded by open sign-up send few letters a day at first. Those that are here already
are not limited."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0016_account_letters")]
    operations = [
        migrations.AddField(
            "organization",
            "few_letters_until",
            models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            "organization", "letters_on", models.DateField(editable=False, null=True)
        ),
        migrations.AddField(
            "organization",
            "letters_sent",
            models.PositiveIntegerField(db_default=0, editable=False),
        ),
    ]
