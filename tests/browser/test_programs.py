"""The page of an organization's keys and the manual for programs, in both languages and themes."""

from __future__ import annotations

import shlex
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from organizations.models import ApiKey, Membership
from organizations.tenancy.scope import working_for
from tests.browser.test_running_cycles import LOOKS
from tests.conftest import Cast

KEYS, MANUAL = "/o/acme/settings/keys/", "/api/v1/docs/"


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
    page = open_page(locale=locale, color_scheme=scheme, viewport=viewport)

    def look() -> None:
        page.wait_for_load_state()
        expect(page.locator("html")).to_have_attribute("lang", locale[:2])
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
        assert_accessible(page)

    page.goto(MANUAL)
    look()
    sign_in(page, cast.acme.users["Ada"])
    page.goto(KEYS)
    look()
    page.locator("input[name=name]").fill("Dashboard")
    page.locator("main form button").click()
    expect(page.locator("#code-secret")).to_be_visible()
    look()
    page.goto(KEYS)
    look()
    with working_for(cast.acme.id):
        key = ApiKey.objects.get()
    page.goto(f"{KEYS}{key.pk}/revoke/")
    look()


def test_from_a_key_to_real_json_by_copying_what_is_shown(
    cast: Cast, open_page: Callable[..., Page], sign_in: Callable[..., None]
) -> None:
    page = open_page(locale="en-GB")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, cast.acme.users["Ada"])
    page.goto("/o/acme/settings/")
    page.get_by_role("link", name="Manage API keys").click()
    page.get_by_label("Name").fill("Dashboard")
    page.get_by_role("button", name="Create key").click()
    page.locator("[data-copy=code-1]").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    program, option, header, address = shlex.split(page.evaluate("navigator.clipboard.readText()"))
    assert (program, option) == ("curl", "-H")
    asked = urllib.request.Request(address, headers=dict([header.split(": ", 1)]))
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 200
        assert answer.read() == b'{"items":[],"next":null}'
