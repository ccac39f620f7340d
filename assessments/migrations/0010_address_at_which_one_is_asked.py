"""The address at which a person is asked is kept until the close: another one in the list of people does
not redirect a personal link. Of cycles that are open already it is the address of today."""

from django.db import migrations, models

FILL = """
    UPDATE assessments_participation p SET email = m.email
      FROM organizations_membership m, assessments_cycle c
     WHERE m.organization_id = p.organization_id AND m.id = p.membership_id
       AND c.organization_id = p.organization_id AND c.id = p.cycle_id
       AND c.stage IN ('open', 'closing')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0009_nightly_counts"),
        ("organizations", "0006_last_sweep"),
    ]
    operations = [
        migrations.AddField("participation", "email", models.EmailField(db_default="")),
        migrations.AddField("notice", "email", models.EmailField(db_default="")),
        migrations.RunSQL(FILL, migrations.RunSQL.noop, elidable=True),
    ]
