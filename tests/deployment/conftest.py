"""One installation for all tests of this folder that need it running."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.installation import Installation
from tests.deployment.proxy import MISSING, Proxy, is_installed, recorder

IN_CI = os.environ.get("CI", "").lower() in {"true", "1"}


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    made = Installation(Path(os.environ["DATA_DIR"], f"installation-{process}"))
    try:
        made.make_secrets()
        made.build()
        made.start_postgres()
        made.set_passwords()
        made.start_valkey()
        made.migrate()
        made.start_web()
        made.start("worker")
        made.start("beat")
        yield made
    finally:
        made.end()


@pytest.fixture(scope="session")
def nginx() -> None:
    """Without it a test is skipped, but never in CI: nobody would miss it there."""
    if not is_installed():
        (pytest.fail if IN_CI else pytest.skip)(MISSING)


@pytest.fixture(scope="session")
def proxy(nginx: None, installation: Installation) -> Iterator[Proxy]:
    """The first to receive every request, with TLS, in front of the real web process."""
    with Proxy(installation.web_port, tls=True) as started:
        yield started


@pytest.fixture(scope="session")
def recording(nginx: None) -> Iterator[Proxy]:
    """In front of a server that answers with what reached it."""
    with recorder() as port, Proxy(port) as started:
        yield started


@pytest.fixture(scope="session")
def behind(nginx: None) -> Iterator[Proxy]:
    """The same behind another proxy, which is trusted."""
    with recorder() as port, Proxy(port, trusted="127.66.0.0/16,fd00::/8") as started:
        yield started
