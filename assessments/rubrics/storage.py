"""Convert a rubric to stored data and back, compute its digest, and compare two editions."""

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
COLLABORATION_RUBRIC = "cmo-collaboration"
BUILT_IN: tuple[str, ...] = tuple(
    sorted(
        (path.stem for path in LIBRARY_DIRECTORY.glob("*.yaml")),
        key=lambda slug: (slug != MAIN_RUBRIC, slug),
    )
)


@cache
def built_in(slug: str) -> Rubric:
    """Return one of the rubrics that every organization has; a new file needs no Python."""
    if slug not in BUILT_IN:
        raise KeyError(slug)
    return read_rubric((LIBRARY_DIRECTORY / f"{slug}.yaml").read_bytes())


def to_document(rubric: Rubric) -> dict[str, Any]:
    """Return plain data, as an edition stores it."""
    return rubric.model_dump(mode="json", by_alias=True, exclude_none=True)


def from_document(document: dict[str, Any]) -> Rubric:
    return Rubric.model_validate(document)


def canonical(rubric: Rubric) -> bytes:
    """Return the same bytes for the same content, however its file was formatted."""
    document = to_document(rubric)
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(rubric: Rubric) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(rubric)).hexdigest()


def to_yaml(rubric: Rubric) -> str:
    """Return the text of a file that gives the same rubric when it is read."""
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
    reweighted: tuple[str, ...]  # its own weight, or that of the area it belongs to
    moved: tuple[str, ...]  # to another area
    comparable: tuple[str, ...]  # the same levels in both

    @property
    def is_same(self) -> bool:
        changed = (self.added, self.removed, self.reworded, self.renamed, self.reweighted)
        return not any((*changed, self.moved))


def compare(old: Rubric, new: Rubric) -> Comparison:
    """Compare capability by capability; the same slug is the same capability in every edition."""
    before = {item.slug: item for item in old.capabilities}
    after = {item.slug: item for item in new.capabilities}
    common = [slug for slug in after if slug in before]

    def slugs_where_differs(read: Callable[[Rubric, Capability], object]) -> tuple[str, ...]:
        return tuple(slug for slug in common if read(old, before[slug]) != read(new, after[slug]))

    reworded = tuple(slug for slug in common if _is_reworded(before[slug], after[slug]))
    return Comparison(
        added=tuple(slug for slug in after if slug not in before),
        removed=tuple(slug for slug in before if slug not in after),
        reworded=reworded,
        renamed=slugs_where_differs(lambda _, item: (item.name, item.short, item.description)),
        reweighted=slugs_where_differs(
            lambda rubric, item: (item.weight, rubric.dimension_of(item.slug).weight)
        ),
        moved=slugs_where_differs(lambda rubric, item: rubric.dimension_of(item.slug).slug),
        comparable=tuple(slug for slug in common if slug not in reworded),
    )


def _is_reworded(before: Capability, after: Capability) -> bool:
    levels = zip(before.levels, after.levels, strict=True)
    return any(new.differs_from(old) for old, new in levels)
