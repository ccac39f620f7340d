"""nginx as docker-compose.yml starts it: its command and variables, with the deployed file. Only
addresses, paths and the place of web are those of a test."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

from devstack.layout import AS_ROOT, server_user
from devstack.mail import free_port
from devstack.processes import stop
from devstack.reaper import Reaper
from tests.deployment.files import ROOT, filled, services
from tests.deployment.installation import PATIENCE, Answer, until

HOST = "naite.example.org"
CLIENT = "127.77.66.55"  # of this machine like all of 127.0.0.0/8, and found nowhere else in a log
SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
PROGRAMS = ("nginx", "openssl")
MISSING = "No nginx or openssl here: install the packages `nginx` and `openssl`."


def is_installed() -> bool:
    return all(shutil.which(name, path=SEARCHED) for name in PROGRAMS)


def make_certificate(folder: Path) -> None:
    """Put a certificate for the test's host, signed by itself, into the secret files."""
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1"]
    files = ["-keyout", str(folder / "tls_key"), "-out", str(folder / "tls_certificate")]
    subprocess.run([*request, *names, *files], check=True, capture_output=True)


class Proxy:
    """One nginx without rights, and what can be asked of it."""

    def __init__(self, web: int, *, trusted: str = "", tls: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="naite-proxy-"))
        self.log, self.secrets = self.folder / "log", self.folder / "secrets"
        self.port, self.tls_port, self.health_port = free_port(), free_port(), free_port()
        self.variables = {
            "PROXY_FOLDER": str(self.folder / "run"),
            "SECRETS": str(self.secrets),
            "LISTEN": f"127.0.0.1:{self.port}",
            "LISTEN_TLS": f"127.0.0.1:{self.tls_port}",
            "LISTEN_HEALTH": f"127.0.0.1:{self.health_port}",
            "WEB": f"127.0.0.1:{web}",
            "TRUSTED_PROXIES": trusted,
        }
        self._prepare(tls=tls)
        self.reaper = Reaper()
        self.reaper.remove(self.folder)
        self.process: subprocess.Popen[bytes] | None = None

    def _prepare(self, *, tls: bool) -> None:
        """What a container engine mounts, readable for the user who runs it."""
        for source in ("proxy", "nginx.conf"):
            shutil.copy(ROOT / "deploy" / source, self.folder)
        self.secrets.mkdir()
        self.log.touch()
        for name in services()["proxy"]["secrets"]:
            (self.secrets / name).touch()
        if tls:
            make_certificate(self.secrets)
        if AS_ROOT:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, "nobody")

    def start(self) -> subprocess.Popen[bytes]:
        interpreter, script = services()["proxy"]["command"]
        environment = {"PATH": SEARCHED, **self._of_compose(), **self.variables}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [interpreter, str(self.folder / Path(script).name)],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **server_user(),
            )
        self.reaper.watch(self.process, signal.SIGTERM)
        return self.process

    def _of_compose(self) -> dict[str, str]:
        given: Mapping[str, str] = services()["proxy"]["environment"]
        return {name: filled(value) for name, value in given.items()}

    def __enter__(self) -> Self:
        process = self.start()
        until(lambda: self.is_healthy() or process.poll() is not None, "nginx")
        assert process.poll() is None, self.log.read_text()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        if self.process is not None:
            stop(self.process, patience=5)
        self.reaper.dismiss()
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_healthy(self) -> bool:
        """The health check of compose, asked the same way."""
        with suppress(OSError), closing(self._connection(self.health_port, "127.0.0.1")) as asked:
            asked.request("GET", "/")
            return asked.getresponse().status == 204
        return False

    def _connection(self, port: int, source: str) -> http.client.HTTPConnection:
        if port == self.tls_port:
            trusted = ssl.create_default_context(cafile=self.secrets / "tls_certificate")
            return http.client.HTTPSConnection(
                "127.0.0.1", port, timeout=PATIENCE, source_address=(source, 0), context=trusted
            )
        return http.client.HTTPConnection(
            "127.0.0.1", port, timeout=PATIENCE, source_address=(source, 0)
        )

    def ask(
        self,
        path: str,
        body: bytes | None = None,
        *,
        source: str = CLIENT,
        tls: bool = False,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        """Return the answer to one request; a header may be sent several times."""
        connection = self._connection(self.tls_port if tls else self.port, source)
        with closing(connection) as asked:
            asked.putrequest("GET" if body is None else "POST", path, skip_host=True)
            length = () if body is None else (("Content-Length", str(len(body))),)
            for name, value in (("Host", HOST), *length, *headers):
                asked.putheader(name, value)
            asked.endheaders(body)
            answer = asked.getresponse()
            text = answer.read().decode()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)

    def send(self, begun: bytes, source: str = CLIENT) -> socket.socket:
        """Return a connection on which this much was sent, and not the rest."""
        held = socket.create_connection(("127.0.0.1", self.port), PATIENCE, (source, 0))
        held.sendall(begun)
        return held

    def lines(self) -> list[dict[str, Any]]:
        """The access lines, each of which must be JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


class Recorder(BaseHTTPRequestHandler):
    """Stands where web stands, and answers with the headers and the length that reached it."""

    def answer(self) -> None:
        length = len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        told = json.dumps({"headers": self.headers.items(), "length": length}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = answer  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Keep the output of the tests clean."""


@contextmanager
def recorder() -> Iterator[int]:
    """The port of a recorder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def arrived(answer: Answer, name: str) -> list[str]:
    """Every value with which a header reached the recorder."""
    return [value for key, value in answer.json()["headers"] if key.lower() == name.lower()]


def first_refusal(ask: Callable[[], Answer], most: int) -> Answer | None:
    """The first answer with 429 among so many, or none."""
    answers = (ask() for _ in range(most))
    return next((answer for answer in answers if answer.status == 429), None)
