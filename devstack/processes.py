"""Waiting for a process to be ready, and ending it with everything it started."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable

from devstack.reaper import kill_group

SETTLED = 5  # seconds after its start: whatever ends is not started again more often than that


def wait_until(
    ready: Callable[[], bool], name: str, process: subprocess.Popen[bytes], seconds: float = 60
) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            sys.exit(f"{name} did not start (exit {process.returncode}); its log says why.")
        if time.monotonic() > end:
            sys.exit(f"{name} was not ready after {seconds:.0f} seconds.")
        time.sleep(0.03)


def stop(
    process: subprocess.Popen[bytes],
    stop_signal: signal.Signals = signal.SIGTERM,
    patience: float = 10,
) -> None:
    """In good order if it can; what is left of its group afterwards goes without further asking."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
    kill_group(process.pid)
    process.wait()
