"""The tests run on real servers: embedded ones, unless the environment names others.

Every run holds one slot under .data, so that several may run at once; the servers of a slot are
made once and started again by the next run. Parallel test processes share the PostgreSQL of their
run, each with a database of its own, and have a Valkey each.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from devstack import fixtures
from devstack.layout import Layout
from devstack.lock import Lock
from devstack.reaper import Reaper
from devstack.servers import PROJECT_ROOT, Servers, are_external
from devstack.valkey import Valkey

MAX_TEST_RUNS = 20
# What a test may rely on, whatever the surroundings say.
TEST_ENVIRONMENT = {
    "SECRET_KEY": "only-for-tests-" + "s" * 40,
    "LINK_SECRET": "only-for-tests-" + "l" * 40,
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],testserver",
    "SITE_URL": "http://testserver",
    "TRUSTED_PROXIES": "",
    "DEBUG": "0",
    "DEMO": "0",
    "OPEN_SIGNUP": "1",
    "DB_POOL_MAX": "0",
    "WORK_LEASE_SECONDS": "2",
}
_until_the_end = ExitStack()


def free_data_directory() -> tuple[Path, Lock]:
    """The first data directory that no other test run is using."""
    for number in range(1, MAX_TEST_RUNS + 1):
        data = PROJECT_ROOT / ".data" / f"test-{number}"
        lock = Lock(data)
        if lock.try_to_hold():
            return data, lock
        lock.close()
    sys.exit(f"{MAX_TEST_RUNS} test runs are under way here; wait for one of them to end.")


def start_servers() -> None:
    """PostgreSQL and Valkey for this run, told to everything that the run starts."""
    data, lock = free_data_directory()
    reaper = Reaper(lock.fileno())
    servers = Servers(data, throwaway=True)
    _until_the_end.callback(lock.close)
    _until_the_end.callback(reaper.dismiss)
    _until_the_end.callback(servers.stop)
    servers.start(data, reaper)
    os.environ.update(servers.environment(), DATA_DIR=str(data), EMBEDDED_TEST_DATA=str(data))


def start_own_valkey(data: Path, process: str) -> None:
    """For one of several test processes: caches and queues are not shared."""
    reaper = Reaper()
    valkey = Valkey(Layout(data), name=f"valkey-{process}", throwaway=True)
    _until_the_end.callback(reaper.dismiss)
    _until_the_end.callback(valkey.stop)
    with (data / "valkey.log").open("ab") as log:
        valkey.start(log, reaper)
    valkey.prepare()
    os.environ["REDIS_URL"] = valkey.url


def prepare_environment() -> None:
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    if data := os.environ.get("EMBEDDED_TEST_DATA"):
        if process:
            start_own_valkey(Path(data), process)
    elif not are_external():
        start_servers()
    os.environ.update(TEST_ENVIRONMENT, WORK_QUEUE=f"test-{process or 'alone'}")
    os.environ.setdefault("DATA_DIR", str(PROJECT_ROOT / ".data" / "test"))
    Path(os.environ["DATA_DIR"], "static").mkdir(parents=True, exist_ok=True)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(args: list[str]) -> Generator[None]:
    """Before anything else, because pytest-django reads the settings here."""
    if not {"--help", "-h", "--version", "-V"} & set(args):
        prepare_environment()
    yield


def pytest_configure(config: pytest.Config) -> None:
    # After pytest-django, whose way of making the database these fixtures replace.
    config.pluginmanager.register(fixtures, "devstack-fixtures")


def pytest_unconfigure() -> None:
    _until_the_end.close()
