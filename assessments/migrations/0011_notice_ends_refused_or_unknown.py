"""A letter that was refused and one of which nothing is known had one state and told themselves
apart by the words of their error; each gets a state of its own."""

from django.db import migrations

SPLIT = """
UPDATE %(table)s SET state = CASE WHEN error LIKE 'refused%%' THEN 'refused' ELSE 'unknown' END
 WHERE state = 'failed'
"""
JOIN = "UPDATE %(table)s SET state = 'failed' WHERE state IN ('refused', 'unknown')"
TABLE = {"table": "assessments_notice"}


class Migration(migrations.Migration):
    dependencies = [("assessments", "0010_address_at_which_one_is_asked")]
    operations = [migrations.RunSQL(SPLIT % TABLE, JOIN % TABLE)]

