"""Letters about signing in wait for a worker, and no request sends one itself."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("organizations", "0015_one_address_for_an_account")]
    operations = [
        migrations.CreateModel(
            name="AccountLetter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(choices=[("en", "English"), ("ko", "한국어")], max_length=2)),
                ("detail", models.JSONField(default=dict)),
                ("asked_at", models.DateTimeField(db_default=Now())),
                ("due_at", models.DateTimeField(db_index=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.RunSQL(
            [
                "GRANT SELECT, INSERT, UPDATE, DELETE ON organizations_accountletter TO app_user",
                "GRANT USAGE ON SEQUENCE organizations_accountletter_id_seq TO app_user",
            ],
            migrations.RunSQL.noop,
        ),
    ]
