"""What a close costs: fetched beside the bare copy, all of it, and how both grow."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from benchmarks.grounds import BenchServers
from benchmarks.measuring import Measurement

MOST_SECONDS, MOST_MB, MOST_SECONDS_OF_FEW = 10, 500, 0.3
TEAMS, PEOPLE, NIGHTLY_PEOPLE = 733, 20_000, 200_000
FEW_TEAMS, FEW_PEOPLE, HARDLY_ANY_TEAMS = 74, 2_000, 12
WIDE, NARROW = "marketing-value", "cmo-collaboration"


def _closed(
    ground: BenchServers, teams: int, people: int, rubric: str = WIDE, *, rounds: int = 0
) -> dict[str, Any]:
    name = f"o-{teams}-{people}-{rubric}"
    told = ground.inside("large", name, str(teams), str(people), rubric)
    ground.settle()
    found = ground.inside("count", told["organization"], told["cycle"], str(rounds))
    if found["stage"] != "closed":
        sys.exit(f"The cycle was not closed: {found}")
    return found | {"cells": teams * told["capabilities"]}


def close(ground: BenchServers) -> Iterator[Measurement]:
    """20,000 responses in 733 teams, and of sixty people; then how it grows."""
    found = _closed(ground, TEAMS, PEOPLE, rounds=7)
    yield Measurement("close-fetch", found["fetch"], found["copy"], 3, "s")
    yield Measurement("close", found["close"], MOST_SECONDS, 1, "s of 10")
    yield Measurement("close-memory", found["memory"], MOST_MB, 1, "MB of 500")
    small = _closed(ground, 7, 60)
    yield Measurement("close-small", small["close"], MOST_SECONDS_OF_FEW, 1, "s of 0.3")
    yield from _growth(ground, found)


def _growth(ground: BenchServers, found: dict[str, Any]) -> Iterator[Measurement]:
    """What one more costs, beside one where there are few: at 1 it is linear. Responses are counted
    in few teams, where they are most of the cost."""
    few, many = (
        _closed(ground, HARDLY_ANY_TEAMS, people)["close"] / people
        for people in (FEW_PEOPLE, PEOPLE)
    )
    yield Measurement("close-people", many, few, 1, "s a response")
    narrow = _closed(ground, FEW_TEAMS, PEOPLE, NARROW)
    few, many = (one["close"] / one["cells"] for one in (narrow, found))
    yield Measurement("close-cells", many, few, 1, "s a cell")


def nightly(ground: BenchServers) -> Iterator[Measurement]:
    """200,000 responses, beside ten times what 20,000 take."""
    many, some = _closed(ground, TEAMS, NIGHTLY_PEOPLE, rounds=3), _closed(ground, TEAMS, PEOPLE)
    yield Measurement("close-nightly-fetch", many["fetch"], many["copy"], 3, "s")
    times = NIGHTLY_PEOPLE / PEOPLE
    yield Measurement("close-nightly", many["close"], times * some["close"], 1, "s")
    yield Measurement("close-nightly-memory", many["memory"], times * some["memory"], 1, "MB")
