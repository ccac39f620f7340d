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
from devstack.keys import missing_secrets
from devstack.lock import COMMAND, Lock
from devstack.reaper import Reaper
from devstack.servers import PROJECT_ROOT, Servers, are_external, data_directory

# A file in one process, so that what it makes once is made once; the longest begin first (tests/conftest.py).
PARALLEL = ("--numprocesses", "3", "--dist", "loadfile", "--no-loadscope-reorder")
SINGLE_PROCESS_OPTIONS = (
    "-n",
    "--numprocesses",
    "--pdb",
    "--trace",
    "--co",
    "--help",
    "-h",
    "--version",
    "-V",
)


def exec_python(command: Sequence[str]) -> NoReturn:
    os.execv(sys.executable, [sys.executable, *command])


def is_partial_run(argument: str) -> bool:
    """Whether it is a test file or folder, or a wish that only one process can fulfil."""
    return Path(argument.partition("::")[0]).exists() or argument.startswith(SINGLE_PROCESS_OPTIONS)


def run_tests(arguments: Sequence[str]) -> NoReturn:
    """All tests on three processes, of which some wait; a part of them, which starts sooner, on one."""
    parallel = () if any(map(is_partial_run, arguments)) else PARALLEL
    exec_python(["-m", "pytest", *parallel, *arguments])


def run_command(arguments: Sequence[str]) -> NoReturn:
    """Uses the servers of a running site; starts them for this one command if there is none."""
    data = data_directory()
    os.environ.update(DATA_DIR=str(data))
    os.environ.setdefault("DEMO", "1")
    os.environ.setdefault("DB_POOL_MAX", "0")
    command = ["manage.py", *arguments]
    with Lock(data) as lock:
        if are_external():
            os.environ.setdefault("SITE_URL", lock.address() or ports.expected_address())
            os.environ.update(missing_secrets(data))
            exec_python(command)
        address = lock.wait_for_site()
        servers = Servers(data)
        os.environ.update(servers.environment())
        os.environ.setdefault("SITE_URL", address or ports.expected_address())
        if address:
            exec_python(command)
        lock.write(COMMAND)
        with running_servers(servers, data, lock) as reaper:
            code = run_in_foreground(command, reaper)
    sys.exit(code)


@contextmanager
def running_servers(servers: Servers, data: Path, lock: Lock) -> Iterator[Reaper]:
    logs = data / "logs"
    logs.mkdir(exist_ok=True)
    reaper = Reaper(lock.fileno())
    try:
        servers.start(logs, reaper)
        yield reaper
    finally:
        servers.stop()
        reaper.dismiss()


def run_in_foreground(command: Sequence[str], reaper: Reaper) -> int:
    """In this terminal: Ctrl-C goes to the command itself, and the servers end after it."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGINT:
            process.send_signal(number)

    process = subprocess.Popen([sys.executable, *command], cwd=PROJECT_ROOT)
    reaper.watch(process, signal.SIGTERM)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    code = process.wait()
    return code if code >= 0 else 128 - code
