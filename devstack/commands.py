"""`python3 run.py COMMAND`: Django's commands and the tests, with the servers they need."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from devstack import ports
from devstack.keys import secrets_beside
from devstack.lock import COMMAND, Lock
from devstack.reaper import Reaper
from devstack.servers import HERE, Servers, are_given, data_directory

PARALLEL = ("--numprocesses", "3", "--dist", "worksteal")
ALONE = ("-n", "--numprocesses", "--pdb", "--trace", "--co", "--help", "-h", "--version", "-V")


def become(command: Sequence[str]) -> NoReturn:
    os.execv(sys.executable, [sys.executable, *command])


def names_a_part(argument: str) -> bool:
    """Whether it is a test file or folder, or a wish that only one process can fulfil."""
    return Path(argument.partition("::")[0]).exists() or argument.startswith(ALONE)


def run_tests(arguments: Sequence[str]) -> NoReturn:
    """All tests on three processes, of which some wait; a part of them, which starts sooner, on one."""
    parallel = () if any(map(names_a_part, arguments)) else PARALLEL
    become(["-m", "pytest", *parallel, *arguments])


def run_command(arguments: Sequence[str]) -> NoReturn:
    """Uses the servers of a running site; starts them for this one command if there is none."""
    data = data_directory()
    os.environ.update(DATA_DIR=str(data))
    os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("DB_POOL_MAX", "0")
    command = ["manage.py", *arguments]
    with Lock(data) as lock:
        if are_given():
            os.environ.setdefault("SITE_URL", lock.address() or ports.likely_address())
            os.environ.update(secrets_beside(data))
            become(command)
        address = lock.wait_for_site()
        servers = Servers(data)
        os.environ.update(servers.environment())
        os.environ.setdefault("SITE_URL", address or ports.likely_address())
        if address:
            become(command)
        lock.write(COMMAND)
        with running(servers, data, lock) as reaper:
            code = run_in_front(command, reaper)
    sys.exit(code)


@contextmanager
def running(servers: Servers, data: Path, lock: Lock) -> Iterator[Reaper]:
    logs = data / "logs"
    logs.mkdir(exist_ok=True)
    reaper = Reaper(lock.fileno())
    try:
        servers.start(logs, reaper)
        yield reaper
    finally:
        servers.stop()
        reaper.dismiss()


def run_in_front(command: Sequence[str], reaper: Reaper) -> int:
    """In this terminal: Ctrl-C goes to the command itself, and the servers end after it."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGINT:
            process.send_signal(number)

    process = subprocess.Popen([sys.executable, *command], cwd=HERE)
    reaper.watch(process, signal.SIGTERM)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    code = process.wait()
    return code if code >= 0 else 128 - code
