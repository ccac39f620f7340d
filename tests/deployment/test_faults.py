"""A server goes away and comes back: pages say so, nothing needs a restart."""

from __future__ import annotations

import pytest

from tests.deployment.installation import Installation, until


def ready(installation: Installation) -> tuple[int, str]:
    answer = installation.visitor.ask("/readyz")
    return answer.status, answer.json()["state"]


@pytest.fixture
def without_database(installation: Installation) -> Installation:
    installation.visitor.ask("/sign-in/")
    installation.stop_postgres()
    return installation


def test_while_the_database_is_away_pages_say_when_to_come_back(
    without_database: Installation,
) -> None:
    site = without_database.visitor
    try:
        for path in ("/sign-in/", "/o/demo/", "/s/AAAAAAAAAAAAAAAAAAAAAA/", "/join/AAAAAAAAAAAA/"):
            answer = site.ask(path)
            assert (answer.status, answer.headers["retry-after"]) == (503, "5"), path
            assert "Back in a moment" in answer.text and "잠시만" in answer.text
        program = site.ask("/api/v1/organizations/demo/cycles/", Authorization="Bearer naite_x")
        assert (program.status, program.headers["retry-after"]) == (503, "5")
        assert program.headers["content-type"] == "application/problem+json"
        assert site.ask("/livez").status == 200
        answer = site.ask("/readyz")
        assert (answer.status, answer.json()["database"]) == (503, {"state": "failing"})
        assert "host" not in answer.text and str(without_database.data) not in answer.text
    finally:
        without_database.start_postgres()
    until(lambda: site.ask("/sign-in/").status == 200, "the same web process to find it again")
    until(lambda: ready(without_database) == (200, "ok"), "the same worker to sweep again")


def test_without_valkey_pages_go_on_and_signing_in_pauses(installation: Installation) -> None:
    site = installation.visitor
    installation.stop("valkey")
    try:
        assert ready(installation) == (200, "degraded")
        assert site.ask("/sign-in/").status == 200
        assert site.ask("/api/v1/docs/").status == 200
        tried = site.send("/sign-in/", "login=ada%40acme.example&password=wrong-wrong")
        assert tried.status == 503
        # Work is written down although nobody can be called.
        told = ("--name", "Patient", "--owner-name", "Pat", "--owner-email", "pat@late.example")
        installation.manage("create_organization", *told)
        arrived = [letter["To"] for letter in installation.mail.letters]
        assert "pat@late.example" not in arrived
    finally:
        installation.start_valkey()

    def has_come() -> bool:
        return "pat@late.example" in [letter["To"] for letter in installation.mail.letters]

    until(has_come, "the letter that waited")
    until(lambda: ready(installation) == (200, "ok"), "the next sweep")
