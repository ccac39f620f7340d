"""An administrator plans a cycle, opens it, watches it and closes it, page by page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.cycles import nightly_counts
from assessments.models import Cycle, Notice, Participation
from assessments.rubrics import MAIN_RUBRIC
from organizations.models import Organization
from organizations.tenancy.scope import working_for
from tests.assessments.cycle_plans import confirmed, opened, planned
from tests.conftest import Cast, House


def address(house: House, page: str, *ids: Any) -> str:
    return reverse(f"assessments:{page}", args=[house.slug, *ids])


def plan_of(**different: str) -> dict[str, str]:
    day = timezone.now() + timedelta(days=10)
    told = {
        "name": "Spring 2027",
        "rubric": MAIN_RUBRIC,
        "segment": "",
        "closes_at_0": f"{day:%Y-%m-%d}",
        "closes_at_1": "18:00",
        "mode": "confidential",
        "threshold": "5",
    }
    return told | different


@pytest.fixture
def adam(cast: Cast) -> Client:
    return cast.acme.browser("Adam")


def stored(house: House) -> Cycle:
    with working_for(house.id):
        return Cycle.objects.get()


def now_open(house: House, **different: Any) -> Cycle:
    """Open since yesterday, so that a reminder may go out."""
    return opened(house, timezone.now() - timedelta(days=1), **different)


def test_an_empty_list_offers_the_one_next_step(cast: Cast, adam: Client) -> None:
    page = adam.get(address(cast.acme, "cycles"))
    assert b"No surveys yet" in page.content
    assert address(cast.acme, "cycle_plan").encode() in page.content


def test_a_cycle_is_planned_in_the_organizations_own_time(cast: Cast, adam: Client) -> None:
    with working_for(cast.acme.id):
        Organization.objects.update(time_zone="Asia/Seoul")
    told = plan_of()
    cast.acme.add("Mia")
    answer = adam.post(address(cast.acme, "cycle_plan"), told)
    cycle = stored(cast.acme)
    assert answer.headers["Location"] == address(cast.acme, "cycle", cycle.pk)
    day = datetime.fromisoformat(told["closes_at_0"])
    assert cycle.closes_at == day.replace(hour=18, tzinfo=ZoneInfo("Asia/Seoul"))
    confirmed(cast.acme, cycle)
    page = adam.get(answer.headers["Location"]).content.decode()
    assert "Launch and invite 6 people" in page
    assert "Will be hidden" in page
    assert "Not sent yet." in page


@pytest.mark.parametrize(
    ("different", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"closes_at_0": "2020-01-01"}, "This time has passed. Choose a later one."),
        ({"closes_at_0": "2999-01-01"}, "up to 90 days"),
        ({"closes_at_1": "25:99"}, "Enter a valid time."),
        ({"threshold": "4"}, "greater than or equal to 5"),
        ({"rubric": "no-such-rubric"}, "Select a valid choice"),
        ({"rubric": "customer-driven-disruption"}, "rates one customer segment. Enter its name."),
    ],
)
def test_a_refused_plan_keeps_what_was_typed(
    cast: Cast, adam: Client, different: dict[str, str], sentence: str
) -> None:
    told = plan_of(name="Kept as typed") | different
    answer = adam.post(address(cast.acme, "cycle_plan"), told)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "name" in different or "Kept as typed" in page
    with working_for(cast.acme.id):
        assert not Cycle.objects.exists()


def test_a_segment_is_asked_only_with_a_rubric_that_rates_one(cast: Cast, adam: Client) -> None:
    page = adam.get(address(cast.acme, "cycle_plan")).content.decode()
    marked = re.findall(r"<input[^>]*data-asks-segment[^>]*>", page)
    assert [re.findall('value="([^"]*)"', field) for field in marked] == [
        ["customer-driven-disruption"]
    ]
    adam.post(address(cast.acme, "cycle_plan"), plan_of(segment="typed before"))
    assert stored(cast.acme).segment == ""


def test_a_plan_is_changed_on_the_same_form(cast: Cast, adam: Client) -> None:
    cycle = planned(cast.acme, timezone.now())
    page = adam.get(address(cast.acme, "cycle_edit", cycle.pk)).content.decode()
    assert 'value="Spring 2027"' in page
    adam.post(address(cast.acme, "cycle_edit", cycle.pk), plan_of(name="Autumn", threshold="5"))
    assert (stored(cast.acme).name, stored(cast.acme).threshold) == ("Autumn", 5)


def test_a_plan_is_deleted_after_saying_so(cast: Cast, adam: Client) -> None:
    cycle = planned(cast.acme, timezone.now())
    page = adam.post(address(cast.acme, "cycle_discard", cycle.pk), follow=True)
    assert b"Draft deleted." in page.content


def test_opening_tells_everyone_and_shows_nobodys_link(cast: Cast, adam: Client) -> None:
    cycle = confirmed(cast.acme, planned(cast.acme, timezone.now()))
    page = adam.post(address(cast.acme, "cycle_open", cycle.pk), follow=True).content.decode()
    assert stored(cast.acme).stage == "open"
    assert "Invitations are being sent." in page
    assert "6 invitations sending" in page
    assert "First count tonight." in page
    assert "of 5" not in page
    assert "/s/" not in page
    again = adam.post(address(cast.acme, "cycle_open", cycle.pk), follow=True).content.decode()
    assert "This survey has been launched." in again


def test_what_cannot_open_says_why_instead_of_offering_it(cast: Cast, adam: Client) -> None:
    cycle = planned(cast.acme, timezone.now(), threshold=9)
    page = adam.get(address(cast.acme, "cycle", cycle.pk)).content.decode()
    assert "This survey can't be launched yet" in page
    assert "You need at least 9 people" in page
    assert "Launch and invite" not in page


def test_a_name_of_someone_who_has_answered_stands_nowhere(cast: Cast, adam: Client) -> None:
    cycle = now_open(cast.acme)
    with working_for(cast.acme.id):
        Participation.objects.filter(membership__name="Max").update(finished=True)
        row = stored(cast.acme)
        nightly_counts.count(row, cast.acme.organization, moment=timezone.now())
    page = adam.get(address(cast.acme, "cycle", cycle.pk)).content.decode()
    assert "1 of 5" in page
    assert not any(f">{name}<" in page for name in ("Max", "Ana", "Ada"))


def test_a_reminder_goes_out_once_a_day(cast: Cast, adam: Client) -> None:
    cycle = now_open(cast.acme)
    first = adam.post(address(cast.acme, "cycle_remind", cycle.pk), follow=True).content.decode()
    assert "Reminders are being sent." in first
    assert "disabled" in first
    second = adam.post(address(cast.acme, "cycle_remind", cycle.pk), follow=True).content.decode()
    assert "A reminder was already sent today." in second
    with working_for(cast.acme.id):
        assert Notice.objects.filter(mail="reminder").count() == 6


def test_addresses_that_refuse_mail_are_named_to_be_corrected(cast: Cast, adam: Client) -> None:
    cycle = now_open(cast.acme)
    with working_for(cast.acme.id):
        Participation.objects.filter(membership__name="Max").update(bounced=True)
    page = adam.get(address(cast.acme, "cycle", cycle.pk)).content.decode()
    assert "max@acme.example" in page
    adam.post(address(cast.acme, "cycle_invite_again", cycle.pk))
    with working_for(cast.acme.id):
        assert Notice.objects.get(turn=1).membership.name == "Max"


def test_closing_asks_first(cast: Cast, adam: Client) -> None:
    cycle = now_open(cast.acme)
    question = adam.get(address(cast.acme, "cycle_close", cycle.pk)).content.decode()
    assert "it can't be reopened" in question
    assert stored(cast.acme).stage == "open"
    page = adam.post(address(cast.acme, "cycle_close", cycle.pk), follow=True).content.decode()
    assert stored(cast.acme).stage == "closing"
    assert "Calculating results…" in page


def test_closing_with_too_few_answers_says_what_comes_of_it(cast: Cast, adam: Client) -> None:
    cycle = now_open(cast.acme)
    where, warning = address(cast.acme, "cycle_close", cycle.pk), "too few to show any results"
    assert "the first count is tonight" in adam.get(where).content.decode()
    with working_for(cast.acme.id):
        nightly_counts.count(stored(cast.acme), cast.acme.organization, moment=timezone.now())
        counted: Any = stored(cast.acme).counted
    assert warning in adam.get(where).content.decode()
    with working_for(cast.acme.id):
        everyone = dict.fromkeys(counted["answered"], cycle.threshold)
        Cycle.objects.update(counted=counted | {"answered": everyone})
    assert warning not in adam.get(where).content.decode()


def test_a_count_that_was_given_up_offers_to_begin_again(cast: Cast, adam: Client) -> None:
    cycle = now_open(cast.acme)
    adam.post(address(cast.acme, "cycle_close", cycle.pk))
    with working_for(cast.acme.id):
        Cycle.objects.update(attempts=5, error="MemoryError")
    page = adam.get(address(cast.acme, "cycle", cycle.pk)).content.decode()
    assert "Results couldn't be calculated" in page
    adam.post(address(cast.acme, "cycle_close", cycle.pk))
    assert stored(cast.acme).attempts == 0


@pytest.mark.parametrize("page", ["cycle_edit", "cycle_close"])
def test_a_page_of_another_stage_leads_back_to_the_cycle(
    cast: Cast, adam: Client, page: str
) -> None:
    cycle = (now_open if page == "cycle_edit" else planned)(cast.acme)
    if page == "cycle_edit":
        adam.post(address(cast.acme, "cycle_close", cycle.pk))
    answer = adam.get(address(cast.acme, page, cycle.pk))
    assert answer.headers["Location"] == address(cast.acme, "cycle", cycle.pk)


def test_an_open_cycle_gets_a_later_close_and_keeps_what_was_typed(
    cast: Cast, adam: Client
) -> None:
    cycle = now_open(cast.acme)
    edit = address(cast.acme, "cycle_edit", cycle.pk)
    assert "Change name or deadline" in adam.get(edit).content.decode()
    early = adam.post(
        edit, {"name": "Spring!", "closes_at_0": "2020-01-01", "closes_at_1": "18:00"}
    )
    assert early.status_code == 422
    assert "Choose a later time than before" in early.content.decode()
    assert "Spring!" in early.content.decode()
    day = (timezone.now() + timedelta(days=40)).date()
    saved = adam.post(edit, {"name": "Spring!", "closes_at_0": f"{day}", "closes_at_1": "18:00"})
    assert saved.headers["Location"] == address(cast.acme, "cycle", cycle.pk)
    after = stored(cast.acme)
    assert (after.name, after.closes_at and after.closes_at.date()) == ("Spring!", day)


def test_a_link_is_sent_again_from_the_page_of_the_cycle(cast: Cast, adam: Client) -> None:
    cycle = now_open(cast.acme)
    send, page = (address(cast.acme, name, cycle.pk) for name in ("cycle_send_link", "cycle"))
    adam.post(send, {"email": cast.acme.members["Max"].email})
    assert "The link is being sent." in adam.get(page).content.decode()
    adam.post(send, {"email": "x"})
    assert "Nobody with this address" in adam.get(page).content.decode()


@pytest.mark.parametrize("name", ["Cho", "Ana", "Max"])
def test_only_those_who_run_cycles_see_them(cast: Cast, name: str) -> None:
    cycle = now_open(cast.acme)
    browser = cast.acme.browser(name)
    for page, ids in (("cycles", ()), ("cycle_plan", ()), ("cycle", (cycle.pk,))):
        assert browser.get(address(cast.acme, page, *ids)).status_code == 403


def test_the_list_names_every_cycle_the_liveliest_first(cast: Cast, adam: Client) -> None:
    planned(cast.acme, timezone.now(), name="Planned one")
    now_open(cast.acme, name="Open one")
    page = adam.get(address(cast.acme, "cycles")).content.decode()
    assert page.index("Open one") < page.index("Planned one")


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("stage", list(Cycle.Stage))
def test_every_stage_has_its_page(cast: Cast, adam: Client, stage: str, language: str) -> None:
    cycle = now_open(cast.acme)
    with working_for(cast.acme.id):
        Cycle.objects.update(stage=stage, closed_at=timezone.now())
    adam.cookies["language"] = language
    answer = adam.get(address(cast.acme, "cycle", cycle.pk))
    assert answer.status_code == 200
    assert "Spring 2027" in answer.content.decode()
