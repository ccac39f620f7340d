"""Nobody inside an organization learns what someone answered, or whether they have: not by anything
that an owner, a leader, an administrator, an analyst and the lead of the team do together.

The same attempts are made in worlds that differ only in what the victim did. Every page, header,
cookie, redirect and mail that the attackers see afterwards must be the same in all of them.
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.conftest import Cast
from tests.isolation.attempts import ATTEMPTS, Attempt
from tests.isolation.insider_leaks import LEAKS
from tests.isolation.insiders import ATTACKERS, WITH_SIGN_IN, WITHOUT_SIGN_IN, Insiders, settle
from tests.isolation.role_walk import (
    Difference,
    Path,
    Walk,
    Where,
    all_attempts,
    differences,
    tree_of,
)

Settle = Callable[[bool], Insiders]
SINGLE: list[Path] = [(name,) for name in ATTEMPTS]
SEED, DRAWN = 11, 300
BOTH = (WITHOUT_SIGN_IN[0], WITHOUT_SIGN_IN[-1])  # nothing, and everything


@pytest.fixture
def settled(
    cast: Cast,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Settle]:
    """The clock stands still, so that no world is later than another."""
    settings.API_PER_MINUTE = 1_000_000  # the walk asks often
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # and joins often
    logging.disable(logging.WARNING)  # a line a request
    moment = (timezone.now() - timedelta(minutes=1)).replace(microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    yield lambda sign_in: settle(cast, moment, sign_in=sign_in)
    logging.disable(logging.NOTSET)


def compared(
    insiders: Insiders,
    worlds: Iterable[str],
    paths: Iterable[Path],
    attempts: dict[str, Attempt] = ATTEMPTS,
    *,
    everyone_looks: bool = False,
) -> list[Difference]:
    """Where the worlds can be told apart."""
    tree = tree_of(paths)
    walk = Walk(insiders, attempts, everyone_looks=everyone_looks)
    shown = {world: walk.run(world, tree) for world in worlds}
    return differences(shown)


def unknown(*walked: Any, **how: Any) -> list[Difference]:
    """Where the worlds can be told apart and nobody has said why that cannot be otherwise."""
    return [found for found in compared(*walked, **how) if not is_known(found)]


def told(found: list[Difference]) -> str:
    """For whoever reads the failure: after what, who saw where, and the first lines."""
    lines = []
    for one in found[:5]:
        lines += [" > ".join(one.path) or "before anything", " ".join(one.where), str(one.worlds)]
        before, after = (text.split("\n") for text in one.texts)
        lines += list(difflib.unified_diff(before, after, lineterm="", n=0))[2:12]
    return "\n".join([f"{len(found)} differences", *lines])


# --- What is known ---------------------------------------------------------------------------------

RESULTS = re.compile("")  # a close reaches every page


@dataclass(frozen=True, slots=True)
class Known:
    """What cannot be the same: after one of these attempts, and then this one, on these pages."""

    after: frozenset[str]
    then: str
    where: re.Pattern[str]
    why: str


# Whoever has come in the victim's place may answer, send and withdraw, and is counted as the victim.
KNOWN = (
    Known(
        frozenset({"send", "withdraw", "answer something else"}),
        "close",
        RESULTS,
        "what was sent, replaced or withdrawn counts as it then is",
    ),
    Known(
        frozenset({"remove"}),
        "close",
        RESULTS,
        "only those who remain are counted: in one world the colleague who has sent",
    ),
)


BUTTON = re.compile(r"^\w+: /o/acme/cycles/[\w-]+/(close)/ ")  # a form of a page that does the same


def is_known(found: Difference) -> bool:
    path = [button[1] if (button := BUTTON.match(name)) else name for name in found.path]
    return any(one.then in path and _is(one, path, found.where) for one in KNOWN)


def _is(known: Known, path: list[str], where: Where) -> bool:
    before = path[: path.index(known.then)]
    return bool(known.after.intersection(before) and known.where.search(where[1]))


# --- The walk ---------------------------------------------------------------------------------------


def test_no_attempt_shows_what_the_victim_did(settled: Settle) -> None:
    found = unknown(settled(False), WITHOUT_SIGN_IN, SINGLE)
    assert not found, told(found)


def test_no_attempt_shows_what_someone_with_a_sign_in_did(settled: Settle) -> None:
    found = unknown(settled(True), WITH_SIGN_IN, SINGLE)
    assert not found, told(found)


@pytest.mark.parametrize("first", ATTEMPTS)
def test_no_two_attempts_and_no_three_drawn_ones_show_what_the_victim_did(
    settled: Settle, first: str
) -> None:
    """Every pair of what is tried by hand; then triples, the same ones every time, that end with one
    of them or with a form of any page of one role."""
    insiders = settled(False)
    dice = Random(f"{SEED} {first}")
    every = all_attempts(insiders, [dice.choice(list(ATTACKERS))])
    drawn = [
        (first, dice.choice(list(ATTEMPTS)), dice.choice(list(every)))
        for _ in range(DRAWN // len(ATTEMPTS))
    ]
    found = unknown(insiders, BOTH, [*product([first], ATTEMPTS), *drawn], every)
    assert not found, told(found)


@pytest.mark.parametrize("then", ["send", "withdraw"])
def test_what_is_sent_in_the_victims_place_moves_no_nightly_count(
    settled: Settle, then: str
) -> None:
    found = unknown(settled(False), BOTH, [("take link", then, "wait a night")])
    assert not found, told(found)


# --- At night ---------------------------------------------------------------------------------------


@pytest.mark.nightly
@pytest.mark.parametrize("sign_in", [False, True])
def test_no_attempt_shows_anything_to_anyone(settled: Settle, sign_in: bool) -> None:
    """Every form of every page too, and everyone looks at every page that they may open."""
    insiders = settled(sign_in)
    every = all_attempts(insiders)
    worlds = WITH_SIGN_IN if sign_in else WITHOUT_SIGN_IN
    found = unknown(insiders, worlds, [(name,) for name in every], every, everyone_looks=True)
    assert not found, told(found)


@pytest.mark.nightly
@pytest.mark.parametrize("first", ATTEMPTS)
def test_no_three_attempts_show_what_the_victim_did(settled: Settle, first: str) -> None:
    found = unknown(settled(False), WITHOUT_SIGN_IN, product([first], ATTEMPTS, ATTEMPTS))
    assert not found, told(found)


# --- That what is known is still so -------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        ("take link", "answer something else", "close"),
        ("remove", "close"),
    ],
)
def test_what_is_known_is_still_so(settled: Settle, path: Path) -> None:
    found = compared(settled(False), BOTH, [path])
    assert found
    assert {one.path for one in found} == {path}
    assert all(is_known(one) for one in found), told(found)


# --- That it can fail -------------------------------------------------------------------------------


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_seen(
    settled: Settle, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    plant, path = LEAKS[leak]
    plant(monkeypatch)
    found = unknown(settled(False), BOTH, [path])
    assert found
    assert {one.path for one in found} == {path}
