"""Parse a file into a rubric, or report everything that is wrong with it, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from assessments.rubrics.consistency import MISSING, consistency_problems
from assessments.rubrics.problems import (
    LANGUAGE_CODE,
    MarkedYaml,
    Path,
    RubricProblem,
    RubricProblems,
    dotted_path,
    gettext_noop,
)
from assessments.rubrics.schema import Rubric
from assessments.rubrics.yaml_reader import read_yaml

SCHEMA = "1"
TOP_LEVEL_FIELDS = ("schema_version", "rubric")

NOT_A_RUBRIC = gettext_noop("The file must contain “schema_version” and “rubric”.")
WRONG_SCHEMA = gettext_noop("“schema_version” must be 1.")
UNKNOWN = gettext_noop("“%(field)s” isn't a known field. Check its spelling or delete it.")
EMPTY_TEXT = gettext_noop("“%(field)s” is empty. Add the text.")
TOO_LONG = gettext_noop("“%(field)s” is longer than %(limit)s characters. Shorten it.")
NOT_A_NUMBER = gettext_noop("“%(field)s” must be a number.")
NOT_WHOLE = gettext_noop("“%(field)s” must be a whole number.")
TOO_SMALL = gettext_noop("“%(field)s” must be at least %(limit)s.")
TOO_LARGE = gettext_noop("“%(field)s” must be at most %(limit)s.")
BAD_SLUG = gettext_noop(
    "“%(field)s” can only contain lowercase letters, digits and single hyphens."
)
BAD_VERSION = gettext_noop(
    "“%(field)s” must start with a letter or digit and contain only letters, digits and . + _ -"
)
TOO_FEW = gettext_noop("“%(field)s” needs at least %(limit)s entries; found %(found)s.")
TOO_MANY = gettext_noop("“%(field)s” can have up to %(limit)s entries; found %(found)s.")
WRONG_WORD = gettext_noop("“%(field)s” must be one of: %(allowed)s.")
NO_TEXT = gettext_noop("“%(field)s” must be text.")
NO_LIST = gettext_noop("“%(field)s” must be a list. Start each entry with a hyphen.")
NO_FIELDS = gettext_noop("“%(field)s” needs fields below it, one per line.")
WRONG_SHAPE = gettext_noop("“%(field)s” has the wrong format. Use text, a list or fields.")

# Type of a pydantic error -> the message about it.
MESSAGES = {
    "missing": MISSING,
    "extra_forbidden": UNKNOWN,
    "string_too_short": EMPTY_TEXT,
    "string_too_long": TOO_LONG,
    "string_pattern_mismatch": BAD_SLUG,
    "string_type": NO_TEXT,
    "int_parsing": NOT_WHOLE,
    "int_parsing_size": NOT_WHOLE,
    "int_from_float": NOT_WHOLE,
    "int_type": NOT_WHOLE,
    "float_parsing": NOT_A_NUMBER,
    "float_type": NOT_A_NUMBER,
    "finite_number": NOT_A_NUMBER,
    "greater_than_equal": TOO_SMALL,
    "less_than_equal": TOO_LARGE,
    "too_short": TOO_FEW,
    "too_long": TOO_MANY,
    "literal_error": WRONG_WORD,
    "tuple_type": NO_LIST,
    "model_type": NO_FIELDS,
    "model_attributes_type": NO_FIELDS,
}


def read_rubric(raw: bytes | str) -> Rubric:
    """Return the rubric in a YAML file. Raises RubricProblems with every problem and its line."""
    marked = read_yaml(raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw)
    problems = list(marked.problems)
    document = marked.data
    if not isinstance(document, dict) or not isinstance(document.get("rubric"), dict):
        raise RubricProblems(problems or [RubricProblem(1, "", NOT_A_RUBRIC)])
    problems += _top_level_problems(document, marked)
    problems += consistency_problems(marked)
    try:
        rubric = Rubric.model_validate(document["rubric"])
    except ValidationError as error:
        raise RubricProblems([*problems, *_shape_problems(error, marked)]) from None
    if problems:
        raise RubricProblems(problems)
    return rubric


def _top_level_problems(document: dict[str, Any], marked: MarkedYaml) -> Iterator[RubricProblem]:
    """Return the problems of the fields beside the rubric itself."""
    if "schema_version" not in document:
        yield RubricProblem(1, "schema_version", MISSING, {"field": "schema_version"})
    elif document["schema_version"] != SCHEMA:
        yield RubricProblem(marked.line_of(("schema_version",)), "schema_version", WRONG_SCHEMA)
    for name in document.keys() - set(TOP_LEVEL_FIELDS):
        yield RubricProblem(marked.line_of((name,)), name, UNKNOWN, {"field": name})


def _shape_problems(error: ValidationError, marked: MarkedYaml) -> Iterator[RubricProblem]:
    for fault in error.errors(include_url=False):
        if fault["type"] == "too_short" and _is_long_enough(fault):
            continue
        path: Path = ("rubric", *fault["loc"])
        message, values = _message_of(fault)
        field_name = next((step for step in reversed(path) if isinstance(step, str)), "rubric")
        yield RubricProblem(
            marked.line_of(path), dotted_path(path), message, {"field": field_name} | values
        )


def _is_long_enough(fault: Any) -> bool:
    """Return whether a list has enough entries: pydantic does not count those that are wrong."""
    return bool(len(fault["input"]) >= fault["ctx"]["min_length"])


def _message_of(fault: Any) -> tuple[str, dict[str, Any]]:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "value_error":  # raised by our validators with the allowed words
        return WRONG_WORD, {"allowed": str(context["error"])}
    if kind == "literal_error":
        return WRONG_WORD, {"allowed": ", ".join(re.findall("'([^']*)'", context["expected"]))}
    if context.get("pattern") == LANGUAGE_CODE:  # the name of a field, where only languages are
        return UNKNOWN, {}
    if kind == "string_pattern_mismatch" and fault["loc"][-1] == "version":
        return BAD_VERSION, {}
    names = ("ge", "le", "min_length", "max_length")
    limit = next((context[name] for name in names if name in context), "")
    values = {"limit": f"{limit:g}" if limit != "" else "", "found": context.get("actual_length")}
    return MESSAGES.get(kind, WRONG_SHAPE), values
