"""What gets installed is written down to the last byte, and from nowhere in particular."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from devstack.servers import PROJECT_ROOT

LOCKS = ["requirements.txt", "requirements-demo.txt", "requirements-test.txt"]
ADDRESS = re.compile(r"://|--(?:extra-)?index-url|--find-links|--trusted-host| @ ")
Locked = dict[str, list[tuple[Requirement, int]]]


def wanted(name: str) -> list[Requirement]:
    lines = (line.strip() for line in (PROJECT_ROOT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def locked(name: str) -> Locked:
    """By package: each of its lines, with the number of its hashes."""
    text = (PROJECT_ROOT / name).read_text().replace("\\\n", " ")
    found: Locked = {}
    for line in text.splitlines():
        words, *hashes = line.split("--hash=sha256:")
        requirement = Requirement(words.strip())
        found.setdefault(canonicalize_name(requirement.name), []).append((requirement, len(hashes)))
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_one_version_and_its_hashes(name: str) -> None:
    lines = [line for lines in locked(name).values() for line in lines]
    assert len(lines) > 20
    for requirement, hashes in lines:
        assert [part.operator for part in requirement.specifier] == ["=="], requirement
        assert hashes, requirement


@pytest.mark.parametrize("name", [*LOCKS, *(lock.replace(".txt", ".in") for lock in LOCKS)])
def test_no_file_says_where_packages_come_from(name: str) -> None:
    assert ADDRESS.findall(Path(PROJECT_ROOT / name).read_text()) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_all_that_is_wanted_is_locked(lock: str) -> None:
    found = locked(lock)
    for requirement in wanted(lock.replace(".txt", ".in")):
        lines = found.get(canonicalize_name(requirement.name), [])
        assert lines, requirement
        for line, _ in lines:
            [pin] = line.specifier
            assert requirement.specifier.contains(pin.version), requirement


@pytest.mark.parametrize(("fewer", "more"), list(pairwise(LOCKS)))
def test_each_lock_holds_exactly_what_the_one_before_it_holds(fewer: str, more: str) -> None:
    small, large = locked(fewer), locked(more)
    assert {name: list(map(str, lines)) for name, lines in small.items()} == {
        name: list(map(str, large[name])) for name in small
    }
