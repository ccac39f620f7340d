"""Reads Dockerfile and docker-compose.yml, as far as the tests ask about them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@dataclass(frozen=True)
class Step:
    """One instruction of a Dockerfile."""

    word: str
    text: str

    @property
    def words(self) -> list[str]:
        """Of the JSON form too: its brackets and commas are taken away."""
        return [word.strip(",") for word in shlex.split(self.text.strip("[]"))]


@cache
def dockerfile() -> tuple[tuple[Step, ...], ...]:
    """By stage."""
    text = (ROOT / "Dockerfile").read_text()
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    stages: list[list[Step]] = []
    for line in lines.replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stages.append([])
        stages[-1].append(Step(word, " ".join(rest.split())))
    return tuple(map(tuple, stages))


def steps(word: str) -> list[Step]:
    """Those of the stage that runs."""
    return [step for step in dockerfile()[-1] if step.word == word]


def copied() -> dict[str, str]:
    """What comes from the project into the image: source and target."""
    found = {}
    for stage in dockerfile():
        for step in stage:
            if step.word == "COPY" and "--from" not in step.text:
                *sources, target = step.words
                found.update(dict.fromkeys(sources, target))
    return found


@cache
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


@cache
def example() -> dict[str, str]:
    """The variables of .env.example."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: value.strip('"') for name, value in pairs}


def wanted_from_env() -> dict[str, str]:
    """Names in ${...}, and what compose does without them: take this, or refuse ('?')."""
    text = (ROOT / "docker-compose.yml").read_text()
    return {name: f"{sign}{rest}" for name, sign, rest in _VARIABLE.findall(text)}


def filled(value: str) -> str:
    """A value as compose would give it to a container, with the .env of the example."""
    given = _VARIABLE.sub(lambda found: example().get(found[1]) or found[3], value)
    return given.replace("$$", "$")
