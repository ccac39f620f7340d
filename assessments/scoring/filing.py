"""A survey from a file: the form of the worked cases, in which anyone can check a number by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assessments.scoring.survey import UNANSWERED, Capability, Codes, Dimension, Node, Survey

FLAGS = ("differentiating", "routine", "market")
CODES = {None, -1, 0, 1, 2, 3, 4, 5}


class NoSurvey(ValueError):
    """The file does not say what it must; the message says what and where."""


def from_json(given: Mapping[str, Any]) -> Survey:
    """`given`: {"rubric", "groups", "responses", "config": {"k", "level_rule", "targets"}}."""
    try:
        return _survey(given)
    except (KeyError, TypeError) as missing:
        raise NoSurvey(f"The file lacks {missing}.") from missing


def _survey(given: Mapping[str, Any]) -> Survey:
    config, people = given.get("config", {}), given["responses"]
    capabilities = tuple(_capability(one) for one in given["rubric"]["capabilities"])
    leads = np.array([person["role"] != "member" for person in people], dtype=bool)
    named = np.array([person.get("named", True) for person in people], dtype=bool)
    nodes = tuple(Node(g["id"], g["parent"], g.get("headcount") or 0) for g in given["groups"])
    known = {node.id for node in nodes}
    for person in people:
        if person["group"] not in known:
            raise NoSurvey(f"There is no group {person['group']!r}.")
    return Survey(
        nodes=nodes,
        dimensions=tuple(Dimension(v["id"], v["weight"]) for v in given["rubric"]["value_types"]),
        capabilities=capabilities,
        node_of=tuple(person["group"] for person in people),
        performance=_codes(people, "performance", len(capabilities)),
        importance=_codes(people, "importance", len(capabilities)),
        is_lead=leads,
        named=leads & named,
        persons=tuple(str(person["person"]).encode() for person in people),
        k=config.get("k", 5),
        level_rule=config.get("level_rule", "held"),
        targets={
            (node, capability): float(target)
            for node, each in config.get("targets", {}).items()
            for capability, target in each.items()
        },
    )


def _capability(given: Mapping[str, Any]) -> Capability:
    flags = {flag: given[flag] for flag in FLAGS if flag in given}
    return Capability(given["id"], given["value_type"], given["weight"], **flags)


def _codes(people: Sequence[Mapping[str, Any]], kind: str, width: int) -> Codes:
    for place, person in enumerate(people):
        if len(person[kind]) != width or not set(person[kind]) <= CODES:
            raise NoSurvey(
                f"Response {place + 1}: {kind} must be {width} of 1 to 5, 0, -1 or null."
            )
    rows = [[UNANSWERED if v is None else v for v in person[kind]] for person in people]
    return np.array(rows, dtype=np.int8).reshape(len(people), width)
