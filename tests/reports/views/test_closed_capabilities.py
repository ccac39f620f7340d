"""Where an owner has closed the capabilities of a team to its members, no page shows them the level of one."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest

from assessments.models import Cycle, Result
from organizations.models import Organization
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import ask
from tests.conftest import Cast, House
from tests.reports.views.test_results import closed, page


def close_capabilities(house: House) -> None:
    with working_for(house.id):
        Organization.objects.filter(pk=house.id).update(members_see_capabilities=False)


def result_of(house: House, cycle: Cycle, subject_type: str) -> Result:
    with working_for(house.id):
        rows = Result.objects.filter(scorecard__cycle=cycle, node__name="Brand", kind="performance")
        found = rows.filter(subject_type=subject_type).exclude(score=None).first()
    assert found
    return found


def opened_cell(house: House, cycle: Cycle) -> str:
    value = result_of(house, cycle, "value")
    return f"teams/?team={value.node_id}&value={value.subject}"


def test_a_member_opens_the_capabilities_of_their_own_team(cast: Cast) -> None:
    cycle = closed(cast.acme)
    ask(cast.acme, cycle.pk, "Max", "Brand")
    max_ = cast.acme.browser("Max")
    assert 'id="cell"' in page(max_, cast.acme, opened_cell(cast.acme, cycle))
    capability = result_of(cast.acme, cycle, "capability")
    page(max_, cast.acme, f"results/{capability.pk}/explain/")


def test_once_they_are_closed_no_page_shows_one(cast: Cast) -> None:
    cycle = closed(cast.acme)
    ask(cast.acme, cycle.pk, "Max", "Brand")
    max_ = cast.acme.browser("Max")
    page(max_, cast.acme, opened_cell(cast.acme, cycle))  # what was drawn before shows it no more
    close_capabilities(cast.acme)
    html = page(max_, cast.acme, opened_cell(cast.acme, cycle))
    assert 'id="cell"' not in html and "data-gap" in html and "value=" not in _links(html)
    value, capability = (result_of(cast.acme, cycle, kind) for kind in ("value", "capability"))
    page(max_, cast.acme, f"results/{capability.pk}/explain/", HTTPStatus.NOT_FOUND)
    assert 'id="parts"' not in page(max_, cast.acme, f"results/{value.pk}/explain/")


def _links(html: str) -> str:
    return " ".join(re.findall(r'href="([^"]*)"', html))


@pytest.mark.parametrize("name", ["Cho", "Max"])
def test_leaders_and_the_lead_of_the_team_see_them_all_the_same(cast: Cast, name: str) -> None:
    cycle = closed(cast.acme)
    if name == "Max":
        ask(cast.acme, cycle.pk, name, "Brand", "lead")
    close_capabilities(cast.acme)
    reader, capability = cast.acme.browser(name), result_of(cast.acme, cycle, "capability")
    assert 'id="cell"' in page(reader, cast.acme, opened_cell(cast.acme, cycle))
    page(reader, cast.acme, f"results/{capability.pk}/explain/")
