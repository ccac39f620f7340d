"""Two cycles of one rubric do not ask the same people at one time."""

from __future__ import annotations

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from assessments.cycles import lifecycle
from assessments.models import Cycle, Participation
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import NOON, opened, planned
from tests.conftest import Cast

SAYS = "“Spring 2027” uses the same rubric and is still open: 6 people would be in both."


def test_a_second_cycle_of_a_rubric_waits_until_the_first_has_closed(cast: Cast) -> None:
    now = timezone.now()
    first, second = opened(cast.acme, now), planned(cast.acme, now, name="Second")
    page = cast.acme.browser("Adam").get(f"/o/acme/cycles/{second.pk}/").content.decode()
    assert SAYS in page
    with working_for(cast.acme.id):
        with pytest.raises(ValidationError, match=SAYS):
            lifecycle.open_cycle(second, by=None, moment=now)
        assert not Participation.objects.filter(cycle=second).exists()
        lifecycle.start_closing(first, by=None, moment=now)
        assert lifecycle.open_cycle(second, by=None, moment=now).stage == Cycle.Stage.OPEN


def test_another_rubric_and_another_organization_do_not_overlap(cast: Cast) -> None:
    opened(cast.acme)
    opened(cast.acme, name="Second", rubric="cmo-collaboration")
    for name in ("A", "B", "C"):
        cast.rival.add(f"CANARY {name}")
    opened(cast.rival)


def test_another_segment_of_one_rubric_overlaps(cast: Cast) -> None:
    rubric = "customer-driven-disruption"
    opened(cast.acme, rubric=rubric, segment="Families")
    second = planned(cast.acme, name="Second", rubric=rubric, segment="Singles")
    with working_for(cast.acme.id), pytest.raises(ValidationError, match="same rubric"):
        lifecycle.open_cycle(second, by=None, moment=NOON)


@pytest.mark.django_db(transaction=True)
def test_of_two_that_open_at_once_one_opens(cast: Cast) -> None:
    pair = [planned(cast.acme, name=name) for name in ("Spring 2027", "Second")]
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def try_it(cycle: Cycle) -> None:
        try:
            start.wait()
            with working_for(cast.acme.id):
                lifecycle.open_cycle(cycle, by=None, moment=NOON)
            outcomes.append("opened")
        except ValidationError as refused:
            outcomes.append("same rubric" if "same rubric" in str(refused) else str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it, args=[cycle]) for cycle in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["opened", "same rubric"]
    with working_for(cast.acme.id):
        assert Cycle.objects.filter(stage=Cycle.Stage.OPEN).count() == 1
