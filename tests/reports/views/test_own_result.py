"""The result that everyone asked opens by their personal link: what they see, what it costs, what was promised, and that
nothing tells whether they answered."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.models import Cycle, Scorecard
from assessments.rubrics import BUILT_IN, built_in
from organizations.models import AccessEvent, Membership
from organizations.tenancy.scope import working_for
from tests.assessments.answered_cycles import answered
from tests.assessments.respondent_clients import Respondent, own
from tests.conftest import Cast, House
from tests.reports.result_links import (
    BUTTON,
    address,
    invite,
    link_of,
    main_of,
    pressed,
    shown,
    switch_off,
)
from tests.reports.views.test_results import closed

DRAWN, KEPT = 8, 5
VARIABLE = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[^"]*|/s/[\w-]{22}/')


# --- What is seen -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rubric", BUILT_IN)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_own_team_is_shown_beside_the_organization(
    cast: Cast, rubric: str, language: str
) -> None:
    cycle = closed(cast.acme, people=12, rubric=rubric)
    client = pressed(invite(cast.acme, cycle, "Max"))
    client.cookies["language"] = language
    html = shown(cast.acme, cycle, client)
    assert f'<html lang="{language}"' in html and "Brand" in html
    assert html.count('class="figure"') == 4
    assert 'class="all-capabilities"' in html
    for never in ("Seen at the fair.", "/explain/", "/capabilities/", "/teams/", "{{", "<script"):
        assert never not in html, never
    assert "Suggested" not in html


def test_whoever_answered_and_whoever_did_not_see_the_same_bytes(cast: Cast) -> None:
    cycle = closed(cast.acme)
    links = [
        link_of(cast.acme, cycle, "Person 000"),
        invite(cast.acme, cycle, "Max"),
        invite(cast.acme, cycle, "Cho", finished=False, newcomer=True),
        invite(cast.acme, cycle, "Ana", finished=True, bounced=True),
    ]
    seen = set()
    for link in links:
        client = Respondent()
        pages = [client.get(link), client.post(link, BUTTON)]
        pages += [client.get(address(cast.acme, cycle))]
        pages += [client.get(address(cast.acme, cycle).removesuffix("result/"))]
        heads = [sorted((k, v) for k, v in page.items() if k != "Content-Length") for page in pages]
        texts = [VARIABLE.sub("*", page.content.decode()) for page in pages]
        seen.add(repr((heads, texts, [page.status_code for page in pages])))
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("n", "reason"),
    [
        (None, "fewer than 5 people, or others could be worked out"),
        (4, "fewer than 5 responses"),
        (6, "another team&#x27;s answers could be worked out"),
    ],
)
def test_a_hidden_team_shows_the_nearest_one_above_and_says_why(
    cast: Cast, n: int | None, reason: str
) -> None:
    cycle = closed(cast.acme, people=24)
    hide(cast.acme, cycle, shown=("Acme", "Growth"), n=n)
    html = shown(cast.acme, cycle, pressed(invite(cast.acme, cycle, "Max")))
    assert "Why not Brand?" in html and reason in html
    assert "Its answers count in Growth (9 of 12 answered)." in html
    assert "Nobody sees a result for Brand, not even its lead." in html
    assert "Growth" in re.findall(r'<h1 id="finding">([^<]+)', html)[0]


def test_where_nothing_is_shown_the_page_says_that_too(cast: Cast) -> None:
    cycle = closed(cast.acme, people=4)
    html = shown(cast.acme, cycle, pressed(invite(cast.acme, cycle, "Max")))
    assert "Brand isn&#x27;t shown, to protect the people in it." in html
    assert 'class="figure"' not in html and 'class="pale"' in html


def hide(house: House, cycle: Cycle, *, shown: tuple[str, ...], n: int | None) -> None:
    with working_for(house.id):
        card = Scorecard.objects.get(cycle=cycle)
        by_name = {team.name: str(team.pk) for team in cycle.teams.all()}
        card.summary["shown"] = [by_name[name] for name in shown]
        card.participation = {by_name["Growth"]: {"n": 9, "invited": 12}}
        if n is not None:
            card.participation[by_name["Brand"]] = {"n": n, "invited": 12}
        card.save()


def test_it_is_the_team_where_one_was_asked_whatever_was_confirmed_later(cast: Cast) -> None:
    cycle = closed(cast.acme, people=24)
    link = invite(cast.acme, cycle, "Max")
    with working_for(cast.acme.id):
        moved = {"team": cast.acme.teams[""], "team_confirmed": True, "leads": True}
        Membership.objects.filter(name="Max").update(**moved)
    (eyebrow,) = re.findall(r'<p class="eyebrow">([^<]+)', shown(cast.acme, cycle, pressed(link)))
    assert eyebrow == "Autumn · Brand"


def test_earlier_surveys_are_those_in_which_one_was_asked_in_this_team(cast: Cast) -> None:
    first, second, third = (closed(cast.acme, name, 24) for name in ("First", "Second", "Third"))
    invite(cast.acme, first, "Max")
    invite(cast.acme, second, "Max", "Growth")
    html = shown(cast.acme, third, pressed(invite(cast.acme, third, "Max")))
    assert "First" in html and "Second" not in html
    html = shown(cast.acme, third, pressed(invite(cast.acme, third, "Ana")))
    assert "First" not in html


def test_where_capabilities_are_closed_no_capability_is_named(cast: Cast) -> None:
    cycle = closed(cast.acme, people=24)
    lead = pressed(invite(cast.acme, cycle, "Ana", answers_as="lead"))
    client = pressed(invite(cast.acme, cycle, "Max"))
    switch_off(cast.acme, "members_see_capabilities")
    html = shown(cast.acme, cycle, client)
    rubric = built_in(cycle.rubric)
    for item in rubric.capabilities:
        assert item.name.in_("en") not in html, item.slug
    for value in rubric.dimensions:
        assert value.name.in_("en") in html
    assert html.count('class="figure"') == 3
    assert 'class="all-capabilities"' in shown(cast.acme, cycle, lead)


def test_no_capability_of_the_whole_organization_is_shown(cast: Cast) -> None:
    """Its values are, beside the team's."""
    cycle = closed(cast.acme, people=24)
    html = shown(cast.acme, cycle, pressed(invite(cast.acme, cycle, "Max")))
    gaps = re.findall(r'<section class="gaps".*?</section>', html, re.DOTALL)[0]
    assert "organization" not in gaps
    assert html.count('class="claim none"') == len(built_in(cycle.rubric).dimensions)


