"""A whole installation, as Dockerfile and docker-compose.yml describe it: the files of the image in a
folder of their own, and the commands, variables and secrets of each container as real processes.

Only what a container engine would do is done here: names of hosts become sockets and ports, and
/run/secrets becomes a folder.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devstack.layout import Layout
from devstack.mail import MailServer, free_port
from devstack.postgres import Postgres
from devstack.processes import stop
from devstack.reaper import Reaper
from tests.deployment.files import ROOT, copied, example, filled, services, steps

PATIENCE = 90
_ASSIGNMENT = re.compile(r"\b([A-Z_]+)=(\S+)")


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited too long for {what}"
        time.sleep(0.1)


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Visitor:
    """A browser that comes through the proxy that ends TLS, and keeps its cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, form: str | None = None, **headers: str) -> Answer:
        told = {
            "Host": "naite.example.org",
            "X-Forwarded-Proto": "https",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Referer": "https://naite.example.org/",
            "Origin": "https://naite.example.org",
            **headers,
        }
        if form is not None:
            told["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        ) as connection:
            connection.request("GET" if form is None else "POST", path, form, told)
            answer = connection.getresponse()
            text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)

    def send(self, path: str, form: str, **headers: str) -> Answer:
        """A form, after the page that shows it was looked at."""
        page = self.ask(path).text
        (token,) = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[:1]
        return self.ask(path, f"csrfmiddlewaretoken={token}&{form}", **headers)


