"""The copies of others' work are the locked ones, each with its licence."""

import json
from pathlib import Path

import pytest

from tools import vendor

ROOT = Path(__file__).resolve().parent.parent
A = "static/vendor/a/a.js"


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small vendor folder with one locked file."""
    folder = tmp_path / "static" / "vendor"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "a.js").write_bytes(b"1")
    (tmp_path / "vendor.json").write_text(json.dumps({"a@1": {"dist/a.js": A}}))
    lock = {"from": "a@1", "path": "dist/a.js", "integrity": "", "file": vendor.digest(b"1")}
    (tmp_path / "vendor.lock.json").write_text(json.dumps({A: lock}))
    monkeypatch.setattr(vendor, "ROOT", tmp_path)
    monkeypatch.setattr(vendor, "MANIFEST", tmp_path / "vendor.json")
    monkeypatch.setattr(vendor, "LOCK", tmp_path / "vendor.lock.json")
    return folder


def test_every_copy_is_the_locked_one() -> None:
    assert vendor.differences() == []


def test_every_vendored_package_brings_its_licence() -> None:
    for folder in (folder for place in vendor.FOLDERS for folder in (ROOT / place).iterdir()):
        assert [path.name for path in folder.iterdir() if "LICENSE" in path.name], folder.name


def test_what_only_the_tests_use_is_not_served() -> None:
    assert (ROOT / "tests" / "vendor" / "axe" / "axe.min.js").is_file()
    assert [path for path in (ROOT / "static").rglob("*") if "axe" in path.name] == []


def test_a_folder_as_locked_has_no_differences(copies: Path) -> None:
    assert vendor.differences() == []


def test_a_changed_copy_is_named(copies: Path) -> None:
    (copies / "a" / "a.js").write_bytes(b"2")
    assert vendor.differences() == [A]


def test_a_file_that_nobody_asked_for_is_named(copies: Path) -> None:
    (copies / "stray.js").write_bytes(b"")
    assert vendor.differences() == ["static/vendor/stray.js"]


def test_a_missing_copy_is_named(copies: Path) -> None:
    (copies / "a" / "a.js").unlink()
    assert vendor.differences() == [A]


def test_another_version_asked_for_is_named_until_it_is_fetched(copies: Path) -> None:
    vendor.MANIFEST.write_text(json.dumps({"a@2": {"dist/a.js": A}}))
    assert vendor.differences() == [A]


def test_the_line_that_points_at_a_source_map_is_left_out() -> None:
    data = b"let a;\n//# sourceMappingURL=a.js.map\n"
    assert vendor.strip_source_map("a.js", data) == b"let a;\n"
    assert vendor.strip_source_map("a.woff2", data) == data
