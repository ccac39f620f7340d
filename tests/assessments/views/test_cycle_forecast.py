"""What the page of a planned cycle says about the teams that will be shown."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.assessments.cycle_plans import fill, planned
from tests.assessments.made_up_people import company
from tests.conftest import Cast, House


@pytest.fixture
def acme(cast: Cast) -> House:
    return company(cast)


def plan_page(house: House, language: str = "en", **different: int) -> str:
    """The page, in one line."""
    cycle = planned(house, timezone.now(), **different)
    adam = house.browser("Adam")
    adam.cookies["language"] = language
    answer = adam.get(reverse("assessments:cycle", args=[house.slug, cycle.pk]))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_one_sentence_comes_before_the_launch(acme: House) -> None:
    page = plan_page(acme)
    sentence = re.search(r"About (\d) of 6 teams will be shown, if 70% answer\.", page)
    assert sentence is not None
    assert page.index(sentence.group()) < page.index("What happens when you launch")


def test_a_team_says_why_it_will_be_hidden_and_what_helps(acme: House) -> None:
    page = plan_page(acme)
    assert "Teams that may stay hidden" in page
    assert "Too few people" in page
    assert "Merge them with another team or the team above, or add people." in page
    assert "1 person · included in: Growth" in page


def test_one_person_alone_can_be_found_and_moved(acme: House) -> None:
    page = plan_page(acme)
    assert "Directly in: Sales" in page
    assert "would tell whether that person answered" in page
    assert f"/people/?team={acme.teams['Sales'].pk}" in page


def test_it_says_the_same_in_korean(acme: House) -> None:
    page = plan_page(acme, "ko")
    assert re.search(r"70%가 응답하면 팀 6개 중 \d개 정도의 결과가 표시될 거예요", page)
    assert "표시되지 않을 수 있는 팀" in page
    assert "직속: Sales" in page


def test_where_all_are_shown_nothing_else_is_said(cast: Cast) -> None:
    acme = cast.acme
    fill(acme, "", 20)
    fill(acme, "Growth", 20)
    fill(acme, "Brand", 20)
    page = plan_page(acme)
    assert "All 2 teams will probably be shown, if 70% answer." in page
    assert "What you can expect" not in page


def test_what_cannot_be_launched_has_no_forecast(cast: Cast) -> None:
    page = plan_page(cast.acme, threshold=20)
    assert "This survey can" in page
    assert "will be shown" not in page.split("What happens when you launch", maxsplit=1)[0]


def test_the_list_of_who_is_invited_says_the_same(acme: House) -> None:
    table = plan_page(acme).split("Who is invited", maxsplit=1)[1]
    rows = {
        name: re.sub(r"<[^>]+>", "", row).strip()
        for name, row in re.findall(r'<th scope="row">(\w+)</th>(.*?)</tr>', table)
    }
    assert rows["Solo"].endswith("Will be hidden")
    assert rows["Brand"].endswith("Uncertain")
    assert rows["Growth"].endswith("0")


def test_more_teams_cost_no_more_statements(acme: House) -> None:
    cycle = planned(acme, timezone.now())
    adam = acme.browser("Adam")
    path = reverse("assessments:cycle", args=[acme.slug, cycle.pk])
    adam.get(path)
    with CaptureQueriesContext(connection) as few:
        adam.get(path)
    for number in range(30):
        acme.add_team(f"Desk {number}", "Growth")
        fill(acme, f"Desk {number}", 3)
    with CaptureQueriesContext(connection) as many:
        page = adam.get(path).content.decode()
    assert "Desk 29" in page
    assert len(many) == len(few)
