"""The survey as a browser meets it: what each request costs, shows, stores and refuses."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments import respondents
from assessments.models import Comment, Cycle, Participation, Response
from assessments.rubric import BUILT_IN
from organizations.access import RESPONDENT_COOKIE
from organizations.models import AuditEvent, Membership
from organizations.tenancy import working_for
from tests.assessments.asking import fill
from tests.assessments.visits import (
    FIRST,
    NOW,
    SECOND,
    asked,
    by_link,
    fields,
    own,
    page,
    part_of,
    responses,
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
    client = cast.acme.browser("Max")
    assert (
        "Nobody here sees what you answered" in client.get(page(cast.acme, cycle)).content.decode()
    )
    html = shown(client, cast.acme, cycle, "_next")
    assert f'data-card="{FIRST}"' in html
    every = {f"{kind}.{slug}": "4" for slug in slugs(html) for kind in KINDS}
    client.post(page(cast.acme, cycle, "answer/"), every)
    again = client.get(page(cast.acme, cycle), follow=True)
    assert again.redirect_chain == [(page(cast.acme, cycle, "?part=_next"), 302)]
    assert '<input type="hidden" name="part" value="experience">' in again.content.decode()


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
        edition = respondents.standing(cycle.pk, cast.acme.members["Max"].pk).rubric
    questions = len(edition.exposure.questions) if edition.exposure else 0
    assert len(together) == len(edition.capabilities) + questions
    assert ("Families" in review) == (": Families" in review) == bool(segment)


def test_the_page_holds_nothing_but_questions_and_ones_own_answers(cast: Cast) -> None:
    cycle = asked(cast.acme)
    ada, client = cast.acme.browser("Ada"), by_link(cast.acme, cycle)
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


def visitor(house: House, cycle: Cycle, *, signed_in: bool) -> Client:
    return house.browser("Max") if signed_in else by_link(house, cycle)


@pytest.mark.parametrize(("signed_in", "cost"), [(False, 4), (True, 6)])
@pytest.mark.parametrize("answers", [1, 3])
@pytest.mark.parametrize("part", [SECTION, "_all", "_review", "_next"])
def test_a_page_costs_six_statements_at_most(
    cast: Cast, signed_in: bool, cost: int, answers: int, part: str
) -> None:
    cycle = asked(cast.acme)
    client = visitor(cast.acme, cycle, signed_in=signed_in)
    for name in ("Ada", "Adam", "Ana")[:answers]:
        cast.acme.browser(name).post(page(cast.acme, cycle, "answer/"), {NAME: "3"})
        client.post(page(cast.acme, cycle, "answer/"), {f"comment.{FIRST}": name})
    shown(client, cast.acme, cycle, part)
    with CaptureQueriesContext(connection) as log:
        shown(client, cast.acme, cycle, part)
    assert len(own(log)) == cost


@pytest.mark.parametrize(("signed_in", "cost"), [(False, 3), (True, 5)])
@pytest.mark.parametrize("others", [0, 3])
@pytest.mark.parametrize("body", [{NAME: "2"}, {f"comment.{FIRST}": "words"}])
def test_a_save_costs_five_statements_at_most(
    cast: Cast, signed_in: bool, cost: int, others: int, body: dict[str, str]
) -> None:
    cycle = asked(cast.acme)
    where = page(cast.acme, cycle, "answer/")
    for name in ("Ada", "Adam", "Ana")[:others]:
        cast.acme.browser(name).post(where, {NAME: "3"})
    client = visitor(cast.acme, cycle, signed_in=signed_in)
    client.post(where, {f"performance.{SECOND}": "1"})
    with CaptureQueriesContext(connection) as log:
        assert client.post(where, body).status_code == 200
    assert len(own(log)) == cost


@pytest.mark.parametrize(("signed_in", "cost"), [(False, 5), (True, 7)])
def test_sending_the_whole_survey_at_once_costs_ten_statements_at_most(
    cast: Cast, signed_in: bool, cost: int
) -> None:
    cycle = asked(cast.acme)
    client = visitor(cast.acme, cycle, signed_in=signed_in)
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


# --- With JavaScript: one answer after the other ----------------------------------------------


def test_an_answer_is_stored_and_its_version_told(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle, "answer/")
    assert told(client.post(where, {NAME: "2", f"seen.{NAME}": "0:"})) == {NAME: "1:2"}
    assert told(client.post(where, {NAME: "3", f"seen.{NAME}": "1:2"})) == {NAME: "2:3"}
    assert told(client.post(where, {NAME: "", f"seen.{NAME}": "2:3"})) == {NAME: "3:"}
    assert responses(cast.acme)[0].performance[0] is None


def test_the_same_answer_sent_twice_is_stored_once(cast: Cast) -> None:
    """A device that heard no reply sends again."""
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle, "answer/")
    for _ in range(3):
        assert told(client.post(where, {NAME: "2", f"seen.{NAME}": "0:"})) == {NAME: "1:2"}


def test_a_newer_answer_is_not_overwritten_and_both_are_told(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle, "answer/")
    client.post(where, {NAME: "2", f"seen.{NAME}": "0:"})
    late = client.post(where, {NAME: "5", f"seen.{NAME}": "0:"})
    assert late.status_code == 409
    assert told(late) == {"stale": [{"name": NAME, "seen": "1:2", "value": "2", "yours": "5"}]}
    assert responses(cast.acme)[0].performance[0] == 2
    other = f"performance.{SECOND}"
    assert client.post(where, {other: "5", f"seen.{other}": "0:"}).status_code == 200


def test_a_newer_comment_is_not_overwritten_and_both_are_told(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle, "answer/")
    name = f"comment.{FIRST}"
    first = told(client.post(where, {name: "from the phone", f"seen.{name}": ""}))
    late = client.post(where, {name: "from the desk", f"seen.{name}": ""})
    assert late.status_code == 409
    assert told(late) == {
        "stale": [{"name": name, "seen": first[name], "value": "from the phone", "evidence": ""}]
    }
    kept = client.post(where, {name: "from the desk", f"seen.{name}": str(first[name])})
    assert kept.status_code == 200
    with working_for(cast.acme.id):
        assert Comment.objects.get().text == "from the desk"


@pytest.mark.parametrize(
    "body",
    [
        {"performance.no-such": "3"},
        {NAME: "6"},
        {NAME: "three"},
        {NAME: "9" * 400},
        {NAME: "٣"},
        {NAME: "1.0"},
        {NAME: "--1"},
        {f"importance.{FIRST}": "0"},
        {"exposure.0": "3"},
        {"exposure.²": "3"},
        {NAME: "3", "importance.no-such": "3"},
        {NAME: "3", f"seen.{NAME}": "x"},
        {NAME: "3", f"seen.{NAME}": "99999:"},
        {NAME: "3", f"seen.{NAME}": "-1:"},
        {"comment.no-such": "words"},
        {f"comment.{FIRST}": "x" * 2001},
        {f"comment.{FIRST}": "x", f"evidence.{FIRST}": "http://example.org"},
        {"performance.": "3"},
    ],
)
def test_what_cannot_be_an_answer_is_refused_in_words(cast: Cast, body: dict[str, str]) -> None:
    cycle = asked(cast.acme)
    answer = by_link(cast.acme, cycle).post(page(cast.acme, cycle, "answer/"), body)
    assert answer.status_code == 422
    assert len(str(told(answer)["error"])) > 10
    assert responses(cast.acme) == []
    with working_for(cast.acme.id):
        assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"[" * 100_000, "application/json"),
        (b"\x00\x01", "application/octet-stream"),
        (NAME.encode() + b"=\x00", "application/x-www-form-urlencoded"),
        (NAME.encode() + b"=%ED%A0%80", "application/x-www-form-urlencoded"),
        (f"comment.{FIRST}=%ED%A0%80%00".encode(), "application/x-www-form-urlencoded"),
        (b"x" * 10_000_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(3000)), "application/x-www-form-urlencoded"),
        (b"--a\r\nbroken", "multipart/form-data; boundary=a"),
        (b"part=_all&go=%0d%0aLocation:x", "application/x-www-form-urlencoded"),
        (b"clear=performance.&go=..%2f..", "application/x-www-form-urlencoded"),
        (b"clear=%C2%B2.%C2%B2", "application/x-www-form-urlencoded"),
    ],
)
def test_no_body_makes_it_stumble(cast: Cast, content: bytes, kind: str) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    for tail in ("answer/", "", "submit/", "consent/", "reopen/", "withdraw/", "leave/"):
        answer = client.generic("POST", page(cast.acme, cycle, tail), content, content_type=kind)
        assert answer.status_code < 500, tail
    assert responses(cast.acme) == []


@pytest.mark.parametrize("tail", ["", "?part=_next", "answer/", "submit/", "withdraw/", "leave/"])
def test_a_survey_that_is_not_mine_is_not_there(cast: Cast, tail: str) -> None:
    fill(cast.rival, "", 4)
    cycle, theirs = asked(cast.acme), asked(cast.rival)
    new = cast.acme.add("New")  # came after the opening: nobody asks her
    for client, place in (
        (cast.acme.browser("Max"), theirs.pk),
        (cast.acme.browser("Max"), uuid4()),
        (cast.acme.browser(new.name), cycle.pk),
    ):
        where = f"/o/acme/surveys/{place}/{tail}"
        assert client.get(where).status_code in (404, 405)
        assert client.post(where, {NAME: "3"}).status_code in (404, 405)
    assert responses(cast.acme) == []


def test_a_form_from_elsewhere_stores_nothing(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = Client(enforce_csrf_checks=True)
    client.cookies[RESPONDENT_COOKIE] = by_link(cast.acme, cycle).cookies[RESPONDENT_COOKIE].value
    for tail in ("answer/", "", "submit/", "withdraw/"):
        assert client.post(page(cast.acme, cycle, tail), {NAME: "3"}).status_code == 403
    assert responses(cast.acme) == []


# --- Without JavaScript: a section at once ----------------------------------------------------


def test_a_section_is_saved_at_once_and_leads_on(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    body = fields(shown(client, cast.acme, cycle))
    body |= {NAME: "4", f"comment.{FIRST}": "well\r\ndone", "go": "experience"}
    answer = client.post(page(cast.acme, cycle), body)
    assert answer["Location"] == page(cast.acme, cycle, "?part=experience")
    (row,) = responses(cast.acme)
    assert (row.performance[0], row.versions[0]) == (4, 1)
    with working_for(cast.acme.id):
        assert Comment.objects.get().text == "well\ndone"


def test_what_was_not_touched_is_not_stored_again(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    first = {NAME: "4", f"importance.{SECOND}": "2", f"comment.{FIRST}": "a < b & c"}
    client.post(page(cast.acme, cycle, "answer/"), first)
    untouched = fields(shown(client, cast.acme, cycle))
    assert untouched[NAME] == "4"
    with CaptureQueriesContext(connection) as log:
        client.post(page(cast.acme, cycle), untouched)
    assert [sql for sql in own(log) if "INSERT" in sql or "DELETE" in sql] == []
    # In another window meanwhile; this page does not know, and only sends what was changed on it.
    client.post(page(cast.acme, cycle, "answer/"), {NAME: "1"})
    answer = client.post(page(cast.acme, cycle), untouched | {f"performance.{SECOND}": "5"})
    assert answer.status_code == 302
    assert responses(cast.acme)[0].performance[:2] == [1, 5]


def test_a_stale_section_stores_nothing_and_shows_both_answers(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    body = fields(shown(client, cast.acme, cycle))
    client.post(page(cast.acme, cycle, "answer/"), {NAME: "1"})
    late = client.post(page(cast.acme, cycle), body | {NAME: "5", f"performance.{SECOND}": "3"})
    html = late.content.decode()
    assert late.status_code == 409
    assert "In another window you answered:" in html
    assert responses(cast.acme)[0].performance[:2] == [1, None]
    again = fields(html)
    assert (again[NAME], again[f"seen.{NAME}"]) == ("5", "1:1")
    assert client.post(page(cast.acme, cycle), again).status_code == 302
    assert responses(cast.acme)[0].performance[:2] == [5, 3]


def test_a_refused_section_stores_nothing_keeps_what_was_typed_and_says_why(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    body = fields(shown(client, cast.acme, cycle))
    body |= {NAME: "4", f"comment.{FIRST}": "kept words", f"evidence.{FIRST}": "nonsense"}
    answer = client.post(page(cast.acme, cycle), body)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "A link begins with https://" in html
    assert responses(cast.acme) == []
    again = fields(html)
    assert (again[NAME], again[f"comment.{FIRST}"]) == ("4", "kept words")
    assert client.post(page(cast.acme, cycle), again | {f"evidence.{FIRST}": ""}).status_code == 302
    assert responses(cast.acme)[0].performance[0] == 4


def test_one_answer_can_be_cleared(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    every = {NAME: "4", f"importance.{FIRST}": "2", f"performance.{SECOND}": "5"}
    client.post(page(cast.acme, cycle, "answer/"), every)
    body = fields(shown(client, cast.acme, cycle)) | {"clear": NAME}
    answer = client.post(page(cast.acme, cycle), body)
    assert answer["Location"] == page(cast.acme, cycle, f"?part={SECTION}")
    (row,) = responses(cast.acme)
    assert (row.performance[:2], row.importance[:2]) == ([None, 5], [None, None])


def test_exposure_questions_are_answered_and_stored_apart(cast: Cast) -> None:
    cycle = asked(cast.acme, rubric="customer-driven-disruption", segment="Families")
    client = by_link(cast.acme, cycle)
    html = shown(client, cast.acme, cycle, "_exposure")
    assert len(slugs(html)) == 12
    body = fields(html) | {"exposure.0": "5", "exposure.11": "-1", "go": "_review"}
    assert client.post(page(cast.acme, cycle), body).status_code == 302
    (row,) = responses(cast.acme)
    assert row.exposure == [5, *[None] * 10, -1]
    assert row.performance == [None] * 16
    assert 'name="exposure.0" value="5" checked' in shown(client, cast.acme, cycle, "_exposure")


# --- The close --------------------------------------------------------------------------------


def past_its_end(house: House, cycle: Cycle) -> None:
    with working_for(house.id):
        Cycle.objects.filter(pk=cycle.pk).update(closes_at=NOW - timedelta(minutes=1))


def sealed(house: House, cycle: Cycle) -> None:
    with working_for(house.id):
        Cycle.objects.filter(pk=cycle.pk).update(stage=Cycle.Stage.CLOSING)


def secret_destroyed(house: House, cycle: Cycle) -> None:
    with working_for(house.id):
        Cycle.objects.filter(pk=cycle.pk).update(stage=Cycle.Stage.CLOSED, salt=None)


@pytest.mark.parametrize("ended", [past_its_end, sealed, secret_destroyed])
def test_after_the_close_nothing_is_taken_and_what_was_typed_is_shown_again(
    cast: Cast, ended: Callable[[House, Cycle], None]
) -> None:
    cycle = asked(cast.acme, mode="unlinked")
    client = by_link(cast.acme, cycle)
    client.post(page(cast.acme, cycle, "answer/"), {f"performance.{SECOND}": "2"})
    ended(cast.acme, cycle)
    typed = {"part": SECTION, f"comment.{FIRST}": "my last <word>", NAME: "3"}
    late = client.post(page(cast.acme, cycle), typed)
    assert late.status_code == 410
    assert "my last &lt;word&gt;" in late.content.decode()
    for tail in ("answer/", "submit/", "reopen/", "withdraw/"):
        assert client.post(page(cast.acme, cycle, tail), typed).status_code == 410, tail
    for tail in ("", "?part=exchange", "?part=_promise", "withdraw/"):
        answer = client.get(page(cast.acme, cycle, tail))
        assert (answer.status_code, "This survey has closed" in answer.content.decode()) == (
            200,
            True,
        )
    (row,) = responses(cast.acme)
    assert row.performance[:2] == [None, 2]


# --- Leads, finishing, taking back ------------------------------------------------------------


def test_a_lead_decides_before_the_first_question_and_until_sending(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle, "Cho"), page(cast.acme, cycle)
    for part in ("_next", SECTION, "_all", "_review"):
        html = shown(client, cast.acme, cycle, part)
        assert "May your ratings be shown with your name?" in html
        assert slugs(html) == []
    assert client.post(f"{where}consent/", {}).status_code == 422
    assert client.post(f"{where}consent/", {"named": "perhaps"}).status_code == 422
    client.post(f"{where}consent/", {"named": "yes"})
    assert part_of(cast.acme, cycle, "Cho").named is True
    assert slugs(shown(client, cast.acme, cycle))
    client.post(f"{where}consent/", {"named": "no", "go": "_review"})
    assert part_of(cast.acme, cycle, "Cho").named is False
    client.post(f"{where}submit/")
    client.post(f"{where}consent/", {"named": "yes"})
    assert part_of(cast.acme, cycle, "Cho").named is False


def test_nobody_else_can_ask_to_be_named(cast: Cast) -> None:
    cycle = asked(cast.acme)
    by_link(cast.acme, cycle).post(page(cast.acme, cycle, "consent/"), {"named": "yes"})
    assert part_of(cast.acme, cycle, "Max").named is None


def test_sending_comes_to_the_same_however_often_and_can_be_taken_back(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle)
    client.post(f"{where}answer/", {NAME: "4"})
    for _ in range(3):
        assert client.post(f"{where}submit/")["Location"] == where
    assert part_of(cast.acme, cycle, "Max").finished
    assert client.post(f"{where}reopen/")["Location"] == f"{where}?part=_review"
    assert not part_of(cast.acme, cycle, "Max").finished


def test_the_review_names_what_is_open(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    client.post(
        page(cast.acme, cycle, "answer/"),
        {NAME: "4", f"importance.{FIRST}": "2", f"performance.{SECOND}": "5"},
    )
    html = shown(client, cast.acme, cycle, "_review")
    assert "35 questions are still open" in html
    assert f"?part={SECTION}#c-{FIRST}" not in html
    assert f"?part={SECTION}#c-{SECOND}" in html
    assert html.count("half answered") == 1


def test_withdrawing_asks_once_more_and_leaves_nothing(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle)
    client.post(f"{where}answer/", {NAME: "4", f"comment.{FIRST}": "words"})
    client.post(f"{where}submit/")
    assert client.get(f"{where}withdraw/").status_code == 200
    assert len(responses(cast.acme)) == 1
    client.post(f"{where}withdraw/")
    assert responses(cast.acme) == []
    with working_for(cast.acme.id):
        assert not Comment.objects.exists()
    assert not part_of(cast.acme, cycle, "Max").finished
    # A page in another window does not bring a part of it back by accident.
    late = client.post(f"{where}answer/", {NAME: "5", f"seen.{NAME}": "1:4"})
    assert late.status_code == 409


def test_a_shared_device_forgets_who_answered(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle)
    client.post(f"{where}answer/", {NAME: "4"})
    left = client.post(f"{where}leave/")
    assert (left.status_code, "This device has forgotten you" in left.content.decode()) == (
        200,
        True,
    )
    cookie = left.cookies[RESPONDENT_COOKIE]
    assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", 0, where)
    assert len(responses(cast.acme)) == 1


def test_two_people_on_one_device_keep_their_unsent_answers_apart(cast: Cast) -> None:
    cycle = asked(cast.acme)
    shelves = {
        re.findall(
            r'data-shelf="([0-9a-f]{16})"', shown(by_link(cast.acme, cycle, name), cast.acme, cycle)
        )[0]
        for name in ("Max", "Ana")
    }
    assert len(shelves) == 2


def test_answering_leaves_no_trail(cast: Cast) -> None:
    cycle = asked(cast.acme)
    with working_for(cast.acme.id):
        before = AuditEvent.objects.count()
    client, where = cast.acme.browser("Max"), page(cast.acme, cycle)
    client.post(f"{where}answer/", {NAME: "4", f"comment.{FIRST}": "words"})
    for tail in ("submit/", "reopen/", "withdraw/", "submit/"):
        client.post(f"{where}{tail}")
    with working_for(cast.acme.id):
        assert AuditEvent.objects.count() == before


# --- My surveys -------------------------------------------------------------------------------


def test_my_surveys_are_those_that_wait_those_sent_and_those_closed(cast: Cast) -> None:
    waiting = asked(cast.acme, name="Waiting")
    sent, over = asked(cast.acme, name="Sent"), asked(cast.acme, name="Over")
    client = cast.acme.browser("Max")
    for cycle in (sent, over):
        client.post(page(cast.acme, cycle, "submit/"))
    secret_destroyed(cast.acme, over)
    html = client.get("/o/acme/me/").content.decode()
    assert page(cast.acme, waiting) in html
    assert page(cast.acme, sent) in html
    assert page(cast.acme, over) not in html
    assert "1 survey waits for your view" in html
    assert html.index("Waiting") < html.index("Sent, and can still be changed") < html.index("Over")
    assert "Waiting" not in cast.rival.browser("Rita").get("/o/rival/me/").content.decode()


@pytest.mark.parametrize("surveys", [1, 3])
def test_my_surveys_cost_the_same_however_many_there_are(cast: Cast, surveys: int) -> None:
    for number in range(surveys):
        asked(cast.acme, name=f"Number {number}")
    client = cast.acme.browser("Max")
    with CaptureQueriesContext(connection) as log:
        client.get("/o/acme/me/")
    assert len(own(log)) == 5


# --- At the same moment -----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_sixteen_sends_at_once_are_one_response_and_sixteen_equal_replies(cast: Cast) -> None:
    cycle = asked(cast.acme)
    cookie = by_link(cast.acme, cycle).cookies[RESPONDENT_COOKIE].value
    body = {NAME: "4", f"importance.{FIRST}": "5"}
    barrier, replies = threading.Barrier(16), list[tuple[int, str]]()

    def send() -> None:
        client = Client()
        client.cookies[RESPONDENT_COOKIE] = cookie
        barrier.wait()
        try:
            answer = client.post(page(cast.acme, cycle, "submit/"), body)
            replies.append((answer.status_code, answer["Location"]))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == [(302, page(cast.acme, cycle))] * 16
    (row,) = responses(cast.acme)
    assert (row.performance[0], row.importance[0], row.versions[0]) == (4, 5, 1)
