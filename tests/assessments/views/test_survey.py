"""The survey as a browser meets it: what each request costs, shows, stores and refuses."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.models import Cycle, Participation, Response
from assessments.rubrics import BUILT_IN
from assessments.survey import respondents
from organizations.models import Membership
from organizations.tenancy.scope import working_for
from tests.assessments.respondent_clients import (
    FIRST,
    SECOND,
    asked,
    by_link,
    own,
    page,
    part_of,
    responses,
    signed_in,
)
from tests.conftest import Cast, House

SECTION = "exchange"
NAME = f"performance.{FIRST}"


def told(answer: object) -> dict[str, object]:
    assert isinstance(answer, HttpResponse)
    found: dict[str, object] = json.loads(answer.content)
    return found


def shown(client: Client, house: House, cycle: Cycle, part: str = SECTION) -> str:
    return client.get(page(house, cycle, f"?part={part}")).content.decode()


# --- Where someone arrives --------------------------------------------------------------------


def test_the_first_visit_reads_the_promise_and_the_next_goes_on_where_it_stopped(
    cast: Cast,
) -> None:
    cycle = asked(cast.acme)
    client = signed_in(cast.acme, "Max")
    assert "Nobody here sees your answers" in client.get(page(cast.acme, cycle)).content.decode()
    html = shown(client, cast.acme, cycle, "_next")
    assert f'data-card="{FIRST}"' in html
    every = {f"{kind}.{slug}": "4" for slug in slugs(html) for kind in KINDS}
    client.post(page(cast.acme, cycle, "answer/"), every)
    again = client.get(page(cast.acme, cycle)).content.decode()
    assert "6 of 36 done." in again
    section = shown(client, cast.acme, cycle, "_next")
    assert '<input type="hidden" name="part" value="experience">' in section
    question = re.search(r'class="question"[^>]*>([^<]+)', section)
    assert question
    assert f"Next: {question[1]}." in again


def test_whoever_has_answered_everything_is_led_to_sending(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = signed_in(cast.acme, "Max")
    html = shown(client, cast.acme, cycle, "_all")
    client.post(
        page(cast.acme, cycle, "answer/"),
        {f"{kind}.{slug}": "4" for slug in slugs(html) for kind in KINDS},
    )
    begun = client.get(page(cast.acme, cycle)).content.decode()
    assert "36 of 36 done." in begun
    assert "count once you send them" in begun
    assert 'href="?part=_review">Review and send' in begun
    assert "_next" not in begun


def test_the_button_of_the_promise_goes_where_the_reader_is(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = signed_in(cast.acme, "Max")

    def pressed() -> str:
        button = re.search(
            r'class="button wide" href="([^"]+)"', shown(client, cast.acme, cycle, "_promise")
        )
        assert button
        return client.get(button[1]).content.decode()

    assert f'data-card="{FIRST}"' in pressed()
    client.post(page(cast.acme, cycle, "answer/"), {f"performance.{FIRST}": "4"})
    assert "Welcome back." in pressed()
    client.post(page(cast.acme, cycle, "submit/"))
    assert "Sent, but not counted yet" in pressed()


KINDS = ("performance", "importance")


def slugs(html: str) -> list[str]:
    return re.findall(r'data-card="([^"]+)"', html)


@pytest.mark.parametrize("part", [SECTION, "_all", "_review", "_promise"])
def test_another_language_leads_back_to_the_same_part(cast: Cast, part: str) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    where = page(cast.acme, cycle, f"?part={part}")
    back = re.findall('name="next" value="([^"]*)"', client.get(where).content.decode())
    assert back == [where, where]
    answer = client.post("/language/", {"language": "ko", "next": back[0]}, follow=True)
    assert answer.redirect_chain == [(where, 302)]
    assert (answer.status_code, "ko") == (200, answer["Content-Language"])


def test_whoever_has_finished_sees_what_happens_next_and_their_own_profile(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    client.post(
        page(cast.acme, cycle, "answer/"),
        {NAME: "2", f"importance.{FIRST}": "5", f"performance.{SECOND}": "5"},
    )
    client.post(page(cast.acme, cycle, "submit/"))
    html = client.get(page(cast.acme, cycle)).content.decode()
    row = re.sub(r"\s+|<[^>]+>", " ", html[html.index("Exchange value") :])
    told = ["Exchange", "value", "1", "of", "6", "done", "3.5", "5.0"]
    assert row.split()[: len(told)] == told


@pytest.mark.parametrize("part", ["nowhere", "_nowhere", "%00", "exchange%20", "../people"])
def test_a_part_that_is_not_there_is_not_found(cast: Cast, part: str) -> None:
    cycle = asked(cast.acme)
    assert by_link(cast.acme, cycle).get(page(cast.acme, cycle, f"?part={part}")).status_code in (
        400,
        404,
    )


@pytest.mark.parametrize("rubric", BUILT_IN)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_question_of_every_rubric_is_shown_once(
    cast: Cast, rubric: str, language: str
) -> None:
    segment = "Families" if rubric == "customer-driven-disruption" else ""
    cycle = asked(cast.acme, rubric=rubric, segment=segment)
    client = by_link(cast.acme, cycle)
    client.cookies["language"] = language
    review = shown(client, cast.acme, cycle, "_review")
    sections = re.findall(r'data-section="([^"]+)"', review)
    one_by_one = [slugs(shown(client, cast.acme, cycle, section)) for section in sections]
    together = slugs(shown(client, cast.acme, cycle, "_all"))
    assert [slug for some in one_by_one for slug in some] == together
    with working_for(cast.acme.id):
        edition = respondents.find_participation(cycle.pk, cast.acme.members["Max"].pk).rubric
    questions = len(edition.exposure.questions) if edition.exposure else 0
    assert len(together) == len(edition.capabilities) + questions
    assert ("Families" in review) == (": Families" in review) == bool(segment)


def test_the_page_holds_nothing_but_questions_and_ones_own_answers(cast: Cast) -> None:
    cycle = asked(cast.acme)
    ada, client = signed_in(cast.acme, "Ada"), by_link(cast.acme, cycle)
    ada.post(page(cast.acme, cycle, "answer/"), {f"comment.{FIRST}": "Ada's own words"})
    client.post(page(cast.acme, cycle, "answer/"), {f"comment.{FIRST}": "<b>mine</b> {0} %s"})
    html = "".join(
        shown(client, cast.acme, cycle, part) for part in ("_promise", SECTION, "_all", "_review")
    )
    assert html.count("&lt;b&gt;mine&lt;/b&gt; {0} %s") == 2
    with working_for(cast.acme.id):
        hidden = [row.pk for row in Participation.objects.all()]
        hidden += [row.pk for row in Membership.objects.all()]
        hidden += [row.node_id for row in Participation.objects.all()]
        hidden += [row.pk for row in Response.objects.all()] + [cycle.edition_id, cast.acme.id]
        keys = [bytes(row.key).hex()[:12] for row in Response.objects.all()]
    told = [str(one) for one in hidden] + keys + ["Ada", "@acme.example", "weight"]
    assert [secret for secret in told if secret in html] == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_first_visit_is_light(cast: Cast, language: str) -> None:
    """The promise, the first page and what it fetches by itself: below 60 KB."""
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    client.cookies["language"] = language
    html = [shown(client, cast.acme, cycle, part) for part in ("_promise", SECTION, "_all")]
    assets = set(re.findall(r'(?:href|src)="/static/((?:css|js|img)/[^"]+)"', "".join(html)))
    assert {"css/survey.css", "js/survey.js"} <= assets
    files = [(Path("static") / asset).read_bytes() for asset in assets]
    weight = sum(len(gzip.compress(part)) for part in [*files, *(one.encode() for one in html)])
    assert weight < 60_000


# --- Cost -------------------------------------------------------------------------------------


def visitor(house: House, cycle: Cycle, *, has_account: bool) -> Client:
    return signed_in(house, "Max") if has_account else by_link(house, cycle)


@pytest.mark.parametrize(("has_account", "cost"), [(False, 4), (True, 6)])
@pytest.mark.parametrize("answers", [1, 3])
@pytest.mark.parametrize("part", [SECTION, "_all", "_review", "_next"])
def test_a_page_costs_six_statements_at_most(
    cast: Cast, has_account: bool, cost: int, answers: int, part: str
) -> None:
    cycle = asked(cast.acme)
    client = visitor(cast.acme, cycle, has_account=has_account)
    for name in ("Ada", "Adam", "Ana")[:answers]:
        signed_in(cast.acme, name).post(page(cast.acme, cycle, "answer/"), {NAME: "3"})
        client.post(page(cast.acme, cycle, "answer/"), {f"comment.{FIRST}": name})
    shown(client, cast.acme, cycle, part)
    with CaptureQueriesContext(connection) as log:
        shown(client, cast.acme, cycle, part)
    assert len(own(log)) == cost


@pytest.mark.parametrize(("has_account", "cost"), [(False, 3), (True, 5)])
@pytest.mark.parametrize("others", [0, 3])
@pytest.mark.parametrize("body", [{NAME: "2"}, {f"comment.{FIRST}": "words"}])
def test_a_save_costs_five_statements_at_most(
    cast: Cast, has_account: bool, cost: int, others: int, body: dict[str, str]
) -> None:
    cycle = asked(cast.acme)
    where = page(cast.acme, cycle, "answer/")
    for name in ("Ada", "Adam", "Ana")[:others]:
        signed_in(cast.acme, name).post(where, {NAME: "3"})
    client = visitor(cast.acme, cycle, has_account=has_account)
    client.post(where, {f"performance.{SECOND}": "1"})
    with CaptureQueriesContext(connection) as log:
        assert client.post(where, body).status_code == 200
    assert len(own(log)) == cost


@pytest.mark.parametrize(("has_account", "cost"), [(False, 5), (True, 7)])
def test_sending_the_whole_survey_at_once_costs_ten_statements_at_most(
    cast: Cast, has_account: bool, cost: int
) -> None:
    cycle = asked(cast.acme)
    client = visitor(cast.acme, cycle, has_account=has_account)
    html = shown(client, cast.acme, cycle, "_all")
    body = {f"{kind}.{slug}": "4" for slug in slugs(html) for kind in KINDS}
    assert len(body) == 72
    with CaptureQueriesContext(connection) as log:
        answer = client.post(page(cast.acme, cycle, "submit/"), body)
    assert answer.status_code == 302
    assert len(own(log)) == cost
    (row,) = responses(cast.acme)
    assert row.performance == row.importance == [4] * 36
    assert part_of(cast.acme, cycle, "Max").finished
