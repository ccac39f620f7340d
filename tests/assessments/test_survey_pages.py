"""The survey in the browser's words: what each request costs, shows, stores and refuses."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments import keys
from assessments.models import Comment, Cycle, Participation, Response
from assessments.rubric import BUILT_IN
from organizations.access import RESPONDENT_COOKIE
from organizations.tenancy import working_for
from tests.assessments.asking import fill, opened
from tests.conftest import Cast, House

FIRST = "needs-insight"
NOW = datetime.now(UTC)


def asked(house: House, **different: object) -> Cycle:
    return opened(house, NOW, **different)


def token_of(house: House, cycle: Cycle, name: str) -> str:
    with working_for(house.id):
        row = Participation.objects.get(cycle=cycle, membership=house.members[name].pk)
    return keys.link_token(house.organization, row.pk)


def by_link(house: House, cycle: Cycle, name: str = "Max") -> Client:
    client = Client(raise_request_exception=False)
    client.post(f"/s/{token_of(house, cycle, name)}/")
    return client


def page(house: House, cycle: Cycle, tail: str = "") -> str:
    return f"/o/{house.slug}/surveys/{cycle.pk}/{tail}"


def ratings(house: House) -> list[list[int | None]]:
    with working_for(house.id):
        return [row.performance for row in Response.objects.all()]


# --- The link ---------------------------------------------------------------------------------


def test_opening_a_link_changes_nothing_and_promises(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = Client()
    for method in (client.get, client.head):
        answer = method(f"/s/{token_of(cast.acme, cycle, 'Max')}/")
        assert answer.status_code == 200
        assert RESPONDENT_COOKIE not in answer.cookies
        assert answer["Referrer-Policy"] == "no-referrer"
    with working_for(cast.acme.id):
        assert not Response.objects.exists()
        assert not Participation.objects.filter(finished=True).exists()


def test_its_button_gives_a_cookie_for_this_survey_alone(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = Client()
    answer = client.post(f"/s/{token_of(cast.acme, cycle, 'Max')}/")
    cookie = answer.cookies[RESPONDENT_COOKIE]
    assert answer.status_code == 303
    assert cookie["path"] == page(cast.acme, cycle)
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert client.get(page(cast.acme, cycle, "?part=next")).status_code == 200
    assert client.get("/o/acme/people/").status_code == 302  # asks to sign in


@pytest.mark.parametrize("token", ["x", "A" * 22, "%00", "가나다", "../../etc/passwd", "a" * 5000])
def test_a_link_that_is_none_looks_the_same_for_everyone(cast: Cast, token: str) -> None:
    asked(cast.acme)
    assert Client(raise_request_exception=False).get(f"/s/{token}/").status_code == 404


def test_a_link_does_not_open_another_survey(cast: Cast) -> None:
    fill(cast.rival, "", 4)
    mine, theirs = asked(cast.acme), asked(cast.rival)
    client = by_link(cast.acme, mine)
    client.cookies[RESPONDENT_COOKIE]["path"] = "/"
    assert client.get(page(cast.rival, theirs, "?part=next")).status_code in (302, 404)


# --- Cost -------------------------------------------------------------------------------------


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("answers", [0, 3])
def test_a_page_costs_six_statements_at_the_most(cast: Cast, signed_in: bool, answers: int) -> None:
    cycle = asked(cast.acme)
    client = cast.acme.browser("Max") if signed_in else by_link(cast.acme, cycle)
    where = page(cast.acme, cycle, "answer/")
    for number in range(answers):
        client.post(where, {f"performance.{FIRST}": str(number + 1)})
    client.get(page(cast.acme, cycle, "?part=exchange"))
    with CaptureQueriesContext(connection) as log:
        client.get(page(cast.acme, cycle, "?part=exchange"))
    assert len(_own(log)) == (6 if signed_in else 4)


@pytest.mark.parametrize(("signed_in", "most"), [(False, 5), (True, 7)])
def test_a_save_by_link_costs_five_statements(cast: Cast, signed_in: bool, most: int) -> None:
    cycle = asked(cast.acme)
    client = cast.acme.browser("Max") if signed_in else by_link(cast.acme, cycle)
    where = page(cast.acme, cycle, "answer/")
    client.post(where, {f"performance.{FIRST}": "1"})
    with CaptureQueriesContext(connection) as log:
        assert client.post(where, {f"performance.{FIRST}": "2"}).status_code == 200
    assert len(_own(log)) == most


def test_storing_the_whole_survey_at_once_costs_no_more(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    html = client.get(page(cast.acme, cycle, "?part=exchange")).content.decode()
    slugs = re.findall(r'data-card="([^"]+)"', html)
    body = {f"{kind}.{slug}": "4" for slug in slugs for kind in ("performance", "importance")}
    client.post(page(cast.acme, cycle), body | {"part": "exchange"})
    with CaptureQueriesContext(connection) as log:
        client.post(page(cast.acme, cycle), body | {"part": "exchange"})
    assert len(_own(log)) == 5


def _own(log: CaptureQueriesContext) -> list[str]:
    """The statements; the test's savepoints stand where a request has its transaction."""
    return [query["sql"] for query in log if "SAVEPOINT" not in query["sql"]]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_first_visit_is_light(cast: Cast, language: str) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    client.cookies["language"] = language
    html = client.get(page(cast.acme, cycle, "?part=exchange")).content
    assets = re.findall(rb'(?:href|src)="/static/((?:css|js)/[^"]+)"', html)
    assert assets
    whole = gzip.compress(html)
    for asset in assets:
        with open(f"static/{asset.decode()}", "rb") as file:  # noqa: PTH123  # shortest
            whole += gzip.compress(file.read())
    assert len(whole) < 60_000


