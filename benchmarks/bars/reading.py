"""What reading results costs: pages, rows for programs, and all of them as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.grounds import Grounds
from benchmarks.measuring import Bar, Operation, beside, forget_peak, peak_mb
from benchmarks.visitors import AtTheFloor, Browser, leader, program

FEW, MANY, TEAMS = 200, 20_000, 12
OF_TABLES = (("few", 12, 400), ("many", 400, 12_000))
OPERATIONS = 25
# Of a page as it is read; and of its drawing, which each process does for the first who asks.
READ, FIRST = 2, 12
A_ROW = 0.001 / 100  # 1 ms of processor time for each hundred rows
API = "/api/v1/organizations/{}/cycles/latest/results"
# name, address, which of a cycle's published cells it shows
PAGES = (
    ("home", "", "t.place = 0"),
    ("teams", "teams/", "r.subject_type <> 'capability' AND r.kind = 'performance'"),
    ("capabilities", "capabilities/", "t.place = 0 AND r.subject_type = 'capability'"),
    (
        "trend",
        "trend/",
        "t.place = 0 AND r.subject_type <> 'capability' AND r.kind = 'performance'",
    ),
    ("capability", "capabilities/marketing-value/{capability}/", "r.subject = '{capability}'"),
    ("quality", "capabilities/quality/", "t.place = 0"),
    ("explanation", "results/{result}/explain/", "r.id = '{result}'"),
)
ROWS = """
SELECT count(*) FROM assessments_result r JOIN assessments_cycleteam t ON t.id = r.node_id
 WHERE r.cycle_id = %s AND {}
"""
PARTS = (("api", "/?limit=100", 100), ("api-500", "/?limit=500", 500))


def _page(browser: Browser, told: dict[str, Any], path: str) -> Operation:
    address = f"/o/{told['name']}/" + path.format(**told)
    return lambda: browser.see(address)


def _part(browser: Browser, told: dict[str, Any], query: str) -> Operation:
    address = API.format(told["name"]) + query
    return lambda: browser.see(address)


def results(ground: Grounds) -> Iterator[Bar]:
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
        empty = AtTheFloor(floor).empty
        yield from _pages(crowd, many, (kept, crowded), empty, reading)
        yield from _parts(program(kept, many), many, empty, reading)
        few = program(base, told), program(kept, many)
        less, more = (_part(one, told, PARTS[0][1]) for one in few)
        ours, theirs = beside(reading, more, less, times=OPERATIONS)
        yield Bar("results-api-stored", ours, theirs, 1.2, "cpu-s")
    yield from _pages_stored(ground, told, crowd, many)


def _pages(
    ground: Grounds,
    told: dict[str, Any],
    bases: tuple[str, str],
    empty: Operation,
    roots: tuple[int, ...],
) -> Iterator[Bar]:
    again, first = (leader(base, told) for base in bases)
    for name, path, which in PAGES:
        rows = ground.ask(ROWS.format(which.format(**told)), told["cycle"])
        looks = _page(again, told, path), _page(first, told, path)
        later, at_first, floor = beside(roots, *looks, empty, times=OPERATIONS)
        yield _for_rows(f"results-{name}", later, floor, rows)
        yield _for_rows(f"results-{name}-first", at_first, floor, rows, FIRST)


def _parts(
    browser: Browser, told: dict[str, Any], empty: Operation, roots: tuple[int, ...]
) -> Iterator[Bar]:
    for name, query, rows in PARTS:
        ours, floor = beside(roots, _part(browser, told, query), empty, times=OPERATIONS)
        yield _for_rows(f"results-{name}", ours, floor, rows)


def _for_rows(name: str, value: float, empty: float, rows: int, limit: float = READ) -> Bar:
    """The floor is the empty view and half of what its rows may take: twice that is the bar."""
    return Bar(name, value, empty + rows * A_ROW / 2, limit, "cpu-s")


def _pages_stored(
    ground: Grounds, told: dict[str, Any], crowd: Grounds, many: dict[str, Any]
) -> Iterator[Bar]:
    """All pages one after the other, drawn anew each time."""
    with (
        ground.serving(uncached=True) as (base, web),
        crowd.serving(uncached=True) as (crowded, same),
    ):
        both = (leader(crowded, many), many), (leader(base, told), told)
        walks = [[_page(*one, path) for _name, path, _which in PAGES] for one in both]
        ours, theirs = beside(
            (web, same, ground.postgres),
            *(lambda walk=walk: [look() for look in walk] for walk in walks),
            times=OPERATIONS,
        )
    yield Bar("results-stored", ours, theirs, 1.2, "cpu-s")


def export(ground: Grounds) -> Iterator[Bar]:
    """All published results of a small and of a large organization as a table: the most memory that
    the web server then holds."""
    peaks = []
    for name, teams, people in OF_TABLES:
        told = ground.closed(name, teams, people)
        with ground.serving() as (base, web):
            reader, path = program(base, told), API.format(name) + ".csv"
            reader.see(API.format(name) + "/?limit=1")
            forget_peak([web])
            assert reader.measure(path) > 10_000
            peaks.append(peak_mb([web]))
    yield Bar("export", peaks[1], peaks[0], 1.1, "MB")
