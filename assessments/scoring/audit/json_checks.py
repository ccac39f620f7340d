"""Check whether a file is a survey, and report everything that is wrong with it at once, with its path."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ALLOWED_CODES = frozenset({None, -1, 0, 1, 2, 3, 4, 5})
FLAGS = ("differentiating", "routine", "market")
KINDS = ("performance", "importance")
MIN_K, MAX_K = 4, 20
MAX_PEOPLE, MAX_WEIGHT, MAX_DEPTH = 10_000_000, 1_000_000, 50


@dataclass(frozen=True, slots=True)
class SurveyProblem:
    path: str  # as JSONPath: $.groups[3].parent
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


class NoSurvey(ValueError):
    """The file is not a survey: `problems` say where and why."""

    def __init__(self, problems: Iterable[SurveyProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


# --- From bytes -------------------------------------------------------------------------------


class _ObjectWithRepeats(dict[str, Any]):
    """A JSON object that remembers which of its names were given twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(name for name, _ in pairs)
        self.twice = sorted(name for name, count in counts.items() if count > 1)


class _NonFinite:
    """NaN or Infinity, which JSON does not know."""


def parse_json(raw: bytes) -> Any:
    """Parse strict JSON in UTF-8. Raises `NoSurvey`, also for what could be read in two ways."""
    try:
        given = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_ObjectWithRepeats,
            parse_constant=lambda _: _NonFinite(),
        )
    except UnicodeDecodeError:
        raise NoSurvey([SurveyProblem("$", "The file must be text in UTF-8.")]) from None
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}"
        raise NoSurvey(
            [SurveyProblem("$", f"The file is not JSON ({position}: {error.msg}).")]
        ) from None
    except (ValueError, RecursionError):
        text = "The file holds a number or a nesting that nobody could mean."
        raise NoSurvey([SurveyProblem("$", text)]) from None
    problems = list(_find_unreadable(given, "$", 0))
    if problems:
        raise NoSurvey(problems)
    return given


def _find_unreadable(given: Any, path: str, depth: int) -> Iterator[SurveyProblem]:
    if depth > MAX_DEPTH:
        yield SurveyProblem(path, "This is nested too deeply.")
        return
    yield from _find_invalid_value(given, path)
    for step, inside in _list_children(given):
        if type(inside) is int or inside is None:
            continue  # nearly all of a file
        yield from _find_unreadable(inside, f"{path}{step}", depth + 1)


def _find_invalid_value(given: Any, path: str) -> Iterator[SurveyProblem]:
    if isinstance(given, _ObjectWithRepeats):
        for name in given.twice:
            yield SurveyProblem(_child_path(path, name), "This name is given twice.")
    elif isinstance(given, _NonFinite) or (isinstance(given, float) and not math.isfinite(given)):
        yield SurveyProblem(path, "This is not a finite number.")
    elif isinstance(given, str) and not _is_text(given):
        yield SurveyProblem(path, "This is half a character.")


