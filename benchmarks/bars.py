"""The bars: each says what one thing costs beside its floor, and where it must stay."""

from __future__ import annotations

import gzip
import json
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator

from benchmarks.grounds import Grounds
from benchmarks.measuring import OPERATIONS, ROUNDS, Bar, Browser, beside, memory_mb

CHANCE = random.Random(7)  # noqa: S311  # the same every time
STORED, TEAMS = 20_000, 733
FLOOR_BYTES = 260
MOST_PAGE_KB = 60
ROWS = """
SELECT count(*) FROM assessments_result r JOIN assessments_cycleteam t ON t.id = r.node_id
 WHERE r.cycle_id = %s AND t.place = 0
"""
RESPONSE_BYTES = """
SELECT pg_total_relation_size('assessments_response')::float / count(*) FROM assessments_response
"""


def _level() -> str:
    return str(CHANCE.randint(1, 5))


class _Floor:
    """Someone signed in at the floor's site."""

    def __init__(self, base: str) -> None:
        self.browser = Browser(base)
        self.browser.ask("GET", "/enter/")
        self.browser.token = self.browser.cookies["csrftoken"]

    def empty(self) -> None:
        assert self.browser.ask("GET", "/empty/")[1] == b"ok"

    def page(self) -> None:
        assert self.browser.ask("GET", "/page/")[0] == 200

    def _send(self, path: str) -> int:
        answers = {"performance": [CHANCE.randint(1, 5) for _ in range(36)]}
        answers["importance"] = answers["performance"]
        return self.browser.ask("POST", path, json.dumps(answers).encode(), "application/json")[0]

    def submit(self) -> None:
        assert self._send("/submit/") == 201

    def save(self) -> None:
        assert self._send("/save/") == 204


class _Survey:
    """Respondents of the open cycle, one after the other, each by a personal link."""

    def __init__(self, base: str, told: dict[str, list[str]]) -> None:
        self.base, self.links = base, iter(told["links"])
        self.capabilities = told["capabilities"]
        self.address = f"/o/survey/surveys/{told['cycle']}/"

    def arrived(self) -> Browser:
        """Someone who has followed the link and has read the promise."""
        browser = Browser(self.base)
        path = f"/s/{next(self.links)}/"
        browser.ask("GET", path)
        browser.token = browser.cookies.get("csrf", "")
        status, _page, _place = browser.form(path, [])
        assert status == 303, status
        return browser

    def answers(self) -> list[tuple[str, str]]:
        kinds = ("performance", "importance")
        return [(f"{kind}.{slug}", _level()) for kind in kinds for slug in self.capabilities]


def _arrivals(survey: _Survey, number: int) -> Iterator[Browser]:
    return iter([survey.arrived() for _one in range(number)])


def submit(ground: Grounds) -> Iterator[Bar]:
    """Seventy-two answers at once, by link, with CSRF, checks and tenant binding."""
    number = ROUNDS * OPERATIONS + 8
    told = ground.inside("survey", str(number + 30))
    with (
        ground.serving("config.wsgi:application", "/livez") as (base, web),
        ground.serving("benchmarks.floor.wsgi:application", "/page/") as (floor, bare),
    ):
        survey = _Survey(base, told)
        people = _arrivals(survey, number)

        def send() -> None:
            status, _page, _place = next(people).form(survey.address + "submit/", survey.answers())
            assert status == 302, status

        roots = (web, bare, ground.postgres)
        ours, theirs = beside(roots, send, _Floor(floor).submit)
    yield Bar("submit", ours, theirs, 1.8, "cpu-s")


def save(ground: Grounds) -> Iterator[Bar]:
    """One answer of someone who is in the middle of it."""
    told = ground.inside("survey", "60")
    with (
        ground.serving("config.wsgi:application", "/livez") as (base, web),
        ground.serving("benchmarks.floor.wsgi:application", "/page/") as (floor, bare),
    ):
        survey = _Survey(base, told)
        someone = survey.arrived()

        def send() -> None:
            slug = CHANCE.choice(survey.capabilities)
            status, _said, _place = someone.form(
                survey.address + "answer/", [(f"performance.{slug}", _level())]
            )
            assert status == 200, status

        ours, theirs = beside((web, bare, ground.postgres), send, _Floor(floor).save)
    yield Bar("save", ours, theirs, 1.5, "cpu-s")


def page(ground: Grounds) -> Iterator[Bar]:
    """The survey as the browser gets it, and the bytes of a first visit without fonts."""
    told = ground.inside("survey", "60")
    with (
        ground.serving("config.wsgi:application", "/livez") as (base, web),
        ground.serving("benchmarks.floor.wsgi:application", "/page/") as (floor, bare),
    ):
        survey = _Survey(base, told)
        someone = survey.arrived()

        def look() -> None:
            assert someone.ask("GET", survey.address + "?part=_next")[0] == 200

        ours, theirs = beside((web, bare, ground.postgres), look, _Floor(floor).page)
        kilobytes = _weight(someone, survey.address + "?part=_next") / 1024
    yield Bar("page", ours, theirs, 1.5, "cpu-s")
    yield Bar("page.bytes", kilobytes, MOST_PAGE_KB, 1, "KB gzipped")


