"""PostgreSQL and Valkey as one pair, and the environment in which Naite finds them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from devstack.keys import missing_secrets
from devstack.layout import Layout
from devstack.postgres import OWNER, USER, Postgres
from devstack.processes import SETTLED
from devstack.reaper import Reaper, kill_group
from devstack.valkey import Valkey

PROJECT_ROOT = Path(__file__).resolve().parent.parent
ADDRESSES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


def are_external() -> bool:
    """Whether the environment names servers of its own; half a set of names is a mistake."""
    missing = [name for name in ADDRESSES if not os.environ.get(name)]
    if missing and len(missing) < len(ADDRESSES):
        sys.exit(f"Also set {' and '.join(missing)}, or none of {', '.join(ADDRESSES)}.")
    return not missing


def data_directory() -> Path:
    """DATA_DIR, else .data in the clone."""
    return Path(os.environ.get("DATA_DIR") or PROJECT_ROOT / ".data").resolve()


class Servers:
    """The embedded pair of one data directory."""

    def __init__(self, data: Path, *, throwaway: bool = False) -> None:
        self.layout = Layout(data)
        self.postgres = Postgres(self.layout, throwaway=throwaway)
        self.valkey = Valkey(self.layout, throwaway=throwaway)
        self._by_name: dict[str, Postgres | Valkey] = {
            "postgres": self.postgres,
            "valkey": self.valkey,
        }
        self._began: dict[str, float] = {}  # name -> its last start

    def start(self, logs: Path, reaper: Reaper) -> None:
        reaper.remove(self.layout.private(self.layout.sockets))
        for name in self._by_name:
            self._start(name, logs, reaper)
        self.postgres.prepare()
        self.valkey.prepare()

    def _start(self, name: str, logs: Path, reaper: Reaper) -> None:
        self._began[name] = time.monotonic()
        with (logs / f"{name}.log").open("ab") as log:
            self._by_name[name].start(log, reaper)

    def start_ended(self, logs: Path, reaper: Reaper) -> Iterator[tuple[str, int]]:
        """Starts again what has ended, after a pause where that was soon: name and exit code of each.
        For a while a start may fail: as long as the disk is full, or what is left of a killed
        PostgreSQL still holds its memory."""
        for name, server in self._by_name.items():
            process = server.process
            if process is None or process.poll() is None:
                continue
            if time.monotonic() - self._began[name] > SETTLED:
                kill_group(process.pid)
                reaper.forget(process)
                self._start(name, logs, reaper)
                yield name, process.returncode

    def are_ready(self) -> bool:
        return self.postgres.is_ready() and self.valkey.is_ready()

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        self.layout.remove_sockets()

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url(USER),
            "DATABASE_OWNER_URL": self.postgres.url(OWNER),
            "REDIS_URL": self.valkey.url,
            **missing_secrets(self.layout.data),
        }
