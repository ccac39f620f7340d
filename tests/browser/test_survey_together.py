"""Answering in two windows, on a shared device, and while the survey closes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from assessments.models import Comment, Cycle, Response
from organizations.tenancy.scope import working_for
from tests.assessments.respondent_clients import asked, page, responses
from tests.browser.survey_steps import (
    NOTHING_KEPT,
    PHONE,
    Check,
    Opener,
    begin,
    card,
    choose,
    expect_state,
    go,
    kept,
)
from tests.conftest import Cast


@pytest.mark.parametrize(("button", "stays"), [("take", 1), ("keep", 5)])
def test_two_windows_that_disagree_show_both_answers(
    cast: Cast, cycle: Cycle, open_survey: Opener, button: str, stays: int
) -> None:
    window = open_survey(viewport=PHONE, locale="en-GB")
    begin(window, cast.acme, cycle)
    other = window.context.new_page()
    other.goto(window.url)
    choose(other, 1)
    expect_state(other, "saved")
    choose(window, 5)
    said = card(window).locator("[data-told]")
    expect(said).to_contain_text("You answered differently on another device: “1 ")
    expect(said).to_be_in_viewport()
    expect_state(window, "undecided")
    asked_about = card(window).get_attribute("data-card")
    go(window)
    expect(card(window)).to_have_attribute("data-card", str(asked_about))
    text: Any = window.locator("[data-status]").get_attribute(f"data-{button}")
    said.get_by_role("button", name=text).click()
    expect(said).to_be_empty()
    expect_state(window, "saved")
    expect(card(window).locator('[name^="performance."]:checked')).to_have_value(str(stays))
    assert responses(cast.acme)[0].performance[0] == stays


def test_words_are_safe_when_the_phone_is_put_away_while_typing(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    window = open_survey(viewport=PHONE)
    begin(window, cast.acme, cycle)
    card(window).locator("details.comment summary").click()
    window.evaluate(
        """() => {
            const said = document.querySelector('[data-card]:not([hidden]) textarea');
            said.focus();
            said.value = 'half a thought';
            Object.defineProperty(document, 'hidden', {value: true});
            document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )
    window.wait_for_function(NOTHING_KEPT)
    expect_state(window, "saved")
    with working_for(cast.acme.id):
        assert Comment.objects.get().text == "half a thought"


def test_an_answer_can_be_cleared(cast: Cast, cycle: Cycle, open_survey: Opener) -> None:
    window = open_survey(viewport=PHONE)
    begin(window, cast.acme, cycle)
    expect(card(window).locator("[data-clear]")).to_be_hidden()
    choose(window, 3)
    choose(window, 3, "importance")
    card(window).locator("[data-clear]").click()
    expect(card(window).locator(":checked")).to_have_count(0)
    expect_state(window, "saved")
    (row,) = responses(cast.acme)
    assert (row.performance[0], row.importance[0], row.versions[0]) == (None, None, 2)


def test_whoever_types_while_the_survey_closes_is_told_and_keeps_the_text(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    window = open_survey(viewport=PHONE, locale="en-GB")
    begin(window, cast.acme, cycle)
    card(window).locator("details.comment summary").click()
    with working_for(cast.acme.id):
        Cycle.objects.filter(pk=cycle.pk).update(stage=Cycle.Stage.CLOSING)
    card(window).locator("textarea").fill("My last word.")
    expect_state(window, "closed")
    expect(window.locator("[data-status]")).to_contain_text("The survey has closed")
    expect(card(window).locator("textarea")).to_have_value("My last word.")
    assert kept(window) == 0  # nothing is left on a device that others may use
    with working_for(cast.acme.id):
        assert not Response.objects.exists()


def test_a_comment_that_cannot_be_stored_says_so_on_its_card(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    window = open_survey(viewport=PHONE, locale="en-GB")
    begin(window, cast.acme, cycle)
    card(window).locator("details.comment summary").click()
    card(window).locator("input[type=url]").fill("somewhere")
    card(window).locator("input[type=url]").blur()
    expect(card(window).locator("[data-told]")).to_contain_text("Links start with https://")
    expect_state(window, "undecided")
    card(window).locator("input[type=url]").fill("https://example.org/")
    card(window).locator("input[type=url]").blur()
    expect(card(window).locator("[data-told]")).to_be_empty()
    expect_state(window, "saved")


LEFT = "Object.keys(localStorage).filter(key => key !== 'survey-keys').length"


def test_a_shared_device_forgets_who_answered(
    cast: Cast, cycle: Cycle, open_survey: Opener, assert_accessible: Check
) -> None:
    window = open_survey(viewport=PHONE)
    begin(window, cast.acme, cycle)
    choose(window, 3)
    expect_state(window, "saved")
    assert window.evaluate(LEFT) > 0
    window.click('a[href$="/leave/"]')
    assert_accessible(window)
    window.click("form[data-leave] button.button")
    assert window.evaluate(LEFT) == 0
    window.goto(page(cast.acme, cycle))
    expect(window).to_have_url(re.compile(r"/sign-in/"))


def test_the_first_device_says_what_was_replaced_elsewhere(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    phone, desk = (open_survey(viewport=PHONE, locale="en-GB") for _ in range(2))
    begin(phone, cast.acme, cycle)
    choose(phone, 4)
    expect_state(phone, "saved")
    name = card(phone).locator(".question").inner_text()
    begin(desk, cast.acme, cycle)
    expect(card(desk).locator('[name^="performance."]:checked')).to_have_count(0)
    choose(desk, 2)
    expect_state(desk, "saved")
    phone.reload()
    expect(phone.locator("[data-replaced]")).to_contain_text(name)
    expect(card(phone).locator('[name^="performance."]:checked')).to_have_count(0)
    phone.reload()
    expect(phone.locator("[data-card]")).to_have_count(36)
    expect(phone.locator("[data-replaced]")).to_be_hidden()


def test_the_exposure_questions_are_a_section_of_their_own(
    cast: Cast, open_survey: Opener, assert_accessible: Check
) -> None:
    cycle = asked(cast.acme, rubric="customer-driven-disruption", segment="Young families")
    window = open_survey(viewport=PHONE, locale="en-GB")
    begin(window, cast.acme, cycle)
    window.goto(page(cast.acme, cycle, "?part=_exposure"))
    expect(card(window).locator(".levels > label")).to_have_count(5)
    choose(window, 5, "exposure")
    assert_accessible(window)
    go(window)
    window.keyboard.press("5")  # the fifth that is offered: much less
    go(window)
    window.keyboard.press("?")
    expect_state(window, "saved")
    assert responses(cast.acme)[0].exposure[:4] == [5, 1, -1, None]
