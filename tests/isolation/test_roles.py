"""Nobody inside an organization learns what someone answered, or whether they have: not by anything
that an owner, a leader, an administrator, an analyst and the lead of the team do together.

The same attempts are made in worlds that differ only in what the victim did. Every page, header,
cookie, redirect and mail that the attackers see afterwards must be the same in all of them.
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import Any, Protocol

import pytest
from django.test import override_settings
from django.utils import timezone
from pytest_django import Settings

from organizations import access_log
from tests.conftest import Cast
from tests.isolation.attempts import ATTEMPTS, Attempt
from tests.isolation.insider_leaks import LEAKS
from tests.isolation.insiders import (
    ATTACKERS,
    WITH_SIGN_IN,
    WITHOUT_SIGN_IN,
    Insiders,
    settle,
    take_sign_in,
)
from tests.isolation.role_walk import (
    Difference,
    Memory,
    Path,
    Site,
    Walk,
    Where,
    all_attempts,
    differences,
    site_of,
    tree_of,
)

Forms = dict[str, dict[str, Attempt]]  # by role


class Settle(Protocol):
    def __call__(self, *, sign_in: bool) -> Insiders: ...


SINGLE: list[Path] = [(name,) for name in ATTEMPTS]
SEED = 11
TELLING = ("wait a night", "close")  # what was done before comes to light by these, if by any
BOTH = (WITHOUT_SIGN_IN[0], WITHOUT_SIGN_IN[-1])  # nothing, and everything
APART = (*WITH_SIGN_IN[:2], WITH_SIGN_IN[-1])  # nothing, only signed in, and everything


@pytest.fixture(scope="module")
def moment(module_transaction: None) -> Iterator[datetime]:
    """The clock stands still, so that no world is later than another."""
    moment = (timezone.now() - timedelta(minutes=1)).replace(microsecond=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: moment)
        yield moment


@pytest.fixture(scope="module")
def insiders(module_cast: Cast, moment: datetime) -> Insiders:
    return settle(module_cast, moment)


@pytest.fixture(scope="module")
def site(insiders: Insiders) -> Site:
    with override_settings(API_PER_MINUTE=1_000_000):
        return site_of(insiders)


@pytest.fixture(scope="module")
def memory() -> Memory:
    """Of all longer walks: the first attempts of each are looked at by themselves."""
    return Memory()


@pytest.fixture(scope="module")
def forms() -> Forms:
    """What each role can try, once it was looked for."""
    return {}


@pytest.fixture
def settled(db: None, insiders: Insiders, settings: Settings) -> Iterator[Settle]:
    settings.API_PER_MINUTE = 1_000_000  # the walk asks often
    logging.disable(logging.WARNING)  # a line a request
    access_log._written.clear()

    def settled(*, sign_in: bool) -> Insiders:
        if not sign_in:
            take_sign_in(insiders)
        return insiders

    yield settled
    logging.disable(logging.NOTSET)


def compared(
    insiders: Insiders,
    site: Site,
    worlds: Iterable[str],
    paths: Iterable[Path],
    attempts: dict[str, Attempt] = ATTEMPTS,
    memory: Memory | None = None,
) -> list[Difference]:
    """Where the worlds can be told apart."""
    tree = tree_of(paths)
    walk = Walk(insiders, site, attempts, memory)
    shown = {world: walk.run(world, tree) for world in worlds}
    return differences(shown)


def unknown(*walked: Any) -> list[Difference]:
    """Where the worlds can be told apart and nobody has said why that cannot be otherwise."""
    return [found for found in compared(*walked) if not is_known(found)]


def following(first: str) -> list[str]:
    """Three attempts to be made after this one; each of them all comes after three."""
    names = list(ATTEMPTS)
    return [names[(names.index(first) + step) % len(names)] for step in (1, 6, 13)]


def drawn(
    insiders: Insiders, forms: Forms, first: str, count: int
) -> tuple[dict[str, Attempt], list[Path]]:
    """Triples, the same ones every time, that end with an attempt or with a form of any page of one role."""
    dice = Random(f"{SEED} {first}")
    role = dice.choice(list(ATTACKERS))
    every = forms[role] = forms.get(role) or all_attempts(insiders, [role])
    return every, [
        (first, dice.choice(list(ATTEMPTS)), dice.choice(list(every))) for _ in range(count)
    ]


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


def test_no_attempt_shows_what_the_victim_did(settled: Settle, site: Site) -> None:
    found = unknown(settled(sign_in=False), site, WITHOUT_SIGN_IN, SINGLE)
    assert not found, told(found)


def test_no_attempt_shows_what_someone_with_a_sign_in_did(settled: Settle, site: Site) -> None:
    """In three worlds; all five are told apart at night, below."""
    found = unknown(settled(sign_in=True), site, APART, SINGLE)
    assert not found, told(found)


@pytest.mark.parametrize("first", ATTEMPTS)
def test_no_pair_of_attempts_shows_what_the_victim_did(
    settled: Settle, site: Site, memory: Memory, forms: Forms, first: str
) -> None:
    """A part of the pairs, the same every time, and a triple; all pairs are tried at night."""
    insiders = settled(sign_in=False)
    every, triples = drawn(insiders, forms, first, 1)
    pairs = [(first, then) for then in (*TELLING, *following(first))]
    found = unknown(insiders, site, BOTH, [*pairs, *triples], every, memory)
    assert not found, told(found)


@pytest.mark.parametrize("then", ["send", "withdraw"])
def test_what_is_sent_in_the_victims_place_moves_no_nightly_count(
    settled: Settle, site: Site, then: str
) -> None:
    found = unknown(settled(sign_in=False), site, BOTH, [("take link", then, "wait a night")])
    assert not found, told(found)


# --- At night ---------------------------------------------------------------------------------------


@pytest.mark.nightly
@pytest.mark.parametrize("sign_in", [False, True])
def test_no_attempt_shows_anything_to_anyone(settled: Settle, sign_in: bool) -> None:
    """Every form of every page too, and everyone looks at every page that they may open."""
    insiders = settled(sign_in=sign_in)
    every, site = all_attempts(insiders), site_of(insiders, everyone_looks=True)
    worlds = WITH_SIGN_IN if sign_in else WITHOUT_SIGN_IN
    found = unknown(insiders, site, worlds, [(name,) for name in every], every)
    assert not found, told(found)


@pytest.mark.nightly
@pytest.mark.parametrize("first", ATTEMPTS)
def test_no_two_attempts_and_no_three_drawn_ones_show_what_the_victim_did(
    settled: Settle, site: Site, memory: Memory, forms: Forms, first: str
) -> None:
    insiders = settled(sign_in=False)
    every, triples = drawn(insiders, forms, first, 15)
    paths = [*product([first], ATTEMPTS), *triples]
    found = unknown(insiders, site, BOTH, paths, every, memory)
    assert not found, told(found)


@pytest.mark.nightly
@pytest.mark.parametrize("first", ATTEMPTS)
def test_no_three_attempts_show_what_the_victim_did(
    settled: Settle, site: Site, first: str
) -> None:
    found = unknown(
        settled(sign_in=False), site, WITHOUT_SIGN_IN, product([first], ATTEMPTS, ATTEMPTS)
    )
    assert not found, told(found)


# --- That what is known is still so -------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        ("take link", "answer something else", "close"),
        ("remove", "close"),
    ],
)
def test_what_is_known_is_still_so(settled: Settle, site: Site, path: Path) -> None:
    found = compared(settled(sign_in=False), site, BOTH, [path])
    assert found
    assert {one.path for one in found} == {path}
    assert all(is_known(one) for one in found), told(found)


# --- That it can fail -------------------------------------------------------------------------------


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_seen(
    settled: Settle, site: Site, monkeypatch: pytest.MonkeyPatch, leak: str
) -> None:
    plant, path = LEAKS[leak]
    plant(monkeypatch)
    found = unknown(settled(sign_in=False), site, BOTH, [path])
    assert found
    assert {one.path for one in found} == {path}
