"""The drill of docs/operations.md, with its own commands: back up, restore beside it, compute again."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator

import pytest

from tests.deployment.files import ROOT
from tests.deployment.installation import PATIENCE, Installation, until

IN_POSTGRES = "docker compose exec -T postgres "
IN_WORKER = re.compile(r"docker compose run --rm -T -e DATABASE_URL=(\S+) worker python manage\.py")


def commands(heading: str) -> list[str]:
    """What the operator is told to type under a heading."""
    told = (ROOT / "docs" / "operations.md").read_text()
    section = told.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return section.partition("```sh\n")[2].partition("```")[0].splitlines()


def type_in(installation: Installation, line: str) -> str:
    """The line without its containers: their programs, files and server are those at hand."""
    if told := IN_WORKER.match(line):
        url = installation.environment("worker")["DATABASE_URL"]
        there = url.replace("/naite?", f"/{told[1].rpartition('/')[2]}?")
        return installation.manage(*shlex.split(line[told.end() :]), DATABASE_URL=there)
    assert line.startswith(IN_POSTGRES), line
    here = line.removeprefix(IN_POSTGRES).replace("/run/secrets", str(installation.secrets))
    layout = installation.postgres.layout
    done = subprocess.run(
        ["sh", "-c", here.replace("--host=127.0.0.1 ", "")],
        cwd=installation.data,
        env={
            "PATH": f"{layout.postgres / 'bin'}:{os.environ['PATH']}",
            "PGHOST": str(layout.sockets),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def is_idle(installation: Installation) -> bool:
    return installation.psql("naite", "-c", "SELECT sum(waiting) FROM waiting_work()") == "0"


@pytest.fixture
def measured(installation: Installation) -> Iterator[Installation]:
    """With closed cycles in it; what the drill makes is taken away again."""
    installation.manage("demo", DEMO="1", ALLOWED_HOSTS="localhost")
    until(lambda: is_idle(installation), "its reports and letters, which other tests do not expect")
    yield installation
    installation.psql("postgres", "-c", "DROP DATABASE IF EXISTS restored WITH (FORCE)")


def test_a_backup_is_restored_beside_the_original_and_computes_to_the_same(
    measured: Installation,
) -> None:
    (save,) = commands("Back up")
    *restore, verify = commands("Restore")
    type_in(measured, save)
    for line in restore:
        type_in(measured, line)
    told = type_in(measured, verify)
    found = re.search(r"(\d+) closed cycles, (\d+) computed again and the same", told)
    assert found and found[1] == found[2] != "0", told
    # The walls were restored, too: nobody reads a table before an organization is named.
    asked = "SELECT count(*) FROM organizations_membership"
    password = (measured.secrets / "app_user_password").read_text()
    with pytest.raises(AssertionError, match=r"app\.organization_id"):
        measured.tool(
            "psql", "-X", "-U", "app_user", "-d", "restored", "-c", asked, password=password
        )
    assert int(measured.psql("restored", "-c", asked)) > 0
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    assert measured.psql("restored", "-c", owners) == "app_owner"


@pytest.mark.parametrize(
    ("role", "reason"),
    [("app_user", "permission denied for table"), ("app_owner", "row-level security")],
)
def test_only_the_role_for_backups_can_make_one(
    installation: Installation, role: str, reason: str
) -> None:
    password = (installation.secrets / f"{role}_password").read_text()
    with pytest.raises(AssertionError, match=reason):
        installation.tool("pg_dump", f"--username={role}", "naite", password=password)
