"""Surveys for tests: from worked cases, and made at random from a seed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from assessments.scoring.survey import (
    UNANSWERED,
    Survey,
    SurveyCapability,
    SurveyDimension,
    SurveyNode,
)

CASES = Path(__file__).resolve().parents[2] / "cases"


def case(name: str) -> Any:
    return json.loads((CASES / f"{name}.json").read_text())


def random_survey(seed: int, *, deepest: int = 3, capabilities: int = 6, k: int = 5) -> Survey:
    """A nested tree with people placed directly in parents, and answers with gaps."""
    chance = np.random.default_rng(seed)
    nodes, people = [SurveyNode("root", None, 0)], []
    waiting = [("root", 0)]
    while waiting:
        above, depth = waiting.pop()
        for branch in range(int(chance.integers(0, 4)) if depth else int(chance.integers(2, 5))):
            name = f"{above}/{branch}"
            nodes.append(SurveyNode(name, above, 0))
            if depth + 1 < deepest:
                waiting.append((name, depth + 1))
    for node in nodes:
        inside = int(chance.integers(0, 3 if node.id == "root" else 12))
        people += [node.id] * inside
    heads = {node.id: people.count(node.id) + int(chance.integers(0, 4)) for node in nodes}
    values = tuple(SurveyDimension(f"V{number}", float(number + 1)) for number in range(2))
    codes = np.array([UNANSWERED, -1, 0, 1, 2, 3, 4, 5], dtype=np.int8)
    likely = np.array([0.03, 0.05, 0.05, 0.12, 0.2, 0.25, 0.2, 0.1])
    shape = (len(people), capabilities)
    return Survey(
        nodes=tuple(SurveyNode(node.id, node.parent, heads[node.id]) for node in nodes),
        dimensions=values,
        capabilities=tuple(
            SurveyCapability(
                f"C{number}",
                values[number % 2].id,
                float(1 + number % 3),
                stage="early" if number < 4 else "late",
            )
            for number in range(capabilities)
        ),
        stages=("early", "late"),
        node_of=tuple(people),
        performance=chance.choice(codes, shape, p=likely / likely.sum()),
        importance=chance.choice(codes, shape, p=likely / likely.sum()),
        is_lead=np.zeros(len(people), dtype=bool),
        named=np.zeros(len(people), dtype=bool),
        k=k,
    )


def team(
    columns: list[list[int]],
    *,
    importance: list[list[int]] | None = None,
    headcount: int = 0,
    persons: list[str] | None = None,
) -> Survey:
    """One team that is the whole organization. A column holds everybody's answers to a question."""
    performance = np.array(columns, dtype=np.int8).T
    people, count = performance.shape
    weighed = np.full_like(performance, 3) if importance is None else np.array(importance).T
    return Survey(
        nodes=(SurveyNode("root", None, headcount or people + 4),),
        dimensions=(SurveyDimension("V"),),
        capabilities=tuple(SurveyCapability(f"C{number}", "V") for number in range(count)),
        node_of=("root",) * people,
        performance=performance,
        importance=weighed.astype(np.int8),
        is_lead=np.zeros(people, dtype=bool),
        named=np.zeros(people, dtype=bool),
        persons=tuple(name.encode() for name in persons or []),
    )


def survey_of_teams(seed: int, *, teams: int, exact: bool = False) -> Survey:
    """Teams of 5 to 14 people side by side, recognized in another cycle. From five teams on they have best
    estimates, from ten on for composites too. `exact`: eight people in each."""
    chance = np.random.default_rng(seed)
    names = [f"t{at:02}" for at in range(teams)]
    sizes = [8] * teams if exact else chance.integers(5, 15, teams).tolist()
    people = [name for name, size in zip(names, sizes, strict=True) for _ in range(size)]
    shape = (len(people), 7)
    spread = chance.normal(0, 0.4, (teams, 7))[np.repeat(np.arange(teams), sizes)]
    answers = [
        np.clip(np.rint(3 + spread + chance.normal(0, 0.8, shape)), 1, 5).astype(np.int8)
        for _ in range(2)
    ]
    heads = [size + int(chance.integers(0, 3)) for size in sizes]
    return Survey(
        nodes=(
            SurveyNode("root", None, 0),
            *(SurveyNode(name, "root", n) for name, n in zip(names, heads, strict=True)),
        ),
        dimensions=(SurveyDimension("V0"), SurveyDimension("V1", 2.0)),
        capabilities=tuple(
            SurveyCapability(f"C{at}", f"V{at % 2}", stage="early" if at < 4 else "late")
            for at in range(7)
        ),
        stages=("early", "late"),
        node_of=tuple(people),
        performance=answers[0],
        importance=answers[1],
        is_lead=np.zeros(len(people), dtype=bool),
        named=np.zeros(len(people), dtype=bool),
        persons=tuple(str(at).encode() for at in range(len(people))),
    )
