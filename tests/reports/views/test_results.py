"""The results pages over a real closed cycle: before it, after it, hidden parts, and who may look."""

from __future__ import annotations

import re
from http import HTTPStatus
from xml.etree import ElementTree as ET

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.cycles.closing import close
from assessments.models import Cycle, CycleTeam, Result
from assessments.rubrics import MAIN_RUBRIC, built_in
from organizations.jobs import perform
from organizations.models import Membership
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import answered, ask, open_cycle
from tests.conftest import Cast, House

PAGES = ("", "teams/", "trend/", "capabilities/", f"capabilities/{MAIN_RUBRIC}/growth-agenda/")
QUALITY = "capabilities/quality/"
RESULTS = PAGES[:4]
STATEMENTS = 8 + 2  # the savepoint of the request is two more in a test
DRAWN = 5 + 2  # of a page that was drawn before


def closed(house: House, name: str = "Autumn", people: int = 8, rubric: str = MAIN_RUBRIC) -> Cycle:
    cycle = answered(house, people, name, rubric=rubric)
    perform(Cycle, house.id, cycle.pk, close)
    with working_for(house.id):
        return Cycle.objects.get(pk=cycle.pk)


def page(client: Client, house: House, address: str, status: int = HTTPStatus.OK) -> str:
    response = client.get(f"/o/{house.slug}/{address}")
    assert response.status_code == status, address
    return response.content.decode()


def without_picker(html: str) -> str:
    return re.sub(r'<form class="cycle-picker".*?</form>', "", html, flags=re.DOTALL)


def in_korean(client: Client) -> Client:
    client.cookies["language"] = "ko"
    return client


@pytest.mark.parametrize("address", [*RESULTS, QUALITY])
def test_before_the_first_cycle_a_page_says_what_will_stand_there(cast: Cast, address: str) -> None:
    html = page(cast.acme.browser("Cho"), cast.acme, address)
    assert 'class="pale"' in html
    assert re.search("[Aa]fter your (first|second) survey", html)


@pytest.mark.parametrize("address", [*PAGES, QUALITY])
def test_every_page_stands_in_both_languages(cast: Cast, address: str) -> None:
    closed(cast.acme)
    ada = cast.acme.browser("Ada")
    english, korean = page(ada, cast.acme, address), page(in_korean(ada), cast.acme, address)
    assert '<html lang="en"' in english
    assert '<html lang="ko"' in korean
    assert "Autumn" in english and "Autumn" in korean
    for html in (english, korean):
        assert "{{" not in html and "{%" not in html
        assert " style=" not in html and "<script" not in html


def test_the_first_page_shows_rings_numbers_and_the_pair(cast: Cast) -> None:
    closed(cast.acme, "Spring")
    closed(cast.acme, "Autumn")
    closed(cast.acme, "Together", rubric="cmo-collaboration")
    html = page(cast.acme.browser("Cho"), cast.acme, "")
    assert "2 surveys so far" in html
    assert html.count('class="ring ring-now"') == html.count('class="ring ring-1"') == 1
    assert html.count('class="figure"') == 4
    assert "Shared growth agenda" in html and "Clear decision rights" in html
    assert "Not measured yet" not in html


def test_without_the_other_rubric_its_half_of_the_pair_says_so(cast: Cast) -> None:
    closed(cast.acme)
    assert "Not measured yet" in page(cast.acme.browser("Cho"), cast.acme, "")


def test_a_team_that_may_not_be_shown_is_hatched_and_its_count_not_told(cast: Cast) -> None:
    """Everyone answered from Brand, so nothing stands for anyone else."""
    closed(cast.acme, people=4)
    html = page(cast.acme.browser("Cho"), cast.acme, "teams/")
    assert "Not enough responses yet to compare teams." in html
    assert html.count("Hidden for anonymity. Shown for groups of 5 or more.") == 3
    assert not re.search(r"<td data-gap", html)


def test_a_cell_of_the_heat_map_opens_its_capabilities(cast: Cast) -> None:
    cycle = closed(cast.acme)
    with working_for(cast.acme.id):
        brand = CycleTeam.objects.get(cycle=cycle, name="Brand")
    html = page(cast.acme.browser("Cho"), cast.acme, f"teams/?team={brand.pk}&value=exchange")
    dimension = built_in(MAIN_RUBRIC).dimensions[0]
    assert f"Brand, {dimension.name.in_('en')}" in html
    for item in dimension.capabilities:
        assert html.count(f"/capabilities/{MAIN_RUBRIC}/{item.slug}/") == 1
    assert html.count('class="open"') == 1


