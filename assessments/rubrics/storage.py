"""How a rubric is kept, recognised, compared and given back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assessments.rubrics.parser import read_rubric
from assessments.rubrics.schema import Capability, Rubric

LIBRARY_DIRECTORY = Path(__file__).resolve().parent / "library"
MAIN_RUBRIC = "marketing-value"
BUILT_IN: tuple[str, ...] = tuple(
    sorted(
        (path.stem for path in LIBRARY_DIRECTORY.glob("*.yaml")),
        key=lambda slug: (slug != MAIN_RUBRIC, slug),
    )
)


@cache
def built_in(slug: str) -> Rubric:
    """One of the rubrics that every organization has; a new file needs no Python."""
    if slug not in BUILT_IN:
        raise KeyError(slug)
    return read_rubric((LIBRARY_DIRECTORY / f"{slug}.yaml").read_bytes())


def to_document(rubric: Rubric) -> dict[str, Any]:
    """Plain data, as an edition stores it."""
    return rubric.model_dump(mode="json", by_alias=True, exclude_none=True)


def from_document(document: dict[str, Any]) -> Rubric:
    return Rubric.model_validate(document)


def canonical(rubric: Rubric) -> bytes:
    """The same bytes for the same content, however its file was laid out."""
    document = to_document(rubric)
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(rubric: Rubric) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(rubric)).hexdigest()


def to_yaml(rubric: Rubric) -> str:
    """A file that can be read again and gives the same rubric."""
    document = {"schema_version": 1, "rubric": to_document(rubric)}
    text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=1000)
    return text


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different in a newer edition; every entry is a capability's slug."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    reworded: tuple[str, ...]  # other level texts: not comparable with earlier cycles
    renamed: tuple[str, ...]  # other name or description, the same levels
    reweighted: tuple[str, ...]  # its own weight, or that of the area it stands in
    moved: tuple[str, ...]  # to another area
    comparable: tuple[str, ...]  # the same levels in both

    @property
    def is_same(self) -> bool:
        changed = (self.added, self.removed, self.reworded, self.renamed, self.reweighted)
        return not any((*changed, self.moved))


def compare(old: Rubric, new: Rubric) -> Comparison:
    """Item by item, by slug: the lineage of a capability across editions."""
    before = {item.slug: item for item in old.capabilities}
    after = {item.slug: item for item in new.capabilities}
    both = [slug for slug in after if slug in before]

    def where(said: Callable[[Rubric, Capability], object]) -> tuple[str, ...]:
        return tuple(slug for slug in both if said(old, before[slug]) != said(new, after[slug]))

    reworded = where(lambda _, item: item.levels)
    return Comparison(
        added=tuple(slug for slug in after if slug not in before),
        removed=tuple(slug for slug in before if slug not in after),
        reworded=reworded,
        renamed=where(lambda _, item: (item.name, item.short, item.description)),
        reweighted=where(lambda one, item: (item.weight, one.dimension_of(item.slug).weight)),
        moved=where(lambda one, item: one.dimension_of(item.slug).slug),
        comparable=tuple(slug for slug in both if slug not in reworded),
    )
