"""The processes of the site: what each says goes to its log and, with its name, to the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from devstack.servers import HERE

_KEPT = 200  # lines of a quiet child


def say(text: str = "") -> None:
    """A closed terminal must not keep anything from being stopped."""
    with suppress(OSError, ValueError):
        print(text, flush=True)


class Child:
    """One process with a group of its own, so that the terminal's Ctrl-C reaches us alone."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, env: dict[str, str], *, quiet: bool
    ) -> None:
        self.name, self.log, self.quiet = name, log, quiet
        self.said: list[str] = []
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=HERE,
            env={**os.environ, "PYTHONUNBUFFERED": "1"} | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.log.open("ab", buffering=0) as log:
            for raw in self.process.stdout:
                log.write(raw)
                self._pass_on(raw.decode("utf-8", "replace").rstrip())

    def _pass_on(self, line: str) -> None:
        if self.quiet:
            self.said = [*self.said, line][-_KEPT:]
        else:
            say(f"{self.name:>8} | {line}")

    @property
    def age(self) -> float:
        """Seconds since its start, whether or not it has ended."""
        return time.monotonic() - self._began

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def has_failed(self) -> bool:
        return self.has_ended and self.process.returncode != 0

    def heard(self) -> str:
        """All that a quiet child has said, once it has ended."""
        self._reader.join(5)
        return "\n".join(self.said)
