"""What is there all the time: the room that an answer takes, and a process that waits."""

from __future__ import annotations

import resource
from collections.abc import Iterator

from benchmarks.grounds import BenchServers
from benchmarks.measuring import Measurement, Operation, interleaved_medians, memory_mb
from benchmarks.visitors import BaselineClient, HttpSession

STORED, TEAMS = 20_000, 12
KEPT, OPEN = 2, 3  # times the floor's bytes
MOST_SECONDS_OF_MIGRATE = 5
SERVED = 20  # requests
BEGIN = "import {}.wsgi; from django.urls import get_resolver; get_resolver().url_patterns"
FILL = """
INSERT INTO floor_response (survey, team, performance, importance)
SELECT 1, place %% 12, array_fill(3::smallint, ARRAY[36]), array_fill(3::smallint, ARRAY[36])
  FROM generate_series(1, %s::int) AS place
"""


def _bytes_of(table: str) -> str:
    return f"SELECT pg_total_relation_size('{table}')::float / count(*) FROM {table}"  # noqa: S608  # a name of ours


def storage(ground: BenchServers) -> Iterator[Measurement]:
    """Bytes of one response with its indexes: as it is kept, and before its cycle is closed, while
    the count of how often each answer was saved (72 numbers) stands beside the answers."""
    ground.inside("large", "open", str(TEAMS), str(STORED))
    opened = ground.ask(_bytes_of("assessments_response"))
    ground.empty("assessments_response")
    ground.closed("kept", TEAMS, STORED)
    bare = ground.baseline
    bare.do(FILL, STORED)
    for place, table in ((ground, "assessments_response"), (bare, "floor_response")):
        place.tidy(table)
    floor = bare.ask(_bytes_of("floor_response"))
    yield Measurement(
        "storage", ground.ask(_bytes_of("assessments_response")), floor, KEPT, "bytes"
    )
    yield Measurement("storage-open", opened, floor, OPEN, "bytes")


def start(ground: BenchServers) -> Iterator[Measurement]:
    """Until a process can serve, and what is held while nothing happens, after a few have come by."""
    yield Measurement("start-migrate", ground.migrate_seconds, MOST_SECONDS_OF_MIGRATE, 1, "s of 5")

    def begin(package: str) -> float:
        before = _of_children()
        ground.run("-c", BEGIN.format(package))
        return _of_children() - before

    both = (lambda: begin("config"), lambda: begin("benchmarks.floor"))
    interleaved_medians(1, *both)  # compiled once, as in the image
    ours, theirs = interleaved_medians(7, *both)
    yield Measurement("start", ours, theirs, 2, "cpu-s")
    with ground.serving() as (base, web):
        visitor = HttpSession(base)
        ours = _held(lambda: visitor.see("/sign-in/"), web, ground.postgres)
    with ground.serving_floor() as (base, bare):
        theirs = _held(BaselineClient(base).empty, bare, ground.postgres)
    yield Measurement("start-idle", ours, theirs, 1.4, "MB")


def _held(ask: Operation, *roots: int) -> float:
    """By web server and database together, as everything here is counted."""
    for _time in range(SERVED):
        ask()
    return memory_mb(roots)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
