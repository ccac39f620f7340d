"""Fonts and scripts that others made are copied and locked to the byte: into static/vendor what is
served, into tests/vendor what only the tests use.

python3 tools/vendor.py update    needs npm: reads vendor.json, rewrites the copies and the lock
python3 tools/vendor.py check     needs nothing: every copy is the locked one, nothing else lies there
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("static/vendor", "tests/vendor")
MANIFEST = ROOT / "vendor.json"
LOCK = ROOT / "vendor.lock.json"
# A map that is not there makes the hashed file names of the web server fail.
MAP = b"//# sourceMappingURL"


def digest(data: bytes) -> str:
    return "sha256-" + hashlib.sha256(data).hexdigest()


def strip_source_map(name: str, data: bytes) -> bytes:
    """A script or style sheet without the line that points at its source map."""
    if not name.endswith((".js", ".css")):
        return data
    return b"\n".join(line for line in data.split(b"\n") if not line.startswith(MAP))


def fetch(package: str, into: Path) -> tuple[str, Path]:
    """The integrity that the registry states, and the package itself, by npm."""
    command = ["npm", "pack", package, "--json", "--ignore-scripts", "--pack-destination"]
    done = subprocess.run(  # fixed words and our own vendor.json
        [*command, str(into)], check=True, capture_output=True, text=True
    )
    answer: Any = json.loads(done.stdout)
    facts = answer[0] if isinstance(answer, list) else next(iter(answer.values()))
    return str(facts["integrity"]), next(into.glob("*.tgz"))


def copy(package: str, files: dict[str, str]) -> dict[str, dict[str, str]]:
    """Copy the wanted files of one package; what was copied, by its place."""
    locked: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        integrity, archive = fetch(package, Path(folder))
        with tarfile.open(archive) as tar:
            for inside, place in files.items():
                member = tar.extractfile(f"package/{inside}")
                if member is None:
                    raise FileNotFoundError(f"{package} has no {inside}")
                data = strip_source_map(place, member.read())
                target = ROOT / place
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
                locked[place] = {
                    "from": package,
                    "path": inside,
                    "integrity": integrity,
                    "file": digest(data),
                }
    return locked


def update() -> None:
    for folder in FOLDERS:
        shutil.rmtree(ROOT / folder, ignore_errors=True)
    lock: dict[str, dict[str, str]] = {}
    for package, files in json.loads(MANIFEST.read_text()).items():
        lock |= copy(package, files)
    LOCK.write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n")


def differences() -> list[str]:
    """Every copy that is missing, changed or was never asked for."""
    lock = json.loads(LOCK.read_text())
    wanted = {
        place: (package, inside)
        for package, files in json.loads(MANIFEST.read_text()).items()
        for inside, place in files.items()
    }
    have = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    changed = {
        place
        for place in have & lock.keys()
        if digest((ROOT / place).read_bytes()) != lock[place]["file"]
    }
    unlocked = {
        place
        for place in wanted.keys() & lock.keys()
        if wanted[place] != (lock[place]["from"], lock[place]["path"])
    }
    return sorted((have ^ lock.keys()) | (wanted.keys() ^ lock.keys()) | changed | unlocked)


def check() -> None:
    found = differences()
    if found:
        sys.exit("The copies differ from vendor.lock.json: " + ", ".join(found))


if __name__ == "__main__":
    {"update": update, "check": check}[sys.argv[1]]()
