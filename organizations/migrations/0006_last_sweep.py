"""When the sweep last went through, so that a beat that has stopped is seen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0005_door_for_programs")]
    operations = [
        migrations.AddField("installation", "swept_at", models.DateTimeField(null=True)),
        migrations.RunSQL(
            "GRANT UPDATE (swept_at) ON organizations_installation TO app_user",
            "REVOKE UPDATE (swept_at) ON organizations_installation FROM app_user",
        ),
    ]
