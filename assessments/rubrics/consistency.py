"""What a form cannot say about a rubric: names that are used twice, references that lead nowhere,
levels out of order, weights of nothing. It looks at what the file says, however wrong the rest is, so
that everything can be put right at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from assessments.rubrics.problems import MarkedYaml, Path, RubricProblem, dotted_path, gettext_noop

MAX_CAPABILITIES = 200
LEVELS = ["1", "2", "3", "4", "5"]
EXPOSURES = ("-2", "-1", "0", "1", "2", "null")
# Columns of a table of ratings: a capability of that name could not be told from them.
RESERVED_NAMES = ("team", "role", "person")
LANGUAGES = ("en", "ko")

DUPLICATE_NAME = gettext_noop("“%(name)s” is used twice. Every one needs its own.")
WRONG_ORDER = gettext_noop("The levels must be 1, 2, 3, 4 and 5, each once and in this order.")
NO_SUCH = gettext_noop("“%(name)s” is not among “%(list)s”.")
NO_WEIGHT = gettext_noop("All weights here are 0. At least one must be larger.")
TOO_MANY = gettext_noop("There are %(found)s capabilities; at most %(limit)s can be asked.")
SAME_WORDS = gettext_noop("This level says the same as another one. Write what is different.")
TAKEN = gettext_noop("“%(name)s” is the name of a column in tables of ratings. Choose another one.")
WRONG_VALUES = gettext_noop("The values here must be: %(allowed)s. Each may stand once.")

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
    """A piece of the file, which may be anything, and where it stands."""

    data: Any
    path: Path = ()

    def said(self, name: str) -> str | None:
        """A text; None where there is none."""
        value = self.data.get(name) if isinstance(self.data, dict) else None
        return value if isinstance(value, str) else None

    def part(self, name: str) -> RubricPart:
        inner = self.data.get(name) if isinstance(self.data, dict) else None
        return RubricPart(inner, (*self.path, name))

    def each(self, name: str) -> Sequence[RubricPart]:
        return self.part(name).entries()

    def entries(self) -> Sequence[RubricPart]:
        """Those that have fields."""
        listed = self.data if isinstance(self.data, list) else ()
        return [
            RubricPart(entry, (*self.path, place))
            for place, entry in enumerate(listed)
            if isinstance(entry, dict)
        ]


@dataclass(frozen=True)
class ConsistencyFinding:
    path: Path
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


def consistency_problems(marked: MarkedYaml) -> Iterator[RubricProblem]:
    """Every problem of this kind, with its line."""
    for found in _Rubric(RubricPart(marked.data["rubric"], ("rubric",))).findings():
        yield RubricProblem(
            marked.line_of(found.path), dotted_path(found.path), found.message, found.values
        )


@dataclass(frozen=True)
class _Rubric:
    whole: RubricPart

    @cached_property
    def dimensions(self) -> Sequence[RubricPart]:
        return self.whole.each("dimensions")

    @cached_property
    def capabilities(self) -> Sequence[RubricPart]:
        return [item for one in self.dimensions for item in one.each("capabilities")]

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

    def _names(self) -> Iterator[ConsistencyFinding]:
        for name in NAMED_LISTS:
            yield from _repeated((one, "slug", one.said("slug")) for one in self.whole.each(name))
        yield from _repeated((item, "slug", item.said("slug")) for item in self.capabilities)
        for item in self.capabilities:
            if (slug := item.said("slug")) in RESERVED_NAMES:
                yield ConsistencyFinding((*item.path, "slug"), TAKEN, {"name": slug})
        asked = ((one, "stage", one.said("stage"), one.said("cost_type")) for one in self.questions)
        yield from _repeated(
            (one, name, f"{stage}, {cost}") for one, name, stage, cost in asked if stage and cost
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
            known = {one.said("slug") for one in self.whole.each(target)}
            for part in parts:
                if (said := part.said(name)) and said not in known:
                    yield ConsistencyFinding(
                        (*part.path, name), NO_SUCH, {"name": said, "list": target}
                    )

    def _weights(self) -> Iterator[ConsistencyFinding]:
        groups = [(self.whole.part("dimensions"), self.dimensions)]
        groups += [(one.part("capabilities"), one.each("capabilities")) for one in self.dimensions]
        for group, parts in groups:
            if parts and not any(_weighs(part.said("weight")) for part in parts):
                yield ConsistencyFinding(group.path, NO_WEIGHT)

    def _values(self) -> Iterator[ConsistencyFinding]:
        """The codes of answers, which every cycle stores alike."""
        importance = self.whole.part("importance").part("options")
        told = [one.said("value") for one in importance.entries()]
        if len(told) == len(LEVELS) and told != LEVELS:
            yield ConsistencyFinding(importance.path, WRONG_VALUES, {"allowed": ", ".join(LEVELS)})
        exposure = self.whole.part("exposure").part("options")
        asked = [one.said("value") or "null" for one in exposure.entries()]
        if len(set(asked)) < len(asked) or not set(asked) <= set(EXPOSURES):
            yield ConsistencyFinding(exposure.path, WRONG_VALUES, {"allowed": ", ".join(EXPOSURES)})

    def _levels(self) -> Iterator[ConsistencyFinding]:
        for owner, name in [(self.whole, "scale"), *((one, "levels") for one in self.capabilities)]:
            levels = owner.each(name)
            if len(levels) == len(LEVELS) and [one.said("level") for one in levels] != LEVELS:
                yield ConsistencyFinding((*owner.path, name), WRONG_ORDER)
        for item in self.capabilities:
            for language in LANGUAGES:
                texts = ((one, language, one.said(language)) for one in item.each("levels"))
                for found in _repeated(texts):
                    yield ConsistencyFinding(found.path, SAME_WORDS)


def _repeated(
    entries: Iterable[tuple[RubricPart, str, str | None]],
) -> Iterator[ConsistencyFinding]:
    """The second of two that are alike, and every further one."""
    met: Counter[str] = Counter()
    for part, name, said in entries:
        if said and met[said]:
            yield ConsistencyFinding((*part.path, name), DUPLICATE_NAME, {"name": said})
        met[said or ""] += 1


def _weighs(said: str | None) -> bool:
    """A weight that is not there is 1; one that is no number is another matter."""
    try:
        return said is None or float(said) != 0
    except ValueError:
        return True
