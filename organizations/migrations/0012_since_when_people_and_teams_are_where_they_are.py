"""Since when each person sits in their team, and each team below its parent.

Filled from the moment that is part of a row's number (UUID version 7) and from the trail; where
neither says it, from the beginning of the organization.
"""

from django.db import migrations, models
from django.db.models.functions import Now

MADE_AT = """
CASE WHEN substr({row}.id::text, 15, 1) = '7'
     THEN to_timestamp(('x' || substr(replace({row}.id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0)
     ELSE o.created_at END
"""
FILL = """
UPDATE {table} r
   SET {column} = LEAST(now(), GREATEST({made_at}, (
         SELECT max(a.at) FROM organizations_auditevent a
          WHERE a.organization_id = r.organization_id AND a.subject = r.id AND ({events}))))
  FROM organizations_organization o
 WHERE o.id = r.organization_id
"""
PEOPLE = FILL.format(
    table="organizations_membership",
    column="team_since",
    made_at=MADE_AT.format(row="r"),
    events="a.event = 'person.reinstated'"
    " OR a.event = 'person.changed' AND a.detail ?| array['team', 'leads', 'email']",
)
TEAMS = FILL.format(
    table="organizations_team",
    column="parent_since",
    made_at=MADE_AT.format(row="r"),
    events="a.event = 'team.moved'",
)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0011_smallest_threshold_is_five")]
    operations = [
        migrations.AddField(
            "membership",
            "team_since",
            models.DateTimeField(db_default=Now(), editable=False),
        ),
        migrations.AddField(
            "team",
            "parent_since",
            models.DateTimeField(db_default=Now(), editable=False),
        ),
        migrations.RunSQL(PEOPLE, migrations.RunSQL.noop),
        migrations.RunSQL(TEAMS, migrations.RunSQL.noop),
    ]