# --- What it costs ------------------------------------------------------------------------------------


def test_the_page_costs_the_same_with_more_people_and_cycles(cast: Cast) -> None:
    first = closed(cast.acme, "First", 12)
    client = pressed(invite(cast.acme, first, "Max"))
    shown(cast.acme, first, client)  # today's line of the access log

    def statements(cycle: Cycle, reader: Client) -> list[str]:
        with CaptureQueriesContext(connection) as log:
            shown(cast.acme, cycle, reader)
        return own(log)

    caches["results_pages"].clear()
    few = statements(first, client)
    more = [closed(cast.acme, name, 24) for name in ("Second", "Third")]
    invite(cast.acme, more[0], "Max")
    last = pressed(invite(cast.acme, more[1], "Max"))
    shown(cast.acme, more[1], last)
    caches["results_pages"].clear()
    many = statements(more[1], last)
    assert len(few) == len(many) <= DRAWN, many
    assert len(statements(more[1], last)) <= KEPT


def test_two_people_of_a_team_share_what_was_drawn(cast: Cast) -> None:
    cycle = closed(cast.acme)
    readers = [pressed(invite(cast.acme, cycle, name)) for name in ("Max", "Cho")]
    shown(cast.acme, cycle, readers[0])
    shown(cast.acme, cycle, readers[1])
    with CaptureQueriesContext(connection) as log:
        shown(cast.acme, cycle, readers[1])
    assert len(own(log)) <= KEPT


def test_a_read_by_link_has_its_line_in_the_access_log_and_the_button_has_none(cast: Cast) -> None:
    cycle = closed(cast.acme)
    link = invite(cast.acme, cycle, "Max")
    Respondent().get(link)
    client = pressed(link)
    with working_for(cast.acme.id):
        assert not AccessEvent.objects.exists()
    for _ in range(2):
        shown(cast.acme, cycle, client)
    with working_for(cast.acme.id):
        (line,) = AccessEvent.objects.all()
    assert (line.page, line.subject) == ("reports:own_result", str(cycle.pk))
    assert line.reader == cast.acme.members["Max"].pk


# --- What was promised --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switched_off", "promised", "never"),
    [
        ("", ["For 90 days, your personal link", "values and capabilities"], "no single"),
        ("results_by_link", ["if you have an account", "values and capabilities"], "90 days"),
        ("members_see_capabilities", ["For 90 days", "but no single"], "values and capabilities"),
    ],
)
def test_the_first_page_promises_what_the_settings_open(
    cast: Cast, switched_off: str, promised: list[str], never: str
) -> None:
    cycle = answered(cast.acme, closes_at=timezone.now() + timedelta(days=9))
    link = invite(cast.acme, cycle, "Max")
    if switched_off:
        switch_off(cast.acme, switched_off)
    pages = [
        Respondent().get(link),
        cast.acme.browser("Max").get(address(cast.acme, cycle).removesuffix("result/")),
    ]
    for answer in pages:
        html = " ".join(main_of(answer.content.decode()).split())
        assert all(words in html for words in promised)
        assert never not in html
