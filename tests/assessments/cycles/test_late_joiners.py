"""Who joins after the launch is not asked, and the pages say so."""

from __future__ import annotations

from django.utils import timezone

from assessments.cycles.late_joiners import find_late_joiners
from organizations.models import Membership
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import opened
from tests.conftest import Cast


def test_whoever_joined_or_came_back_is_named_and_not_asked(cast: Cast) -> None:
    cycle = opened(cast.acme, timezone.now())
    adam, where = cast.acme.browser("Adam"), f"/o/acme/cycles/{cycle.pk}/"
    assert "aren't part of it" not in adam.get("/o/acme/people/").content.decode()
    assert "Joined after launch" not in adam.get(where).content.decode()
    cast.acme.add("Nina", team="Growth")
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Sue").update(suspended_at=None)
        names = find_late_joiners(cycle).values_list("name", flat=True)
        assert list(names) == ["Nina", "Sue"]
    page = adam.get("/o/acme/people/").content.decode()
    assert "2 people joined after “Spring 2027” was launched and aren&#x27;t part of it." in page
    assert f"{where}#late" in page
    page = adam.get(where).content.decode()
    assert "Joined after launch" in page and "Nina" in page and "Sue" in page
