"""The problems of a rubric's file, each with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_BYTES = 512 * 1024
MAX_NODES = 20_000
MAX_DEPTH = 20
MAX_PROBLEMS = 200  # a file with more is not worth reading on
MAX_NAME_LENGTH = 60
LANGUAGE_CODE = r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$"
Path = tuple[str | int, ...]


def gettext_noop(text: str) -> str:
    """Mark a sentence for translation; the code that shows it translates it."""
    return text


@dataclass(frozen=True, slots=True)
class RubricProblem:
    """One thing that is wrong. `message` is a template for translation, `values` fill it."""

    line: int
    path: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.line}: {self.path}: {self.message % dict(self.values)}"


class RubricProblems(ValueError):
    """Everything that is wrong with a rubric, in the order of its lines."""

    def __init__(self, problems: list[RubricProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.path)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class MarkedYaml:
    """Plain data, the line on which each of its parts begins, and the problems that were read past."""

    data: Any
    lines: Mapping[Path, int]
    problems: tuple[RubricProblem, ...] = ()

    def line_of(self, path: Path) -> int:
        """Return the line of a part; of the nearest part around it where it is missing."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def dotted_path(path: Path) -> str:
    """Return a path like `dimensions[2].name.ko`, counted from 1, without the leading `rubric`."""
    text = ""
    if path[:1] == ("rubric",):
        path = path[1:]
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f"{'.' if text else ''}{step}"
    return text
