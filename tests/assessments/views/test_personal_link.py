"""A personal link: whoever opens it reads the promise, whoever presses its button may answer one
survey on this device, and nothing of it is passed on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from assessments.cycles import lifecycle
from assessments.models import Cycle, Participation, Response
from organizations.access import RESPONDENT_COOKIE
from organizations.models import Membership
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import fill
from tests.assessments.respondent_clients import (
    NOW,
    Respondent,
    asked,
    by_link,
    page,
    part_of,
    signed_in,
    token_of,
)
from tests.conftest import CANARY, Cast, House


def test_opening_a_link_changes_nothing_and_tells_nobody(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = Client()
    for method in (client.get, client.head):
        answer = method(f"/s/{token_of(cast.acme, cycle)}/")
        assert answer.status_code == 200
        assert RESPONDENT_COOKIE not in answer.cookies
        assert answer["Referrer-Policy"] == "strict-origin"
        assert answer["Cache-Control"] == "private, no-store"
    with working_for(cast.acme.id):
        assert not Response.objects.exists()
        assert not Participation.objects.filter(finished=True).exists()


def test_the_promise_says_how_answers_are_handled(cast: Cast) -> None:
    html = {}
    for mode in ("confidential", "unlinked"):
        with working_for(cast.acme.id):
            Cycle.objects.all().delete()
        cycle = asked(cast.acme, name=mode, mode=mode)
        html[mode] = Client().get(f"/s/{token_of(cast.acme, cycle)}/").content.decode()
        for promised in (
            "Acme",
            mode,
            "Shown only for groups of 5 or more",
            "comments need at least 10",
            "About 14 minutes",
            "The survey closes on",
            "한국어",
        ):
            assert promised in html[mode], promised
    assert "Linked, but not to your name" in html["confidential"]
    assert "the key that leads back to your answers is destroyed" in html["unlinked"]


def test_the_promise_speaks_the_language_of_the_person_until_they_choose(cast: Cast) -> None:
    cycle = asked(cast.acme)
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Max").update(language="ko")
    where, client = f"/s/{token_of(cast.acme, cycle)}/", Client()
    assert '<html lang="ko"' in client.get(where).content.decode()
    client.post("/language/", {"language": "en", "next": where})
    assert '<html lang="en"' in client.get(where).content.decode()


def test_its_button_gives_a_cookie_for_this_survey(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = Respondent()
    answer = client.post(f"/s/{token_of(cast.acme, cycle)}/")
    cookie = answer.cookies[RESPONDENT_COOKIE]
    assert (answer.status_code, answer["Location"]) == (303, page(cast.acme, cycle, "?part=_start"))
    assert cookie["path"] == page(cast.acme, cycle)
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    assert int(cookie["max-age"]) == 90 * 86400  # the close can be moved that far
    assert client.get(page(cast.acme, cycle, "?part=_next")).status_code == 200


def test_over_https_the_cookie_stays_there(cast: Cast, settings: object) -> None:
    cycle = asked(cast.acme)
    settings.SESSION_COOKIE_SECURE = True  # type: ignore[attr-defined]  # pytest-django's wrapper
    answer = Respondent().post(f"/s/{token_of(cast.acme, cycle)}/")
    assert answer.cookies[RESPONDENT_COOKIE]["secure"] is True


def test_a_form_from_elsewhere_cannot_press_the_button(cast: Cast) -> None:
    cycle = asked(cast.acme)
    answer = Client(enforce_csrf_checks=True).post(f"/s/{token_of(cast.acme, cycle)}/")
    assert answer.status_code == 403
    assert RESPONDENT_COOKIE not in answer.cookies


def gone(token: str) -> tuple[int, bytes]:
    """What a stranger sees, without what differs between any two pages."""
    answer = Client(raise_request_exception=False).get(f"/s/{token}/")
    html = answer.content.replace(token.encode(), b"")
    begin = html.index(b"<main")
    return answer.status_code, html[begin : html.index(b"</main>")]


@pytest.mark.parametrize("token", ["x", "A" * 22, "가나다", "a" * 5000, "%E0%A4%A", "..%2f.."])
def test_an_unknown_link_gets_a_kind_page(cast: Cast, token: str) -> None:
    asked(cast.acme)
    for method in ("get", "post", "head"):
        answer = getattr(Client(raise_request_exception=False), method)(f"/s/{token}/")
        assert answer.status_code == 404
        assert RESPONDENT_COOKIE not in answer.cookies
    assert b"This link isn't working" in gone("A" * 22)[1]


def test_a_link_with_a_zero_byte_is_refused(cast: Cast) -> None:
    assert Client(raise_request_exception=False).get("/s/a%00b/").status_code < 500


def suspended(house: House, cycle: Cycle) -> None:
    Membership.objects.filter(name="Max").update(suspended_at=NOW)


def removed(house: House, cycle: Cycle) -> None:
    Participation.objects.filter(membership=house.members["Max"].pk).delete()


@pytest.mark.parametrize("happened", [suspended, removed])
def test_a_link_that_does_not_hold_any_more_looks_like_one_that_never_did(
    cast: Cast, happened: Callable[[House, Cycle], None]
) -> None:
    cycle = asked(cast.acme)
    token = token_of(cast.acme, cycle)
    with working_for(cast.acme.id):
        happened(cast.acme, cycle)
    assert gone(token) == gone("A" * 22)
    answer = Client(raise_request_exception=False).post(f"/s/{token}/")
    assert (answer.status_code, RESPONDENT_COOKIE in answer.cookies) == (404, False)


def past_its_end(house: House, cycle: Cycle) -> None:
    Cycle.objects.filter(pk=cycle.pk).update(closes_at=NOW - timedelta(minutes=1))


def closing(house: House, cycle: Cycle) -> None:
    lifecycle.start_closing(cycle, by=None, moment=NOW)


@pytest.mark.parametrize("happened", [past_its_end, closing])
def test_after_the_deadline_the_link_starts_no_survey(
    cast: Cast, happened: Callable[[House, Cycle], None]
) -> None:
    """It says that the results are being calculated: `tests/reports/views/test_result_link.py`."""
    cycle = asked(cast.acme)
    token = token_of(cast.acme, cycle)
    with working_for(cast.acme.id):
        happened(cast.acme, cycle)
    for answer in (Client().get(f"/s/{token}/"), Respondent().post(f"/s/{token}/")):
        assert answer.status_code == 200
        assert b"This survey has closed" in answer.content
        assert RESPONDENT_COOKIE not in answer.cookies


def test_sending_leaves_the_link_open_for_changes_until_the_close(cast: Cast) -> None:
    cycle = asked(cast.acme)
    client = by_link(cast.acme, cycle)
    client.post(page(cast.acme, cycle, "submit/"))
    again = client.post(f"/s/{token_of(cast.acme, cycle)}/")
    assert again["Location"] == page(cast.acme, cycle, "?part=_start")
    assert b"Sent, but not counted" in client.get(again["Location"]).content


def test_a_link_opens_nothing_else(cast: Cast) -> None:
    fill(cast.rival, "", 4)
    mine, other, theirs = (
        asked(cast.acme),
        asked(cast.acme, name="Second", rubric="cmo-collaboration"),
        asked(cast.rival),
    )
    client = by_link(cast.acme, mine)
    client.cookies[RESPONDENT_COOKIE]["path"] = "/"
    places = [page(cast.acme, other), page(cast.rival, theirs), page(cast.rival, mine)]
    places += [f"/o/acme/surveys/{uuid4()}/"]
    for place in places:
        answer = client.get(place)
        assert answer.status_code == 404
        assert CANARY not in answer.content.decode()
    for place in ("/o/acme/me/", "/o/acme/people/", "/o/acme/", "/o/acme/cycles/"):
        assert client.get(place).status_code == 302, place  # to the sign-in


@pytest.mark.parametrize("value", ["", "x", "A" * 22, "\\303\\050", '"\\000"', "a" * 4000])
def test_a_forged_cookie_opens_nothing(cast: Cast, value: str) -> None:
    cycle = asked(cast.acme)
    client = Client(raise_request_exception=False)
    client.cookies[RESPONDENT_COOKIE] = value
    assert client.get(page(cast.acme, cycle)).status_code in (302, 404)
    assert client.post(page(cast.acme, cycle, "submit/")).status_code in (302, 404)


def test_no_log_line_tells_the_token_or_the_person(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    cycle = asked(cast.acme)
    token, part = token_of(cast.acme, cycle), part_of(cast.acme, cycle, "Max")
    with caplog.at_level(logging.DEBUG):
        client = Client(raise_request_exception=False)
        client.get(f"/s/{token}/")
        client.post(f"/s/{token}/")
        client.post(page(cast.acme, cycle, "answer/"), {"performance.needs-insight": "4"})
        signed_in(cast.acme, "Max").post(page(cast.acme, cycle, "submit/"))
        client.get(f"/s/{token}x/")
    lines = " ".join(
        f"{line.getMessage()} {vars(line)}" for line in caplog.records if _is_ours(line)
    )
    assert "'route': 'link'" in lines
    for secret in (token, str(part.pk), str(part.membership_id), "max@acme.example"):
        assert secret not in lines


def _is_ours(line: logging.LogRecord) -> bool:
    """Not the statements that Django tells a developer."""
    return not line.name.startswith("django.db")