class Installation:
    def __init__(self, data: Path) -> None:
        shutil.rmtree(data, ignore_errors=True)
        self.data, self.logs = data, data / "logs"
        self.image, self.secrets, self.folder = data / "image", data / "secrets", data / "metrics"
        for each in (self.logs, self.folder, data / "bus", data / "bin"):
            each.mkdir(parents=True)
        self.reaper = Reaper()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.mail = MailServer()
        self.postgres = Postgres(Layout(data), throwaway=True)
        self.web_port, self.bus_port = free_port(), free_port()
        self.visitor = Visitor(self.web_port)

    # --- What a container engine does -----------------------------------------------------------

    def build(self) -> None:
        """The COPY and RUN lines of the stage that runs."""
        for source, target in copied().items():
            if not target.startswith("/tmp"):
                self._copy(
                    ROOT / source,
                    self.image
                    / ("" if target == "./" else target)
                    / (source if target == "./" else ""),
                )
        (told,) = [step.text for step in steps("RUN") if "collectstatic" in step.text]
        command = told.partition("&&")[2]
        given = dict(_ASSIGNMENT.findall(command))
        self._run(command.partition("python ")[2].split(), given, "build")

    def _copy(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)

    def environment(self, service: str) -> dict[str, str]:
        """Of one container: that of the image, and what compose adds."""
        given = services()[service]["environment"]
        return {name: self._translated(filled(str(value))) for name, value in given.items()}

    def _translated(self, value: str) -> str:
        sockets = self.postgres.layout.sockets
        value = re.sub(r"@postgres:5432/(\w+)", rf"@/\1?host={sockets}", value)
        value = value.replace("valkey:6379", f"127.0.0.1:{self.bus_port}")
        value = value.replace(example()["INSIDE_NETWORK"], "127.0.0.1")
        value = value.replace("/run/secrets", str(self.secrets))
        return str(self.folder) if value == "/metrics" else value

    def _surroundings(self, given: Mapping[str, str]) -> dict[str, str]:
        of_image = dict(_ASSIGNMENT.findall(" ".join(step.text for step in steps("ENV"))))
        of_image |= {"DATA_DIR": str(self.data / "gathered")}
        path = f"{Path(sys.executable).parent}:{self.data / 'bin'}:/usr/bin:/bin"
        return of_image | {"PATH": path, "LANG": "C.UTF-8"} | dict(given)

    def _run(self, arguments: list[str], given: Mapping[str, str], name: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.image,
            env=self._surroundings(given),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        with (self.logs / f"{name}.log").open("a") as log:
            log.write(done.stdout + done.stderr)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def open(self, name: str, command: list[str], given: Mapping[str, str], cwd: Path) -> None:
        with (self.logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=self._surroundings(given),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.reaper.watch(process, signal.SIGTERM)
        self.processes[name] = process

    # --- The containers ---------------------------------------------------------------------------

    def make_secrets(self) -> None:
        subprocess.run(["sh", ROOT / "deploy" / "make-secrets", self.secrets], check=True)
        (self.secrets / "email_url").write_text(self.mail.url + "\n")

    def start_postgres(self) -> None:
        self.reaper.remove(self.postgres.layout.private(self.postgres.layout.sockets))
        with (self.logs / "postgres.log").open("ab") as log:
            self.postgres.start(log, self.reaper)
        self.postgres.prepare()

    def stop_postgres(self) -> None:
        self.postgres.stop()

    def set_passwords(self) -> None:
        """Then nobody but the administrator comes in without one."""
        self.psql("naite", "-f", str(ROOT / "deploy" / "passwords.sql"))
        rules = "local all postgres trust\nlocal all all scram-sha-256\n"
        (self.postgres.directory / "pg_hba.conf").write_text(rules)
        self.psql("naite", "-c", "SELECT pg_reload_conf()")

    def psql(self, database: str, *arguments: str, user: str = "postgres") -> str:
        return self.tool("psql", "-X", "-q", "-A", "-t", "-U", user, "-d", database, *arguments)

    def tool(self, name: str, *arguments: str, password: str = "") -> str:
        """One of PostgreSQL's own programs."""
        done = subprocess.run(
            [
                self.postgres.layout.postgres / "bin" / name,
                "-h",
                self.postgres.layout.sockets,
                *arguments,
            ],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "/usr/bin:/bin", "SECRETS": str(self.secrets), "PGPASSWORD": password},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start_valkey(self) -> None:
        program = self.data / "bin" / "valkey-server"
        if not program.exists():
            program.symlink_to(self.postgres.layout.valkey)
        _, script = services()["valkey"]["command"]
        local = ROOT / script.removeprefix("/")
        here = [
            "--port",
            str(self.bus_port),
            "--bind",
            "127.0.0.1",
            "--dir",
            str(self.data / "bus"),
        ]
        given = {"VALKEY_PASSWORD_FILE": str(self.secrets / "valkey_password")}
        self.open("valkey", ["sh", str(local), *here], given, self.data)

    def manage(self, *arguments: str, service: str = "worker", **given: str) -> str:
        return self._run(["manage.py", *arguments], self.environment(service) | given, "manage")

    def migrate(self) -> None:
        python, *command = services()["migrate"]["command"]
        assert python == "python"
        self._run(command, self.environment("migrate"), "migrate")

    def start_web(self) -> None:
        (told,) = steps("CMD")
        command = [
            {"8000": str(self.web_port), "0.0.0.0": "127.0.0.1"}.get(w, w) for w in told.words
        ]
        self.open("web", command, self.environment("web"), self.image)
        until(self.is_alive, "the web server")

    def is_alive(self) -> bool:
        with suppress(OSError):
            return self.visitor.ask("/livez").status == 200
        return False

    def start(self, service: str) -> None:
        self.open(service, services()[service]["command"], self.environment(service), self.image)

    def stop(self, name: str) -> None:
        stop(self.processes.pop(name), patience=2)  # what goes on then is killed: the data is ours

    def end(self) -> None:
        for name in reversed(list(self.processes)):
            self.stop(name)
        self.postgres.stop()
        self.postgres.layout.remove_sockets()
        self.mail.stop()
        self.reaper.dismiss()

    def said(self, *names: str) -> str:
        return "".join((self.logs / f"{name}.log").read_text() for name in names)
