"""Stays a moment longer than whoever started it: when that one is gone, even by kill -9, everything
it had started is stopped too.

The reaper waits on a pipe that only its starter holds open. (Linux could tie a child's life to its
parent's, but unsafely once threads run, and macOS not at all.) Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable

GRACE = 10.0


class Reaper:
    """What the starter holds: it names what must not outlive it.

    `lock` is an open lock file. The reaper keeps it until everything is gone, so that whoever
    starts next waits for that.
    """

    def __init__(self, lock: int | None = None) -> None:
        kept = () if lock is None else (lock,)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, *map(str, kept)],
            stdin=subprocess.PIPE,
            text=True,
            cwd="/",
            pass_fds=kept,
            start_new_session=True,
        )

    def _tell(self, *words: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def watch(self, process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
        self._tell("process", process.pid, int(stop_signal))

    def forget(self, process: subprocess.Popen[bytes]) -> None:
        """It has ended; its number may soon belong to something else."""
        self._tell("forget", process.pid)

    def remove(self, directory: object) -> None:
        """A directory that should be gone in the end, too."""
        self._tell("directory", directory)

    def dismiss(self) -> None:
        """Everything was stopped in good order."""
        self._process.kill()
        self._process.communicate()


def read(lines: Iterable[str]) -> tuple[dict[int, int], list[str]]:
    """What is to be stopped (process number and signal), and which directories are to go."""
    processes: dict[int, int] = {}
    directories: list[str] = []
    for line in lines:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "process":
            number, stop_signal = rest.split()
            processes[int(number)] = int(stop_signal)
        elif word == "forget":
            processes.pop(int(rest), None)
        else:
            directories.append(rest)
    return processes, directories


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except OSError:
        return False
    return True


def kill_group(number: int) -> None:
    """What a process left in its group; nothing, if it shares the group of its starter."""
    with contextlib.suppress(OSError):
        os.killpg(number, signal.SIGKILL)


def reap(processes: dict[int, int]) -> None:
    for number, stop_signal in reversed(processes.items()):
        with contextlib.suppress(OSError):
            os.kill(number, stop_signal)
    end = time.monotonic() + GRACE
    while any(map(is_alive, processes)) and time.monotonic() < end:
        time.sleep(0.05)
    for number in processes:
        kill_group(number)
        with contextlib.suppress(OSError):
            os.kill(number, signal.SIGKILL)


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    processes, directories = read(sys.stdin)
    for lock in sys.argv[1:]:
        os.truncate(int(lock), 0)  # what it says about a running site is no longer true
    reap(processes)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
