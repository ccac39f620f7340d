"""Read a survey from JSON, in the form of the worked cases, in which anyone can check a number by hand.

{"rubric": {"value_types": [{"id", "weight"}], "capabilities": [{"id", "value_type", "weight"}]},
 "groups": [{"id", "parent", "headcount"}],
 "responses": [{"person", "group", "role", "performance": [4, 0, null], "importance": [...]}],
 "config": {"k", "level_rule", "target", "targets", "nu"}}

`level_rule` may also be given in the rubric, whose rule it is. `importance: null` means not asked. An
unknown name in `config` is refused, others are ignored.
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

Responses = Sequence[Mapping[str, Any]]


def from_bytes(raw: bytes) -> Survey:
    """Read a survey from a file. Raises `NoSurvey`, which names every problem and its path."""
    return from_json(parse_json(raw))


def from_json(given: Any) -> Survey:
    """Read a survey from parsed JSON. Raises `NoSurvey`."""
    check_survey(given)
    config, responses = given.get("config") or {}, given["responses"]
    capabilities = tuple(
        _read_capability(capability) for capability in given["rubric"]["capabilities"]
    )
    is_lead = np.array([response["role"] != "member" for response in responses], dtype=bool)
    named = np.array([response.get("named", True) for response in responses], dtype=bool)
    nodes = tuple(
        SurveyNode(group["id"], group["parent"], group.get("headcount") or 0)
        for group in given["groups"]
    )
    width = len(capabilities)
    return Survey(
        nodes=nodes,
        dimensions=tuple(
            SurveyDimension(value_type["id"], value_type["weight"])
            for value_type in given["rubric"]["value_types"]
        ),
        capabilities=capabilities,
        node_of=tuple(response["group"] for response in responses),
        performance=_read_codes(responses, "performance", width),
        importance=_read_codes(responses, "importance", width),
        performance_asked=_read_asked(responses, "performance", width),
        importance_asked=_read_asked(responses, "importance", width),
        is_lead=is_lead,
        named=is_lead & named,
        persons=tuple((response.get("person") or "").encode() for response in responses),
        k=config.get("k", 5),
        level_rule=config.get("level_rule", given["rubric"].get("level_rule", "held")),
        nu=config.get("nu", MODERATION),
        targets=dict(_read_targets(config, nodes, capabilities)),
    )


def _read_capability(entry: Mapping[str, Any]) -> SurveyCapability:
    flags = {flag: entry[flag] for flag in FLAGS if flag in entry}
    return SurveyCapability(entry["id"], entry["value_type"], entry["weight"], **flags)


def _read_asked(responses: Responses, kind: str, width: int) -> Bools | None:
    """Return which capabilities (capabilities,) were asked: none of a kind that no response holds, or holds
    as null; None for all."""
    asked = not responses or any(response.get(kind) for response in responses)
    return None if asked else np.zeros(width, dtype=bool)


def _read_codes(responses: Responses, kind: str, width: int) -> Codes:
    """Return the codes of a kind (respondents, capabilities); null is unanswered."""
    unanswered = [None] * width
    rows = [
        [UNANSWERED if code is None else code for code in response.get(kind) or unanswered]
        for response in responses
    ]
    return np.array(rows, dtype=np.int8).reshape(len(responses), width)


def _read_targets(
    config: Mapping[str, Any], nodes: Sequence[SurveyNode], capabilities: Sequence[SurveyCapability]
) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield ((node, capability), target): "target" holds at the root, "targets" at single nodes."""
    if "target" in config:
        root = next(node.id for node in nodes if node.parent is None)
        for capability in capabilities:
            yield (root, capability.id), float(config["target"])
    for node_id, node_targets in config.get("targets", {}).items():
        for name, target in node_targets.items():
            yield (node_id, name), float(target)