@pytest.mark.parametrize("query", ["?team=x&value=exchange", "?team=&value=", "?value=%00"])
def test_a_cell_that_is_not_there_opens_nothing(cast: Cast, query: str) -> None:
    closed(cast.acme)
    status = HTTPStatus.BAD_REQUEST if "%00" in query else HTTPStatus.OK
    assert 'id="cell"' not in page(cast.acme.browser("Cho"), cast.acme, f"teams/{query}", status)


def test_the_list_holds_every_capability_once_and_opens_one(cast: Cast) -> None:
    closed(cast.acme)
    cho = cast.acme.browser("Cho")
    html = page(cho, cast.acme, "capabilities/")
    for item in built_in(MAIN_RUBRIC).capabilities:
        assert html.count(f"?open={item.slug}#open") == 1
    assert 'class="ladder' not in html
    opened = page(cho, cast.acme, "capabilities/?open=growth-agenda")
    (item,) = (one for one in built_in(MAIN_RUBRIC).capabilities if one.slug == "growth-agenda")
    for level in item.levels:
        assert opened.count(level.in_("en").replace("'", "&#x27;")) == 1
    assert 'class="ladder' not in page(cho, cast.acme, "capabilities/?open=no-such")


def test_a_capability_shows_the_cycles_that_asked_it(cast: Cast) -> None:
    closed(cast.acme, "Spring")
    closed(cast.acme, "Autumn")
    html = page(cast.acme.browser("Cho"), cast.acme, PAGES[4])
    assert re.findall(r'<th scope="row">(\w+)<', html) == ["Autumn", "Spring"]


def test_the_trend_shows_every_value_on_one_scale_and_the_open_survey(cast: Cast) -> None:
    closed(cast.acme, "Spring")
    closed(cast.acme, "Autumn")
    cho = cast.acme.browser("Cho")
    html = page(cho, cast.acme, "trend/")
    assert html.count('class="timeline"') == 6
    assert html.count('class="dot"') == html.count('class="dot now"') == 6
    assert len(set(re.findall(r'class="scale" x="0.0" y="([\d.]+)">3<', html))) == 1
    assert 'class="open"' not in html
    open_cycle(cast.acme, "Winter")
    html = page(cho, cast.acme, "trend/")
    assert html.count('class="open"') == 6
    assert html.count(">Winter</text>") == 6


def running(client: Client, house: House, query: str = "") -> str:
    found = re.search(
        r'<section class="running".*?</section>', page(client, house, query), re.DOTALL
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group())) if found else ""


def test_the_first_page_says_what_is_running_by_the_count_of_last_night(cast: Cast) -> None:
    first = closed(cast.acme, "Spring")
    closed(cast.acme, "Autumn")
    cho, ada = cast.acme.browser("Cho"), cast.acme.browser("Ada")
    assert "No survey is open." in running(cho, cast.acme)
    assert "Plan the next survey" in running(ada, cast.acme)
    assert "Plan the next survey" not in running(cho, cast.acme)
    winter = answered(cast.acme, 8, "Winter")
    shown = running(cho, cast.acme)
    assert "Winter" in shown and "Responses are counted once a night." in shown
    assert "Closes on " in shown and "Set targets before it closes" in shown
    with working_for(cast.acme.id):
        root = CycleTeam.objects.get(cycle=winter, place=0)
        counted = {"on": "2026-10-01", "answered": {str(root.pk): 6}}
        Cycle.objects.filter(pk=winter.pk).update(counted=counted)
    assert re.search(r"6 of \d+ answered as of last count, Oct. 1, 2026", running(cho, cast.acme))
    assert f"/cycles/{winter.pk}/" in page(ada, cast.acme, "")
    assert f"/cycles/{winter.pk}/" not in page(cho, cast.acme, "")
    assert running(cho, cast.acme, f"?cycle={first.pk}") == ""


def test_what_is_running_costs_the_first_page_no_statement(cast: Cast) -> None:
    closed(cast.acme)
    open_cycle(cast.acme, "Winter")
    cho = cast.acme.browser("Cho")
    page(cho, cast.acme, "")
    with CaptureQueriesContext(connection) as again:
        page(cho, cast.acme, "")
    assert len(again) <= DRAWN, [query["sql"] for query in again]


def test_the_trend_of_an_earlier_survey_shows_no_open_one(cast: Cast) -> None:
    first = closed(cast.acme, "Spring")
    closed(cast.acme, "Autumn")
    open_cycle(cast.acme, "Winter")
    html = page(cast.acme.browser("Cho"), cast.acme, f"trend/?cycle={first.pk}")
    assert "Winter" not in html


