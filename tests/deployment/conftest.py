"""One installation for all tests of this folder that need it running."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.installation import Installation


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
