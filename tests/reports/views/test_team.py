"""The page of one team: who may open it, what it shows beside the organization, and that a hidden one says why."""

from __future__ import annotations

import re
from http import HTTPStatus
from io import BytesIO

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from assessments.models import Scorecard
from assessments.rubrics import BUILT_IN, MAIN_RUBRIC, built_in
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import ask
from tests.conftest import Cast, House
from tests.reports.views.test_results import (
    DRAWN,
    STATEMENTS,
    closed,
    in_korean,
    page,
    without_picker,
)


def team_page(house: House, name: str) -> str:
    return f"teams/{house.teams[name].pk}/"


def test_a_team_is_shown_beside_the_organization(cast: Cast) -> None:
    closed(cast.acme, "Spring", people=12)
    closed(cast.acme, "Autumn", people=12)
    cho = cast.acme.browser("Cho")
    html = page(cho, cast.acme, team_page(cast.acme, "Brand"))
    assert "<title>Brand" in html
    assert html.count('class="ring ring-org"') == html.count('class="ring ring-1"') == 1
    assert html.count('class="figure"') == 4 and "organization: " in html
    assert html.count('class="claim none"') == len(built_in(MAIN_RUBRIC).dimensions)
    assert html.count("Seen at the fair.") == 12
    assert 'id="trend"' in html
    korean = page(in_korean(cho), cast.acme, team_page(cast.acme, "Brand"))
    for text in (html, korean):
        assert "{{" not in text and " style=" not in text and "<script" not in text


@pytest.mark.parametrize("rubric", BUILT_IN)
def test_a_team_has_a_page_and_a_pdf_in_every_rubric(cast: Cast, rubric: str) -> None:
    closed(cast.acme, "Autumn", people=12, rubric=rubric)
    cho = cast.acme.browser("Cho")
    html = page(cho, cast.acme, team_page(cast.acme, "Brand"))
    (heading,) = re.findall(r'<h1 id="finding">([^<]+)', html)
    for language in ("en", "ko"):
        response = cho.get(f"/o/acme/{team_page(cast.acme, 'Brand')}{language}.pdf")
        assert response["Content-Type"] == "application/pdf"
        printed = "".join(
            each.extract_text() for each in PdfReader(BytesIO(response.content)).pages
        )
        assert "Brand" in printed and "Seen at the fair." not in printed
        if language == "en":
            assert heading.split(":")[0] in " ".join(printed.split())
    page(cho, cast.acme, f"{team_page(cast.acme, 'Brand')}xx.pdf", HTTPStatus.NOT_FOUND)


def test_the_heat_map_and_its_opened_cell_lead_to_the_team(cast: Cast) -> None:
    spring = closed(cast.acme, "Spring")
    closed(cast.acme, "Autumn")
    cho, address = cast.acme.browser("Cho"), f"/o/acme/{team_page(cast.acme, 'Brand')}"
    html = page(cho, cast.acme, f"teams/?cycle={spring.pk}")
    assert html.count(f'href="{address}?cycle={spring.pk}"') == 1
    cells = re.findall(r'href="(\?[^"]*value=exchange)#cell"', html)
    opened = [page(cho, cast.acme, "teams/" + cell.replace("&amp;", "&")) for cell in cells]
    assert sum(html.count(f'href="{address}?cycle={spring.pk}"') == 2 for html in opened) == 1
    html = page(cho, cast.acme, f"{team_page(cast.acme, 'Brand')}?cycle={spring.pk}")
    assert "Spring" in without_picker(html) and "Autumn" not in without_picker(html)


