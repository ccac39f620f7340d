"""When the daily work of the installation was last done."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0009_state_of_invitations")]
    operations = [
        migrations.AddField("installation", "day_began_at", models.DateTimeField(null=True)),
        migrations.RunSQL(
            "GRANT UPDATE (day_began_at) ON organizations_installation TO app_user",
            "REVOKE UPDATE (day_began_at) ON organizations_installation FROM app_user",
        ),
    ]
