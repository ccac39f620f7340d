"""What every test may ask for: the database as app_user, a worker, a mail server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from devstack.mail import MailServer
from devstack.roles import acting_as_owner, current_role, grant_test_rights, url_of_test_database
from devstack.workers import Worker


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_keepdb: bool,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Migrated by the owner, used by the role that row-level security binds."""
    with django_db_blocker.unblock():
        with acting_as_owner():
            made = setup_databases(
                verbosity=0, interactive=False, keepdb=django_db_keepdb, serialized_aliases=[]
            )
            grant_test_rights()
        assert current_role() == "app_user"
    yield
    with django_db_blocker.unblock(), acting_as_owner():
        connection.close()
        if not django_db_keepdb:
            _drop(made)


def _drop(made: Any) -> None:
    """A worker or browser that a test has just ended may hold its session for a moment longer:
    PostgreSQL waits 5 seconds for it. Where one will not go, the database stays until the next run
    begins anew."""
    for _ in range(2):
        with suppress(OperationalError):
            teardown_databases(made, verbosity=0)
            return


@pytest.fixture(scope="session", autouse=True)
def _plain_static_files() -> None:
    """No names with hashes: nothing needs to be gathered before a test."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES["staticfiles"] = plain


@pytest.fixture(scope="session")
def _mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture
def mail_server(_mail_server: MailServer) -> MailServer:
    """Receives the letters that workers send; empty at the beginning of a test."""
    _mail_server.letters.clear()
    return _mail_server


@pytest.fixture(scope="session")
def _start(django_db_setup: None, _mail_server: MailServer) -> Callable[..., Worker]:
    def start(**environment: str) -> Worker:
        surroundings = {"DATABASE_URL": url_of_test_database(), "EMAIL_URL": _mail_server.url}
        worker = Worker(surroundings | environment, Path(os.environ["DATA_DIR"], "worker.log"))
        worker.wait()
        return worker

    return start


@pytest.fixture
def start_worker(_start: Callable[..., Worker]) -> Iterator[Callable[..., Worker]]:
    """Workers that a test may kill; `start_worker(WORK_LEASE_SECONDS="1")` changes their settings.
    They end with the test: another one may want to read what waits in the queues.

    Use it with `@pytest.mark.django_db(transaction=True)`: a worker sees what is committed.
    """
    started: list[Worker] = []

    def start(**environment: str) -> Worker:
        started.append(_start(**environment))
        return started[-1]

    yield start
    for worker in started:
        worker.stop()


@pytest.fixture
def worker_process(start_worker: Callable[..., Worker]) -> Worker:
    """For tests that only need work to be done."""
    return start_worker()