# --- Answering --------------------------------------------------------------------------------


def test_an_answer_is_saved_and_a_newer_one_is_not_overwritten(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle, "answer/")
    name = f"performance.{FIRST}"
    first = client.post(where, {name: "2", f"seen.{name}": "0"})
    assert json.loads(first.content) == {name: 1}
    late = client.post(where, {name: "5", f"seen.{name}": "0"})
    assert (late.status_code, json.loads(late.content)) == (409, {"value": 2, "version": 1})
    assert ratings(cast.acme)[0][0] == 2


@pytest.mark.parametrize(
    "body",
    [
        {"performance.no-such": "3"},
        {f"performance.{FIRST}": "6"},
        {f"performance.{FIRST}": "three"},
        {f"performance.{FIRST}": "9" * 400},
        {f"performance.{FIRST}": "٣"},
        {"exposure.0": "3"},
        {f"performance.{FIRST}": "3", "importance.no-such": "3"},
    ],
)
def test_what_cannot_be_an_answer_is_refused_in_words(cast: Cast, body: dict[str, str]) -> None:
    cycle = asked(cast.acme)
    answer = by_link(cast.acme, cycle).post(page(cast.acme, cycle, "answer/"), body)
    assert answer.status_code == 422
    assert len(json.loads(answer.content)["error"]) > 10
    assert ratings(cast.acme) == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"[" * 100_000, "application/json"),
        (b"\x00\x01", "application/octet-stream"),
        (b"performance." + FIRST.encode() + b"=\x00", "application/x-www-form-urlencoded"),
        (b"performance." + FIRST.encode() + b"=%ED%A0%80", "application/x-www-form-urlencoded"),
        (b"x" * 10_000_000, "application/x-www-form-urlencoded"),
        (b"--a\r\nbroken", "multipart/form-data; boundary=a"),
    ],
)
def test_no_body_makes_it_stumble(cast: Cast, content: bytes, kind: str) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    for tail in ("answer/", "comment/", "", "submit/", "consent/"):
        answer = client.generic("POST", page(cast.acme, cycle, tail), content, content_type=kind)
        assert answer.status_code < 500, tail
    assert ratings(cast.acme) in ([], [[None] * 36])


@pytest.mark.parametrize("tail", ["", "?part=next", "answer/", "submit/", "withdraw/"])
def test_a_survey_that_is_not_mine_is_not_there(cast: Cast, tail: str) -> None:
    fill(cast.rival, "", 4)
    asked(cast.acme)
    theirs = asked(cast.rival)
    client = cast.acme.browser("Max")
    for cycle in (theirs.pk, uuid4()):
        where = f"/o/acme/surveys/{cycle}/{tail}"
        assert client.get(where).status_code in (404, 405)
        assert client.post(where).status_code in (404, 405)


