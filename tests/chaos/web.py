"""The web process as the image starts it, on the test's database and Valkey."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psycopg

from devstack import static
from devstack.mail import free_port
from devstack.processes import stop, wait_until
from devstack.reaper import Reaper
from devstack.roles import url_of_test_database
from devstack.servers import PROJECT_ROOT
from tests.deployment.files import steps

SESSIONS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = current_database() AND application_name = 'web' AND pid <> pg_backend_pid()
"""


@dataclass
class Web:
    """Granian with its workers."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def answers(self) -> bool:
        with suppress(OSError), urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=5) as reply:
            return bool(reply.status == 200)
        return False

    def workers(self) -> list[int]:
        """The processes that answer: what granian started, but for Python's own resource tracker."""
        number = self.process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        lines = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
        return [int(child) for child, line in lines.items() if b"resource_tracker" not in line]

    def kill_worker(self) -> int:
        """The first one, by kill -9."""
        worker = self.workers()[0]
        os.kill(worker, signal.SIGKILL)
        return worker

    def end_sessions(self) -> int:
        """All sessions of the database that the workers hold, as a restart of PostgreSQL would."""
        with psycopg.connect(url_of_test_database(), autocommit=True) as connection:
            row = connection.execute(SESSIONS).fetchone()
        return int(row[0]) if row else 0


def _folder() -> Path:
    """Of this test process alone, with the static files: pages name them by their fingerprints."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    folder = Path(os.environ["DATA_DIR"], f"web-{process}")
    folder.mkdir(exist_ok=True)
    if not static.are_collected(folder):
        command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        given = os.environ | {"DATA_DIR": str(folder)}
        subprocess.run(
            [*command, "--clear"], cwd=PROJECT_ROOT, env=given, check=True, capture_output=True
        )
        static.mark_collected(folder)
    return folder


def _command(port: int) -> list[str]:
    """That of the image, on a port of this machine."""
    (step,) = steps("CMD")
    here = {"8000": str(port), "0.0.0.0": "127.0.0.1"}
    return [
        str(Path(sys.executable).parent / step.words[0]),
        *(here.get(w, w) for w in step.words[1:]),
    ]


def _surroundings(settings: str, folder: Path) -> dict[str, str]:
    url = url_of_test_database()
    joint = "&" if "?" in url else "?"
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    changed = {"DATABASE_URL": f"{url}{joint}application_name=web", "DB_POOL_MAX": "8"}
    return given | changed | {"DJANGO_SETTINGS_MODULE": settings, "DATA_DIR": str(folder)}


@contextmanager
def serving(settings: str = "config.settings") -> Iterator[Web]:
    folder = _folder()
    port, reaper, log = free_port(), Reaper(), folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(port),
            cwd=PROJECT_ROOT,
            env=_surroundings(settings, folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    reaper.watch(process, signal.SIGTERM)
    web = Web(port, process, log)
    try:
        wait_until(web.answers, "The web server", process, seconds=90)
        yield web
    finally:
        stop(process)
        reaper.dismiss()
