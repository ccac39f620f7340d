"""Sessions with an owner, who is shown them and may end them. Those in Django's own table end: their
cookie had another name."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


class Migration(migrations.Migration):
    dependencies = [("organizations", "0012_since_when_people_and_teams_are_where_they_are")]
    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                        verbose_name="session key",
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("signed_in_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("browser", models.CharField(max_length=30)),
                ("system", models.CharField(max_length=30)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "abstract": False,
            },
        ),
        migrations.RunSQL(
            f"GRANT {RIGHTS} ON organizations_session TO app_user",
            f"REVOKE {RIGHTS} ON organizations_session FROM app_user",
        ),
        migrations.RunSQL(
            ("DELETE FROM django_session", f"REVOKE {RIGHTS} ON django_session FROM app_user"),
            f"GRANT {RIGHTS} ON django_session TO app_user",
        ),
    ]