def test_without_javascript_a_part_is_saved_at_once_and_leads_on(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    answer = client.post(
        page(cast.acme, cycle),
        {
            "part": "exchange",
            "go": "experience",
            f"performance.{FIRST}": "4",
            f"comment.{FIRST}": "well done",
        },
    )
    assert answer["Location"].endswith("?part=experience")
    assert ratings(cast.acme)[0][0] == 4
    with working_for(cast.acme.id):
        assert Comment.objects.get().text == "well done"


def test_a_refused_part_stores_nothing_and_says_why(cast: Cast) -> None:
    cycle = asked(cast.acme)
    answer = by_link(cast.acme, cycle).post(
        page(cast.acme, cycle),
        {
            "part": "exchange",
            f"performance.{FIRST}": "4",
            f"comment.{FIRST}": "kept words",
            f"evidence.{FIRST}": "nonsense",
        },
    )
    assert answer.status_code == 422
    assert "https://" in answer.content.decode()
    assert "kept words" in answer.content.decode()
    assert ratings(cast.acme) == []


def test_after_the_close_what_was_typed_is_shown_again(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    with working_for(cast.acme.id):
        Cycle.objects.filter(pk=cycle.pk).update(closes_at=NOW - timedelta(minutes=1))
    typed = {"part": "exchange", f"comment.{FIRST}": "my last word", f"performance.{FIRST}": "3"}
    late = client.post(page(cast.acme, cycle), typed)
    assert late.status_code == 410
    assert "my last word" in late.content.decode()
    assert client.post(page(cast.acme, cycle, "answer/"), typed).status_code == 410
    assert ratings(cast.acme) == []


# --- Leads, finishing, taking back -------------------------------------------------------------


def test_a_lead_decides_before_the_first_question(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle, "Cho"), page(cast.acme, cycle)
    assert b'name="named"' in client.get(f"{where}?part=exchange").content
    assert client.post(f"{where}consent/", {}).status_code == 422
    client.post(f"{where}consent/", {"named": "no"})
    assert b'data-card="needs-insight"' in client.get(f"{where}?part=exchange").content
    with working_for(cast.acme.id):
        assert Participation.objects.get(speaks="lead").named is False


def test_finishing_changing_and_withdrawing(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle)
    client.post(f"{where}answer/", {f"performance.{FIRST}": "4"})
    for _ in range(3):
        assert client.post(f"{where}submit/").status_code == 302
    assert client.get(where).status_code == 200
    with working_for(cast.acme.id):
        assert Participation.objects.filter(finished=True).count() == 1
    client.post(f"{where}reopen/")
    assert client.get(f"{where}withdraw/").status_code == 200
    assert len(ratings(cast.acme)) == 1
    client.post(f"{where}withdraw/")
    assert ratings(cast.acme) == []


@pytest.mark.parametrize("rubric", BUILT_IN)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_part_of_every_rubric_is_shown(cast: Cast, rubric: str, language: str) -> None:
    segment = "Families" if rubric == "customer-driven-disruption" else ""
    cycle = asked(cast.acme, rubric=rubric, segment=segment)
    client = by_link(cast.acme, cycle)
    client.cookies["language"] = language
    review = client.get(page(cast.acme, cycle, "?part=review")).content.decode()
    parts = set(re.findall(r'\?part=([a-z-]+)"', review)) - {"review"}
    assert len(parts) >= 3
    for part in parts:
        html = client.get(page(cast.acme, cycle, f"?part={part}")).content.decode()
        assert html.count("data-card=") >= 4, part


def test_the_page_holds_nothing_but_questions_and_ones_own_answers(cast: Cast) -> None:
    cycle = asked(cast.acme)
    html = by_link(cast.acme, cycle).get(page(cast.acme, cycle, "?part=exchange")).content.decode()
    with working_for(cast.acme.id):
        secrets = [str(row.pk) for row in Participation.objects.all()]
    secrets += [member.email for member in cast.acme.members.values()]
    secrets += [str(member.pk) for member in cast.acme.members.values()]
    assert [secret for secret in secrets if secret in html] == []
    assert "weight" not in html


def test_my_surveys_lists_what_waits_for_me(cast: Cast) -> None:
    cycle = asked(cast.acme)
    html = cast.acme.browser("Max").get("/o/acme/me/").content.decode()
    assert page(cast.acme, cycle) in html
    assert UUID(str(cycle.pk))
    assert cycle.name not in cast.rival.browser("Rita").get("/o/rival/me/").content.decode()
