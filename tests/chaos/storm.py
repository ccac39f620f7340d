"""Workers, Valkey and database sessions die at random while work is waiting, until all is done."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import redis
from celery import Celery
from django.conf import settings
from django.db import connection
from kombu.exceptions import OperationalError

from devstack.layout import Layout
from devstack.reaper import Reaper
from devstack.roles import url_of_test_database
from devstack.valkey import Valkey
from devstack.workers import Worker

WORKERS = 2
ROUND, MOMENT, PATIENCE = 0.25, 2, 60  # seconds
STROKES_AT_MOST = 12  # between two of them something is done, so that it ends on a slow machine too
SESSIONS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE application_name = 'storm' AND pid <> pg_backend_pid()
"""
Hints = Callable[[], Iterable[tuple[str, tuple[str, ...]]]]
"""The messages that a sweep would send now: task and arguments."""


class Storm:
    """Two workers and a Valkey of its own; `rage` lets them die while it hints at work. `happened`
    counts only what hit something: a worker that lived, a Valkey that answered, open sessions."""

    def __init__(self, *, mail: str, seed: int, more: tuple[str, ...] = ()) -> None:
        self.chance, self.mail, self.more = random.Random(seed), mail, more
        self.data = Path(os.environ["DATA_DIR"])
        self.log = (self.data / "storm.log").open("ab")
        self.reaper = Reaper()
        self.valkey = Valkey(Layout(self.data), name=f"storm-{os.getpid()}", throwaway=True)
        self.start_valkey()
        self.app = Celery("storm", broker=self.broker(), set_as_current=False)
        self.app.conf.update(
            task_default_queue=os.environ["WORK_QUEUE"],
            broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        )
        self.workers = [self.start_worker() for _number in range(WORKERS)]
        self.deck: list[Callable[[], None]] = []
        self.happened = {"worker": 0, "valkey": 0, "sessions": 0, "repeated": 0}

    def broker(self) -> str:
        return f"redis+socket://{self.valkey.socket}?virtual_host=0"

    def start_valkey(self) -> None:
        self.valkey.start(self.log, self.reaper)
        self.valkey.prepare()

    def start_worker(self) -> Worker:
        url = url_of_test_database()
        joint = "&" if "?" in url else "?"
        surroundings = {
            "DATABASE_URL": f"{url}{joint}application_name=storm",
            "REDIS_URL": self.valkey.url,
            "WORK_LEASE_SECONDS": "2",
            "EMAIL_URL": self.mail,
        }
        return Worker(surroundings, self.data / "storm.log", *self.more)

    def rage(self, hints: Hints, done: Callable[[], int], goal: int, seconds: float) -> bool:
        """Whether all was done in time."""
        end, calm, struck_at = time.monotonic() + seconds, self.chance.randint(2, 4), 0
        while (now := done()) < goal and time.monotonic() < end:
            self.raise_the_fallen()
            self.hint(hints)
            time.sleep(ROUND)
            calm -= 1
            if calm <= 0 and now >= struck_at + goal // STROKES_AT_MOST:
                self.hint(hints)  # whoever is struck is at work
                self.strike()
                calm, struck_at = self.chance.randint(2, 4), now
        return now >= goal

    def hint(self, hints: Hints) -> None:
        """Each message two or three times, as a sweep and a door would send it; some get lost."""
        for task, words in hints():
            for time_ in range(self.chance.choice([2, 3])):
                try:
                    self.app.send_task(task, words, retry=False)
                except (OSError, OperationalError):
                    return  # nobody hears it; the next round says it again
                self.happened["repeated"] += time_ > 0

    def calm(self, messages: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        """Each message once, and nobody dies; the workers end when all is done."""
        for task, words in messages:
            self.app.send_task(task, words)
        end = time.monotonic() + PATIENCE
        with redis.Redis.from_url(self.valkey.url) as client:
            while client.llen(os.environ["WORK_QUEUE"]):
                assert time.monotonic() < end, "the workers do not take what waits"
                time.sleep(ROUND)
        self.stop_workers()

    def stop_workers(self) -> None:
        """In good order: what they have begun is ended first."""
        for worker in self.workers:
            worker.stop()
        self.workers = []

    def raise_the_fallen(self) -> None:
        """What a service manager does: now and then a worker ends by itself when Valkey dies."""
        for number, worker in enumerate(self.workers):
            if worker.process.poll() is not None:
                worker.stop()
                self.workers[number] = self.start_worker()

    def strike(self) -> None:
        """At random, but none a third time before the others came."""
        if not self.deck:
            self.deck = [self.cut_sessions, self.kill_worker, self.lose_valkey]
            self.chance.shuffle(self.deck)
        self.deck.pop()()

    def kill_worker(self) -> None:
        number = self.chance.randrange(WORKERS)
        worker = self.workers[number]
        self.happened["worker"] += worker.process.poll() is None
        os.killpg(worker.process.pid, signal.SIGKILL)
        worker.stop()
        assert worker.process.returncode == -signal.SIGKILL
        self.workers[number] = self.start_worker()

    def lose_valkey(self) -> None:
        """Killed, and everything that was waiting in it is gone."""
        assert self.valkey.process is not None
        self.happened["valkey"] += self.valkey.is_ready()
        self.valkey.process.kill()
        self.valkey.process.wait()
        self.start_valkey()

    def cut_sessions(self) -> None:
        """As soon as there is one: a worker that waits for work has none."""
        end = time.monotonic() + MOMENT
        with connection.cursor() as cursor:
            while time.monotonic() < end:
                cursor.execute(SESSIONS)
                if cursor.fetchone()[0]:
                    self.happened["sessions"] += 1
                    return
                time.sleep(0.005)

    def end(self) -> None:
        self.stop_workers()
        self.valkey.stop()
        self.reaper.dismiss()
        self.log.close()
