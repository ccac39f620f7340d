"""`python3 run.py`: the whole site in one terminal, and one Ctrl-C for all of it."""

from __future__ import annotations

import http.client
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType

from devstack import ports, static
from devstack.children import ChildProcess, write_to_terminal
from devstack.keys import missing_secrets
from devstack.layout import AS_ROOT
from devstack.lock import Lock
from devstack.processes import SETTLED, stop
from devstack.reaper import Reaper, kill_group
from devstack.servers import PROJECT_ROOT, Servers, are_external, data_directory

MANAGE = "manage.py"
WEB = ("-m", "devstack.web")
CELERY = ("-m", "celery", "--quiet", "--app", "config")
# Prefork, because only there a task that takes too long can be ended.
WORKER = (*CELERY, "worker", "--pool", "prefork", "--concurrency", "2", "--loglevel", "WARNING")
WORKER_ALONE = ("--without-gossip", "--without-mingle")
BEAT = (
    *CELERY,
    "beat",
    "--scheduler",
    "celery.beat:Scheduler",
    "--pidfile=",
    "--loglevel",
    "ERROR",
)
STOPPING = ("web", "beat", "worker")
# A worker can end for good when Valkey dies under it. It and the beat are started again, as under a
# service manager, unless their first start ends soon: then something is wrong that another start
# does not mend. Later on they are tried for as long as the site runs.
RESTARTED = {"worker": (*WORKER, *WORKER_ALONE), "beat": BEAT}
# Only the web process answers many at once; every other does with one connection.
ONE_CONNECTION = {"DB_POOL_MAX": "0"}
# As root, in a container or at home, Celery would say at every start that this is not advised.
NO_ROOT_WARNING = {"PYTHONWARNINGS": "ignore::UserWarning:celery.platforms"} if AS_ROOT else {}


class StopRequested(Exception):
    """Someone asked for the end: Ctrl-C, a closed terminal, or the system."""


def is_responding(address: str) -> bool:
    with suppress(OSError):
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=5)
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    return False


def environment_defaults(environment: Mapping[str, str], address: str) -> dict[str, str]:
    """What a start sets unless the surroundings say otherwise; only in the demo anyone may sign up."""
    demo = environment.get("DEMO", "1")
    return {"DEMO": demo, "SITE_URL": address, "OPEN_SIGNUP": "1" if demo == "1" else "0"}


def has_demo() -> bool:
    wanted = os.environ.get("DEMO") == "1"
    return wanted and any(PROJECT_ROOT.glob("*/management/commands/demo.py"))


