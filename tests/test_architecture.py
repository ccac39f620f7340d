"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.servers import PROJECT_ROOT

LONGEST_FILE, LONGEST_FUNCTION = 400, 40
ROOMS = ("config", "organizations", "assessments", "reports", "devstack")
FILES = [
    path
    for room in ROOMS
    for path in sorted((PROJECT_ROOT / room).rglob("*.py"))
    if "migrations" not in path.parts
]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_imports_go_down_only() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_a_module_can_be_held_in_the_head(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST_FILE
    tree = ast.parse(text)
    long = [
        node.name
        for node in functions(tree)
        if (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []
    assert ast.get_docstring(tree) or not text.strip(), "It opens with a sentence about itself."


@pytest.mark.parametrize("folder", ["tests", "benchmarks", "tools"])
def test_no_other_file_is_longer_either(folder: str) -> None:
    lines = {path: path.read_text().count("\n") for path in (PROJECT_ROOT / folder).rglob("*.py")}
    assert [path for path, count in lines.items() if count > LONGEST_FILE] == []


def test_what_answers_people_loads_nothing_that_only_workers_need() -> None:
    heavy = ("numpy", "scipy", "typst", "celery", "drf_spectacular")
    lines = "import sys, config.wsgi, config.urls"
    command = f"{lines}; print([name for name in {heavy} if name in sys.modules])"
    asked = [sys.executable, "-c", command]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "[]\n"
