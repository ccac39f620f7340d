"""Answering in a real browser: on a phone by link, without JavaScript, by keyboard alone, and when the line
is down."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from assessments.models import Cycle, Participation
from organizations.models import Membership
from organizations.tenancy.scope import working_for
from tests.assessments.respondent_clients import FIRST, SECOND, page, responses, token_of
from tests.browser.survey_steps import (
    DESK,
    NARROW,
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
    widest,
)
from tests.conftest import Cast

# --- On a phone, by link ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "scheme", "viewport"),
    [("en", "light", PHONE), ("ko", "dark", NARROW), ("ko", "light", DESK)],
)
def test_every_page_is_free_of_barriers_and_fits(
    cast: Cast,
    cycle: Cycle,
    open_survey: Opener,
    assert_accessible: Check,
    language: str,
    scheme: str,
    viewport: dict[str, int],
) -> None:
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Cho").update(language=language)
    window = open_survey(color_scheme=scheme, viewport=viewport)

    def look() -> None:
        expect(window.locator("html")).to_have_attribute("lang", language)
        assert_accessible(window)
        assert widest(window) <= 0, window.url
        assert small_targets(window) == [], window.url

    window.goto(f"/s/{token_of(cast.acme, cycle, 'Cho')}/")
    window.click("details.detail summary")
    look()
    window.click("main form button.button")
    look()  # the lead's decision
    window.check("[name=named][value=yes]")
    window.click("main form button.button")
    expect(window.locator("form.one-at-a-time")).to_have_count(1)
    card(window).locator("details.comment summary").click()
    choose(window, 4)
    look()
    for part in ("", "?part=_all", "?part=_review", "?part=_promise"):
        window.goto(page(cast.acme, cycle, part))
        look()
    window.goto(page(cast.acme, cycle, "?part=_review"))
    window.click("form[data-send] button")
    expect(window.locator(".profile")).to_be_visible()
    look()
    window.goto(page(cast.acme, cycle, "withdraw/"))
    look()
    with working_for(cast.acme.id):
        Cycle.objects.update(stage=Cycle.Stage.CLOSING)
    window.goto(page(cast.acme, cycle))
    look()


def small_targets(window: Page) -> list[str]:
    """Whatever can be pressed in the survey and is lower or narrower than 44 pixels."""
    found: list[str] = window.evaluate(
        """() => [...document.querySelectorAll(
            'main :is(button, summary, label:has(input), a.button, textarea, input[type=url]),' +
            '.survey-bar button')]
          .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.matches('.sr'))
          .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.height < 43.5 || box.width < 43.5)
          .map(([html, box]) => `${html} ${box.width} x ${box.height}`)"""
    )
    return found


def test_what_was_begun_on_the_phone_goes_on_at_the_desk(
    cast: Cast, cycle: Cycle, open_survey: Opener, assert_accessible: Check
) -> None:
    phone, desk = open_survey(viewport=PHONE), open_survey(viewport=DESK)
    begin(phone, cast.acme, cycle)
    for value in (3, 5):
        choose(phone, value)
        choose(phone, 4, "importance")
        go(phone)
    card(phone).locator("details.comment summary").click()
    card(phone).locator("textarea").fill("As seen in the March campaign.")
    card(phone).locator("textarea").blur()
    expect_state(phone, "saved")
    phone.get_by_role("button", name=re.compile("another device")).click()
    code = phone.locator("output.code").inner_text()
    assert phone.locator("svg.qr").is_visible()
    assert_accessible(phone)
    desk.goto(f"/s/{token_of(cast.acme, cycle)}/")
    desk.click('main form button[value="code"]')
    assert_accessible(desk)
    desk.fill("[name=code]", "0000 0000" if code != "0000 0000" else "1111 1111")
    desk.click("main form button.button")
    expect(desk.get_by_role("alert")).to_contain_text("code")
    desk.fill("[name=code]", code)
    desk.click("main form button.button")
    expect(desk.locator("h1")).to_contain_text("2 of 36 done")
    desk.click("main a.button")
    expect(desk.locator("form.one-at-a-time")).to_have_count(1)
    expect(card(desk).locator(".eyebrow")).to_contain_text("3/6")
    expect(card(desk).locator("textarea")).to_have_value("As seen in the March campaign.")
    go(desk, "back")
    expect(card(desk).locator('[name^="performance."]:checked')).to_have_value("5")
    expect(desk.locator("[data-count]")).to_contain_text("2 of 36")
    assert responses(cast.acme)[0].performance[:3] == [3, 5, None]


def test_the_phones_own_way_back_leads_to_the_question_before(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    window = open_survey(viewport=PHONE)
    begin(window, cast.acme, cycle)
    go(window)
    expect(card(window)).to_have_attribute("data-card", SECOND)
    window.go_back()
    expect(card(window)).to_have_attribute("data-card", FIRST)
    window.go_forward()
    expect(card(window)).to_have_attribute("data-card", SECOND)
    window.reload()
    expect(card(window)).to_have_attribute("data-card", SECOND)


def test_without_a_line_nothing_is_lost_and_every_question_is_there(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    window = open_survey(viewport=PHONE)
    begin(window, cast.acme, cycle)
    expect(window.locator("[data-card]")).to_have_count(36)  # the other sections have come along
    window.context.set_offline(True)
    for number in range(36):
        choose(window, number % 5 + 1)
        choose(window, 3, "importance")
        go(window)
    expect_state(window, "offline")
    assert kept(window) == 72
    assert responses(cast.acme) == []
    window.context.set_offline(False)
    window.wait_for_function(NOTHING_KEPT)
    expect_state(window, "saved")
    (row,) = responses(cast.acme)
    assert row.performance == [number % 5 + 1 for number in range(36)]
    assert row.importance == [3] * 36
    go(window)
    expect(window.locator("h1")).to_contain_text("All answered")


def test_what_a_device_kept_is_sent_when_the_survey_is_opened_again(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    window = open_survey(viewport=PHONE)
    begin(window, cast.acme, cycle)
    window.context.set_offline(True)
    choose(window, 2)
    expect_state(window, "offline")
    window.goto("about:blank")
    window.context.set_offline(False)
    window.goto(page(cast.acme, cycle, "?part=_next"))
    expect(card(window).locator('[name^="performance."]:checked')).to_have_value("2")
    window.wait_for_function(NOTHING_KEPT)
    assert responses(cast.acme)[0].performance[0] == 2


def test_sending_takes_along_what_was_still_waiting(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    window = open_survey(viewport=PHONE)
    begin(window, cast.acme, cycle)
    choose(window, 4)
    expect_state(window, "saved")
    window.goto(page(cast.acme, cycle, "?part=_review"))
    # Kept by another window of this device, which was closed without a line.
    window.evaluate(
        """([name]) => localStorage.setItem(
            `survey.${document.querySelector('[data-status]').dataset.storageKey}.${name}`,
            JSON.stringify({fields: {[name]: '5'}, value: '5', seen: 'none'}))""",
        [f"performance.{SECOND}"],
    )
    window.reload()
    window.click("form[data-send] button")
    expect(window.locator(".profile")).to_be_visible()
    assert kept(window) == 0
    assert responses(cast.acme)[0].performance[:2] == [4, 5]
    with working_for(cast.acme.id):
        assert Participation.objects.filter(finished=True).count() == 1


# --- Without JavaScript -----------------------------------------------------------------------


def test_without_javascript_everything_works(
    cast: Cast, cycle: Cycle, open_survey: Opener, assert_accessible: Check
) -> None:
    window = open_survey(viewport=PHONE, java_script_enabled=False, locale="en-GB")
    window.goto(f"/s/{token_of(cast.acme, cycle)}/")
    window.click("main form button.button")
    expect(card(window)).to_have_count(6)

    def pick(slug: str, value: int, kind: str = "performance") -> None:
        window.locator(f'label:has([name="{kind}.{slug}"][value="{value}"])').click()

    pick(FIRST, 4)
    pick(FIRST, 5, "importance")
    pick(SECOND, -1)
    window.locator("details.comment summary").first.click()
    window.fill(f'[name="comment.{FIRST}"]', "Seen in March.")
    window.fill(f'[name="evidence.{FIRST}"]', "somewhere")
    window.click("button[data-go=next]")
    expect(window.locator(".problems")).to_contain_text("Links start with https://")
    expect(window.locator(f'[name="comment.{FIRST}"]')).to_have_value("Seen in March.")
    window.fill(f'[name="evidence.{FIRST}"]', "https://example.org/march")
    window.press(f'[name="evidence.{FIRST}"]', "Enter")  # saves and stays
    expect(window.locator("h1")).to_have_text("Exchange value")
    window.click("button[data-go=next]")
    expect(window.locator("h1")).to_have_text("Experience value")
    window.click("button[data-go=back]")
    expect(window.locator(f'[name="performance.{FIRST}"]:checked')).to_have_value("4")
    window.locator("button[data-clear]:visible").nth(1).click()
    expect(window.locator(f'[name="performance.{SECOND}"]:checked')).to_have_count(0)
    window.goto(page(cast.acme, cycle, "?part=_review"))
    expect(window.locator("h1")).to_contain_text("1 of 36 answered")
    window.click("form[data-send] button")
    expect(window.locator("h1")).to_contain_text("Sent, but not counted")
    window.click('main a[href="?part=_all"]')
    expect(card(window)).to_have_count(36)
    (row,) = responses(cast.acme)
    assert (row.performance[:2], row.importance[:2]) == ([4, None], [5, None])


def test_if_the_script_never_comes_the_whole_section_is_shown(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    window = open_survey(viewport=PHONE)
    window.context.route("**/survey.js", lambda route: route.abort())
    window.goto(f"/s/{token_of(cast.acme, cycle)}/")
    window.click("main form button.button")
    last = window.locator("[data-card]").last
    expect(last).to_be_attached()
    window.wait_for_function("() => document.querySelectorAll('.card')[5].offsetHeight > 300")


# --- By keyboard alone ------------------------------------------------------------------------


def test_a_card_is_answered_by_keyboard_alone(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    window = open_survey(viewport=DESK)
    begin(window, cast.acme, cycle)
    press = window.keyboard.press
    press("4")
    expect(card(window).locator('[name^="performance."]:checked')).to_have_value("4")
    window.locator(f'[name="importance.{FIRST}"]').first.focus()
    press("Space")
    for _ in range(2):
        press("ArrowRight")
    expect(card(window).locator('[name^="importance."]:checked')).to_have_value("3")
    window.locator('[data-go="next"]').focus()
    press("Enter")
    expect(card(window).locator(".question")).to_be_focused()
    press("?")
    expect(card(window).locator('[name^="performance."]:checked')).to_have_value("-1")
    go(window)
    press("0")
    expect(card(window).locator('[name^="performance."]:checked')).to_have_value("0")
    expect_state(window, "saved")
    assert responses(cast.acme)[0].performance[:3] == [4, -1, 0]


def test_keys_can_be_turned_off_and_stay_off(cast: Cast, cycle: Cycle, open_survey: Opener) -> None:
    window = open_survey(viewport=DESK)
    begin(window, cast.acme, cycle)
    window.click("[data-keys] button")
    window.reload()
    window.keyboard.press("4")
    expect(card(window).locator('[name^="performance."]:checked')).to_have_count(0)
    window.click("[data-keys] button")
    window.keyboard.press("4")
    expect(card(window).locator('[name^="performance."]:checked')).to_have_value("4")


def test_what_is_typed_is_no_key(cast: Cast, cycle: Cycle, open_survey: Opener) -> None:
    window = open_survey(viewport=DESK)
    begin(window, cast.acme, cycle)
    card(window).locator("details.comment summary").click()
    card(window).locator("textarea").press_sequentially("123?0")
    expect(card(window).locator('[name^="performance."]:checked')).to_have_count(0)


def test_the_sections_that_come_along_take_no_focus(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    window = open_survey(viewport=DESK)
    held: list[Route] = []
    window.route("**/*part=_all", lambda route: held.append(route))  # noqa: PLW0108  # marked by Playwright
    begin(window, cast.acme, cycle)
    radio = window.locator(f'[name="importance.{FIRST}"]').first
    radio.focus()
    expect(window.locator("[data-card]")).to_have_count(6)
    held[0].continue_()
    expect(window.locator("[data-card]")).to_have_count(36)
    expect(radio).to_be_focused()
    expect(card(window)).to_have_count(1)


def test_another_language_leads_back_to_the_same_question(
    cast: Cast, cycle: Cycle, open_survey: Opener
) -> None:
    window = open_survey(viewport=PHONE, locale="en-GB")
    begin(window, cast.acme, cycle)
    expect(window.locator("[data-card]")).to_have_count(36)
    for _time in range(8):
        go(window)
    here = card(window).get_attribute("data-card")
    window.get_by_role("button", name="한국어").click()
    expect(window.locator("html")).to_have_attribute("lang", "ko")
    expect(card(window)).to_have_count(1)
    expect(card(window)).to_have_attribute("data-card", str(here))
    window.get_by_role("button", name="다크").click()
    expect(window.locator("html")).to_have_attribute("data-theme", "dark")
    expect(card(window)).to_have_count(1)
    expect(card(window)).to_have_attribute("data-card", str(here))
