"""The way to the result after the close: the personal link, its button, and who is refused with which words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from assessments.models import Cycle
from assessments.results.shared_results import LINK_DAYS
from organizations.access import RESPONDENT_COOKIE
from organizations.models import Membership
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import answered
from tests.assessments.respondent_clients import Respondent
from tests.conftest import CANARY, Cast, House
from tests.reports.result_links import (
    BUTTON,
    address,
    change,
    invite,
    link_of,
    main_of,
    pressed,
    shown,
    switch_off,
)
from tests.reports.views.test_results import closed

# --- The way to it ------------------------------------------------------------------------------------


def test_opening_the_link_after_the_close_shows_a_button_and_no_result(cast: Cast) -> None:
    cycle = closed(cast.acme)
    link, client = invite(cast.acme, cycle, "Max"), Respondent()
    for method in (client.get, client.head):
        answer = method(link)
        assert answer.status_code == 200
        assert RESPONDENT_COOKIE not in answer.cookies
        assert answer["Referrer-Policy"] == "strict-origin"
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
    html = main_of(client.get(link).content.decode())
    assert "See your team's result" in html
    assert not re.search(r"Brand|\d\.\d|svg", html)
    late = client.post(link)  # someone still had the promise open, and pressed Start
    assert (late.status_code, RESPONDENT_COOKIE in late.cookies) == (200, False)


def test_its_button_gives_a_cookie_until_the_result_ends(cast: Cast) -> None:
    cycle = closed(cast.acme)
    change(cast.acme, cycle, closed_at=timezone.now() - timedelta(days=10))
    client = Respondent()
    answer = client.post(invite(cast.acme, cycle, "Max"), BUTTON)
    cookie = answer.cookies[RESPONDENT_COOKIE]
    assert (answer.status_code, answer["Location"]) == (303, address(cast.acme, cycle))
    assert cookie["path"] == address(cast.acme, cycle).removesuffix("result/")
    assert int(cookie["max-age"]) in range((LINK_DAYS - 10) * 86400 - 60, (LINK_DAYS - 10) * 86400)
    answer = client.get(address(cast.acme, cycle))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "same-origin"


def test_a_form_from_elsewhere_or_cut_off_opens_nothing(cast: Cast) -> None:
    link = invite(cast.acme, closed(cast.acme), "Max")
    for client in (Client(enforce_csrf_checks=True), Client()):
        answer = client.post(link, BUTTON)
        assert answer.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST)
        assert RESPONDENT_COOKIE not in answer.cookies


def test_the_survey_that_is_over_leads_to_its_result(cast: Cast) -> None:
    cycle = closed(cast.acme)
    client = pressed(invite(cast.acme, cycle, "Max"))
    over = client.get(address(cast.acme, cycle).removesuffix("result/")).content.decode()
    assert f'href="{address(cast.acme, cycle)}"' in over
    left = client.post(address(cast.acme, cycle).replace("result/", "leave/"))
    assert "To see your team" in left.content.decode()
    assert left.cookies[RESPONDENT_COOKIE].value == ""


# --- Who may ------------------------------------------------------------------------------------------


def test_a_cookie_opens_its_own_result_and_no_other(cast: Cast) -> None:
    mine, other, theirs = closed(cast.acme, "One"), closed(cast.acme, "Two"), closed_rival(cast)
    invite(cast.acme, other, "Cho")
    client = pressed(invite(cast.acme, mine, "Max"))
    client.cookies[RESPONDENT_COOKIE]["path"] = "/"
    for house, cycle in ((cast.acme, other), (cast.rival, theirs), (cast.rival, mine)):
        assert CANARY not in shown(house, cycle, client, HTTPStatus.NOT_FOUND)
    assert shown(cast.acme, mine, client)
    for page in ("teams/", "", "me/", f"cycles/{mine.pk}/", "settings/"):
        assert client.get(f"/o/acme/{page}").status_code == 302  # to the sign-in


def closed_rival(cast: Cast) -> Cycle:
    """In teams that bear the names of Acme's, so that the same tree can be made of them."""
    house = cast.rival
    with working_for(house.id):
        for name in ("Growth", "Brand"):
            house.teams[name] = house.add_team(f"{CANARY} {name}")
    return closed(house, f"{CANARY} cycle")


