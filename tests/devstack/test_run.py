"""`python3 run.py`, from a first start in an empty directory to nothing being left."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from devstack.layout import Layout
from devstack.servers import ADDRESSES
from tests.devstack.sites import Running, processes_of, run


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
