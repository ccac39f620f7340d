"""One data directory, one pair of servers: who holds it, and where the site is."""

from __future__ import annotations

import fcntl
import sys
import time
from pathlib import Path
from typing import Self

COMMAND = "command"  # held by a passing command, not by the site


class Lock:
    """Held until the process ends, however it ends."""

    def __init__(self, data: Path) -> None:
        try:
            data.mkdir(parents=True, exist_ok=True)
            self._file = (data / "lock").open("a+")
        except PermissionError:
            sys.exit(
                f"You may not write in {data}: another user made it. Remove it or set DATA_DIR."
            )

    def try_to_hold(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        self.write("")
        return True

    def write(self, note: str) -> None:
        """For those who come later: the site's address, COMMAND, or nothing while starting."""
        self._file.truncate(0)
        self._file.write(note)
        self._file.flush()

    def note(self) -> str:
        self._file.seek(0)
        return self._file.read().strip()

    def address(self) -> str | None:
        """Where the site runs that holds the data; nobody else writes an address."""
        note = self.note()
        return None if note in ("", COMMAND) else note

    def wait_for_site(self, seconds: float = 90) -> str | None:
        """The running site's address; None once nobody else holds the data and we do."""
        end = time.monotonic() + seconds
        while not self.try_to_hold():
            if address := self.address():
                return address
            if time.monotonic() > end:
                sys.exit("Another `python3 run.py ...` is still busy with the same data.")
            time.sleep(0.1)
        return None

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