class Site:
    def __init__(self, data: Path, lock: Lock) -> None:
        self.data, self.lock, self.logs = data, lock, data / "logs"
        self.children: dict[str, ChildProcess] = {}
        self.asked_to_stop = False
        self.listener = ports.listen_on_free_port()
        self.address = ports.address_of(self.listener.getsockname()[1])
        self.reaper = Reaper(lock.fileno())
        self.servers = None if are_external() else Servers(data)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """The first time everything ends in good order; the second time, at once."""
        if self.asked_to_stop:
            for child in self.children.values():
                kill_group(child.process.pid)
        self.asked_to_stop = True

    def run(self) -> None:
        try:
            self._start()
            while True:
                self._pause()
        except StopRequested:
            write_to_terminal("\nStopping ...")
        finally:
            self._stop()
        write_to_terminal("Stopped.")

    def _start(self) -> None:
        began = time.monotonic()
        write_to_terminal("Starting ...")
        self.logs.mkdir(exist_ok=True)
        self._prepare_environment()
        self._prepare_tables_and_files()
        self._open_web()
        for name, command in RESTARTED.items():
            self._open(name, *command)
        demo = self._open_demo()
        self._wait(lambda: (demo is None or demo.has_ended) and is_responding(self.address))
        self.lock.write(self.address)
        self._announce(demo.heard() if demo else "", time.monotonic() - began)

    def _prepare_environment(self) -> None:
        os.environ.update(DATA_DIR=str(self.data))
        for name, value in environment_defaults(os.environ, self.address).items():
            os.environ.setdefault(name, value)
        if self.servers is None:
            os.environ.update(missing_secrets(self.data))
        else:
            self.servers.start(self.logs, self.reaper)
            os.environ.update(self.servers.environment())

    def _prepare_tables_and_files(self) -> None:
        migrate = self._open("migrate", MANAGE, "migrate", "--verbosity", "0")
        preparing = [migrate]
        if not static.are_collected(self.data):
            told = (MANAGE, "collectstatic", "--no-input", "--clear", "--verbosity", "0")
            preparing.append(self._open("static", *told))
        self._wait(lambda: all(child.has_ended for child in preparing))
        for child in preparing:
            self._forget(child)
        static.mark_collected(self.data)

    def _open_demo(self) -> ChildProcess | None:
        if not has_demo():
            return None
        write_to_terminal("Building the demo. The first time, this takes a few minutes ...")
        return self._open("demo", MANAGE, "demo", quiet=True)

    def _open_web(self) -> None:
        descriptor = self.listener.fileno()
        command = (*WEB, str(descriptor), "config.wsgi:application")
        log = self._new_log("web")
        self._watch(ChildProcess("web", command, log, NO_ROOT_WARNING, descriptors=[descriptor]))

    def _open(self, name: str, *command: str, quiet: bool = False) -> ChildProcess:
        log = self._new_log(name)
        return self._watch(
            ChildProcess(name, command, log, ONE_CONNECTION | NO_ROOT_WARNING, quiet=quiet)
        )

    def _new_log(self, name: str) -> Path:
        log = self.logs / f"{name}.log"
        log.unlink(missing_ok=True)
        return log

    def _watch(self, child: ChildProcess) -> ChildProcess:
        self.reaper.watch(child.process, signal.SIGTERM)
        self.children[child.name] = child
        return child

    def _restart(self, child: ChildProcess) -> None:
        write_to_terminal(
            f"{child.name} ended (exit {child.process.returncode}); it is started again."
        )
        kill_group(child.process.pid)  # what it began may still be there
        self._forget(child)
        self._watch(child.again())

    def _restart_servers(self) -> None:
        if self.servers is not None:
            for name, code in self.servers.start_ended(self.logs, self.reaper):
                write_to_terminal(f"{name} ended (exit {code}); it is started again.")

    def _forget(self, child: ChildProcess) -> None:
        del self.children[child.name]
        self.reaper.forget(child.process)

    def _announce(self, demo: str, seconds: float) -> None:
        if "demo" in self.children:
            self._forget(self.children["demo"])
        write_to_terminal(
            f"\n  Naite is at {self.address}/   (ready in {seconds:.1f} s; Ctrl-C stops everything)\n"
        )
        if demo:
            write_to_terminal(demo + "\n")

    def _wait(self, done: Callable[[], bool]) -> None:
        while not done():
            self._pause(0.05)
        self._check()

    def _pause(self, seconds: float = 0.3) -> None:
        self._check()
        time.sleep(seconds)

    def _check(self) -> None:
        if self.asked_to_stop:
            raise StopRequested
        self._restart_servers()
        for child in list(self.children.values()):
            if child.has_ended and child.name in RESTARTED and child.age > SETTLED:
                self._restart(child)
            elif child.is_again:
                continue  # it is started once more when the pause is over
            elif child.has_failed or (child.has_ended and child.name in STOPPING):
                said = child.heard()
                code = child.process.returncode
                sys.exit(f"{said}\n{child.name} ended (exit {code}); see {child.log}".lstrip())

    def _stop(self) -> None:
        self.asked_to_stop = True
        self.listener.close()
        self.lock.write("")
        for name in [*STOPPING, *(name for name in self.children if name not in STOPPING)]:
            if name in self.children:
                stop(self.children[name].process)
        if self.servers is not None:
            self.servers.stop()
        self.reaper.dismiss()


def serve() -> None:
    data = data_directory()
    with Lock(data) as lock:
        if address := lock.wait_for_site():
            sys.exit(f"Naite is already running at {address}/")
        Site(data, lock).run()
