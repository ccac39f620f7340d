"""How a respondent moves in the survey, for the tests in a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from assessments.models import Cycle
from tests.assessments.respondent_clients import token_of
from tests.conftest import House

PHONE, NARROW, DESK = (
    {"width": 360, "height": 740},
    {"width": 320, "height": 640},
    {"width": 1280, "height": 900},
)
Check = Callable[..., None]
Opener = Callable[..., Page]


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