def test_a_hidden_team_says_why_and_where_its_answers_count(cast: Cast) -> None:
    cycle = closed(cast.acme, people=24)
    with working_for(cast.acme.id):
        card = Scorecard.objects.get(cycle=cycle)
        by_name = {team.name: str(team.pk) for team in cycle.teams.all()}
        card.summary["shown"] = [by_name["Acme"], by_name["Growth"]]
        card.participation = {by_name["Growth"]: {"n": 9, "invited": 12}}
        card.save()
    cho, address = cast.acme.browser("Cho"), team_page(cast.acme, "Brand")
    html = page(cho, cast.acme, address)
    assert "Brand isn&#x27;t shown, to protect the people in it." in html
    assert "Its answers count in Growth (9 of 12 answered)." in html
    assert f'href="/o/acme/{team_page(cast.acme, "Growth")}"' in html
    assert "or others could be worked out" in html and "/explain/" not in html
    page(cho, cast.acme, f"{address}en.pdf", HTTPStatus.NOT_FOUND)
    for n, reason in ((4, "Hidden: fewer than 5 responses"), (6, "Hidden: another team")):
        with working_for(cast.acme.id):
            card.participation[by_name["Brand"]] = {"n": n, "invited": 12}
            card.save()
        assert reason in page(cho, cast.acme, address)


def test_a_lead_sees_the_team_and_everything_below_it_and_nothing_above(cast: Cast) -> None:
    acme, cycle = cast.acme, closed(cast.acme, people=24)
    ask(acme, cycle.pk, "Max", "Growth", "lead")
    max_ = acme.browser("Max")
    html = page(max_, acme, "teams/")
    for name, status in (("Growth", 200), ("Brand", 200), ("", 404)):
        address = team_page(acme, name)
        assert (f'href="/o/acme/{address}"' in html) is (status == 200)
        page(max_, acme, address, status)
        assert max_.get(f"/o/acme/{address}en.pdf").status_code == status
    assert "/capabilities/" not in page(max_, acme, team_page(acme, "Brand"))


def test_a_lead_sees_earlier_results_only_of_what_they_led_then(cast: Cast) -> None:
    acme = cast.acme
    first, second, third = (closed(acme, name, 24) for name in ("First", "Second", "Third"))
    ask(acme, third.pk, "Max", "Brand", "lead")
    ask(acme, second.pk, "Max", "Brand")
    ask(acme, first.pk, "Max", "Brand", "lead")
    max_, address = acme.browser("Max"), team_page(acme, "Brand")
    html = page(max_, acme, address)
    assert "First" in html and "Third" in html and "Second" not in html
    assert "Second" in page(acme.browser("Cho"), acme, address)
    page(max_, acme, f"{address}?cycle={second.pk}", HTTPStatus.NOT_FOUND)


@pytest.mark.parametrize("who", ["Max", "Adam"])
def test_a_member_or_an_admin_opens_no_team(cast: Cast, who: str) -> None:
    acme, cycle = cast.acme, closed(cast.acme, people=24)
    ask(acme, cycle.pk, who, "Brand")
    browser = acme.browser(who)
    assert "data-gap" in page(browser, acme, "teams/")
    for address in (team_page(acme, "Brand"), f"{team_page(acme, 'Brand')}en.pdf"):
        page(browser, acme, address, HTTPStatus.NOT_FOUND)
        assert f"/o/acme/{address}" not in page(browser, acme, "teams/")


def test_a_cycle_without_the_team_leads_to_its_teams(cast: Cast) -> None:
    old = closed(cast.acme, "Old")
    closed(cast.acme, "New")
    cho, nowhere = cast.acme.browser("Cho"), f"teams/{old.pk}/"
    page(cho, cast.acme, nowhere, HTTPStatus.NOT_FOUND)
    response = cho.get(f"/o/acme/{nowhere}?cycle={old.pk}")
    assert response.headers["Location"] == f"/o/acme/teams/?cycle={old.pk}"


def test_the_page_costs_the_same_with_more_people_and_cycles(cast: Cast) -> None:
    closed(cast.acme, "First", 12)
    cho, address = cast.acme.browser("Cho"), team_page(cast.acme, "Brand")
    page(cho, cast.acme, address)
    caches["results_pages"].clear()
    with CaptureQueriesContext(connection) as few:
        page(cho, cast.acme, address)
    closed(cast.acme, "Second", 24)
    closed(cast.acme, "Third", 24)
    with CaptureQueriesContext(connection) as many:
        page(cho, cast.acme, address)
    with CaptureQueriesContext(connection) as again:
        page(cho, cast.acme, address)
    assert len(few) == len(many) <= STATEMENTS, [query["sql"] for query in many]
    assert len(again) <= DRAWN
