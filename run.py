#!/usr/bin/env python3
"""Start Naite:      python3 run.py            (stop with Ctrl-C)
Run the tests:    python3 run.py test ...    (what follows goes to pytest)
Measure speed:    python3 run.py bench ...   (each beside its floor, in one run)
Anything else:    python3 run.py COMMAND ... (goes to manage.py, with the servers it needs)

Needs only Python 3.11 or newer and pip. The first start sets up .venv from the hash-locked
requirements; this file itself uses nothing but the standard library.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
RUNTIME, TESTS = HERE / "requirements-demo.txt", HERE / "requirements-test.txt"
NEWER = ("python3.13", "python3.12", "python3.11")
INSTALL = (
    "install",
    "--quiet",
    "--quiet",
    "--disable-pip-version-check",
    "--no-input",
    "--no-deps",
    "--no-compile",
    "--only-binary=:all:",
    "--require-hashes",
    "--requirement",
)


def use_new_python() -> None:
    """Starts again with a newer Python where the one at hand is too old."""
    if sys.version_info >= (3, 11):  # noqa: UP036 - this line is what refuses the older ones
        return
    for name in NEWER:
        found = shutil.which(name)
        if found:
            os.execv(found, [found, *sys.argv])
    sys.exit("Naite needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info[:2]))


def has_pip_for_others() -> bool:
    """Whether this Python's pip can install into another environment (22.3 and newer)."""
    asked = [sys.executable, "-m", "pip", "--version"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    if answer.returncode:
        return False
    major, minor = answer.stdout.split()[1].split(".")[:2]
    return (int(major), int(minor)) >= (22, 3)


def pip() -> list[str]:
    """The command that fills .venv: this Python's pip where it can, because Debian's venv has none."""
    if has_pip_for_others():
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    return [str(PYTHON), "-m", "pip"]


def make_venv() -> None:
    """A new .venv where there is none, or where it was made by another Python or in another place."""
    stamp = VENV / "made-for"
    here = f"{sys.version} {VENV}"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == here:
        return
    without_pip = ["--without-pip"] if has_pip_for_others() else []
    subprocess.run([sys.executable, "-m", "venv", "--clear", *without_pip, str(VENV)], check=True)
    stamp.write_text(here)


def fingerprint(lock: Path) -> str:
    """Changes when the lock, the Python or the place of the clone does."""
    parts = (lock.read_bytes(), sys.version.encode(), str(VENV).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_filled(lock: Path) -> bool:
    stamp = VENV / (lock.name + ".installed")
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == fingerprint(lock)


def fill(lock: Path) -> None:
    print("Setting up .venv ...", file=sys.stderr, flush=True)
    own = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    make_venv()
    done = subprocess.run([*pip(), *INSTALL, str(lock)], env=own, check=False)
    if done.returncode:
        sys.exit("The requirements could not be installed; pip says why above.")
    for satisfied in {lock, RUNTIME}:  # what the tests need includes what Naite needs
        (VENV / (satisfied.name + ".installed")).write_text(fingerprint(satisfied))


def set_up(lock: Path) -> None:
    """One at a time: whoever comes second waits here and finds everything done."""
    if is_filled(lock):
        return
    handle = os.open(HERE, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not is_filled(lock):
            fill(lock)
    finally:
        os.close(handle)


def main() -> None:
    use_new_python()
    arguments = sys.argv[1:]
    set_up(TESTS if arguments[:1] == ["test"] else RUNTIME)
    os.chdir(HERE)
    os.execv(PYTHON, [str(PYTHON), "-m", "devstack", *arguments])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
