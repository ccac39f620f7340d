"""A survey from a file: the form of the worked cases, in which anyone can check a number by hand.

{"rubric": {"value_types": [{"id", "weight"}], "capabilities": [{"id", "value_type", "weight"}]},
 "groups": [{"id", "parent", "headcount"}],
 "responses": [{"person", "group", "role", "performance": [4, 0, null], "importance": [...]}],
 "config": {"k", "level_rule", "target", "targets", "nu"}}

`level_rule` may also stand in the rubric, whose rule it is. What else a file tells is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from assessments.scoring.audit.json_checks import FLAGS, NoSurvey, check_survey, parse_json
from assessments.scoring.survey import (
    MODERATION,
    UNANSWERED,
    Bools,
    Codes,
    Survey,
    SurveyCapability,
    SurveyDimension,
    SurveyNode,
)

__all__ = ["NoSurvey", "from_bytes", "from_json"]

People = Sequence[Mapping[str, Any]]


def from_bytes(raw: bytes) -> Survey:
    """Refuses with `NoSurvey`, which names every problem and its place."""
    return from_json(parse_json(raw))


def from_json(given: Any) -> Survey:
    check_survey(given)
    config, people = given.get("config") or {}, given["responses"]
    capabilities = tuple(_capability(one) for one in given["rubric"]["capabilities"])
    leads = np.array([person["role"] != "member" for person in people], dtype=bool)
    named = np.array([person.get("named", True) for person in people], dtype=bool)
    nodes = tuple(
        SurveyNode(g["id"], g["parent"], g.get("headcount") or 0) for g in given["groups"]
    )
    width = len(capabilities)
    return Survey(
        nodes=nodes,
        dimensions=tuple(
            SurveyDimension(v["id"], v["weight"]) for v in given["rubric"]["value_types"]
        ),
        capabilities=capabilities,
        node_of=tuple(person["group"] for person in people),
        performance=_codes(people, "performance", width),
        importance=_codes(people, "importance", width),
        performance_asked=_asked(people, "performance", width),
        importance_asked=_asked(people, "importance", width),
        is_lead=leads,
        named=leads & named,
        persons=tuple((person.get("person") or "").encode() for person in people),
        k=config.get("k", 5),
        level_rule=config.get("level_rule", given["rubric"].get("level_rule", "held")),
        nu=config.get("nu", MODERATION),
        targets=dict(_targets(config, nodes, capabilities)),
    )


def _capability(given: Mapping[str, Any]) -> SurveyCapability:
    flags = {flag: given[flag] for flag in FLAGS if flag in given}
    return SurveyCapability(given["id"], given["value_type"], given["weight"], **flags)


def _asked(people: People, kind: str, width: int) -> Bools | None:
    """A kind that no response speaks of was not asked."""
    asked = not people or any(kind in person for person in people)
    return None if asked else np.zeros(width, dtype=bool)


def _codes(people: People, kind: str, width: int) -> Codes:
    unanswered = [None] * width
    rows = [
        [UNANSWERED if code is None else code for code in person.get(kind, unanswered)]
        for person in people
    ]
    return np.array(rows, dtype=np.int8).reshape(len(people), width)


def _targets(
    config: Mapping[str, Any], nodes: Sequence[SurveyNode], capabilities: Sequence[SurveyCapability]
) -> Iterator[tuple[tuple[str, str], float]]:
    if "target" in config:
        root = next(node.id for node in nodes if node.parent is None)
        for capability in capabilities:
            yield (root, capability.id), float(config["target"])
    for node, each in config.get("targets", {}).items():
        for name, target in each.items():
            yield (node, name), float(target)
