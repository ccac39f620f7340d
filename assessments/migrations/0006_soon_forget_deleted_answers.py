"""What the close deletes stays in the table's file until it is vacuumed. By default that waits until a
fifth of the table has changed; of answers and comments it is done at the next round."""

from django.db import migrations

TABLES = ("assessments_response", "assessments_comment")
SETTINGS = ("autovacuum_vacuum_threshold", "autovacuum_vacuum_scale_factor")
NAMES = [f"{prefix}{name}" for prefix in ("", "toast.") for name in SETTINGS]


class Migration(migrations.Migration):
    dependencies = [("assessments", "0005_targets")]
    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} SET ({', '.join(f'{name} = 0' for name in NAMES)})",
            f"ALTER TABLE {table} RESET ({', '.join(NAMES)})",
        )
        for table in TABLES
    ]
