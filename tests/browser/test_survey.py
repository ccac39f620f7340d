"""Answering in a real browser: on a phone by link, without JavaScript, by keyboard alone, when the line
is down, in two windows, and while the survey closes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from assessments.models import Comment, Cycle, Participation, Response
from organizations.models import Membership
from organizations.tenancy import working_for
from tests.assessments.visits import FIRST, SECOND, asked, page, responses, token_of
from tests.conftest import Cast, House

PHONE, NARROW, DESK = (
    {"width": 360, "height": 740},
    {"width": 320, "height": 640},
    {"width": 1280, "height": 900},
)
Check = Callable[..., None]
Opener = Callable[..., Page]


@pytest.fixture
def open_page(open_page: Opener) -> Iterator[Opener]:
    """Whatever a page still fetches has ended before the test ends."""
    windows: list[Page] = []

    def open_one(**options: Any) -> Page:
        windows.append(open_page(**options))
        return windows[-1]

    yield open_one
    for window in windows:
        window.wait_for_load_state("networkidle")


@pytest.fixture
def cycle(cast: Cast) -> Cycle:
    return asked(cast.acme)


def begin(window: Page, house: House, cycle: Cycle, name: str = "Max") -> None:
    """From the mail to the first card."""
    window.goto(f"/s/{token_of(house, cycle, name)}/")
    window.click("main form button.button")
    expect(window.locator("form.one-at-a-time")).to_have_count(1)
    expect(card(window)).to_have_count(1)


def card(window: Page) -> Locator:
    return window.locator("[data-card]:visible")


def choose(window: Page, value: int, kind: str = "performance") -> None:
    """On the card that is shown; a finger meets the label."""
    card(window).locator(f'label:has([name^="{kind}."][value="{value}"])').click()


def go(window: Page, where: str = "next") -> None:
    window.click(f'[data-go="{where}"]')


def expect_state(window: Page, state: str) -> None:
    expect(window.locator("[data-status]")).to_have_attribute("data-state", state)


KEPT = "Object.keys(localStorage).filter(key => key.startsWith('survey.')).length"
NOTHING_KEPT = f"() => {KEPT} === 0"


def kept(window: Page) -> int:
    """How many answers wait on this device."""
    count: int = window.evaluate(KEPT)
    return count


def widest(window: Page) -> int:
    wide: int = window.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wide


# --- On a phone, by link ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "scheme", "viewport"),
    [("en", "light", PHONE), ("ko", "dark", NARROW), ("ko", "light", DESK)],
)
def test_every_page_is_free_of_barriers_and_fits(
    cast: Cast,
    cycle: Cycle,
    open_page: Opener,
    assert_accessible: Check,
    language: str,
    scheme: str,
    viewport: dict[str, int],
) -> None:
    with working_for(cast.acme.id):
        Membership.objects.filter(name="Cho").update(language=language)
    window = open_page(color_scheme=scheme, viewport=viewport)

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
    for part in ("_all", "_review", "_promise"):
        window.goto(page(cast.acme, cycle, f"?part={part}"))
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
    cast: Cast, cycle: Cycle, open_page: Opener
) -> None:
    phone, desk = open_page(viewport=PHONE), open_page(viewport=DESK)
    begin(phone, cast.acme, cycle)
    for value in (3, 5):
        choose(phone, value)
        choose(phone, 4, "importance")
        go(phone)
    card(phone).locator("details.comment summary").click()
    card(phone).locator("textarea").fill("As seen in the March campaign.")
    card(phone).locator("textarea").blur()
    expect_state(phone, "saved")
    begin(desk, cast.acme, cycle)
    expect(card(desk).locator(".eyebrow")).to_contain_text("3/6")
    expect(card(desk).locator("textarea")).to_have_value("As seen in the March campaign.")
    go(desk, "back")
    expect(card(desk).locator('[name^="performance."]:checked')).to_have_value("5")
    expect(desk.locator("[data-count]")).to_contain_text("2 of 36")
    assert responses(cast.acme)[0].performance[:3] == [3, 5, None]


def test_the_phones_own_way_back_leads_to_the_question_before(
    cast: Cast, cycle: Cycle, open_page: Opener
) -> None:
    window = open_page(viewport=PHONE)
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
    cast: Cast, cycle: Cycle, open_page: Opener
) -> None:
    window = open_page(viewport=PHONE)
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
    expect(window.locator("h1")).to_have_text("Everything is answered")


def test_what_a_device_kept_is_sent_when_the_survey_is_opened_again(
    cast: Cast, cycle: Cycle, open_page: Opener
) -> None:
    window = open_page(viewport=PHONE)
    begin(window, cast.acme, cycle)
    window.context.set_offline(True)
    choose(window, 2)
    expect_state(window, "offline")
    window.goto("about:blank")
    window.context.set_offline(False)
    begin(window, cast.acme, cycle)
    expect(card(window).locator('[name^="performance."]:checked')).to_have_value("2")
    window.wait_for_function(NOTHING_KEPT)
    assert responses(cast.acme)[0].performance[0] == 2


def test_sending_takes_along_what_was_still_waiting(
    cast: Cast, cycle: Cycle, open_page: Opener
) -> None:
    window = open_page(viewport=PHONE)
    begin(window, cast.acme, cycle)
    choose(window, 4)
    expect_state(window, "saved")
    window.goto(page(cast.acme, cycle, "?part=_review"))
    # Kept by another window of this device, which was closed without a line.
    window.evaluate(
        """([name]) => localStorage.setItem(
            `survey.${document.querySelector('[data-status]').dataset.shelf}.${name}`,
            JSON.stringify({fields: {[name]: '5'}, value: '5', seen: '0:'}))""",
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
    cast: Cast, cycle: Cycle, open_page: Opener, assert_accessible: Check
) -> None:
    window = open_page(viewport=PHONE, java_script_enabled=False, locale="en-GB")
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
    expect(window.locator(".problems")).to_contain_text("A link begins with https://")
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
    expect(window.locator("h1")).to_have_text("35 questions are still open")
    window.click("form[data-send] button")
    expect(window.locator("h1")).to_contain_text("Thank you")
    window.click('form[action$="/reopen/"] button')
    expect(window.locator("h1")).to_contain_text("35 questions")
    (row,) = responses(cast.acme)
    assert (row.performance[:2], row.importance[:2]) == ([4, None], [5, None])


def test_if_the_script_never_comes_the_whole_section_is_shown(
    cast: Cast, cycle: Cycle, open_page: Opener
) -> None:
    window = open_page(viewport=PHONE)
    window.context.route("**/survey.js", lambda route: route.abort())
    window.goto(f"/s/{token_of(cast.acme, cycle)}/")
    window.click("main form button.button")
    last = window.locator("[data-card]").last
    expect(last).to_be_attached()
    window.wait_for_function("() => document.querySelectorAll('.card')[5].offsetHeight > 300")


# --- By keyboard alone ------------------------------------------------------------------------


def test_a_card_is_answered_by_keyboard_alone(cast: Cast, cycle: Cycle, open_page: Opener) -> None:
    window = open_page(viewport=DESK)
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


def test_keys_can_be_turned_off_and_stay_off(cast: Cast, cycle: Cycle, open_page: Opener) -> None:
    window = open_page(viewport=DESK)
    begin(window, cast.acme, cycle)
    window.click("[data-keys] button")
    window.reload()
    window.keyboard.press("4")
    expect(card(window).locator('[name^="performance."]:checked')).to_have_count(0)
    window.click("[data-keys] button")
    window.keyboard.press("4")
    expect(card(window).locator('[name^="performance."]:checked')).to_have_value("4")


def test_what_is_typed_is_no_key(cast: Cast, cycle: Cycle, open_page: Opener) -> None:
    window = open_page(viewport=DESK)
    begin(window, cast.acme, cycle)
    card(window).locator("details.comment summary").click()
    card(window).locator("textarea").press_sequentially("123?0")
    expect(card(window).locator('[name^="performance."]:checked')).to_have_count(0)


def test_the_sections_that_come_along_take_no_focus(
    cast: Cast, cycle: Cycle, open_page: Opener
) -> None:
    window = open_page(viewport=DESK)
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
    cast: Cast, cycle: Cycle, open_page: Opener
) -> None:
    window = open_page(viewport=PHONE, locale="en-GB")
    begin(window, cast.acme, cycle)
    expect(window.locator("[data-card]")).to_have_count(36)
    for _time in range(8):
        go(window)
    here = card(window).get_attribute("data-card")
    window.get_by_role("button", name="한국어").click()
    expect(window.locator("html")).to_have_attribute("lang", "ko")
    expect(card(window)).to_have_count(1)
    expect(card(window)).to_have_attribute("data-card", str(here))
    window.get_by_role("button", name="어둡게").click()
    expect(window.locator("html")).to_have_attribute("data-theme", "dark")
    expect(card(window)).to_have_count(1)
    expect(card(window)).to_have_attribute("data-card", str(here))


# --- Two windows, and the end -----------------------------------------------------------------


@pytest.mark.parametrize(("button", "stays"), [("take", 1), ("keep", 5)])
def test_two_windows_that_disagree_show_both_answers(
    cast: Cast, cycle: Cycle, open_page: Opener, button: str, stays: int
) -> None:
    window = open_page(viewport=PHONE, locale="en-GB")
    begin(window, cast.acme, cycle)
    other = window.context.new_page()
    other.goto(window.url)
    choose(other, 1)
    expect_state(other, "saved")
    choose(window, 5)
    said = card(window).locator("[data-told]")
    expect(said).to_contain_text("In another window you answered: “1 ")
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
    cast: Cast, cycle: Cycle, open_page: Opener
) -> None:
    window = open_page(viewport=PHONE)
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


def test_an_answer_can_be_cleared(cast: Cast, cycle: Cycle, open_page: Opener) -> None:
    window = open_page(viewport=PHONE)
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
    cast: Cast, cycle: Cycle, open_page: Opener
) -> None:
    window = open_page(viewport=PHONE, locale="en-GB")
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
    cast: Cast, cycle: Cycle, open_page: Opener
) -> None:
    window = open_page(viewport=PHONE, locale="en-GB")
    begin(window, cast.acme, cycle)
    card(window).locator("details.comment summary").click()
    card(window).locator("input[type=url]").fill("somewhere")
    card(window).locator("input[type=url]").blur()
    expect(card(window).locator("[data-told]")).to_contain_text("A link begins with https://")
    expect_state(window, "undecided")
    card(window).locator("input[type=url]").fill("https://example.org/")
    card(window).locator("input[type=url]").blur()
    expect(card(window).locator("[data-told]")).to_be_empty()
    expect_state(window, "saved")


def test_a_shared_device_forgets_who_answered(cast: Cast, cycle: Cycle, open_page: Opener) -> None:
    window = open_page(viewport=PHONE)
    begin(window, cast.acme, cycle)
    choose(window, 3)
    expect_state(window, "saved")
    window.goto(page(cast.acme, cycle, "?part=_review"))
    window.click("form[data-send] button")
    window.click('form[action$="/leave/"] button')
    window.goto(page(cast.acme, cycle))
    expect(window).to_have_url(re.compile(r"/sign-in/"))


def test_the_exposure_questions_are_a_section_of_their_own(
    cast: Cast, open_page: Opener, assert_accessible: Check
) -> None:
    cycle = asked(cast.acme, rubric="customer-driven-disruption", segment="Young families")
    window = open_page(viewport=PHONE, locale="en-GB")
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