def _list_children(given: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(given, dict):
        for name, child in given.items():
            yield _child_path("", name), child
    elif isinstance(given, list):
        for index, child in enumerate(given):
            yield f"[{index}]", child


def _child_path(path: str, name: str) -> str:
    plain = name.isascii() and name.isidentifier()
    return f"{path}.{name}" if plain else f"{path}[{json.dumps(name)}]"


def _is_text(given: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in given)


# --- What must hold ---------------------------------------------------------------------------

Check = Callable[[Any], bool]


def _is_name(given: Any) -> bool:
    return isinstance(given, str) and given.strip() != "" and _is_text(given)


def is_whole_number(given: Any, least: int, most: int) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and least <= given <= most


def is_number(given: Any, least: float, most: float) -> bool:
    number = isinstance(given, int | float) and not isinstance(given, bool)
    return number and least <= given <= most  # false for NaN


def _is_weight(given: Any) -> bool:
    return is_number(given, 0, MAX_WEIGHT)


def _is_count(given: Any) -> bool:
    return given is None or is_whole_number(given, 0, MAX_PEOPLE)


def _is_target(given: Any) -> bool:
    return is_number(given, 1, 5)


def _is_flag(given: Any) -> bool:
    return isinstance(given, bool)


def _is_parent(given: Any) -> bool:
    return given is None or _is_name(given)


NAME = (_is_name, "must be text.")
WEIGHT = (_is_weight, f"must be a number from 0 to {MAX_WEIGHT}.")
FLAG = (_is_flag, "must be true or false.")
FIELDS: Mapping[str, Mapping[str, tuple[Check, str]]] = {
    "value_types": {"id": NAME, "weight": WEIGHT},
    "capabilities": {"id": NAME, "value_type": NAME, "weight": WEIGHT},
    "groups": {"id": NAME, "parent": (_is_parent, "must be text, or null for the root.")},
    "responses": {
        "group": NAME,
        "role": (lambda given: given in ("member", "leader", "lead"), "must be member or leader."),
    },
}
OPTIONAL: Mapping[str, Mapping[str, tuple[Check, str]]] = {
    "value_types": {},
    "capabilities": dict.fromkeys(FLAGS, FLAG),
    "groups": {"headcount": (_is_count, "must be a whole number of people, or null.")},
    "responses": {"person": (_is_parent, "must be text, or null."), "named": FLAG},
}
LEVEL_RULE = (lambda given: given in ("mean", "held"), "must be mean or held.")
CONFIG: Mapping[str, tuple[Check, str]] = {
    "k": (
        lambda given: is_whole_number(given, MIN_K, MAX_K),
        f"must be a whole number from {MIN_K} to {MAX_K}.",
    ),
    "level_rule": LEVEL_RULE,
    "nu": (lambda given: is_number(given, 0, MAX_WEIGHT), "must be a number of answers."),
    "target": (_is_target, "must be a number from 1 to 5."),
    "targets": (lambda given: isinstance(given, dict), "must be an object."),
}


def check_survey(given: Any) -> None:
    """Raises `NoSurvey` for what is no survey."""
    problems = list(_find_problems(given))
    if problems:
        raise NoSurvey(problems)


def _find_problems(given: Any) -> Iterator[SurveyProblem]:
    if not isinstance(given, dict):
        yield SurveyProblem("$", "The file must hold an object.")
        return
    rubric = given.get("rubric")
    if not isinstance(rubric, dict):
        yield _missing_or_wrong("$", given, "rubric", "must be an object.")
    rubric_fields: Mapping[str, Any] = rubric if isinstance(rubric, dict) else {}
    if "level_rule" in rubric_fields and not LEVEL_RULE[0](rubric_fields["level_rule"]):
        yield SurveyProblem("$.rubric.level_rule", LEVEL_RULE[1])
    paths = {"value_types": "$.rubric", "capabilities": "$.rubric"}
    parts: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for name in FIELDS:
        path = paths.get(name, "$")
        holder = rubric_fields if name in paths else given
        if name not in paths or isinstance(rubric, dict):
            yield from _check_list(holder, path, name)
        parts[name] = list(_list_objects(holder.get(name), f"{path}.{name}"))
    yield from _check_rubric(parts)
    yield from _check_tree(parts["groups"])
    yield from _check_responses(parts)
    yield from _check_config(given.get("config"), parts)


def tree_problems(given: Mapping[str, Any]) -> Iterator[SurveyProblem]:
    """Yield the problems of the groups alone."""
    yield from _check_list(given, "$", "groups")
    yield from _check_tree(list(_list_objects(given.get("groups"), "$.groups")))


def _missing_or_wrong(path: str, given: Mapping[str, Any], name: str, text: str) -> SurveyProblem:
    return SurveyProblem(_child_path(path, name), text if name in given else "This is missing.")


def _check_list(given: Mapping[str, Any], path: str, name: str) -> Iterator[SurveyProblem]:
    """Check one list: its type, and each entry by itself."""
    entries, list_path = given.get(name), _child_path(path, name)
    if not isinstance(entries, list):
        yield _missing_or_wrong(path, given, name, "must be a list.")
        return
    if not entries and name != "responses":
        yield SurveyProblem(list_path, "must not be empty.")
    for index, entry in enumerate(entries):
        if isinstance(entry, dict):
            yield from _check_fields(entry, f"{list_path}[{index}]", name)
        else:
            yield SurveyProblem(f"{list_path}[{index}]", "must be an object.")


def _check_fields(entry: Mapping[str, Any], path: str, name: str) -> Iterator[SurveyProblem]:
    for field, (is_valid, text) in FIELDS[name].items():
        if field not in entry or not is_valid(entry[field]):
            yield _missing_or_wrong(path, entry, field, text)
    for field, (is_valid, text) in OPTIONAL[name].items():
        if field in entry and not is_valid(entry[field]):
            yield SurveyProblem(_child_path(path, field), text)


def _list_objects(given: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, entry in enumerate(given if isinstance(given, list) else ()):
        if isinstance(entry, dict):
            yield f"{path}[{index}]", entry


ParsedParts = Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]


def _known_names(entries: Sequence[tuple[str, Mapping[str, Any]]]) -> set[str]:
    return {entry["id"] for _, entry in entries if _is_name(entry.get("id"))}


def _find_repeated(
    entries: Sequence[tuple[str, Mapping[str, Any]]], field: str
) -> Iterator[SurveyProblem]:
    seen: set[str] = set()
    for path, entry in entries:
        name = entry.get(field)
        if _is_name(name):
            if name in seen:
                yield SurveyProblem(_child_path(path, field), f"{_quote(name)} appears twice.")
            seen.add(str(name))


def _find_unknown(
    entries: Sequence[tuple[str, Mapping[str, Any]]], field: str, known: set[str]
) -> Iterator[SurveyProblem]:
    for path, entry in entries:
        if known and _is_name(entry.get(field)) and entry[field] not in known:
            yield SurveyProblem(_child_path(path, field), f"There is no {_quote(entry[field])}.")


def _quote(name: str) -> str:
    return json.dumps(name if len(name) <= 60 else f"{name[:60]}…", ensure_ascii=False)


def _check_rubric(parts: ParsedParts) -> Iterator[SurveyProblem]:
    values, capabilities = parts["value_types"], parts["capabilities"]
    yield from _find_repeated(values, "id")
    yield from _find_repeated(capabilities, "id")
    yield from _find_unknown(capabilities, "value_type", _known_names(values))
    if values and not any(_has_weight(entry) for _, entry in values):
        yield SurveyProblem("$.rubric.value_types", "At least one must have a weight.")
    weighted = [entry.get("value_type") for _, entry in capabilities if _has_weight(entry)]
    for path, entry in values:
        if capabilities and _is_name(entry.get("id")) and entry["id"] not in weighted:
            yield SurveyProblem(path, "At least one of its capabilities must have a weight.")


def _has_weight(entry: Mapping[str, Any]) -> bool:
    weight = entry.get("weight")
    return not _is_weight(weight) or weight != 0  # a wrong weight is reported by `_check_fields`


def _check_tree(groups: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[SurveyProblem]:
    known = _known_names(groups)
    yield from _find_repeated(groups, "id")
    yield from _find_unknown(groups, "parent", known)
    roots = [path for path, group in groups if "parent" in group and group["parent"] is None]
    if groups and all(_is_name(group.get("parent")) for _, group in groups):
        yield SurveyProblem("$.groups", "One group must be the root: its parent is null.")
    for path in roots[1:]:
        yield SurveyProblem(f"{path}.parent", "Only one group can be the root.")
    parents = {group["id"]: group.get("parent") for _, group in groups if _is_name(group.get("id"))}
    finished: set[str] = set()
    for path, group in groups:
        if _is_name(group.get("id")) and _is_below_itself(group["id"], parents, finished):
            yield SurveyProblem(f"{path}.parent", "This group lies below itself.")


def _is_below_itself(name: str, parents: Mapping[str, Any], finished: set[str]) -> bool:
    """Return whether the parents of a group lead back to it. `finished`: groups known to reach an end."""
    visited: set[str] = set()
    ancestor: Any = name
    while isinstance(ancestor, str) and ancestor in parents and ancestor not in finished:
        if ancestor in visited:
            return ancestor == name
        visited.add(ancestor)
        ancestor = parents[ancestor]
    finished |= visited
    return False


# --- Answers and settings ---------------------------------------------------------------------


def _check_responses(parts: ParsedParts) -> Iterator[SurveyProblem]:
    responses, width = parts["responses"], len(parts["capabilities"])
    yield from _find_unknown(responses, "group", _known_names(parts["groups"]))
    yield from _find_repeated(
        [entry for entry in responses if entry[1].get("role") == "member"], "person"
    )
    asked = [kind for kind in KINDS if any(response.get(kind) for _, response in responses)]
    for path, response in responses:
        for kind in asked or KINDS:
            if not asked or response.get(kind, "missing") is not None:  # null: not asked
                yield from _check_ratings(response, path, kind, width)


def _check_ratings(
    response: Mapping[str, Any], path: str, kind: str, width: int
) -> Iterator[SurveyProblem]:
    ratings, list_path = response.get(kind), f"{path}.{kind}"
    if not isinstance(ratings, list):
        yield _missing_or_wrong(path, response, kind, "must be a list.")
    elif width and len(ratings) != width:
        yield SurveyProblem(
            list_path, f"must hold {width} ratings, one a capability; it holds {len(ratings)}."
        )
    else:
        for index, rating in enumerate(ratings):
            if type(rating) not in (int, type(None)) or rating not in ALLOWED_CODES:
                yield SurveyProblem(f"{list_path}[{index}]", "must be 1 to 5, 0, -1 or null.")


def _check_config(config: Any, parts: ParsedParts) -> Iterator[SurveyProblem]:
    if config is None:
        return
    if not isinstance(config, dict):
        yield SurveyProblem("$.config", "must be an object.")
        return
    for name, given in config.items():
        if name not in CONFIG:
            known = ", ".join(CONFIG)
            yield SurveyProblem(
                _child_path("$.config", name), f"There is no such setting. There are: {known}."
            )
        elif not CONFIG[name][0](given):
            yield SurveyProblem(f"$.config.{name}", CONFIG[name][1])
    targets = config.get("targets")
    groups, capabilities = _known_names(parts["groups"]), _known_names(parts["capabilities"])
    for group, group_targets in targets.items() if isinstance(targets, dict) else ():
        path = _child_path("$.config.targets", group)
        if group not in groups:
            yield SurveyProblem(path, f"There is no {_quote(group)}.")
        yield from _check_targets(group_targets, path, capabilities)


def _check_targets(
    group_targets: Any, path: str, capabilities: set[str]
) -> Iterator[SurveyProblem]:
    if not isinstance(group_targets, dict):
        yield SurveyProblem(path, "must be an object.")
        return
    for capability, target in group_targets.items():
        if capability not in capabilities:
            yield SurveyProblem(_child_path(path, capability), f"There is no {_quote(capability)}.")
        elif not _is_target(target):
            yield SurveyProblem(_child_path(path, capability), CONFIG["target"][1])
