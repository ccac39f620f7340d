"""What sending costs: the invitations of a large cycle by four worker processes to a mail server on
this machine, and how long small organizations wait meanwhile."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.grounds import BenchServers
from benchmarks.measuring import Measurement
from devstack.mail import free_port
from devstack.processes import stop
from devstack.servers import PROJECT_ROOT
from devstack.site import BEAT, WORKER, WORKER_ALONE

SECONDS_A_LETTER = 600 / 20_000  # 20,000 in ten minutes
LETTERS, NIGHTLY_LETTERS = 2_000, 20_000
SMALL, LETTERS_OF_SMALL = 3, 20
MOST_TURNS = 4  # letters of the large one for each of a small one, while both wait
PROCESSES = "4"
FUTURE = "UPDATE assessments_notice SET due_at = now() + interval '1 day'"
DUE_NOW = "UPDATE assessments_notice SET due_at = now() WHERE due_at > now()"


class CountingMailServer:
    """Takes every letter and remembers the organization that it came from, in order of arrival."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.url = f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the protocol's word
        self.arrived.append(envelope.rcpt_tos[0].partition("@")[2])
        return "250 OK"

    def wait_for(self, number: int, seconds: float) -> float:
        """How long it takes until so many have arrived; ends the bench where they never do."""
        began = time.perf_counter()
        while len(self.arrived) < number:
            if time.perf_counter() - began > seconds:
                sys.exit(f"{len(self.arrived)} of {number} letters arrived in {seconds:.0f} s.")
            time.sleep(0.02)
        return time.perf_counter() - began

    @contextmanager
    def open(self) -> Iterator[CountingMailServer]:
        self._controller.start()
        try:
            yield self
        finally:
            self._controller.stop()


@contextmanager
def running_workers(ground: BenchServers, mail: str) -> Iterator[None]:
    """Beat and a worker of four processes."""
    commands = ((*WORKER, *WORKER_ALONE, "--concurrency", PROCESSES), BEAT)
    running = [
        subprocess.Popen(
            [sys.executable, *command],
            cwd=PROJECT_ROOT,
            env=ground.environment | {"EMAIL_URL": mail},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for command in commands
    ]
    try:
        yield
    finally:
        for process in running:
            stop(process)


def mail(ground: BenchServers) -> Iterator[Measurement]:
    """The first letters are there when the workers have started: from them on it is measured."""
    yield from _sent(ground, "mail", LETTERS)


def nightly(ground: BenchServers) -> Iterator[Measurement]:
    yield from _sent(ground, "mail-nightly", NIGHTLY_LETTERS)


def _sent(ground: BenchServers, name: str, letters: int) -> Iterator[Measurement]:
    for number in range(SMALL):
        ground.inside("letters", f"small{number}", str(LETTERS_OF_SMALL))
    ground.do(FUTURE)
    ground.inside("letters", "large", str(letters))
    ground.settle()
    first, all_of_them = 50, letters + SMALL * LETTERS_OF_SMALL
    with CountingMailServer().open() as office, running_workers(ground, office.url):
        office.wait_for(first, 120)
        before = len(office.arrived)
        ground.do(DUE_NOW)
        took = office.wait_for(all_of_them, letters * SECONDS_A_LETTER * 3 + 60)
        arrived = list(office.arrived)
    counted = all_of_them - before
    yield Measurement(
        name, took / counted, SECONDS_A_LETTER, 1, f"s a letter of {SECONDS_A_LETTER}"
    )
    yield Measurement(f"{name}-turns", _turns(arrived[before:]), 1, MOST_TURNS, "letters a turn")


def _turns(arrived: list[str]) -> float:
    """Letters of the large organization for each of one small one, until the last of these came."""
    last = max(place for place, whose in enumerate(arrived) if whose.startswith("small"))
    large = sum(whose.startswith("large") for whose in arrived[: last + 1])
    return large / LETTERS_OF_SMALL
