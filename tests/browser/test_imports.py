"""The preview of past results on a phone and a desk: no barrier, nothing wider than the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from organizations.models import User
from tests.browser.test_people import DESK, PHONE, widest
from tests.conftest import Cast

RATINGS = "team,needs-insight,shoe size\n" + "Growth / New,0,44\nGrowth / Brand,4,40\n" * 6
SIZES = "team,headcount\nGrowth,20\nGrowth / New,10\nGrowth / Brand,10\nTotal,40\n"


def choose(page: Page, name: str, content: str) -> None:
    file = {"name": f"{name}.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.locator(f"input[name={name}]").set_input_files(file)  # type: ignore[arg-type]  # a TypedDict


@pytest.mark.parametrize(
    ("locale", "scheme", "viewport"),
    [("en-GB", "light", PHONE), ("ko-KR", "dark", PHONE), ("en-GB", "dark", DESK)],
)
def test_a_preview_has_no_barriers_and_imports(
    cast: Cast,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    assert_accessible: Callable[..., None],
    locale: str,
    scheme: str,
    viewport: dict[str, int],
) -> None:
    page = open_page(locale=locale, color_scheme=scheme, viewport=viewport)
    sign_in(page, cast.acme.users["Adam"])
    for ratings in (RATINGS, RATINGS.replace(",4,", ",9,")):
        page.goto("/o/acme/cycles/import/")
        page.fill("[name=name]", "Spring")
        choose(page, "ratings", ratings)
        choose(page, "headcounts", SIZES)
        page.click("main form button.button")
        expect(page.locator("table.map-table").first).to_be_visible()
        assert_accessible(page)
        assert widest(page) <= 0, ratings
    page.goto("/o/acme/cycles/import/")
    page.fill("[name=name]", "Spring")
    choose(page, "ratings", RATINGS)
    page.click("main form button.button")
    page.click("main form button.button:not([formaction])")
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring")
