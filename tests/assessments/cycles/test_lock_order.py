"""Opening a cycle and changing its plan lock the organization before the cycle, as everyone does."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest
from django.db import connection

from assessments.cycles import lifecycle
from assessments.models import Cycle
from organizations.people import lock_organization
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON, planned
from tests.conftest import Cast


def wait_until_somebody_waits() -> None:
    """For a lock of this database."""
    question = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with connection.cursor() as cursor:
        while True:
            cursor.execute(question)
            if cursor.fetchone()[0]:
                return


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["open", "replan"])
def test_whoever_waits_for_the_organization_holds_no_cycle(cast: Cast, verb: str) -> None:
    """Else two of them, one of whom has the organization and wants the cycle, wait for each other."""
    cycle = planned(cast.acme)

    def act() -> None:
        with closing(connection), working_for(cast.acme.id):
            if verb == "open":
                lifecycle.open_cycle(cycle, by=None, moment=NOON)
            else:
                lifecycle.update_plan(
                    cycle,
                    name="Later",
                    edition=cycle.edition,
                    closes_at=NOON,
                    mode=cycle.mode,
                    threshold=5,
                    by=None,
                )

    thread = threading.Thread(target=act)
    with working_for(cast.acme.id):
        lock_organization()
        thread.start()
        wait_until_somebody_waits()
        found = Cycle.objects.select_for_update(nowait=True).get(pk=cycle.pk)
    thread.join()
    assert found == cycle
