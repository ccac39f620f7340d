"""What reading results costs: pages, rows for programs, and all of them as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.grounds import BenchServers
from benchmarks.measuring import Measurement, Operation, compare_cpu, peak_mb, reset_peak
from benchmarks.visitors import BaselineClient, HttpSession, api_client, sign_in_leader

FEW, MANY, TEAMS = 200, 20_000, 12
OF_TABLES = (("few", 12, 400), ("many", 400, 12_000))
OPERATIONS = 25
# Of a page as it is read; of its drawing, which each process does for the first who asks; of the API.
READ, FIRST, OF_API = 3, 10, 2
A_ROW = 0.001 / 100  # 1 ms of processor time for each hundred rows
API = "/api/v1/organizations/{}/cycles/latest/results"
# name, address, which of a cycle's published cells it shows
PAGES = (
    ("home", "", "t.place = 0"),
    ("teams", "teams/", "r.subject_type IN ('value', 'overall') AND r.kind = 'performance'"),
    ("capabilities", "capabilities/", "t.place = 0 AND r.subject_type = 'capability'"),
    (
        "trend",
        "trend/",
        "t.place = 0 AND r.subject_type IN ('value', 'overall') AND r.kind = 'performance'",
    ),
    ("capability", "capabilities/marketing-value/{capability}/", "r.subject = '{capability}'"),
    ("quality", "capabilities/quality/", "t.place = 0"),
    ("explanation", "results/{result}/explain/", "r.id = '{result}'"),
)
ROWS = """
SELECT count(*) FROM assessments_result r JOIN assessments_cycleteam t ON t.id = r.node_id
 WHERE t.cycle_id = %s AND {}
"""
PARTS = (("api", "/?limit=100", 100), ("api-500", "/?limit=500", 500))


def _page(browser: HttpSession, told: dict[str, Any], path: str) -> Operation:
    address = f"/o/{told['name']}/" + path.format(**told)
    return lambda: browser.see(address)


def _part(browser: HttpSession, told: dict[str, Any], query: str) -> Operation:
    address = API.format(told["name"]) + query
    return lambda: browser.see(address)


def results(ground: BenchServers) -> Iterator[Measurement]:
    """Every results page for its first reader after a close and for everyone later, and parts of the
    rows for programs; then the same where a hundred times as many have answered."""
    crowd = ground.copy("crowd")
    told = ground.closed("results", TEAMS, FEW)
    many = crowd.closed("results", TEAMS, MANY)
    with (
        ground.both() as (base, floor, roots),
        crowd.serving(uncached=True) as (crowded, crowds_web),
        crowd.serving() as (kept, kept_web),
    ):
        reading = (*roots, crowds_web, kept_web)
        empty = BaselineClient(floor).empty
        yield from _pages(crowd, many, (kept, crowded), empty, reading)
        yield from _parts(api_client(kept, many), many, empty, reading)
        few = api_client(base, told), api_client(kept, many)
        less, more = (_part(one, told, PARTS[0][1]) for one in few)
        ours, theirs = compare_cpu(reading, more, less, times=OPERATIONS)
        yield Measurement("results-api-stored", ours, theirs, 1.2, "cpu-s")
    yield from _pages_stored(ground, told, crowd, many)


def _pages(
    ground: BenchServers,
    told: dict[str, Any],
    bases: tuple[str, str],
    empty: Operation,
    roots: tuple[int, ...],
) -> Iterator[Measurement]:
    again, first = (sign_in_leader(base, told) for base in bases)
    for name, path, which in PAGES:
        rows = ground.ask(ROWS.format(which.format(**told)), told["cycle"])
        looks = _page(again, told, path), _page(first, told, path)
        later, at_first, floor = compare_cpu(roots, *looks, empty, times=OPERATIONS)
        yield _for_rows(f"results-{name}", later, floor, rows)
        yield _for_rows(f"results-{name}-first", at_first, floor, rows, FIRST)


def _parts(
    browser: HttpSession, told: dict[str, Any], empty: Operation, roots: tuple[int, ...]
) -> Iterator[Measurement]:
    for name, query, rows in PARTS:
        ours, floor = compare_cpu(roots, _part(browser, told, query), empty, times=OPERATIONS)
        yield _for_rows(f"results-{name}", ours, floor, rows, OF_API)


def _for_rows(name: str, value: float, empty: float, rows: int, limit: float = READ) -> Measurement:
    """The floor is the empty view and half of what its rows may take: twice that is the bar."""
    return Measurement(name, value, empty + rows * A_ROW / 2, limit, "cpu-s")


def _pages_stored(
    ground: BenchServers, told: dict[str, Any], crowd: BenchServers, many: dict[str, Any]
) -> Iterator[Measurement]:
    """All pages one after the other, drawn anew each time."""
    with (
        ground.serving(uncached=True) as (base, web),
        crowd.serving(uncached=True) as (crowded, same),
    ):
        both = (sign_in_leader(crowded, many), many), (sign_in_leader(base, told), told)
        walks = [[_page(*one, path) for _name, path, _which in PAGES] for one in both]
        ours, theirs = compare_cpu(
            (web, same, ground.postgres),
            *(lambda walk=walk: [look() for look in walk] for walk in walks),
            times=OPERATIONS,
        )
    yield Measurement("results-stored", ours, theirs, 1.2, "cpu-s")


def export(ground: BenchServers) -> Iterator[Measurement]:
    """All published results of a small and of a large organization as a table: the most memory that
    the web server then holds."""
    peaks = []
    for name, teams, people in OF_TABLES:
        told = ground.closed(name, teams, people)
        with ground.serving() as (base, web):
            reader, path = api_client(base, told), API.format(name) + ".csv"
            reader.see(API.format(name) + "/?limit=1")
            reset_peak([web])
            assert reader.measure(path) > 10_000
            peaks.append(peak_mb([web]))
    yield Measurement("export", peaks[1], peaks[0], 1.1, "MB")
