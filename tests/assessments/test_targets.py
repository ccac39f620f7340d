"""What leaders ask for: inherited down the tree, frozen when a cycle closes."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from assessments import targets
from assessments.cycles import verification
from assessments.cycles.closing import close
from assessments.models import Cycle, Target
from assessments.results import queries
from assessments.rubrics import built_in
from assessments.targets import CapabilityTarget
from organizations.jobs import perform
from organizations.models import AuditEvent
from organizations.teams import load_tree
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import answered
from tests.conftest import Cast, House

MAIN = built_in("marketing-value")
FIRST, SECOND = (item.slug for item in MAIN.capabilities[:2])


def test_what_is_asked_of_a_team_holds_below_it_until_something_else_is_asked(cast: Cast) -> None:
    acme = cast.acme
    with working_for(acme.id):
        targets.set_targets(acme.teams[""], MAIN, {FIRST: 4, SECOND: 3}, by=acme.members["Cho"].pk)
        targets.set_targets(acme.teams["Growth"], MAIN, {FIRST: 5}, by=acme.members["Cho"].pk)
        assert targets.team_targets(MAIN.slug, load_tree(), acme.teams["Brand"].pk) == {
            FIRST: CapabilityTarget(None, 5),
            SECOND: CapabilityTarget(None, 3),
        }
        assert targets.team_targets(MAIN.slug, load_tree(), acme.teams["Growth"].pk) == {
            FIRST: CapabilityTarget(5, 4),
            SECOND: CapabilityTarget(None, 3),
        }


def test_asking_the_same_again_changes_nothing_and_asking_for_nothing_takes_it_back(
    cast: Cast,
) -> None:
    acme = cast.acme
    with working_for(acme.id):
        by = acme.members["Cho"].pk
        team = acme.teams[""]
        assert targets.set_targets(team, MAIN, {FIRST: 4}, by=by) == [FIRST]
        assert targets.set_targets(team, MAIN, {FIRST: 4}, by=by) == []
        assert targets.set_targets(team, MAIN, {SECOND: 2}, by=by) == [SECOND]
        assert targets.set_targets(team, MAIN, {FIRST: None}, by=by) == [FIRST]
        assert list(Target.objects.values_list("capability", "level")) == [(SECOND, 2)]
        told = AuditEvent.objects.filter(event="targets.set").order_by("at", "id")
        assert [line.detail["levels"] for line in told] == [
            {FIRST: [None, 4]},
            {SECOND: [None, 2]},
            {FIRST: [4, None]},
        ]


@pytest.mark.parametrize(("slug", "level"), [("no-such-thing", 3), (FIRST, 0), (FIRST, 6)])
def test_what_is_not_a_capability_or_a_level_is_refused(cast: Cast, slug: str, level: int) -> None:
    acme = cast.acme
    with working_for(acme.id), pytest.raises(ValidationError):
        targets.set_targets(acme.teams[""], MAIN, {slug: level}, by=acme.members["Cho"].pk)
    with working_for(acme.id):
        assert not Target.objects.exists()


def closed_with_target(house: House, level: int) -> Cycle:
    cycle = answered(house)
    with working_for(house.id):
        targets.set_targets(house.teams[""], MAIN, {FIRST: level}, by=house.members["Cho"].pk)
    perform(Cycle, house.id, cycle.pk, close)
    return cycle


def test_a_close_takes_the_needs_in_force_and_keeps_them(cast: Cast) -> None:
    acme = cast.acme
    cycle = closed_with_target(acme, 5)
    with working_for(acme.id):
        targets.set_targets(acme.teams[""], MAIN, {FIRST: 1}, by=acme.members["Cho"].pk)
        row = Cycle.objects.select_related("edition").get(pk=cycle.pk)
        assert verification.verify(row).is_same
        found = queries.find(cycle.pk)
        assert found
        cells = queries.cells(found, subject_types=["capability"], kind="performance")
        asked, rated = (cells.get(found.root, "capability", slug) for slug in (FIRST, SECOND))
        assert asked
        assert (asked.need, asked.need_source) == (5.0, "target")
        assert rated
        assert rated.need_source != "target"
