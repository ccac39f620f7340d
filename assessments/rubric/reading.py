"""From a file to a rubric, or to everything that is wrong with it, each with its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import ValidationError

from assessments.rubric.marks import Marked, Path, Problem, RubricProblems, dotted, gettext_noop
from assessments.rubric.model import Rubric
from assessments.rubric.strict import read_marked

MOST_CAPABILITIES = 200
SCHEMA = "1"

NOT_A_RUBRIC = gettext_noop("The file must hold “schema_version” and “rubric”.")
WRONG_SCHEMA = gettext_noop("“schema_version” must be 1.")
MISSING = gettext_noop("“%(field)s” is missing. Add it.")
UNKNOWN = gettext_noop("“%(field)s” is not known here. Correct its spelling or delete it.")
EMPTY_TEXT = gettext_noop("“%(field)s” is empty. Write the text.")
TOO_LONG = gettext_noop("“%(field)s” is longer than %(limit)s characters. Shorten it.")
NOT_A_NUMBER = gettext_noop("“%(field)s” must be a number.")
OUT_OF_RANGE = gettext_noop("“%(field)s” must be between %(low)s and %(high)s.")
BAD_SLUG = gettext_noop("“%(field)s” must consist of small letters, digits and single hyphens.")
BAD_VERSION = gettext_noop(
    "“%(field)s” must begin with a letter or digit and have only letters, digits and . + _ - in it."
)
WRONG_COUNT = gettext_noop("“%(field)s” must have %(wanted)s entries, here are %(found)s.")
WRONG_WORD = gettext_noop("“%(field)s” must be one of: %(allowed)s.")
WRONG_SHAPE = gettext_noop(
    "“%(field)s” has the wrong form: a text, a list or fields were expected."
)
TWICE = gettext_noop("“%(name)s” is used twice. Every one needs its own.")
LEVELS = gettext_noop("The levels must be 1, 2, 3, 4 and 5, each once and in this order.")
NO_SUCH = gettext_noop("“%(name)s” is not among “%(list)s”.")
NO_WEIGHT = gettext_noop("All weights here are 0. At least one must be larger.")
TOO_MANY = gettext_noop("There are %(found)s capabilities; at most %(limit)s can be asked.")


def read(raw: bytes | str) -> Rubric:
    """The rubric in a YAML file. Raises RubricProblems with every problem and its line."""
    marked = read_marked(raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw)
    whole = marked.data
    if not isinstance(whole, dict) or set(whole) != {"schema_version", "rubric"}:
        raise RubricProblems([Problem(1, "", NOT_A_RUBRIC)])
    if whole["schema_version"] != SCHEMA:
        line = marked.line_of(("schema_version",))
        raise RubricProblems([Problem(line, "schema_version", WRONG_SCHEMA)])
    try:
        rubric = Rubric.model_validate(whole["rubric"])
    except ValidationError as faults:
        raise RubricProblems(list(_shape_problems(faults, marked))) from None
    if problems := list(_sense_problems(rubric, marked)):
        raise RubricProblems(problems)
    return rubric


def _shape_problems(faults: ValidationError, marked: Marked) -> Iterator[Problem]:
    for fault in faults.errors(include_url=False):
        path: Path = ("rubric", *fault["loc"])
        message, values = _said(fault)
        named = next((step for step in reversed(path) if isinstance(step, str)), "rubric")
        yield Problem(marked.line_of(path), dotted(path[1:]), message, {"field": named} | values)


def _said(fault: Any) -> tuple[str, dict[str, Any]]:
    context = fault.get("ctx", {})
    bad_name = BAD_VERSION if fault["loc"][-1] == "version" else BAD_SLUG
    low, high = context.get("ge", ""), context.get("le", "")
    table: dict[str, tuple[str, dict[str, Any]]] = {
        "missing": (MISSING, {}),
        "extra_forbidden": (UNKNOWN, {}),
        "string_too_short": (EMPTY_TEXT, {}),
        "string_too_long": (TOO_LONG, {"limit": context.get("max_length")}),
        "string_pattern_mismatch": (bad_name, {}),
        "int_parsing": (NOT_A_NUMBER, {}),
        "int_type": (NOT_A_NUMBER, {}),
        "float_parsing": (NOT_A_NUMBER, {}),
        "float_type": (NOT_A_NUMBER, {}),
        "finite_number": (NOT_A_NUMBER, {}),
        "greater_than_equal": (OUT_OF_RANGE, {"low": low, "high": "…"}),
        "less_than_equal": (OUT_OF_RANGE, {"low": "…", "high": high}),
        "literal_error": (WRONG_WORD, {"allowed": context.get("expected", "")}),
    }
    if fault["type"] in ("too_short", "too_long"):
        wanted = context.get("min_length") or context.get("max_length")
        return WRONG_COUNT, {"wanted": wanted, "found": context.get("actual_length")}
    return table.get(fault["type"], (WRONG_SHAPE, {}))


def _sense_problems(rubric: Rubric, marked: Marked) -> Iterator[Problem]:
    """What a form cannot say: names that are used twice, levels out of order, weights of nothing."""

    def problem(path: Path, message: str, **values: Any) -> Problem:
        return Problem(marked.line_of(("rubric", *path)), dotted(path), message, values)

    if len(rubric.capabilities) > MOST_CAPABILITIES:
        found, limit = len(rubric.capabilities), MOST_CAPABILITIES
        yield problem(("dimensions",), TOO_MANY, found=found, limit=limit)
    yield from (problem(path, TWICE, name=name) for path, name in _repeated(rubric))
    yield from (problem(path, LEVELS) for path in _disordered(rubric))
    yield from (problem(path, NO_WEIGHT) for path in _weightless(rubric))
    for path, name, where in _strangers(rubric):
        yield problem(path, NO_SUCH, name=name, list=where)


def _capability_paths(rubric: Rubric) -> Iterator[tuple[Path, Any]]:
    for place, dimension in enumerate(rubric.dimensions):
        for inner, capability in enumerate(dimension.capabilities):
            yield ("dimensions", place, "capabilities", inner), capability


def _repeated(rubric: Rubric) -> Iterator[tuple[Path, str]]:
    dimensions = [(("dimensions", place), one.slug) for place, one in enumerate(rubric.dimensions)]
    capabilities = [(path, item.slug) for path, item in _capability_paths(rubric)]
    for group in (dimensions, capabilities):
        counts = Counter(name for _, name in group)
        met: set[str] = set()
        for path, name in group:
            if counts[name] > 1 and name in met:
                yield (*path, "slug"), name
            met.add(name)


def _disordered(rubric: Rubric) -> Iterator[Path]:
    if [step.level for step in rubric.scale] != [1, 2, 3, 4, 5]:
        yield ("scale",)
    for path, capability in _capability_paths(rubric):
        if [text.level for text in capability.levels] != [1, 2, 3, 4, 5]:
            yield (*path, "levels")


def _weightless(rubric: Rubric) -> Iterator[Path]:
    if not any(dimension.weight for dimension in rubric.dimensions):
        yield ("dimensions",)
    for place, dimension in enumerate(rubric.dimensions):
        if not any(capability.weight for capability in dimension.capabilities):
            yield ("dimensions", place, "capabilities")


def _strangers(rubric: Rubric) -> Iterator[tuple[Path, str, str]]:
    """A stage, side or cost that no list of the rubric knows."""
    stages, costs = _slugs(rubric.lifecycle_stages), _slugs(rubric.cost_types)
    for place, dimension in enumerate(rubric.dimensions):
        if dimension.side and dimension.side not in _slugs(rubric.sides):
            yield ("dimensions", place, "side"), dimension.side, "sides"
    for path, capability in _capability_paths(rubric):
        if capability.lifecycle_stage and capability.lifecycle_stage not in stages:
            yield (*path, "lifecycle_stage"), capability.lifecycle_stage, "lifecycle_stages"
        if capability.cost_type and capability.cost_type not in costs:
            yield (*path, "cost_type"), capability.cost_type, "cost_types"
    for place, question in enumerate(rubric.exposure.questions if rubric.exposure else ()):
        if question.stage not in _slugs(rubric.dimensions):
            yield ("exposure", "questions", place, "stage"), question.stage, "dimensions"


def _slugs(named: Iterable[Any]) -> set[str]:
    return {one.slug for one in named}
