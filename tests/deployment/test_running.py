"""What the files describe runs: every command, with its variables and secrets, on real servers."""

from __future__ import annotations

import json
import re
import socket
from contextlib import closing

import pytest

from tests.deployment.installation import Installation, Visitor, until


def state(installation: Installation) -> str:
    answer = installation.visitor.ask("/readyz")
    return f"{answer.status} {answer.json()['state']}"


def test_web_beat_and_worker_find_each_other(installation: Installation) -> None:
    """A sweep needs all of them: beat asks through Valkey, a worker answers in the database."""
    assert installation.visitor.ask("/livez").text == "ok"
    until(lambda: state(installation) == "200 ok", "a sweep")
    page = installation.visitor.ask("/sign-in/")
    assert page.status == 200
    (sheet,) = re.findall(r'href="(/static/css/app\.[0-9a-f]+\.css)"', page.text)
    assert installation.visitor.ask(sheet).status == 200
    assert page.headers["strict-transport-security"]


def test_a_worker_takes_a_job(installation: Installation) -> None:
    before = len(installation.mail.letters)
    told = ("--name", "Postal", "--owner-name", "Pia", "--owner-email", "pia@postal.example")
    installation.manage("create_organization", *told)
    (letter,) = installation.mail.wait_for(before + 1, 60)[before:]
    assert letter["To"] == "pia@postal.example"
    body = letter.get_body(("plain",))
    assert body is not None
    assert "https://naite.example.org/join/" in body.get_content()


def test_roles_come_in_by_their_passwords_alone(installation: Installation) -> None:
    assert (
        installation.psql(
            "naite", "-c", "SELECT count(*) FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256%'"
        )
        == "3"
    )
    for role in ("app_owner", "app_user", "app_backup"):
        password = (installation.secrets / f"{role}_password").read_text()
        asked = ("-X", "-A", "-t", "-w", "-U", role, "-d", "naite", "-c", "SELECT current_user")
        assert installation.tool("psql", *asked, password=password) == role
        with pytest.raises(AssertionError, match="password authentication failed"):
            installation.tool("psql", *asked, password="x" * 40)
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'naite'"
    assert installation.psql("naite", "-c", owner) == "app_owner"


def test_metrics_are_shown_to_the_token_alone(installation: Installation) -> None:
    token = (installation.secrets / "metrics_token").read_text()
    seen = Visitor(installation.web_port)
    assert seen.ask("/metrics").status == 404
    for _ in range(8):
        seen.ask("/sign-in/")
    text = seen.ask("/metrics", Authorization=f"Bearer {token}", Host="web:8000").text
    counted = re.findall(r'naite_requests_total\{[^}]*route="account_login"[^}]*\} (\S+)', text)
    assert sum(map(float, counted)) >= 8  # whichever of the processes answered
    assert "naite_work_waiting" in text


def test_nothing_is_written_into_the_image(installation: Installation) -> None:
    """Its root is read-only; only /tmp and the folder of the metrics are not."""
    installation.visitor.ask("/sign-in/")
    began = (installation.logs / "build.log").stat().st_mtime
    files = [path for path in installation.image.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if path.stat().st_mtime > began] == []


def test_without_the_servers_of_the_demo(installation: Installation) -> None:
    assert not (installation.image / "devstack").exists()
    assert "devstack" not in installation.said("web", "worker", "beat", "migrate")


def test_every_line_of_the_log_is_json_and_quotes_nobody(installation: Installation) -> None:
    typed = "canary-4711"
    until(lambda: state(installation) == "200 ok", "a sweep")
    for path in (f"/s/{typed}/", f"/join/{typed}/", f"/sign-in/?next={typed}", f"/o/{typed}/"):
        installation.visitor.ask(path, Authorization=f"Bearer naite_{typed}")
    installation.visitor.ask(f"/api/v1/organizations/{typed}/teams/?{typed}={typed}")
    lines = installation.said("web", "worker", "beat").splitlines()
    assert [line for line in lines if not isinstance(json.loads(line), dict)] == []
    assert len([line for line in lines if '"event": "request"' in line]) >= 5
    assert [line for line in lines if typed in line] == []


def test_a_form_that_breaks_off_is_not_carried_out(installation: Installation) -> None:
    """What arrived would be a whole form; a whole one comes as far as the check of its token."""
    head = (
        "POST /theme/ HTTP/1.1\r\nHost: naite.example.org\r\nX-Forwarded-Proto: https\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
    )
    form = "theme=dark"

    def reply(announced: int, *, breaks_off: bool) -> str:
        address = ("127.0.0.1", installation.web_port)
        with closing(socket.create_connection(address, 10)) as line:
            line.sendall(f"{head}Content-Length: {announced}\r\n\r\n{form}".encode())
            if breaks_off:
                line.shutdown(socket.SHUT_WR)
            return line.recv(100).decode("latin-1").partition("\r\n")[0]

    assert reply(66, breaks_off=True) == "HTTP/1.1 400 Bad Request"
    assert reply(len(form), breaks_off=False) == "HTTP/1.1 403 Forbidden"