@pytest.mark.parametrize(
    "address", [f"capabilities/{MAIN_RUBRIC}/no-such/", "capabilities/no-such/growth-agenda/"]
)
def test_what_was_never_asked_is_not_there(cast: Cast, address: str) -> None:
    closed(cast.acme)
    page(cast.acme.browser("Cho"), cast.acme, address, HTTPStatus.NOT_FOUND)


@pytest.mark.parametrize(
    ("people", "told", "note"),
    [
        (9, 0, "Hidden: comments are shown for groups of 10 or more."),
        (10, 10, "Shown for groups of 10 or more, with the group&#x27;s name only"),
    ],
)
def test_comments_stand_on_the_page_of_their_capability_from_ten_people_on(
    cast: Cast, people: int, told: int, note: str
) -> None:
    """Under the name of their group; nobody's name, no time."""
    closed(cast.acme, people=people)
    cho, first = cast.acme.browser("Cho"), built_in(MAIN_RUBRIC).capabilities[0].slug
    html = page(cho, cast.acme, f"capabilities/{MAIN_RUBRIC}/{first}/")
    assert html.count("Seen at the fair.") == told
    assert note in html
    said = html[html.index('id="remarks"') :]
    assert said.count('<p class="from">Brand</p>') == told
    assert "Person 0" not in html
    other = page(cho, cast.acme, f"capabilities/{MAIN_RUBRIC}/growth-agenda/")
    assert "Seen at the fair." not in other
    assert ("Comments appear once at least 10 people in a group have answered." in other) is (
        told > 0
    )


@pytest.mark.parametrize("address", PAGES)
def test_every_drawing_of_a_page_can_be_read_by_a_strict_reader(cast: Cast, address: str) -> None:
    closed(cast.acme)
    html = page(cast.acme.browser("Cho"), cast.acme, address)
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert drawings
    for drawing in drawings:
        ET.fromstring(drawing)


@pytest.mark.parametrize("address", [*PAGES, QUALITY])
def test_a_page_asks_the_database_no_more_with_more_people_and_cycles(
    cast: Cast, address: str
) -> None:
    closed(cast.acme, "First", 10)  # enough for comments
    cho = cast.acme.browser("Cho")
    page(cho, cast.acme, address)  # the first read of a day leaves its line in the access log
    caches["results_pages"].clear()
    with CaptureQueriesContext(connection) as few:
        page(cho, cast.acme, address)
    closed(cast.acme, "Second", 30)
    closed(cast.acme, "Third", 30)
    with CaptureQueriesContext(connection) as many:
        page(cho, cast.acme, address)
    with CaptureQueriesContext(connection) as again:
        page(cho, cast.acme, address)
    assert len(few) == len(many) <= STATEMENTS, [query["sql"] for query in many]
    assert len(again) <= DRAWN, [query["sql"] for query in again]


def test_a_page_that_was_drawn_for_one_reader_shows_no_other_more_than_theirs(cast: Cast) -> None:
    """What a process keeps is kept apart by what may be seen, by organization and by language."""
    ask(cast.acme, closed(cast.acme, people=24).pk, "Max")
    whole, own = teams_shown(cast.acme, "Cho"), teams_shown(cast.acme, "Max")
    assert own < whole
    assert (teams_shown(cast.acme, "Cho"), teams_shown(cast.acme, "Max")) == (whole, own)
    assert teams_shown(cast.rival, "Rita") == set()
    cho = cast.acme.browser("Cho")
    assert "Your marketing maturity" not in page(cho, cast.acme, "")
    english = page(cho, cast.acme, "capabilities/")
    cho.cookies["language"] = "ko"
    assert "우선순위" in page(cho, cast.acme, "capabilities/") != english


def test_another_closed_cycle_is_shown_at_once(cast: Cast) -> None:
    closed(cast.acme, "First")
    cho = cast.acme.browser("Cho")
    assert "First" in page(cho, cast.acme, "trend/")
    closed(cast.acme, "Second")
    assert "Second" in page(cho, cast.acme, "trend/")


@pytest.mark.parametrize("address", [*PAGES, QUALITY])
def test_a_cycle_with_too_few_answers_does_not_hide_the_one_before(
    cast: Cast, address: str
) -> None:
    cho, note = cast.acme.browser("Cho"), "Silent: not enough responses"
    closed(cast.acme, "Spoken")
    before = page(cho, cast.acme, address)
    closed(cast.acme, "Silent", people=2)
    after = without_picker(page(cho, cast.acme, address))
    assert note not in before and note in after
    assert "Spoken" in after and after.count("Silent") == 1


