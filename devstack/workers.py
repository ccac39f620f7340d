"""A real Celery worker on the test database: a process of its own, as in production."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import IO
from uuid import uuid4

from celery import Celery
from django.conf import settings

from devstack.processes import stop
from devstack.servers import PROJECT_ROOT
from devstack.site import WORKER, WORKER_ALONE


class Worker:
    """Reads this test process's queue. `process` may be killed: that is what some tests are for."""

    def __init__(self, environment: dict[str, str], log: Path, *more: str) -> None:
        self.name = f"{os.environ['WORK_QUEUE']}-{uuid4().hex[:8]}@here"
        self._log: IO[bytes] = log.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, *WORKER, *WORKER_ALONE, "--hostname", self.name, *more],
            cwd=PROJECT_ROOT,
            env={name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
            | environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def wait(self, seconds: float = 60) -> None:
        """Until it says that it listens."""
        end = time.monotonic() + seconds
        door = Celery(broker=settings.CELERY_BROKER_URL)
        while not door.control.ping(destination=[self.name], timeout=0.5):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The worker did not start; see {self._log.name}")

    def stop(self) -> None:
        stop(self.process)
        self._log.close()
