"""What may break under a running site without ending it."""

from __future__ import annotations

import json
import os
import resource
import signal
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from devstack.layout import Layout
from devstack.processes import SETTLED
from tests.devstack.sites import PATIENCE, Running, processes_of, until

NOTHING = (0, resource.RLIM_INFINITY)  # bytes that a file may have: every write fails


def state(begun: Running) -> dict[str, Any]:
    """What /readyz says; empty while it does not answer."""
    try:
        with urllib.request.urlopen(f"{begun.address}/readyz", timeout=PATIENCE) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as problem:
        with problem:
            return dict(json.load(problem))


def server_of(data: Path, program: str) -> int:
    """The oldest process of it that works in this directory; 0 while there is none."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # somebody else's, or just ended
            inside = (process / "cwd").readlink().is_relative_to(Layout(data).data)
            if inside and (process / "exe").readlink().name == program:
                found.append(int(process.name))
    return min(found, default=0)


def worker_of(data: Path) -> int:
    """The oldest process of the worker: its children have the same command."""
    workers = [
        one
        for one in processes_of(data)
        if b"worker\0--pool" in Path(f"/proc/{one}/cmdline").read_bytes()
    ]
    return min(workers, default=0)


def test_a_worker_that_ends_is_started_again(running: Running, data: Path) -> None:
    until(lambda: worker_of(data) != 0)  # after what another test has broken
    time.sleep(SETTLED)
    first = worker_of(data)
    group = {one for one in processes_of(data) if os.getpgid(one) == first}
    assert len(group) > 1
    os.kill(first, signal.SIGKILL)  # its children stay behind
    until(lambda: worker_of(data) not in {0, *group})
    assert not group & processes_of(data)
    assert running.get("/livez") == 200


def test_killed_servers_are_started_again_and_the_site_goes_on(
    running: Running, data: Path
) -> None:
    until(lambda: state(running)["state"] == "ok")
    for program, part in (("postgres", "database"), ("valkey-server", "valkey")):
        killed = server_of(data, program)
        assert killed
        os.kill(killed, signal.SIGKILL)
        until(lambda: server_of(data, program) not in (0, killed))  # noqa: B023  # waited for here
        until(lambda: state(running)[part]["state"] == "ok")  # noqa: B023
    until(lambda: state(running)["state"] == "ok")
    assert running.get("/sign-in/") == 200


def test_logs_that_find_no_room_and_a_paused_terminal_do_not_hold_up_the_site(
    running: Running,
) -> None:
    """Nobody reads what the start says from here on, and no file takes what it writes."""
    usual = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, NOTHING)
    for _ in range(1_000):  # of which each is a line of the log: more than a pipe holds
        assert running.get("/livez") == 200
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, usual)
