"""Style sheets and scripts are gathered again only when one of them has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from devstack.servers import PROJECT_ROOT


def _sources() -> Iterator[Path]:
    for directory in sorted([PROJECT_ROOT / "static", *PROJECT_ROOT.glob("*/static")]):
        yield from sorted(path for path in directory.rglob("*") if path.is_file())


def fingerprint() -> str:
    """Changes with any file's name, size or time, and with the packages that bring some along."""
    digest = hashlib.sha256((PROJECT_ROOT / "requirements-demo.txt").read_bytes())
    for path in _sources():
        found = path.stat()
        digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def are_collected(data: Path) -> bool:
    stamp = data / "static-made-from"
    return stamp.exists() and stamp.read_text() == fingerprint()


def mark_collected(data: Path) -> None:
    (data / "static-made-from").write_text(fingerprint())
