"""A role that could see every organization, or another LINK_SECRET, serves nothing: every process ends
before its first answer, and so does the one that would start it again. Real roles, real processes."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from devstack.mail import free_port
from devstack.postgres import ADMINISTRATOR, OWNER, USER
from devstack.processes import stop
from devstack.roles import url_of_test_database
from devstack.servers import PROJECT_ROOT
from devstack.site import WORKER, WORKER_ALONE
from organizations.apps import ROLE_ERROR, SECRET_ERROR
from organizations.models import Installation
from organizations.pseudonyms import secret_fingerprint

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "EMBEDDED_TEST_DATA" not in os.environ, reason="other servers ask their roles for passwords"
    ),
]
WEB = ("-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "warning")
AGAIN = ("--respawn-failed-workers", "config.wsgi:application")  # as in the image
COMMAND = ("manage.py", "verify_scores")
PATIENCE = 60


def url_for(role: str) -> str:
    """The test database as somebody else."""
    return url_of_test_database().replace(f"//{USER}@", f"//{role}@")


# What is wrong: the environment that makes it so, and what is said.
WRONG: dict[str, tuple[Callable[[], dict[str, str]], str]] = {
    "superuser": (lambda: {"DATABASE_URL": url_for(ADMINISTRATOR)}, ROLE_ERROR),
    "bypasses policies": (lambda: {"DATABASE_URL": url_for("app_backup")}, ROLE_ERROR),
    "owns tables": (lambda: {"DATABASE_URL": url_for(OWNER)}, ROLE_ERROR),
    "another secret": (
        lambda: {"DATABASE_URL": url_for(USER), "LINK_SECRET": "another-secret-" + "x" * 40},
        SECRET_ERROR,
    ),
}
each = pytest.mark.parametrize("what", WRONG)
# What a process does about it does not depend on what is wrong.
two = pytest.mark.parametrize("what", ["superuser", "another secret"])


class Started:
    """A process with its log; what it served is asked at `port`."""

    def __init__(self, log: Path, environment: dict[str, str]) -> None:
        self.log, self.port = log, free_port()
        self.environment = os.environ | {"SITE_URL": f"http://127.0.0.1:{self.port}"} | environment
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *command: str) -> Started:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=PROJECT_ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def serve(self) -> Started:
        return self.run(*WEB, "--host", "127.0.0.1", "--port", str(self.port), *AGAIN)

    def work(self) -> Started:
        return self.run(*WORKER, *WORKER_ALONE, "--hostname", f"guard-{self.port}@here")

    def ends_with(self) -> int:
        assert self.process is not None
        return self.process.wait(PATIENCE)

    def ask(self, path: str) -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as asked:
            asked.request("GET", path)
            return asked.getresponse().status

    def wait_for(self, path: str, status: int) -> None:
        end = time.monotonic() + PATIENCE
        while self.answer(path) != status:
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)

    def answer(self, path: str) -> int | None:
        try:
            return self.ask(path)
        except (OSError, http.client.HTTPException):
            return None


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[dict[str, str]], Started]]:
    all_of_them: list[Started] = []

    def start(environment: dict[str, str]) -> Started:
        all_of_them.append(Started(tmp_path / "log", environment))
        return all_of_them[-1]

    Installation.objects.get_or_create(id=1, defaults={"link_secret": secret_fingerprint()})
    yield start
    for one in all_of_them:
        if one.process is not None:
            stop(one.process, patience=2)


Start = Callable[[dict[str, str]], Started]


@two
def test_a_web_process_ends_before_it_serves(what: str, started: Start) -> None:
    environment, sentence = WRONG[what]
    web = started(environment()).serve()
    web.ends_with()
    assert sentence in web.log.read_text()
    assert web.answer("/sign-in/") is None


@two
def test_a_worker_ends_before_it_works(what: str, started: Start) -> None:
    environment, sentence = WRONG[what]
    worker = started(environment()).work()
    assert worker.ends_with() == 1
    assert sentence in worker.log.read_text()


@each
def test_a_command_ends_before_it_does_anything(what: str, started: Start) -> None:
    environment, sentence = WRONG[what]
    command = started(environment()).run(*COMMAND)
    assert command.ends_with() == 1
    assert command.log.read_text().strip() == sentence


def test_the_right_role_and_secret_serve(started: Start) -> None:
    """With the wrong ones the processes above would also end if they could not start at all."""
    right = {"DATABASE_URL": url_for(USER)}
    started(right).serve().wait_for("/readyz", 200)
    command = started(right).run(*COMMAND)
    assert command.ends_with() == 0, command.log.read_text()


def test_a_web_process_starts_where_it_can_only_read(started: Start) -> None:
    """On a standby: that the secret is the right one is read, not written."""
    only_reading = "&options=-c%20default_transaction_read_only%3Don"
    started({"DATABASE_URL": url_for(USER) + only_reading}).serve().wait_for("/readyz", 200)


# --- A database that is away when the process begins ------------------------------------------


@pytest.fixture
def away(tmp_path: Path) -> dict[str, str]:
    """The superuser's way to a database that cannot be reached yet."""
    (tmp_path / "socket").mkdir()
    sockets = url_of_test_database().partition("host=")[2]
    return {"DATABASE_URL": url_for(ADMINISTRATOR).replace(sockets, str(tmp_path / "socket"))}


def come_back(tmp_path: Path) -> None:
    sockets = Path(url_of_test_database().partition("host=")[2])
    (tmp_path / "socket" / ".s.PGSQL.5432").symlink_to(sockets / ".s.PGSQL.5432")


def test_a_web_process_that_began_without_a_database_ends_when_it_sees_it(
    started: Start, away: dict[str, str], tmp_path: Path
) -> None:
    web = started(away).serve()
    web.wait_for("/sign-in/", 503)
    come_back(tmp_path)
    answers = set(iter(lambda: web.answer("/sign-in/"), None))  # until there is none
    assert answers <= {503}
    web.ends_with()
    assert ROLE_ERROR in web.log.read_text()


def test_a_worker_that_began_without_a_database_ends_when_it_sees_it(
    started: Start, away: dict[str, str], tmp_path: Path
) -> None:
    queue = f"guard-{os.getpid()}"
    worker = started(away | {"WORK_QUEUE": queue}).work()
    app = Celery(broker=settings.CELERY_BROKER_URL, set_as_current=False)
    name = f"guard-{worker.port}@here"
    end = time.monotonic() + PATIENCE
    while not app.control.ping(destination=[name], timeout=0.5):
        assert time.monotonic() < end, worker.log.read_text()
    come_back(tmp_path)
    app.send_task("sweep", queue=f"{queue}-sweep")
    worker.ends_with()
    assert ROLE_ERROR in worker.log.read_text()
