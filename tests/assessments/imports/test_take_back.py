"""An import is taken back whole: the cycle, its answers and the teams that it alone made."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from assessments.cycles.closing import close
from assessments.imports.take_back import take_back
from assessments.models import Cycle, CycleTeam, Response, Result, Scorecard, Target
from assessments.rubrics import MAIN_RUBRIC
from organizations import people
from organizations.jobs import perform
from organizations.models import AuditEvent, Membership, Team
from organizations.tenancy.scope import working_for
from tests.assessments.imports.test_import_cycle import SLUGS, imported
from tests.conftest import Cast, House

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = "".join(f"New / {team},3,4\n" * 6 for team in ("One", "Two"))
FILE = f"team,{SLUGS[0]},{SLUGS[1]}\n{ROWS}Growth / Brand,3,4\n".encode()


def scored(house: House, name: str = "Spring", day: date = date(2026, 4, 30)) -> Cycle:
    cycle = imported(house, name=name, ratings=FILE, headcounts=None, closed_on=day)
    perform(Cycle, house.id, cycle.pk, close)
    with working_for(house.id):
        return Cycle.objects.get(pk=cycle.pk)


def take(house: House, cycle: Cycle) -> None:
    with working_for(house.id):
        take_back(cycle, by=house.members["Adam"].pk)


def team_names(house: House) -> set[str]:
    with working_for(house.id):
        return set(Team.objects.values_list("name", flat=True))


def test_nothing_of_it_stays(cast: Cast) -> None:
    acme = cast.acme
    before = team_names(acme)
    cycle = scored(acme)
    assert team_names(acme) == before | {"New", "One", "Two"}
    take(acme, cycle)
    assert team_names(acme) == before
    with working_for(acme.id):
        for model in (Cycle, CycleTeam, Response, Scorecard, Result):
            assert not model.objects.exists()
        event = AuditEvent.objects.get(event="cycle.taken_back")
        assert (event.subject, event.detail) == (cycle.pk, {"name": "Spring", "teams": 3})
    assert scored(acme).name == "Spring"  # the file can be imported again


def test_a_team_that_is_used_by_now_stays(cast: Cast) -> None:
    acme = cast.acme
    before = team_names(acme)
    cycle = scored(acme)
    with working_for(acme.id):
        one = Team.objects.get(name="One")
        profile = people.Profile("Noa", "noa@acme.example", one.pk)
        people.add_person(profile, by=None)
    take(acme, cycle)
    assert team_names(acme) == before | {"New", "One"}


def test_a_team_with_a_target_stays(cast: Cast) -> None:
    cycle = scored(cast.acme)
    with working_for(cast.acme.id):
        two = Team.objects.get(name="Two")
        Target.objects.create(team=two, rubric=MAIN_RUBRIC, capability=SLUGS[0], level=4)
    take(cast.acme, cycle)
    assert "Two" in team_names(cast.acme)


def test_teams_of_a_second_import_go_with_the_second(cast: Cast) -> None:
    """The first made them, so they stay until it goes, too."""
    acme = cast.acme
    before = team_names(acme)
    first, second = scored(acme), scored(acme, "Summer", date(2026, 7, 31))
    take(acme, second)
    assert "One" in team_names(acme)
    take(acme, first)
    assert team_names(acme) == before


def test_results_that_others_are_measured_against_stay(cast: Cast) -> None:
    acme = cast.acme
    first = scored(acme)
    scored(acme, "Summer", date(2026, 7, 31))
    with pytest.raises(ValidationError, match="measured against these results: Summer"):
        take(acme, first)
    with working_for(acme.id):
        assert Cycle.objects.count() == 2


def test_what_is_being_scored_or_was_asked_is_not_taken_back(cast: Cast) -> None:
    cycle = imported(cast.acme, ratings=FILE, headcounts=None)
    with pytest.raises(ValidationError, match="being calculated"):
        take(cast.acme, cycle)
    with working_for(cast.acme.id):
        Cycle.objects.update(imported=False, stage="closed")
        cycle.refresh_from_db()
    with pytest.raises(ValidationError, match="Only imported results"):
        take(cast.acme, cycle)


def test_the_page_asks_first_and_says_what_goes(cast: Cast) -> None:
    acme = cast.acme
    cycle = scored(acme)
    browser = acme.browser("Adam")
    address = reverse("assessments:import_take_back", args=[acme.slug, cycle.pk])
    shown = browser.get(reverse("assessments:cycle", args=[acme.slug, cycle.pk]))
    assert address in shown.content.decode()
    page = browser.get(address).content.decode()
    assert "New, New / One, New / Two" in page
    assert ">13<" in page
    answer = browser.post(address, follow=True)
    assert "Import taken back." in answer.content.decode()
    assert browser.get(address).status_code == 404
    for name, status in (("Cho", 403), ("Max", 403)):
        assert acme.browser(name).post(address).status_code == status
    with working_for(acme.id):
        assert Membership.objects.count() == 6