def test_where_no_cycle_says_anything_the_newest_says_so(cast: Cast) -> None:
    closed(cast.acme, "First", people=2)
    closed(cast.acme, "Second", people=2)
    html = without_picker(page(cast.acme.browser("Cho"), cast.acme, "teams/"))
    assert "Second" in html and "First" not in html and "hushed" not in html


def test_principles_stand_beside_the_last_cycle_that_says_something(cast: Cast) -> None:
    closed(cast.acme, "Together", rubric="cmo-collaboration")
    closed(cast.acme, "Alone", people=1, rubric="cmo-collaboration")
    html = page(cast.acme.browser("Cho"), cast.acme, "principles/")
    assert "Alone: not enough responses" in html and "Together" in html


@pytest.mark.parametrize("address", [*PAGES[2:], QUALITY])
@pytest.mark.parametrize("who", ["Adam", "Max"])
def test_whoever_may_not_see_results_is_refused(cast: Cast, who: str, address: str) -> None:
    closed(cast.acme)
    page(cast.acme.browser(who), cast.acme, address, HTTPStatus.FORBIDDEN)


@pytest.mark.parametrize(("who", "where"), [("Adam", "/o/acme/cycles/"), ("Max", "/o/acme/me/")])
def test_whoever_may_not_see_results_is_sent_from_the_first_page_to_their_own(
    cast: Cast, who: str, where: str
) -> None:
    closed(cast.acme)
    response = cast.acme.browser(who).get("/o/acme/")
    assert response.status_code == HTTPStatus.FOUND
    assert response.headers["Location"] == where


def teams_shown(house: House, name: str) -> set[str]:
    html = page(house.browser(name), house, "teams/")
    return set(
        re.findall(r'<tr class="d[^>]*>\s*<th scope="row">\s*(?:<a[^>]*>)?([^<]+?)\s*<', html)
    )


def test_a_member_sees_the_own_teams_result_and_no_other(cast: Cast) -> None:
    """Where the own team is too small, it is the result of the nearest team above it."""
    ask(cast.acme, closed(cast.acme, people=24).pk, "Max")
    everyone = teams_shown(cast.acme, "Cho")
    mine = teams_shown(cast.acme, "Max")
    assert len(everyone) > 1
    assert len(mine) == 1
    assert mine < everyone


@pytest.mark.parametrize("role", ["admin", "member"])
@pytest.mark.parametrize("leads", [False, True])
@pytest.mark.parametrize("team", ["", "Growth", "Brand"])
def test_whoever_is_moved_or_made_a_lead_sees_no_more_than_before(
    cast: Cast, role: str, leads: bool, team: str
) -> None:
    """Wherever an administrator puts themselves, or someone they made up: no page shows a number of a
    cycle in which that person was not asked, nor how one came about."""
    acme, cycle = cast.acme, closed(cast.acme, people=24)
    closed(acme, "Together", people=24, rubric="cmo-collaboration")
    assert 'class="plot"' in page(acme.browser("Cho"), acme, "principles/")
    ask(acme, cycle.pk, "Max")  # was asked, and is shown: what is kept of his page is not Adam's
    assert len(teams_shown(acme, "Max")) == 1
    with working_for(acme.id):
        Membership.objects.filter(name="Adam").update(role=role, team=acme.teams[team], leads=leads)
        numbers = [
            str(pk)
            for pk in Result.objects.filter(scorecard__cycle=cycle).values_list("pk", flat=True)
        ]
    adam = acme.browser("Adam")
    html = page(adam, acme, "teams/")
    assert teams_shown(acme, "Adam") == set()
    assert "You weren&#x27;t invited to this survey." in html
    assert "/explain/" not in html
    assert 'class="plot"' not in page(adam, acme, "principles/")
    for number in numbers[:20]:
        page(adam, acme, f"results/{number}/explain/", HTTPStatus.NOT_FOUND)


def test_a_member_is_not_led_to_pages_that_are_closed_to_them(cast: Cast) -> None:
    ask(cast.acme, closed(cast.acme, people=24).pk, "Max")
    html = page(cast.acme.browser("Max"), cast.acme, "teams/")
    (place,) = set(re.findall(r'href="(\?team=[^"]+value=exchange)', html))
    opened = page(cast.acme.browser("Max"), cast.acme, "teams/" + place.replace("&amp;", "&"))
    assert 'id="cell"' in opened
    assert "/capabilities/" not in opened


@pytest.mark.parametrize(("who", "told"), [("Ada", False), ("Cho", False), ("Ana", True)])
def test_how_questions_go_together_is_for_analysts(cast: Cast, who: str, told: bool) -> None:
    closed(cast.acme)
    page = cast.acme.browser(who).get(f"/o/acme/{QUALITY}").text
    assert ("Questions" in page, "Responses" in page) == (told, True)
