"""`python3 run.py`, from a first start in an empty directory to nothing being left."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devstack import site
from devstack.layout import Layout
from devstack.servers import ADDRESSES, HERE

PATIENCE = 90  # seconds; generous, because a test must not depend on how busy a machine is
READY = re.compile(r"Naite is at (http://127\.0\.0\.1:\d+)/")


def surroundings(data: Path, **changes: str) -> dict[str, str]:
    """An environment like that of someone who has just cloned the project."""
    told = {"DATA_DIR", "SITE_URL", "SECRET_KEY", "LINK_SECRET", "DB_POOL_MAX", "WORK_QUEUE"}
    kept = {name: value for name, value in os.environ.items() if name not in {*ADDRESSES, *told}}
    return {**kept, "DATA_DIR": str(data), "DEMO": "0", **changes}


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def run(data: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "run.py", *arguments]
    return subprocess.run(
        command,
        cwd=HERE,
        env=surroundings(data, **changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def processes_of(data: Path) -> set[int]:
    """Everything whose command line or environment names this data directory."""
    wanted, found = str(data).encode(), set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if wanted in told and int(entry.name) != os.getpid():
            found.add(int(entry.name))
    return found


@dataclass
class Running:
    """A started site, and what it has said so far."""

    process: subprocess.Popen[str]
    data: Path
    sockets: Path
    address: str = ""

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if found := READY.search(line):
                self.address = found[1]
                return
        raise AssertionError("".join(said))

    def get(self, path: str) -> int:
        with urllib.request.urlopen(self.address + path, timeout=PATIENCE) as answer:
            return int(answer.status)

    def end(self, stop_signal: signal.Signals) -> int:
        """The site's exit code, once no process and no socket of it is left."""
        self.process.send_signal(stop_signal)
        code = self.process.wait(PATIENCE)
        until(lambda: not processes_of(self.data))
        until(lambda: not self.sockets.exists())
        return code


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """Kept from one start to the next, and gone after the last."""
    (HERE / ".data").mkdir(exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="start-", dir=HERE / ".data"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(Layout(directory).data)  # elsewhere, as root in a closed directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def start(data: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(**changes: str) -> Running:
        process = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=HERE,
            env=surroundings(data, **changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(Running(process, data, Layout(data).sockets))
        started[-1].wait_until_ready()
        return started[-1]

    yield begin
    for begun in started:
        begun.process.kill()
        begun.process.communicate()


def test_a_start_serves_the_site_and_ctrl_c_leaves_nothing(
    start: Callable[..., Running], data: Path
) -> None:
    begun = start()
    assert begun.get("/sign-in/") == 200

    again = run(data)
    assert (again.returncode, again.stderr.strip()) == (
        1,
        f"Naite is already running at {begun.address}/",
    )

    asked = "from django.db import connection as c; c.ensure_connection(); print(c.settings_dict['USER'])"
    command = run(data, "shell", "--no-imports", "--command", asked)
    assert (command.returncode, command.stdout.strip()) == (0, "app_user")

    assert begun.end(signal.SIGINT) == 0


def test_even_a_killed_supervisor_leaves_nothing_and_the_next_start_works(
    start: Callable[..., Running],
) -> None:
    start().end(signal.SIGKILL)

    begun = start()
    assert begun.get("/livez") == 200
    assert begun.end(signal.SIGTERM) == 0


def worker_of(data: Path) -> int:
    """The oldest process of the worker: its children have the same command."""
    workers = [
        one
        for one in processes_of(data)
        if b"worker\0--pool" in Path(f"/proc/{one}/cmdline").read_bytes()
    ]
    return min(workers, default=0)


def test_a_worker_that_ends_is_started_again(start: Callable[..., Running], data: Path) -> None:
    begun, first = start(), worker_of(data)
    time.sleep(site.SETTLED)
    group = {one for one in processes_of(data) if os.getpgid(one) == first}
    assert len(group) > 1
    os.kill(first, signal.SIGKILL)  # its children stay behind
    until(lambda: worker_of(data) not in {0, *group})
    assert not group & processes_of(data)
    assert begun.get("/livez") == 200
    assert begun.end(signal.SIGTERM) == 0


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_gives_way_to_the_next_free_one(
    taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setattr(site, "FIRST_PORT", taken_port)
    assert site.free_port() > taken_port


def test_a_taken_port_that_was_asked_for_is_refused(data: Path, taken_port: int) -> None:
    refused = run(data, PORT=str(taken_port))
    assert refused.returncode == 1
    assert f"Port {taken_port} cannot be used" in refused.stderr
    assert processes_of(data) == set()


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_a_port_that_is_none_is_refused(data: Path, port: str) -> None:
    refused = run(data, PORT=port)
    assert (refused.returncode, refused.stderr.strip()) == (
        1,
        f"PORT must be a number between 1 and 65535; it is {port!r}.",
    )


def test_a_command_brings_its_own_servers_and_takes_them_away(data: Path) -> None:
    asked = "from django.conf import settings as s; print(s.SECRET_KEY, s.LINK_SECRET); raise SystemExit(7)"
    first, second = (run(data, "shell", "--no-imports", "--command", asked) for _ in "12")
    assert (first.returncode, second.returncode) == (7, 7)
    assert processes_of(data) == set()
    assert not Layout(data).sockets.exists()

    kept = first.stdout.split()
    assert second.stdout.split() == kept, "The secrets stay the same,"
    assert len(set(kept)) == 2 and all(len(secret) == 64 for secret in kept)
    for name in ("secret-key", "link-secret"):  # and are nobody else's.
        assert (Layout(data).data / name).stat().st_mode & 0o777 == 0o600


def test_nothing_is_embedded_where_servers_are_given(tmp_path: Path) -> None:
    asked = "from django.db import connection as c; c.ensure_connection(); print('here')"
    given = {name: os.environ[name] for name in ADDRESSES}
    done = run(tmp_path, "shell", "--no-imports", "--command", asked, **given)
    assert (done.returncode, done.stdout.strip()) == (0, "here")
    assert not {"pg18", "valkey"} & {path.name for path in tmp_path.iterdir()}


def test_half_a_set_of_servers_is_refused(data: Path) -> None:
    refused = run(data, "check", REDIS_URL="redis://localhost")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Also set DATABASE_URL and DATABASE_OWNER_URL, or none of")
