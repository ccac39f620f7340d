"""Two full organizations, made once for all addresses that a module walks."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.conftest import CANARY, Cast
from tests.isolation.populated_organizations import callers, populate
from tests.isolation.walk import World

PLAIN = {"uidb36": "1", "key": "1-2", "name": "none"}  # parameters of public pages


@pytest.fixture(scope="module")
def shared_world(module_cast: Cast) -> World:
    acme = populate(module_cast.acme, "Acme's own words")
    rival = populate(module_cast.rival, CANARY)
    for known in (acme, rival):
        known.ids |= PLAIN
    return World(acme, rival, callers(module_cast, acme))


@pytest.fixture
def world(db: None, shared_world: World, settings: Settings) -> World:
    """The same for every test: nothing that is tried in it stays."""
    settings.API_PER_MINUTE = 1_000_000  # the walk asks often
    return shared_world
