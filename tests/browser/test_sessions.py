"""Where one is signed in, and who read what: both pages in both languages, at a desk and in a hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from organizations.models import Membership
from organizations.sessions import SIGNED_IN_AT, USED_AT, SessionStore
from organizations.tenancy.scope import working_for
from tests.browser.test_running_cycles import LOOKS
from tests.conftest import Cast

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Mobile/15E148 Safari/604.1"
)


def sign_in_elsewhere(cast: Cast, agent: str, hours: int) -> None:
    client = Client(headers={"User-Agent": agent})
    client.force_login(cast.acme.users["Ada"])
    store = SessionStore(client.cookies["session"].value)
    used_at = (timezone.now() - timedelta(hours=hours)).isoformat()
    store.update({USED_AT: used_at, SIGNED_IN_AT: used_at, "browser": "Safari", "system": "iPhone"})
    store.save()


@pytest.mark.parametrize(("locale", "scheme", "viewport"), LOOKS)
def test_the_pages_have_no_barriers_and_fit_the_window(
    cast: Cast,
    open_page: Callable[..., Page],
    sign_in: Callable[..., None],
    assert_accessible: Callable[..., None],
    locale: str,
    scheme: str,
    viewport: dict[str, Any],
) -> None:
    with working_for(cast.acme.id):
        Membership.objects.update(language=locale[:2])
    for hours in (3, 7):
        sign_in_elsewhere(cast, PHONE, hours)
    page = open_page(locale=locale, color_scheme=scheme, viewport=viewport)
    sign_in(page, cast.acme.users["Ada"])

    def look() -> None:
        page.wait_for_load_state()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        assert_accessible(page)

    page.goto("/sessions/")
    look()
    expect(page.locator(".sessions li")).to_have_count(3)
    page.locator(".sessions li button").first.click()
    expect(page.locator(".sessions li")).to_have_count(2)
    look()
    for address in ("/o/acme/teams/", "/o/acme/reports/", "/o/acme/settings/access/"):
        page.goto(address)
    look()
    expect(page.locator(".rows li")).to_have_count(2)
