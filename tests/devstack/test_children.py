"""What a child of the site says is taken from it, whatever becomes of the log."""

from __future__ import annotations

from pathlib import Path

from devstack.children import ChildProcess
from tests.devstack.sites import PATIENCE

FULL = Path("/dev/full")  # says "No space left on device"


def test_a_full_disk_loses_the_log_and_nothing_else() -> None:
    lines = "for number in range(100_000): print(number)"
    child = ChildProcess("chatty", ["-c", lines], FULL, {}, quiet=True)
    assert child.process.wait(PATIENCE) == 0
    assert child.heard().endswith("\n99999")
