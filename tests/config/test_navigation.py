"""The pages of the navigation: whoever is led to one may open it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import resolve, reverse

from config.navigation import PAGES
from organizations.access import ABILITIES, Ability
from tests.conftest import Cast


@pytest.mark.parametrize(("view", "ability"), [(page[0], page[2]) for page in PAGES])
def test_a_page_is_offered_to_those_who_may_open_it(view: str, ability: Ability) -> None:
    needed = resolve(reverse(view, args=["acme"])).func.ability  # type: ignore[attr-defined]  # set by @requires
    led_there = [abilities for abilities in ABILITIES.values() if ability in abilities]
    assert led_there
    assert all(needed in abilities for abilities in led_there)


def test_a_page_that_is_refused_or_missing_keeps_the_navigation(cast: Cast) -> None:
    for name, address, status in (
        ("Max", "/o/acme/settings/", 403),
        ("Max", "/o/acme/nothing-here/", 404),
        ("Max", "/o/acme/reports/", 403),
    ):
        response = cast.acme.browser(name).get(address)
        assert response.status_code == status
        assert 'href="/o/acme/me/"' in response.content.decode()


def test_a_stranger_is_led_nowhere_by_a_missing_page(cast: Cast) -> None:
    for address in ("/o/acme/nothing-here/", "/o/acme/", "/o/nobody/nothing-here/"):
        response = cast.rival.browser("Rita").get(address)
        assert response.status_code == 404
        assert "<nav" not in response.content.decode()


def test_a_refused_form_keeps_the_choice_of_language_and_theme(db: None) -> None:
    page = Client().post("/sign-up/", {"email": "no address"}).content.decode()
    assert page.count('name="next" value="/sign-up/"') == 2


def test_the_theme_is_chosen_in_the_menu_of_the_account(cast: Cast) -> None:
    page = cast.acme.browser("Max").get("/o/acme/me/").content.decode()
    menu = page[page.index('<details class="menu">') : page.index("</details>")]
    assert page.count('action="/theme/"') == menu.count('action="/theme/"') == 1
