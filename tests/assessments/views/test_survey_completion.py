"""A survey to its end: the close, sending, taking back, what one has answered, and sixteen at once."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.models import Comment, Cycle
from assessments.rubrics import BUILT_IN
from organizations.access import RESPONDENT_COOKIE
from organizations.models import AuditEvent
from organizations.tenancy.scope import working_for
from tests.assessments.respondent_clients import (
    FIRST,
    NOW,
    SECOND,
    Respondent,
    asked,
    by_link,
    own,
    page,
    part_of,
    responses,
    signed_in,
)
from tests.assessments.views.test_survey import NAME, SECTION, shown, slugs
from tests.conftest import Cast, House

SEGMENTS = defaultdict(str, {"customer-driven-disruption": "Families"})


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
    for tail in ("answer/", "submit/", "withdraw/"):
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


def test_a_lead_decides_before_the_first_question_and_until_the_close(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle, "Cho"), page(cast.acme, cycle)
    for part in ("_next", SECTION, "_all", "_review"):
        html = shown(client, cast.acme, cycle, part)
        assert "Show your name with your answers?" in html
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
    assert part_of(cast.acme, cycle, "Cho").named is True


def test_nobody_else_can_ask_to_be_named(cast: Cast) -> None:
    cycle = asked(cast.acme)
    by_link(cast.acme, cycle).post(page(cast.acme, cycle, "consent/"), {"named": "yes"})
    assert part_of(cast.acme, cycle, "Max").named is None


def test_sending_comes_to_the_same_however_often(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle)
    client.post(f"{where}answer/", {NAME: "4"})
    for _ in range(3):
        assert client.post(f"{where}submit/")["Location"] == where
    assert part_of(cast.acme, cycle, "Max").finished
    assert responses(cast.acme)[0].sent


def test_the_review_names_what_is_open(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    client.post(
        page(cast.acme, cycle, "answer/"),
        {NAME: "4", f"importance.{FIRST}": "2", f"performance.{SECOND}": "5"},
    )
    html = shown(client, cast.acme, cycle, "_review")
    assert "1 of 36 answered: not enough to count yet" in html
    assert "Answer 17 more and yours does" in html
    assert f"?part={SECTION}#c-{FIRST}" not in html
    assert f"?part={SECTION}#c-{SECOND}" in html
    assert html.count("partly answered") == 1


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
    # What is answered afterwards is there again, and counts once it is sent again.
    late = client.post(f"{where}answer/", {NAME: "5", f"seen.{NAME}": "1:4"})
    assert (late.status_code, responses(cast.acme)[0].sent) == (200, False)


def test_a_shared_device_forgets_who_answered(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client, where = by_link(cast.acme, cycle), page(cast.acme, cycle)
    client.post(f"{where}answer/", {NAME: "4"})
    left = client.post(f"{where}leave/")
    assert (left.status_code, "signed out on this device" in left.content.decode()) == (
        200,
        True,
    )
    cookie = left.cookies[RESPONDENT_COOKIE]
    assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", 0, where)
    assert len(responses(cast.acme)) == 1


def test_two_people_on_one_device_keep_their_unsent_answers_apart(cast: Cast) -> None:
    cycle = asked(cast.acme)
    storage_keys = {
        re.findall(
            r'data-storage-key="([0-9a-f]{16})"',
            shown(by_link(cast.acme, cycle, name), cast.acme, cycle),
        )[0]
        for name in ("Max", "Ana")
    }
    assert len(storage_keys) == 2


def test_answering_leaves_no_trail(cast: Cast) -> None:
    cycle = asked(cast.acme)
    with working_for(cast.acme.id):
        before = AuditEvent.objects.count()
    client, where = signed_in(cast.acme, "Max"), page(cast.acme, cycle)
    client.post(f"{where}answer/", {NAME: "4", f"comment.{FIRST}": "words"})
    for tail in ("submit/", "withdraw/", "submit/"):
        client.post(f"{where}{tail}")
    with working_for(cast.acme.id):
        assert AuditEvent.objects.count() == before


# --- My surveys -------------------------------------------------------------------------------


def test_my_surveys_are_those_that_are_open_and_those_closed(cast: Cast) -> None:
    waiting = asked(cast.acme, name="Waiting")
    sent = asked(cast.acme, name="Sent", rubric=BUILT_IN[1], segment=SEGMENTS[BUILT_IN[1]])
    over = asked(cast.acme, name="Over", rubric=BUILT_IN[2], segment=SEGMENTS[BUILT_IN[2]])
    client = signed_in(cast.acme, "Max")
    for cycle in (sent, over):
        client.post(page(cast.acme, cycle, "submit/"))
    secret_destroyed(cast.acme, over)
    html = client.get("/o/acme/me/").content.decode()
    assert page(cast.acme, waiting) in html
    assert page(cast.acme, sent) in html
    assert f'{page(cast.acme, over)}"' not in html
    assert f'{page(cast.acme, over)}result/"' in html
    assert "2 open surveys" in html
    assert html.index("Waiting") < html.index("Over")
    assert "Waiting" not in cast.rival.browser("Rita").get("/o/rival/me/").content.decode()


@pytest.mark.parametrize("surveys", [1, 3])
def test_my_surveys_cost_the_same_however_many_there_are(cast: Cast, surveys: int) -> None:
    for rubric in BUILT_IN[:surveys]:
        asked(cast.acme, name=rubric, rubric=rubric, segment=SEGMENTS[rubric])
    client = signed_in(cast.acme, "Max")
    with CaptureQueriesContext(connection) as log:
        client.get("/o/acme/me/")
    assert len(own(log)) == 5


# --- At the same moment -----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_sixteen_sends_at_once_are_one_response_and_sixteen_equal_replies(cast: Cast) -> None:
    cycle = asked(cast.acme)
    first = by_link(cast.acme, cycle)
    shown(first, cast.acme, cycle)  # which makes this browser a device
    body = {NAME: "4", f"importance.{FIRST}": "5"}
    barrier, replies = threading.Barrier(16), list[tuple[int, str]]()

    def send() -> None:
        client = Respondent()
        for name, cookie in first.cookies.items():
            client.cookies[name] = cookie.value
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
