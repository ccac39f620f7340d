"""Workers, Valkey and database sessions die at random while work is waiting, until all is done."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterable
from itertools import cycle
from pathlib import Path

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
OFTEN = 0.15  # a stroke in about every seventh round of a quarter of a second
SESSIONS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE application_name = 'storm' AND pid <> pg_backend_pid()
"""
Hints = Callable[[], Iterable[tuple[str, tuple[str, ...]]]]
"""The messages that a sweep would send now: task and arguments."""


class Storm:
    """Two workers and a Valkey of its own; `rage` lets them die while it hints at work."""

    def __init__(self, *, seed: int, more: tuple[str, ...] = ()) -> None:
        self.chance, self.more = random.Random(seed), more
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
        self.strokes = cycle([self.cut_sessions, self.kill_worker, self.lose_valkey])
        self.happened = {"worker": 0, "valkey": 0, "sessions": 0}

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
            "EMAIL_URL": "dummymail://",
        }
        return Worker(surroundings, self.data / "storm.log", *self.more)

    def rage(self, hints: Hints, is_over: Callable[[], bool], seconds: float) -> bool:
        """Whether all was done in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if is_over():
                return True
            self.hint(hints)
            time.sleep(0.25)
            if self.chance.random() < OFTEN:
                next(self.strokes)()
        return is_over()

    def hint(self, hints: Hints) -> None:
        """Each message two or three times, as a sweep and a door would send it; some get lost."""
        for task, words in hints():
            for _time in range(self.chance.choice([2, 3])):
                try:
                    self.app.send_task(task, words, retry=False)
                except (OSError, OperationalError):
                    return  # nobody hears it; the next round says it again

    def kill_worker(self) -> None:
        number = self.chance.randrange(WORKERS)
        os.killpg(self.workers[number].process.pid, signal.SIGKILL)
        self.workers[number].stop()
        self.workers[number] = self.start_worker()
        self.happened["worker"] += 1

    def lose_valkey(self) -> None:
        """Killed, and everything that was waiting in it is gone."""
        assert self.valkey.process is not None
        self.valkey.process.kill()
        self.valkey.process.wait()
        self.start_valkey()
        self.happened["valkey"] += 1

    def cut_sessions(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(SESSIONS)
        self.happened["sessions"] += 1

    def end(self) -> None:
        for worker in self.workers:
            worker.stop()
        self.valkey.stop()
        self.reaper.dismiss()
        self.log.close()
