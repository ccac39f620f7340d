"""The pages of the navigation: whoever is led to one may open it."""

from __future__ import annotations

import pytest
from django.urls import resolve, reverse

from config.navigation import PAGES
from organizations.access import ABILITIES, Ability


@pytest.mark.parametrize(("view", "ability"), [(page[0], page[2]) for page in PAGES])
def test_a_page_is_offered_to_those_who_may_open_it(view: str, ability: Ability) -> None:
    needed = resolve(reverse(view, args=["acme"])).func.ability  # type: ignore[attr-defined]  # set by @requires
    led_there = [abilities for abilities in ABILITIES.values() if ability in abilities]
    assert led_there
    assert all(needed in abilities for abilities in led_there)
