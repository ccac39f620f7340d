"""What a survey page sends: one answer after the other with JavaScript, a section at once without."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.models import Comment
from organizations.access import RESPONDENT_COOKIE
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import fill
from tests.assessments.respondent_clients import (
    FIRST,
    SECOND,
    asked,
    by_link,
    fields,
    own,
    page,
    responses,
    signed_in,
)
from tests.assessments.views.test_survey import NAME, SECTION, shown, slugs, told
from tests.conftest import Cast


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


def test_a_refused_comment_leaves_the_rating_beside_it_unstored(cast: Cast) -> None:
    cycle, name = asked(cast.acme), f"comment.{FIRST}"
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle, "answer/")
    client.post(where, {name: "from the phone", f"seen.{name}": ""})
    both = {NAME: "2", f"seen.{NAME}": "0:", name: "from the desk", f"seen.{name}": ""}
    assert client.post(where, both).status_code == 409
    assert told(client.post(where, {NAME: "3", f"seen.{NAME}": "0:"})) == {NAME: "1:3"}


def test_an_answer_changed_back_is_not_acknowledged_over_one_whose_reply_was_lost(
    cast: Cast,
) -> None:
    """The device knows 2; its 5 was stored, but it never heard so; now it says 2 again."""
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle, "answer/")
    client.post(where, {NAME: "2", f"seen.{NAME}": "none"})
    client.post(where, {NAME: "5", f"seen.{NAME}": "1:2"})
    back = client.post(where, {NAME: "2", f"seen.{NAME}": "1:2"})
    assert (back.status_code, back.json()["stale"][0]["value"]) == (409, "5")
    assert told(client.post(where, {NAME: "2", f"seen.{NAME}": "2:5"})) == {NAME: "3:2"}


def test_a_save_that_comes_after_the_answer_was_changed_back_is_refused(cast: Cast) -> None:
    """The 5 was on its way for longer than the 2 that replaced it."""
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle, "answer/")
    client.post(where, {NAME: "2", f"seen.{NAME}": "none"})
    for _ in range(2):
        back = client.post(where, {NAME: "2", f"seen.{NAME}": "1:2"})
        assert (back.status_code, told(back)) == (200, {NAME: "2:2"})
    assert client.post(where, {NAME: "5", f"seen.{NAME}": "1:2"}).status_code == 409
    assert responses(cast.acme)[0].performance[0] == 2


@pytest.mark.parametrize("between", ["second", ""])
def test_a_comment_changed_back_is_not_acknowledged_over_one_whose_reply_was_lost(
    cast: Cast, between: str
) -> None:
    cycle, name = asked(cast.acme), f"comment.{FIRST}"
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle, "answer/")
    seen = str(told(client.post(where, {name: "first", f"seen.{name}": "none"}))[name])
    same = client.post(where, {name: "first", f"seen.{name}": seen})
    assert (same.status_code, told(same)) == (200, {name: seen})
    client.post(where, {name: between, f"seen.{name}": seen})
    back = client.post(where, {name: "first", f"seen.{name}": seen})
    assert back.status_code == 409
    [stale] = back.json()["stale"]
    assert stale["value"] == between
    again = client.post(where, {name: "first", f"seen.{name}": stale["seen"]})
    assert (again.status_code, told(again)) == (200, {name: seen})
    with working_for(cast.acme.id):
        assert Comment.objects.get().text == "first"


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
    for tail in ("answer/", "", "submit/", "consent/", "withdraw/", "leave/"):
        answer = client.generic("POST", page(cast.acme, cycle, tail), content, content_type=kind)
        assert answer.status_code < 500, tail
    assert responses(cast.acme) == []


@pytest.mark.parametrize("tail", ["", "?part=_next", "answer/", "submit/", "withdraw/", "leave/"])
def test_a_survey_that_is_not_mine_is_not_there(cast: Cast, tail: str) -> None:
    fill(cast.rival, "", 4)
    cycle, theirs = asked(cast.acme), asked(cast.rival)
    new = cast.acme.add("New")  # came after the opening: nobody asks her
    for client, place in (
        (signed_in(cast.acme, "Max"), theirs.pk),
        (signed_in(cast.acme, "Max"), uuid4()),
        (signed_in(cast.acme, new.name), cycle.pk),
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
    assert "You answered differently on another device:" in html
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
    assert "Links start with https://" in html
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
