"""Once a day what has had its time goes, with the rights that the running site has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from config import tasks
from devstack.roles import current_role
from organizations import jobs
from organizations.models import Installation, Session
from organizations.pseudonyms import secret_fingerprint

DAY = timedelta(days=1)


def sessions(*names: str, ended: bool) -> None:
    moment = timezone.now() + (-DAY if ended else DAY)
    for name in names:
        Session.objects.create(session_key=name, session_data="", expire_date=moment)


def kept() -> set[str]:
    return set(Session.objects.values_list("session_key", flat=True))


def let_a_day_pass() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organizations_installation SET day_began_at = day_began_at - interval '1 day'"
        )


@pytest.fixture(autouse=True)
def _begun_database(db: None) -> None:
    """Other tests may have emptied the table."""
    Installation.objects.get_or_create(id=1, defaults={"link_secret": secret_fingerprint()})


def test_sessions_that_have_ended_are_deleted_once_a_day() -> None:
    assert (
        current_role() == "app_user"
    )  # which nothing but the grants of the migrations allows this
    sessions("a", "b", ended=True)
    sessions("c", ended=False)
    tasks.sweep()
    assert kept() == {"c"}
    sessions("d", ended=True)
    tasks.sweep()
    assert kept() == {"c", "d"}
    let_a_day_pass()
    tasks.sweep()
    assert kept() == {"c"}


def test_of_two_workers_one_does_the_daily_work() -> None:
    assert [jobs.claim_daily_run(), jobs.claim_daily_run()] == [True, False]