def test_the_other_organizations_link_opens_nothing_here(cast: Cast) -> None:
    theirs = closed_rival(cast)
    client = pressed(link_of(cast.rival, theirs, "Person 000"))
    client.cookies[RESPONDENT_COOKIE]["path"] = "/"
    mine = closed(cast.acme)
    shown(cast.acme, mine, client, HTTPStatus.NOT_FOUND)
    shown(cast.acme, theirs, client, HTTPStatus.NOT_FOUND)


def suspended(house: House, _cycle: Cycle) -> None:
    Membership.objects.filter(name="Max").update(suspended_at=timezone.now())


def removed(house: House, _cycle: Cycle) -> None:
    Membership.objects.filter(name="Max").delete()


@pytest.mark.parametrize("happened", [suspended, removed])
def test_for_whoever_is_gone_it_is_gone(
    cast: Cast, happened: Callable[[House, Cycle], None]
) -> None:
    cycle = closed(cast.acme)
    link = invite(cast.acme, cycle, "Max")
    client = pressed(link)
    with working_for(cast.acme.id):
        happened(cast.acme, cycle)
    shown(cast.acme, cycle, client, HTTPStatus.NOT_FOUND)
    for answer in (client.get(link), client.post(link, BUTTON)):
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert "This link isn" in answer.content.decode()
        assert RESPONDENT_COOKIE not in answer.cookies


def over(house: House, cycle: Cycle) -> None:
    change(house, cycle, closed_at=timezone.now() - timedelta(days=LINK_DAYS, minutes=1))


def off(house: House, _cycle: Cycle) -> None:
    switch_off(house, "results_by_link")


@pytest.mark.parametrize(
    ("happened", "status", "sentence", "korean"),
    [
        (over, 410, "for 90 days after the survey closed", "90일 동안"),
        (off, 403, "your organization has switched this off", "기능을 꺼"),
    ],
)
def test_a_link_that_has_ended_says_so_in_both_languages(
    cast: Cast,
    happened: Callable[[House, Cycle], None],
    status: int,
    sentence: str,
    korean: str,
) -> None:
    cycle = closed(cast.acme)
    link = invite(cast.acme, cycle, "Max")
    client = pressed(link)
    happened(cast.acme, cycle)
    for language, words in (("en", sentence), ("ko", korean)):
        client.cookies["language"] = language
        for answer in (
            client.get(link),
            client.post(link, BUTTON),
            client.get(address(cast.acme, cycle)),
        ):
            html = main_of(answer.content.decode())
            assert (answer.status_code, words in html, "Brand" in html) == (status, True, False)
            assert RESPONDENT_COOKIE not in answer.cookies


@pytest.mark.parametrize("happened", [over, off])
def test_whoever_signs_in_needs_no_link(
    cast: Cast, happened: Callable[[House, Cycle], None]
) -> None:
    cycle = closed(cast.acme)
    invite(cast.acme, cycle, "Max")
    happened(cast.acme, cycle)
    html = shown(cast.acme, cycle, cast.acme.browser("Max"))
    assert "This link is personal" not in html and "My surveys" in html
    shown(cast.acme, cycle, cast.acme.browser("Ada"), HTTPStatus.NOT_FOUND)  # was not asked


@pytest.mark.parametrize("stage", [Cycle.Stage.CLOSING, Cycle.Stage.OPEN])
def test_while_it_is_counted_the_page_says_so(cast: Cast, stage: str) -> None:
    cycle = answered(cast.acme)
    change(cast.acme, cycle, stage=stage, closes_at=timezone.now() - timedelta(minutes=1))
    client, link = Respondent(), invite(cast.acme, cycle, "Max")
    client.cookies[RESPONDENT_COOKIE] = link.split("/")[2]
    for answer in (
        client.get(link),
        client.post(link, BUTTON),
        client.get(address(cast.acme, cycle)),
    ):
        assert answer.status_code == 200
        assert "The results are being calculated" in answer.content.decode()
        assert RESPONDENT_COOKIE not in answer.cookies


def test_before_the_close_the_result_leads_to_the_survey(cast: Cast) -> None:
    cycle = answered(cast.acme, closes_at=timezone.now() + timedelta(days=1))
    invite(cast.acme, cycle, "Max")
    answer = cast.acme.browser("Max").get(address(cast.acme, cycle))
    assert (answer.status_code, answer["Location"]) == (
        302,
        address(cast.acme, cycle).removesuffix("result/"),
    )
