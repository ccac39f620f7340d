"""Limit the e-mails that an organization founded by open sign-up may send a day at first.

Nobody has checked such an organization, and what it sends leaves under the name of whoever runs the
installation. Days are those of UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection

from organizations.tenancy.scope import working_for

_LIMIT_SQL = "SELECT few_letters_until FROM organizations_organization WHERE id = %s"
_COUNT_SQL = """
UPDATE organizations_organization
   SET letters_on = %(day)s,
       letters_sent = CASE WHEN letters_on = %(day)s THEN letters_sent + 1 ELSE 1 END
 WHERE id = %(id)s AND (letters_on IS DISTINCT FROM %(day)s OR letters_sent < %(limit)s)
"""


def count_email(organization: UUID, moment: datetime) -> datetime | None:
    """Count one e-mail of a limited organization; return None if it may go now, else when it may."""
    with working_for(organization), connection.cursor() as cursor:
        cursor.execute(_LIMIT_SQL, [organization])
        (until,) = cursor.fetchone()
        if until is None or until <= moment:
            return None
        day, limit = moment.astimezone(UTC).date(), settings.NEW_ORGANIZATION_LETTERS_A_DAY
        cursor.execute(_COUNT_SQL, {"id": organization, "day": day, "limit": limit})
        return None if cursor.rowcount else min(until, _next_day(moment))


def _next_day(moment: datetime) -> datetime:
    tomorrow = moment.astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), UTC)
