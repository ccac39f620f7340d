"""Made-up organizations in which exactly one person joins or leaves one team between two cycles, with
everything that is published of each cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from assessments.scoring.cell import KINDS, Cell, Kind
from assessments.scoring.publish.publish import EarlierCycle, publish
from assessments.scoring.summary import LeaderAlignment
from assessments.scoring.survey import (
    Codes,
    Ints,
    Survey,
    SurveyCapability,
    SurveyDimension,
    SurveyNode,
)

ROOT, DEPARTMENT, TEAM = "org", "d0", "d0t0"
CAPABILITIES, VALUES, STAGES = 36, 6, ("early", "middle", "late")
OTHER_TEAMS = (9, 12, 8, 14, 7, 6, 10, 11, 13, 5, 9)


@dataclass(frozen=True, eq=False)
class Published:
    """What is published of one cycle."""

    cells: dict[tuple[str, Kind, str], Cell]  # by node, kind and subject
    alignment: LeaderAlignment | None  # of the team and its lead

    def cell(self, node: str, kind: Kind, subject: str) -> Cell:
        return self.cells[node, kind, subject]


@dataclass(frozen=True)
class Plan:
    """What the attacker knows: the tree, when the one person came, and how steady all others are."""

    others: int = 5  # people of the team besides the one who comes or goes
    teams: int = 6  # of the organization
    before: int = 1  # cycles without the person
    after: int = 1
    moved: float = 0.0  # share of single answers that move by one level from cycle to cycle
    leaves: bool = False  # the person was there first

    @property
    def cycles(self) -> int:
        return self.before + self.after


@dataclass(frozen=True, eq=False)
class Scene:
    """One organization. Cycles are listed with those without the person first, also if the person left."""

    plan: Plan
    published: tuple[Published, ...]
    ratings: Codes  # (kinds, capabilities): what the person gave, next to the cycle without
    stayed: tuple[float, ...]  # share of all others' answers that are as in the cycle listed before


def make_scene(plan: Plan, seed: int) -> Scene:
    """Draw an organization, let its cycles pass, and publish each beside the one before."""
    chance = np.random.default_rng(seed)
    sizes = [plan.others + 1, *OTHER_TEAMS[: plan.teams - 1]]
    unheard = chance.integers(0, 3, plan.teams)
    answers = _first_answers(chance, [*sizes, 1])  # the last one leads the team
    surveys, person = [], answers[:, 0].copy()
    for cycle in range(plan.cycles):
        if cycle:
            answers = answers.copy()  # the surveys before hold views of it
            answers[:, :-1] = _move(chance, answers[:, :-1], plan.moved)
        if cycle == plan.before:
            answers[:, 0] = person
        surveys.append(_survey(answers, sizes, unheard, without=cycle < plan.before))
    stayed = [_share_alike(*pair) for pair in pairwise(surveys)]
    if plan.leaves:
        surveys.reverse()
    published = [_publish(at, surveys) for at in range(plan.cycles)]
    if plan.leaves:
        published.reverse()
    return Scene(plan, tuple(published), person, tuple(stayed))


def _share_alike(before: Survey, after: Survey) -> float:
    """Return which share of the answers of those in both surveys, leads aside, is the same."""
    count = min(len(before.node_of), len(after.node_of)) - 2
    answers = [
        np.stack([one.performance, one.importance])[:, -1 - count : -1] for one in (before, after)
    ]
    return float((answers[0] == answers[1]).mean())


def publish_with(rating: int, others: list[int]) -> Published:
    """Publish one cycle in which all people of the team rated the first capability so; whatever else is
    answered never changes."""
    chance = np.random.default_rng(0)
    sizes = [len(others) + 1, *OTHER_TEAMS[:5]]
    answers = _first_answers(chance, [*sizes, 1])
    answers[0, : len(others) + 1, 0] = [rating, *others]
    return _publish(
        0, [_survey(answers, sizes, np.ones(len(sizes), dtype=np.int64), without=False)]
    )


def _first_answers(chance: np.random.Generator, sizes: list[int]) -> Codes:
    """Return answers (kinds, people, capabilities): what is rated, who rates how high, and chance. The
    first person is the one who comes."""
    team = np.repeat(np.arange(len(sizes)), sizes)
    centre = chance.normal(3.2, 0.5, (len(KINDS), 1, CAPABILITIES))
    of_team = chance.normal(0, 0.25, (len(KINDS), len(sizes), CAPABILITIES))[:, team]
    tone = chance.normal(0, 0.4, (len(KINDS), len(team), 1))
    noise = chance.normal(0, 0.75, (len(KINDS), len(team), CAPABILITIES))
    values = np.clip(np.rint(centre + of_team + tone + noise), 1, 5)
    return values.astype(np.int8)


def _move(chance: np.random.Generator, answers: Codes, share: float) -> Codes:
    """Return the answers of the next cycle: so many move by one level, inwards at the ends of the scale."""
    either = chance.choice([-1, 1], answers.shape)
    step = np.where(answers == 5, -1, np.where(answers == 1, 1, either))
    moves = chance.random(answers.shape) < share
    return np.where(moves, answers + step, answers).astype(np.int8)


def _survey(answers: Codes, sizes: list[int], unheard: Ints, *, without: bool) -> Survey:
    """Return the survey of one cycle; everybody is recognized from cycle to cycle."""
    names = [f"d{at // 3}t{at % 3}" for at in range(len(sizes))]
    departments = list(dict.fromkeys(name[:2] for name in names))
    people = [name for name, size in zip(names, sizes, strict=True) for _ in range(size)]
    people.append(TEAM)
    here = slice(1 if without else 0, None)
    heads = np.array(sizes) + unheard - np.array([without] + [False] * (len(sizes) - 1))
    leads = np.arange(len(people))[here] == len(people) - 1
    return Survey(
        nodes=(
            SurveyNode(ROOT, None, 0),
            *(SurveyNode(name, ROOT, 0) for name in departments),
            *(SurveyNode(name, name[:2], int(n)) for name, n in zip(names, heads, strict=True)),
        ),
        dimensions=tuple(SurveyDimension(f"V{at}") for at in range(VALUES)),
        capabilities=tuple(
            SurveyCapability(f"C{at:02}", value_of(at), stage=STAGES[at % len(STAGES)])
            for at in range(CAPABILITIES)
        ),
        stages=STAGES,
        node_of=tuple(people[here]),
        performance=answers[0, here],
        importance=answers[1, here],
        is_lead=leads,
        named=leads,
        persons=tuple(str(at).encode() for at in range(len(people))[here]),
    )


def value_of(capability: int) -> str:
    return f"V{capability * VALUES // CAPABILITIES}"


def _publish(at: int, surveys: list[Survey]) -> Published:
    survey, earlier = surveys[at], None
    if at:
        same = {node.id: node.id for node in survey.nodes}
        earlier = EarlierCycle(surveys[at - 1], same, [one.id for one in survey.capabilities])
    published = publish(survey, earlier)
    cells = {(cell.node, cell.kind, cell.subject): cell for cell in published.cells}
    return Published(cells, published.alignments.get(TEAM))
