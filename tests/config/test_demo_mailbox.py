"""The demo's letters hold links that open an account: they are read at this machine, or nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from devstack.servers import PROJECT_ROOT

LOOPBACK = "localhost,127.0.0.1,[::1]"
# A process of its own, because addresses and mail are decided when it starts.
VISIT = """
import json, re, sys
import django
from django.conf import settings
settings.STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
django.setup()
from django.test import Client
from organizations.emails import render_message

for language in ("en", "ko"):
    render_message(
        "organizations/mail/invitation.txt", to=f"ada@{language}.example", language=language,
        person={"name": "Ada"}, organization={"name": "Acme"}, invitation={"invited_by": "Cho"},
        link="http://localhost:8000/join/secret/",
    ).send()
site = Client(raise_request_exception=False, HTTP_HOST="localhost")
found = {}
for peer in json.loads(sys.argv[1]):
    listed = site.get("/dev/mail/", REMOTE_ADDR=peer)
    pages = re.findall(r'href="(/dev/mail/[^"]+/)"', listed.text) if listed.status_code == 200 else []
    read = [site.get(page, REMOTE_ADDR=peer).text for page in pages]
    guessed = site.get("/dev/mail/any/", REMOTE_ADDR=peer).text
    found[peer] = [listed.status_code, read, guessed]
print(json.dumps(found))
"""
NEAR = ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]
FAR = ["10.0.0.7", "192.168.1.4", "::ffff:10.0.0.7", "2001:db8::7", "0.0.0.0", "localhost", ""]


def visit(tmp_path: Path, peers: list[str], **other: str) -> dict[str, Any]:
    site = {"SITE_URL": "http://localhost:8000", "EMAIL_URL": ""}  # a letter links to nothing else
    told = {**os.environ, "DATA_DIR": str(tmp_path), **site, **other}
    done = subprocess.run(
        [sys.executable, "-c", VISIT, json.dumps(peers)],
        cwd=PROJECT_ROOT,
        env=told,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The demo as everyone finds it: by peer the status, the letters and a letter by its address."""
    data = tmp_path_factory.mktemp("demo")
    found = visit(data, NEAR + FAR, DEMO="1", ALLOWED_HOSTS=LOOPBACK)
    assert list((data / "mail").glob("*.log"))  # there is something to read
    return found


@pytest.mark.parametrize("peer", NEAR)
def test_a_letter_of_the_demo_can_be_read_at_this_machine(seen: dict[str, Any], peer: str) -> None:
    status, pages, _guessed = seen[peer]
    assert (status, len(pages)) == (200, 2)
    assert all("http://localhost:8000/join/secret/" in page for page in pages)
    readers = [one for page in pages for one in ("ada@en.example", "ada@ko.example") if one in page]
    assert sorted(readers) == ["ada@en.example", "ada@ko.example"]


@pytest.mark.parametrize("peer", FAR)
def test_from_another_machine_there_is_no_such_page(seen: dict[str, Any], peer: str) -> None:
    """Not even for one that names localhost as the host it wants."""
    status, pages, guessed = seen[peer]
    assert (status, pages) == (404, [])
    assert "secret" not in guessed


@pytest.mark.parametrize(
    ("demo", "hosts"), [("0", LOOPBACK), ("1", "naite.example.org,localhost"), ("1", "*")]
)
def test_without_the_demo_or_with_a_name_in_the_net_there_is_no_such_page(
    tmp_path: Path, demo: str, hosts: str
) -> None:
    other = {"EMAIL_URL": "dummymail://", "TRUSTED_PROXIES": "10.0.0.0/8"}
    found = visit(tmp_path, NEAR[:1] + FAR[:1], DEMO=demo, ALLOWED_HOSTS=hosts, **other)
    assert [status for status, _, _ in found.values()] == [404, 404]
    assert not (tmp_path / "mail").exists()
