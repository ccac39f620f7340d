"""Real starts of `python3 run.py`, and everything that belongs to them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devstack.layout import Layout
from devstack.servers import ADDRESSES, PROJECT_ROOT

PATIENCE = 90  # seconds; generous, because a test must not depend on how busy a machine is
READY = re.compile(r"Naite is at (http://127\.0\.0\.1:\d+)/")


def surroundings(data: Path, **changes: str) -> dict[str, str]:
    """An environment like that of someone who has just cloned the project."""
    told = {
        "DATA_DIR",
        "SITE_URL",
        "SECRET_KEY",
        "LINK_SECRET",
        "DB_POOL_MAX",
        "WORK_QUEUE",
        "PORT",
    }
    kept = {name: value for name, value in os.environ.items() if name not in {*ADDRESSES, *told}}
    return {**kept, "DATA_DIR": str(data), "DEMO": "0", **changes}


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def run(data: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "run.py", *arguments]
    return subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env=surroundings(data, **changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def processes_of(data: Path) -> set[int]:
    """Everything whose command line or environment names this data directory."""
    wanted, found = str(data).encode(), set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if wanted in told and int(entry.name) != os.getpid():
            found.add(int(entry.name))
    return found


@dataclass
class Running:
    """A started site, and what it has said so far."""

    process: subprocess.Popen[str]
    data: Path
    address: str = ""

    @classmethod
    def begin(cls, data: Path, **changes: str) -> Running:
        process = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=PROJECT_ROOT,
            env=surroundings(data, **changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return cls(process, data)

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if found := READY.search(line):
                self.address = found[1]
                return
        raise AssertionError("".join(said))

    def get(self, path: str) -> int:
        with urllib.request.urlopen(self.address + path, timeout=PATIENCE) as answer:
            return int(answer.status)

    def end(self, stop_signal: signal.Signals) -> int:
        """The site's exit code, once no process and no socket of it is left."""
        self.process.send_signal(stop_signal)
        code = self.process.wait(PATIENCE)
        until(lambda: not processes_of(self.data))
        until(lambda: not Layout(self.data).sockets.exists())
        return code
