"""What an answer costs: seventy-two at once, a single one, and the page on which they are given."""

from __future__ import annotations

import gzip
import re
import statistics
from collections.abc import Iterator

from benchmarks.grounds import BenchServers
from benchmarks.measuring import (
    OPERATIONS,
    ROUNDS,
    Measurement,
    Operation,
    compare_cpu,
    interleaved_medians,
    seconds,
)
from benchmarks.measuring import concurrent_seconds as at_once
from benchmarks.visitors import BaselineClient, HttpSession, SurveyClient

CLIENTS, EACH = 8, 20
LEAST_OF_THE_RATE = 0.55
FEW, MANY, SAVES = 200, 20_000, 400
MOST_PAGE_KB = 60
LINKED = re.compile(r"""<(?:link|script|img|source)\b[^>]*?\s(?:src|href)="(/static/[^"]+)\"""")
FONTS = (".woff2", ".woff")


def submit(ground: BenchServers) -> Iterator[Measurement]:
    """Seventy-two answers at once, by link, with CSRF, checks and tenant binding; then by eight
    clients at a time, as seconds for one, because a rate would have to stay above its limit."""
    one_by_one, together = ROUNDS * OPERATIONS + 3, ROUNDS * CLIENTS * EACH
    told = ground.inside("survey", str(one_by_one + together))
    with ground.both() as (base, floor, roots):
        survey = SurveyClient(base, told)
        people = iter([survey.arrive() for _one in range(one_by_one + together)])

        def sender() -> Operation:
            browser = HttpSession(base)

            def send() -> None:
                browser.cookies = next(people)
                survey.submit(browser)

            return send

        ours, theirs = compare_cpu(roots, sender(), BaselineClient(floor).submit)
        yield Measurement("submit", ours, theirs, 1.8, "cpu-s")
        senders = [sender() for _client in range(CLIENTS)]
        floors = [BaselineClient(floor).submit for _client in range(CLIENTS)]
        ours, theirs = interleaved_medians(
            ROUNDS, lambda: at_once(senders, EACH), lambda: at_once(floors, EACH)
        )
    yield Measurement("submit-rate", ours, theirs, 1 / LEAST_OF_THE_RATE, "s of 8 clients")


def save(ground: BenchServers) -> Iterator[Measurement]:
    """One answer of someone who is in the middle of it; then beside many others' answers."""
    told = ground.inside("survey", "60")
    with ground.both() as (base, floor, roots):
        survey = SurveyClient(base, told)
        someone = survey.someone()
        ours, theirs = compare_cpu(roots, lambda: survey.save(someone), BaselineClient(floor).save)
    yield Measurement("save", ours, theirs, 1.5, "cpu-s")
    yield _save_stored(ground, told)


def _save_stored(ground: BenchServers, told: dict[str, str]) -> Measurement:
    """The same cycle in two databases, with few and with many responses in it."""
    crowd = ground.copy("crowd")
    for place, stored in ((ground, FEW), (crowd, MANY)):
        place.inside("answered", told["organization"], told["cycle"], str(stored))
        place.settle()
    with ground.serving() as (base, _web), crowd.serving() as (crowded, _same):
        surveys = [SurveyClient(base, told), SurveyClient(crowded, told)]
        each = [(survey, survey.someone()) for survey in surveys]
        saves = [lambda s=survey, one=someone: s.save(one) for survey, someone in each]
        took = [[seconds(send) for send in saves] for _time in range(SAVES)]
    few, many = (statistics.median(column) for column in zip(*took, strict=True))
    return Measurement("save-stored", many, few, 1.2, "s (p50)")


def page(ground: BenchServers) -> Iterator[Measurement]:
    """The survey as the browser gets it, one section or all of them, and the bytes of a first visit
    without fonts."""
    told = ground.inside("survey", "60")
    with ground.both() as (base, floor, roots):
        survey = SurveyClient(base, told)
        someone = survey.someone()
        section, whole = (f"{survey.address}?part={part}" for part in ("_next", "_all"))
        ours, all_of_it, theirs = compare_cpu(
            roots,
            lambda: someone.see(section),
            lambda: someone.see(whole),
            BaselineClient(floor).page,
        )
        kilobytes = _weight(someone, section) / 1024
    yield Measurement("page", ours, theirs, 1.5, "cpu-s")
    yield Measurement("page-all", all_of_it, theirs, 1.5, "cpu-s")
    yield Measurement("page-weight", kilobytes, MOST_PAGE_KB, 1, "KB of 60")


def _weight(browser: HttpSession, path: str) -> int:
    """The page and every file that it names, each packed as well as can be."""
    body = browser.see(path)
    named = {one for one in LINKED.findall(body.decode()) if not one.endswith(FONTS)}
    assert named, "a page without a style sheet"
    return sum(len(gzip.compress(part, 9)) for part in (body, *map(browser.see, sorted(named))))
