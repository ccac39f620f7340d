"""An account has one e-mail: the one it signs in with. Others are dropped, and none can be added."""

from django.db import migrations

# Links to confirm an address are made anew for each letter; nothing reads these rows.
DROP_CONFIRMATIONS = "DELETE FROM account_emailconfirmation"
DROP_OTHERS = """
DELETE FROM account_emailaddress AS address USING organizations_user AS account
 WHERE address.user_id = account.id AND address.email <> account.email
"""
CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"  # no index is made while checks are pending
ONE_EACH = "CREATE UNIQUE INDEX account_one_address ON account_emailaddress (user_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0014_access_log"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]
    operations = [
        migrations.RunSQL([DROP_CONFIRMATIONS, DROP_OTHERS, CHECK_NOW], migrations.RunSQL.noop),
        migrations.RunSQL(ONE_EACH, "DROP INDEX account_one_address"),
    ]
