"""Find what the schema cannot check in a rubric: names that are used twice, references to nothing, levels
out of order, weights that are all 0. It reads the file's data, however wrong the rest is, so that
everything can be corrected at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from assessments.rubrics.problems import (
    LANGUAGE_CODE,
    MarkedYaml,
    Path,
    RubricProblem,
    dotted_path,
    gettext_noop,
)
from organizations.text import FALLBACK_LANGUAGE

MAX_CAPABILITIES = 200
LEVELS = ["1", "2", "3", "4", "5"]
EXPOSURES = ("-2", "-1", "0", "1", "2", "null")
# Columns of a table of ratings: a capability must not have the same name.
RESERVED_NAMES = ("team", "role", "person")

MISSING = gettext_noop("“%(field)s” is missing. Add it.")
DUPLICATE_NAME = gettext_noop("“%(name)s” is used twice. Each one needs its own name.")
WRONG_ORDER = gettext_noop("Levels must be 1, 2, 3, 4 and 5, once each, in this order.")
NO_SUCH = gettext_noop("“%(name)s” isn't in “%(list)s”.")
NO_WEIGHT = gettext_noop("All weights here are 0. At least one must be higher.")
TOO_MANY = gettext_noop("There are %(found)s capabilities; the limit is %(limit)s.")
SAME_WORDS = gettext_noop("This level has the same text as another. Describe what's different.")
TAKEN = gettext_noop("“%(name)s” is a column name in files of past results. Choose another.")
WRONG_VALUES = gettext_noop("Allowed values: %(allowed)s. Use each only once.")

# Lists whose entries are recognised by their slug.
NAMED_LISTS = (
    "scale",
    "opt_out_answers",
    "decisions",
    "lifecycle_stages",
    "sides",
    "cost_types",
    "activity_types",
    "responses",
    "dimensions",
)


@dataclass(frozen=True)
class RubricPart:
    """A piece of the file, which may be anything, and its path."""

    data: Any
    path: Path = ()

    def said(self, name: str) -> str | None:
        """Return the text of a field; None where it is missing or no text."""
        value = self.data.get(name) if isinstance(self.data, dict) else None
        return value if isinstance(value, str) else None

    def part(self, name: str) -> RubricPart:
        value = self.data.get(name) if isinstance(self.data, dict) else None
        return RubricPart(value, (*self.path, name))

    def names(self) -> set[str]:
        """Return the names of the fields."""
        return set(self.data) if isinstance(self.data, dict) else set()

    def texts(self) -> Iterator[RubricPart]:
        """Return every text that is written by language code, at any depth."""
        if FALLBACK_LANGUAGE in self.names():
            yield self
        nested = map(self.part, self.names()) if isinstance(self.data, dict) else self.entries()
        for part in nested:
            yield from part.texts()

    def each(self, name: str) -> Sequence[RubricPart]:
        return self.part(name).entries()

    def entries(self) -> Sequence[RubricPart]:
        """Return the entries of a list that have fields."""
        listed = self.data if isinstance(self.data, list) else ()
        return [
            RubricPart(entry, (*self.path, index))
            for index, entry in enumerate(listed)
            if isinstance(entry, dict)
        ]


@dataclass(frozen=True)
class ConsistencyFinding:
    path: Path
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


def consistency_problems(marked: MarkedYaml) -> Iterator[RubricProblem]:
    """Return every problem of this kind, with its line."""
    for finding in _Rubric(RubricPart(marked.data["rubric"], ("rubric",))).findings():
        yield RubricProblem(
            marked.line_of(finding.path), dotted_path(finding.path), finding.message, finding.values
        )


@dataclass(frozen=True)
class _Rubric:
    whole: RubricPart

    @cached_property
    def dimensions(self) -> Sequence[RubricPart]:
        return self.whole.each("dimensions")

    @cached_property
    def capabilities(self) -> Sequence[RubricPart]:
        return [item for dimension in self.dimensions for item in dimension.each("capabilities")]

    @cached_property
    def questions(self) -> Sequence[RubricPart]:
        return self.whole.part("exposure").each("questions")

    def findings(self) -> Iterator[ConsistencyFinding]:
        if len(self.capabilities) > MAX_CAPABILITIES:
            values = {"found": len(self.capabilities), "limit": MAX_CAPABILITIES}
            yield ConsistencyFinding((*self.whole.path, "dimensions"), TOO_MANY, values)
        yield from self._names()
        yield from self._references()
        yield from self._weights()
        yield from self._values()
        yield from self._levels()
        yield from self._translations()

    def _names(self) -> Iterator[ConsistencyFinding]:
        for name in NAMED_LISTS:
            yield from _repetitions(
                (row, "slug", row.said("slug")) for row in self.whole.each(name)
            )
        yield from _repetitions((item, "slug", item.said("slug")) for item in self.capabilities)
        for item in self.capabilities:
            if (slug := item.said("slug")) in RESERVED_NAMES:
                yield ConsistencyFinding((*item.path, "slug"), TAKEN, {"name": slug})
        pairs = ((row, "stage", row.said("stage"), row.said("cost_type")) for row in self.questions)
        yield from _repetitions(
            (row, name, f"{stage}, {cost}") for row, name, stage, cost in pairs if stage and cost
        )

    def _references(self) -> Iterator[ConsistencyFinding]:
        for parts, name, target in (
            (self.dimensions, "side", "sides"),
            (self.dimensions, "default_activity_type", "activity_types"),
            (self.capabilities, "lifecycle_stage", "lifecycle_stages"),
            (self.capabilities, "cost_type", "cost_types"),
            (self.questions, "stage", "dimensions"),
            (self.questions, "cost_type", "cost_types"),
            (self.whole.each("links"), "from", "dimensions"),
            (self.whole.each("links"), "to", "dimensions"),
        ):
            slugs = {row.said("slug") for row in self.whole.each(target)}
            for part in parts:
                if (slug := part.said(name)) and slug not in slugs:
                    yield ConsistencyFinding(
                        (*part.path, name), NO_SUCH, {"name": slug, "list": target}
                    )

    def _weights(self) -> Iterator[ConsistencyFinding]:
        groups = [(self.whole.part("dimensions"), self.dimensions)]
        groups += [(row.part("capabilities"), row.each("capabilities")) for row in self.dimensions]
        for group, parts in groups:
            if parts and not any(_has_weight(part.said("weight")) for part in parts):
                yield ConsistencyFinding(group.path, NO_WEIGHT)

    def _values(self) -> Iterator[ConsistencyFinding]:
        """Check the codes of answers, which are the same in every cycle."""
        importance = self.whole.part("importance").part("options")
        codes = [option.said("value") for option in importance.entries()]
        if len(codes) == len(LEVELS) and codes != LEVELS:
            yield ConsistencyFinding(importance.path, WRONG_VALUES, {"allowed": ", ".join(LEVELS)})
        exposure = self.whole.part("exposure").part("options")
        values = [option.said("value") or "null" for option in exposure.entries()]
        if len(set(values)) < len(values) or not set(values) <= set(EXPOSURES):
            yield ConsistencyFinding(exposure.path, WRONG_VALUES, {"allowed": ", ".join(EXPOSURES)})

    def _levels(self) -> Iterator[ConsistencyFinding]:
        for owner, name in [(self.whole, "scale"), *((row, "levels") for row in self.capabilities)]:
            levels = owner.each(name)
            if len(levels) == len(LEVELS) and [row.said("level") for row in levels] != LEVELS:
                yield ConsistencyFinding((*owner.path, name), WRONG_ORDER)
        for item in self.capabilities:
            levels = item.each("levels")
            for language in {key for row in levels for key in row.names()} - {"level"}:
                texts = ((row, language, row.said(language)) for row in levels)
                for repetition in _repetitions(texts):
                    yield ConsistencyFinding(repetition.path, SAME_WORDS)

    def _translations(self) -> Iterator[ConsistencyFinding]:
        """Check that every text is there in each language of the rubric's name. Texts in a language that the
        name is not in may be few: the fallback stands in for the others."""
        names = self.whole.part("name").names()
        languages = {name for name in names if re.fullmatch(LANGUAGE_CODE, name)}
        for part in self.whole.texts():
            for language in languages - part.names():
                yield ConsistencyFinding((*part.path, language), MISSING, {"field": language})


def _repetitions(
    entries: Iterable[tuple[RubricPart, str, str | None]],
) -> Iterator[ConsistencyFinding]:
    """Return the second of two equal texts, and every further one."""
    counts: Counter[str] = Counter()
    for part, name, text in entries:
        if text and counts[text]:
            yield ConsistencyFinding((*part.path, name), DUPLICATE_NAME, {"name": text})
        counts[text or ""] += 1


def _has_weight(text: str | None) -> bool:
    """Return whether a weight is not 0. A missing one is 1; the schema reports one that is no number."""
    try:
        return text is None or float(text) != 0
    except ValueError:
        return True
