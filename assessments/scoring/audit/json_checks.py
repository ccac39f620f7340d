"""Whether a file is a survey: everything that is wrong with it at once, each with its place."""

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
    """The file does not say what it must: `problems` say where and what."""

    def __init__(self, problems: Iterable[SurveyProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


# --- From bytes -------------------------------------------------------------------------------


class _Object(dict[str, Any]):
    """An object that remembers which of its names were given twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        often = Counter(name for name, _ in pairs)
        self.twice = sorted(name for name, times in often.items() if times > 1)


class _NoNumber:
    """What JSON does not know: NaN and Infinity."""


def parse_json(raw: bytes) -> Any:
    """Strict JSON in UTF-8; refuses what would be read in two ways."""
    try:
        given = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_Object,
            parse_constant=lambda _: _NoNumber(),
        )
    except UnicodeDecodeError:
        raise NoSurvey([SurveyProblem("$", "The file must be text in UTF-8.")]) from None
    except json.JSONDecodeError as wrong:
        place = f"line {wrong.lineno}, column {wrong.colno}"
        raise NoSurvey(
            [SurveyProblem("$", f"The file is not JSON ({place}: {wrong.msg}).")]
        ) from None
    except (ValueError, RecursionError):
        told = "The file holds a number or a nesting that nobody could mean."
        raise NoSurvey([SurveyProblem("$", told)]) from None
    problems = list(_unreadable(given, "$", 0))
    if problems:
        raise NoSurvey(problems)
    return given


def _unreadable(given: Any, path: str, depth: int) -> Iterator[SurveyProblem]:
    if depth > MAX_DEPTH:
        yield SurveyProblem(path, "This is nested too deeply.")
        return
    yield from _wrong_by_itself(given, path)
    for place, inside in _insides(given):
        if type(inside) is int or inside is None:
            continue  # nearly all of a file
        yield from _unreadable(inside, f"{path}{place}", depth + 1)


def _wrong_by_itself(given: Any, path: str) -> Iterator[SurveyProblem]:
    if isinstance(given, _Object):
        for name in given.twice:
            yield SurveyProblem(_inside(path, name), "This name is given twice.")
    elif isinstance(given, _NoNumber) or (isinstance(given, float) and not math.isfinite(given)):
        yield SurveyProblem(path, "This is not a finite number.")
    elif isinstance(given, str) and not _is_text(given):
        yield SurveyProblem(path, "This is half a character.")


def _insides(given: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(given, dict):
        for name, inside in given.items():
            yield _inside("", name), inside
    elif isinstance(given, list):
        for place, inside in enumerate(given):
            yield f"[{place}]", inside


def _inside(path: str, name: str) -> str:
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
    """Refuses what is no survey."""
    problems = list(_problems(given))
    if problems:
        raise NoSurvey(problems)


def _problems(given: Any) -> Iterator[SurveyProblem]:
    if not isinstance(given, dict):
        yield SurveyProblem("$", "The file must hold an object.")
        return
    rubric = given.get("rubric")
    if not isinstance(rubric, dict):
        yield _missing("$", given, "rubric", "must be an object.")
    inside: Mapping[str, Any] = rubric if isinstance(rubric, dict) else {}
    if "level_rule" in inside and not LEVEL_RULE[0](inside["level_rule"]):
        yield SurveyProblem("$.rubric.level_rule", LEVEL_RULE[1])
    places = {"value_types": "$.rubric", "capabilities": "$.rubric"}
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for name in FIELDS:
        above = places.get(name, "$")
        whole = inside if name in places else given
        if name not in places or isinstance(rubric, dict):
            yield from _listed(whole, above, name)
        found[name] = list(_objects(whole.get(name), f"{above}.{name}"))
    yield from _rubric(found)
    yield from _tree(found["groups"])
    yield from _people(found)
    yield from _config(given.get("config"), found)


def tree_problems(given: Mapping[str, Any]) -> Iterator[SurveyProblem]:
    """Of the groups alone."""
    yield from _listed(given, "$", "groups")
    yield from _tree(list(_objects(given.get("groups"), "$.groups")))


def _missing(path: str, given: Mapping[str, Any], name: str, text: str) -> SurveyProblem:
    return SurveyProblem(_inside(path, name), text if name in given else "This is missing.")


def _listed(given: Mapping[str, Any], path: str, name: str) -> Iterator[SurveyProblem]:
    """Of one list: its kind, and each thing in it by itself."""
    listed, place = given.get(name), _inside(path, name)
    if not isinstance(listed, list):
        yield _missing(path, given, name, "must be a list.")
        return
    if not listed and name != "responses":
        yield SurveyProblem(place, "must not be empty.")
    for at, one in enumerate(listed):
        if isinstance(one, dict):
            yield from _fields(one, f"{place}[{at}]", name)
        else:
            yield SurveyProblem(f"{place}[{at}]", "must be an object.")


def _fields(one: Mapping[str, Any], path: str, name: str) -> Iterator[SurveyProblem]:
    for field, (holds, text) in FIELDS[name].items():
        if field not in one or not holds(one[field]):
            yield _missing(path, one, field, text)
    for field, (holds, text) in OPTIONAL[name].items():
        if field in one and not holds(one[field]):
            yield SurveyProblem(_inside(path, field), text)


def _objects(given: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for at, one in enumerate(given if isinstance(given, list) else ()):
        if isinstance(one, dict):
            yield f"{path}[{at}]", one


ParsedParts = Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]


def _names(found: Sequence[tuple[str, Mapping[str, Any]]]) -> set[str]:
    return {one["id"] for _, one in found if _is_name(one.get("id"))}


def _repeated(
    found: Sequence[tuple[str, Mapping[str, Any]]], field: str
) -> Iterator[SurveyProblem]:
    seen: set[str] = set()
    for path, one in found:
        name = one.get(field)
        if _is_name(name):
            if name in seen:
                yield SurveyProblem(_inside(path, field), f"{_quoted(name)} appears twice.")
            seen.add(str(name))


def _unknown(
    found: Sequence[tuple[str, Mapping[str, Any]]], field: str, known: set[str]
) -> Iterator[SurveyProblem]:
    for path, one in found:
        if known and _is_name(one.get(field)) and one[field] not in known:
            yield SurveyProblem(_inside(path, field), f"There is no {_quoted(one[field])}.")


def _quoted(name: str) -> str:
    return json.dumps(name if len(name) <= 60 else f"{name[:60]}…", ensure_ascii=False)


def _rubric(found: ParsedParts) -> Iterator[SurveyProblem]:
    values, capabilities = found["value_types"], found["capabilities"]
    yield from _repeated(values, "id")
    yield from _repeated(capabilities, "id")
    yield from _unknown(capabilities, "value_type", _names(values))
    if values and not any(_weighs(one) for _, one in values):
        yield SurveyProblem("$.rubric.value_types", "At least one must have a weight.")
    weighty = [one.get("value_type") for _, one in capabilities if _weighs(one)]
    for path, one in values:
        if capabilities and _is_name(one.get("id")) and one["id"] not in weighty:
            yield SurveyProblem(path, "At least one of its capabilities must have a weight.")


def _weighs(one: Mapping[str, Any]) -> bool:
    weight = one.get("weight")
    return not _is_weight(weight) or weight != 0  # a wrong weight has been told already


def _tree(groups: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[SurveyProblem]:
    known = _names(groups)
    yield from _repeated(groups, "id")
    yield from _unknown(groups, "parent", known)
    roots = [path for path, one in groups if "parent" in one and one["parent"] is None]
    if groups and all(_is_name(one.get("parent")) for _, one in groups):
        yield SurveyProblem("$.groups", "One group must be the root: its parent is null.")
    for path in roots[1:]:
        yield SurveyProblem(f"{path}.parent", "Only one group can be the root.")
    parents = {one["id"]: one.get("parent") for _, one in groups if _is_name(one.get("id"))}
    ended: set[str] = set()
    for path, one in groups:
        if _is_name(one.get("id")) and _turns(one["id"], parents, ended):
            yield SurveyProblem(f"{path}.parent", "This group lies below itself.")


def _turns(name: str, parents: Mapping[str, Any], ended: set[str]) -> bool:
    """Whether the way up comes back to where it started."""
    way: set[str] = set()
    above: Any = name
    while isinstance(above, str) and above in parents and above not in ended:
        if above in way:
            return above == name
        way.add(above)
        above = parents[above]
    ended |= way
    return False


# --- Answers and settings ---------------------------------------------------------------------


def _people(found: ParsedParts) -> Iterator[SurveyProblem]:
    responses, width = found["responses"], len(found["capabilities"])
    yield from _unknown(responses, "group", _names(found["groups"]))
    yield from _repeated([each for each in responses if each[1].get("role") == "member"], "person")
    asked = [kind for kind in KINDS if any(kind in one for _, one in responses)]
    for path, one in responses:
        for kind in asked or KINDS:
            yield from _ratings(one, path, kind, width)


def _ratings(one: Mapping[str, Any], path: str, kind: str, width: int) -> Iterator[SurveyProblem]:
    ratings, place = one.get(kind), f"{path}.{kind}"
    if not isinstance(ratings, list):
        yield _missing(path, one, kind, "must be a list.")
    elif width and len(ratings) != width:
        yield SurveyProblem(
            place, f"must hold {width} ratings, one a capability; it holds {len(ratings)}."
        )
    else:
        for at, rating in enumerate(ratings):
            if type(rating) not in (int, type(None)) or rating not in ALLOWED_CODES:
                yield SurveyProblem(f"{place}[{at}]", "must be 1 to 5, 0, -1 or null.")


def _config(config: Any, found: ParsedParts) -> Iterator[SurveyProblem]:
    if config is None:
        return
    if not isinstance(config, dict):
        yield SurveyProblem("$.config", "must be an object.")
        return
    for name, given in config.items():
        if name in CONFIG and not CONFIG[name][0](given):
            yield SurveyProblem(f"$.config.{name}", CONFIG[name][1])
    targets = config.get("targets")
    groups, capabilities = _names(found["groups"]), _names(found["capabilities"])
    for group, each in targets.items() if isinstance(targets, dict) else ():
        path = _inside("$.config.targets", group)
        if group not in groups:
            yield SurveyProblem(path, f"There is no {_quoted(group)}.")
        yield from _targets(each, path, capabilities)


def _targets(each: Any, path: str, capabilities: set[str]) -> Iterator[SurveyProblem]:
    if not isinstance(each, dict):
        yield SurveyProblem(path, "must be an object.")
        return
    for capability, target in each.items():
        if capability not in capabilities:
            yield SurveyProblem(_inside(path, capability), f"There is no {_quoted(capability)}.")
        elif not _is_target(target):
            yield SurveyProblem(_inside(path, capability), CONFIG["target"][1])
