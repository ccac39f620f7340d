"""Without Chromium: a sentence for whoever has none, and no way past it where changes are taken in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from devstack.servers import ADDRESSES, PROJECT_ROOT
from tests.browser.chromium import MISSING

NOBODY = "http://127.0.0.1:9"  # where no browser can be fetched


def look(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    """A few browser tests, in a run of their own with servers of its own."""
    own = {*ADDRESSES, "EMBEDDED_TEST_DATA", "DATA_DIR", "CHROMIUM"}
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in own and not name.startswith("PYTEST_")
    }
    given = {
        "CI": ci,
        "PATH": str(folder),
        "PLAYWRIGHT_BROWSERS_PATH": str(folder),
        "PLAYWRIGHT_DOWNLOAD_HOST": NOBODY,
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/browser/test_window.py"],
        cwd=PROJECT_ROOT,
        env=kept | given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_browser_its_tests_are_skipped_in_one_line(tmp_path: Path) -> None:
    done = look(tmp_path, ci="")
    assert done.returncode == 0, done.stdout + done.stderr
    [line] = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    found = re.fullmatch(r"SKIPPED \[(\d+)\] tests/browser: (Skipped: )?(.*)", line)
    assert found
    assert int(found[1]) > 5
    assert found[3] == MISSING


def test_in_ci_a_missing_browser_is_an_error(tmp_path: Path) -> None:
    done = look(tmp_path, ci="true")
    assert done.returncode == 1, done.stdout + done.stderr
    assert MISSING in done.stdout
    assert not re.search(r"passed|skipped", done.stdout.splitlines()[-1])