def _weight(browser: Browser, path: str) -> int:
    """The page and every style sheet, script and picture that it names."""
    _status, body, _place = browser.ask("GET", path)
    text = body.decode()
    named = set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js|svg))"', text))
    parts = [body, *(browser.ask("GET", one)[1] for one in sorted(named))]
    return sum(len(gzip.compress(part, 9)) for part in parts)


def results(ground: Grounds) -> Iterator[Bar]:
    """A results page of a large organization; 1 ms for each hundred rows belongs to the floor."""
    told = ground.inside("closed", "results", "120", "4000")
    assert told["stage"] == "closed", told
    rows = ground.ask(ROWS, told["cycle"])
    with (
        ground.serving("config.wsgi:application", "/livez") as (base, web),
        ground.serving("benchmarks.floor.wsgi:application", "/page/") as (floor, bare),
    ):
        leader = Browser(base)
        leader.ask("GET", "/sign-in/")
        leader.token = leader.cookies["csrf"]
        signing = [("login", told["email"]), ("password", "growth-rings")]
        assert leader.form("/sign-in/", signing)[0] == 302

        def look() -> None:
            assert leader.ask("GET", "/o/results/")[0] == 200

        ours, theirs = beside((web, bare, ground.postgres), look, _Floor(floor).empty)
    yield Bar("results", ours, theirs + rows / 100 * 0.001, 2, "cpu-s")


def storage(ground: Grounds) -> Iterator[Bar]:
    """Bytes of one response with its indexes: as it is kept, and before its cycle is closed, while
    the count of how often each answer was saved (72 numbers) stands beside the answers."""
    ground.inside("large", "storage", "12", str(STORED))
    before = ground.ask(RESPONSE_BYTES)
    ground.empty("assessments_response")
    ground.inside("closed", "kept", "12", str(STORED))
    ground.tidy("assessments_response")
    yield Bar("storage", ground.ask(RESPONSE_BYTES), FLOOR_BYTES, 2, "bytes")
    yield Bar("storage.open", before, FLOOR_BYTES, 3, "bytes")


def start(ground: Grounds) -> Iterator[Bar]:
    """Until a process can serve, and what it then holds while nothing happens."""

    def begin(settings: str) -> float:
        script = "import django; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns"
        began = time.perf_counter()
        ground.run("-c", script, DJANGO_SETTINGS_MODULE=settings)
        return time.perf_counter() - began

    times = [(begin("config.settings"), begin("benchmarks.floor.settings")) for _round in range(5)]
    ours, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    yield Bar("start", ours, theirs, 2, "s")
    with (
        ground.serving("config.wsgi:application", "/livez") as (_base, web),
        ground.serving("benchmarks.floor.wsgi:application", "/page/") as (_floor, bare),
    ):
        yield Bar("start.idle", memory_mb([web]), memory_mb([bare]), 1.4, "MB")


def close(ground: Grounds) -> Iterator[Bar]:
    """20,000 responses in 733 teams: fetched beside the bare copy, and all of it."""
    told = ground.inside("large", "close", str(TEAMS), str(STORED))
    found = ground.inside("count", told["organization"], told["cycle"])
    if found["stage"] != "closed":
        sys.exit(f"The cycle was not closed: {found}")
    yield Bar("close.fetch", found["fetch"], found["copy"], 3, "s")
    yield Bar("close", found["close"], 15, 1, "s of 15")
    yield Bar("close.memory", found["memory"], 600, 1, "MB of 600")
    small = ground.inside("large", "small", "7", "60")
    found = ground.inside("count", small["organization"], small["cycle"])
    yield Bar("close.small", found["close"], 0.3, 1, "s of 0.3")


def export(ground: Grounds) -> Iterator[Bar]:
    """All published results of a small and of a large organization: the memory that it takes."""
    grown = []
    for name, teams, people in (("few", "12", "400"), ("many", "300", "9000")):
        told = ground.inside("closed", name, teams, people)
        found = ground.inside("exported", told["organization"], told["cycle"])
        grown.append(found["memory"])
    yield Bar("export", grown[1], grown[0], 1.2, "MB")


BARS: dict[str, Callable[[Grounds], Iterator[Bar]]] = {
    "submit": submit,
    "save": save,
    "page": page,
    "close": close,
    "results": results,
    "export": export,
    "storage": storage,
    "start": start,
}
