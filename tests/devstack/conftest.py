"""Data directories and started sites, which are gone after the test."""

from __future__ import annotations

import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devstack.layout import Layout
from devstack.servers import PROJECT_ROOT
from tests.devstack.sites import Running


@contextmanager
def data_directory() -> Iterator[Path]:
    (PROJECT_ROOT / ".data").mkdir(exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="start-", dir=PROJECT_ROOT / ".data"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(Layout(directory).data)  # elsewhere, as root in a closed directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def data() -> Iterator[Path]:
    """Kept from one start to the next, and gone after the last: only the first one makes the tables."""
    with data_directory() as directory:
        yield directory


@pytest.fixture
def other_data() -> Iterator[Path]:
    """That of another clone."""
    with data_directory() as directory:
        yield directory


@pytest.fixture
def begin(data: Path) -> Iterator[Callable[..., Running]]:
    """`begin(data, PORT="9000")`: a start that is not yet ready."""
    started: list[Running] = []

    def begin_one(data: Path = data, **changes: str) -> Running:
        started.append(Running.begin(data, **changes))
        return started[-1]

    yield begin_one
    for begun in started:
        begun.process.kill()
        begun.process.communicate()


@pytest.fixture
def start(begin: Callable[..., Running]) -> Callable[..., Running]:
    """`start(PORT="9000")`: a site that answers."""

    def start_one(**changes: str) -> Running:
        begun = begin(**changes)
        begun.wait_until_ready()
        return begun

    return start_one


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[Running]:
    """One site for tests after which it goes on."""
    begun = Running.begin(data)
    try:
        begun.wait_until_ready()
        yield begun
        assert begun.end(signal.SIGTERM) == 0
    finally:
        begun.process.kill()
        begun.process.communicate()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]
