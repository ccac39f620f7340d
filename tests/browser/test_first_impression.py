"""The page that everyone sees first."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_has_no_barriers(
    open_page: Callable[..., Page],
    assert_accessible: Callable[..., None],
    locale: str,
    scheme: str,
) -> None:
    page = open_page(locale=locale, color_scheme=scheme)
    page.goto("/sign-in/")
    expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_accessible(page)
