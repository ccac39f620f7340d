"""What a cycle will probably show is read from head-counts and the organization's published rates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from assessments.cycles import groups
from assessments.cycles.forecast import OpeningForecast, forecast_opening
from assessments.models import Cycle, Response
from assessments.results import response_rates
from assessments.rubrics import MAIN_RUBRIC
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import answered
from tests.assessments.cycle_plans import opened, planned
from tests.assessments.made_up_people import (
    FIRST,
    LONG_AGO,
    closed,
    company,
    everyone_answers,
    here_since,
    make_up,
)
from tests.conftest import Cast, House

OTHER_RUBRIC = "cmo-collaboration"
Silent = Mapping[str, int]  # how many of a team do not answer


def foretold(house: House, threshold: int = 5, rubric: str = MAIN_RUBRIC) -> OpeningForecast:
    with working_for(house.id):
        opening = groups.preview_opening(threshold, timezone.now())
        return forecast_opening(opening, threshold, rubric)


def after_results(house: House, silent: Silent, **different: Any) -> None:
    """Everyone but these has answered a first cycle."""
    cycle = opened(house, FIRST, name="First", **different)
    everyone_answers(house, cycle)
    with working_for(house.id):
        for team, number in silent.items():
            some = Response.objects.filter(cycle=cycle, node__name=team, answers_as="member")
            Response.objects.filter(pk__in=some.order_by("pk").values("pk")[:number]).delete()
    closed(house, cycle)
    here_since(house, LONG_AGO)


def reasons(forecast: OpeningForecast) -> dict[str, str]:
    return {team.name: team.reason for team in forecast.doubtful}


def test_without_results_a_usual_rate_is_assumed(cast: Cast) -> None:
    found = foretold(company(cast))
    assert (found.percent, found.is_measured, found.suitable_size) == (70, False, 8)
    assert found.teams == 6


def test_after_a_cycle_as_many_are_expected_as_answered_it(cast: Cast) -> None:
    after_results(company(cast), {"Growth": 7, "Acme": 3})
    with working_for(cast.acme.id):
        rates = response_rates.latest(MAIN_RUBRIC)
    found = foretold(cast.acme)
    assert rates is not None
    assert found.is_measured
    assert found.percent == round(100 * rates.answered) < 90


def test_a_cycle_on_the_same_rubric_goes_before_a_later_one(cast: Cast) -> None:
    acme = company(cast)
    after_results(acme, {"Growth": 7})
    percent = foretold(acme).percent
    other = opened(acme, FIRST, name="Other", rubric=OTHER_RUBRIC)
    everyone_answers(acme, other)
    closed(acme, other)
    assert foretold(acme).percent == percent < 100
    assert foretold(acme, rubric=OTHER_RUBRIC).percent == 100
    assert foretold(acme, rubric="of-their-own").percent == 100  # the latest


def test_neither_imported_nor_hidden_results_are_a_rate(cast: Cast) -> None:
    closed(cast.acme, answered(cast.acme, imported=True))
    closed(cast.acme, answered(cast.acme, people=3, name="Few"))
    assert not foretold(cast.acme).is_measured


def test_no_statement_reads_another_organization(cast: Cast) -> None:
    after_results(company(cast), {})
    assert foretold(cast.acme).is_measured
    assert not foretold(cast.rival).is_measured


def test_teams_that_will_be_hidden_say_why(cast: Cast) -> None:
    found = foretold(company(cast))
    assert reasons(found)["Solo"] == "too_few"
    assert reasons(found)["Brand"] == "few_expected"
    (brand,) = (team for team in found.doubtful if team.name == "Brand")
    assert (brand.people, brand.above) == (6, "Growth")


def test_one_person_alone_in_a_department_or_a_team_is_named_by_it(cast: Cast) -> None:
    acme = company(cast)
    found = {person.name: person.is_direct for person in foretold(acme).alone}
    assert found == {"Sales": True}
    acme.add_team("Desk", "Sales")
    acme.add("Dora", team="Desk")
    assert [person.name for person in foretold(acme).alone] == []  # two together
    with working_for(acme.id):
        acme.members["Sal"].delete()
    assert [(p.name, p.is_direct) for p in foretold(acme).alone] == [("Desk", False)]


def test_a_group_of_new_people_is_expected_to_count_elsewhere(cast: Cast) -> None:
    acme = company(cast)
    after_results(acme, {})
    acme.add_team("Fresh", "Growth")
    make_up(acme, "Fresh", 7)
    assert reasons(foretold(acme))["Fresh"] == "too_new"


def plan_page(house: House, cycle: Cycle) -> str:
    page = house.browser("Adam").get(f"/o/{house.slug}/cycles/{cycle.pk}/").content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def page_after(house: House, cycle: Cycle, silent: Silent) -> str:
    """The page of the planned cycle as if these had not answered the one before."""
    with transaction.atomic():
        after_results(deepcopy(house), silent)
        page = plan_page(house, cycle)
        transaction.set_rollback(True)
    return page


def test_which_teams_answered_changes_no_byte_of_the_plan(cast: Cast) -> None:
    acme = company(cast)
    cycle = planned(acme, timezone.now())
    pages = [
        page_after(acme, cycle, silent)
        for silent in ({"North": 3}, {"South": 3}, {"Growth": 2, "Acme": 1}, {"South": 2})
    ]
    assert "as last time" in pages[0]
    assert pages[0] == pages[1] == pages[2]
    assert pages[0] != pages[3]


@pytest.mark.parametrize("more_teams", [0, 40])
def test_it_costs_one_statement_however_many_teams(
    cast: Cast, more_teams: int, django_assert_num_queries: Any
) -> None:
    acme = company(cast)
    for number in range(more_teams):
        acme.add_team(f"Team {number}", "Growth")
    with working_for(acme.id):
        opening = groups.preview_opening(5, timezone.now())
        with django_assert_num_queries(1, connection=connection):
            forecast_opening(opening, 5, MAIN_RUBRIC)
