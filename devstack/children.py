"""The processes of the site: what each says goes to its log and, with its name, to the terminal."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from devstack.servers import PROJECT_ROOT

_KEPT = 200  # lines of a quiet child
_TERMINAL = 1  # standard output
_one_at_a_time = threading.Lock()


def write_to_terminal(text: str = "", patience: float = 1) -> None:
    """Writes to the terminal unless it is closed or takes nothing: the site goes on without it.

    What is ready to be written to takes PIPE_BUF bytes without waiting; what is longer is cut.
    """
    line = text.encode()[: select.PIPE_BUF - 1] + b"\n"
    with suppress(OSError, ValueError), _one_at_a_time:
        if select.select([], [_TERMINAL], [], patience)[1]:
            os.write(_TERMINAL, line)


class ChildProcess:
    """One process with a group of its own, so that the terminal's Ctrl-C reaches us alone."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        env: dict[str, str],
        *,
        quiet: bool = False,
        descriptors: Collection[int] = (),
        is_again: bool = False,
    ) -> None:
        self.name, self.log, self.quiet, self.is_again = name, log, quiet, is_again
        self._command, self._env = command, env
        self.said: list[str] = []
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=PROJECT_ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"} | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=descriptors,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        """To the end, whatever becomes of the log: a child whose words nobody takes stands still."""
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for raw in lines:
                self._write_down(raw)
                self._pass_on(raw.decode("utf-8", "replace").rstrip())

    def _write_down(self, raw: bytes) -> None:
        """A line that finds no room, on a full disk, is lost; the next one is tried again."""
        with suppress(OSError), self.log.open("ab", buffering=0) as log:
            log.write(raw)

    def _pass_on(self, line: str) -> None:
        if self.quiet:
            self.said = [*self.said, line][-_KEPT:]
        else:
            write_to_terminal(f"{self.name:>8} | {line}", patience=0)

    def again(self) -> ChildProcess:
        """The same once more, after its end."""
        return ChildProcess(
            self.name, self._command, self.log, self._env, quiet=self.quiet, is_again=True
        )

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
