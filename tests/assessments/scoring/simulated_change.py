"""Counts right and wrong verdicts of change in made-up pairs of cycles (method 2.3, 2.4 and 9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.change import ChangeTest, compare
from assessments.scoring.change_verdicts import DOWN, OTHER_PEOPLE, UP
from assessments.scoring.cycle_scores import CycleScores, score_survey
from assessments.scoring.survey import Bools, Floats
from assessments.scoring.wave_match import WaveMatch
from tests.assessments.scoring.simulated_organizations import (
    CAPABILITIES,
    VALUES,
    on_the_scale,
    survey_of,
)

TEAMS, PAGES = 3, 400
STEP = 0.6  # by which some capabilities change
OF_VALUE = np.arange(CAPABILITIES) * VALUES // CAPABILITIES  # of each capability


@dataclass(frozen=True)
class Page:
    """The flags up and down of many pages about one node."""

    wrong_share: float  # of the flags of capabilities: the mean over pages
    found: float  # share of the capabilities that changed
    with_wrong: float  # share of pages with a wrong flag of the whole, a value or a capability
    with_wrong_capability: float  # the same, of capabilities alone


@dataclass(frozen=True)
class Changes:
    """Of three teams with `n` people each, and of the organization that they are."""

    root: Page
    team: Page
    naive: float  # a team's unchanged capabilities that an arrow on a difference of 0.2 would call changed
    middle_mdc: float  # of a team's capabilities, in points


def changes(
    n: int, seed: int, *, kept: float, linked: bool, true: int = 8, pages: int = PAGES
) -> Changes:
    """Count over `pages` pairs of cycles. `kept`: the share of people who answer both times; `linked`: whether
    they are recognised; `true`: how many capabilities change, all of one value first."""
    chance = np.random.default_rng(seed)
    moved = np.arange(CAPABILITIES) < true
    judged = [
        _two_cycles(chance, n, kept, linked, np.where(moved, STEP, 0.0)) for _ in range(pages)
    ]
    size = np.array([change.tested.size[1, :CAPABILITIES][~moved] for change in judged])
    mdc = [np.median(change.tested.mdc[1, :CAPABILITIES]) for change in judged]
    return Changes(
        _page(np.array([flags(change)[0] for change in judged]), moved),
        _page(np.array([flags(change)[1] for change in judged]), moved),
        float(np.mean(np.abs(size) >= 0.2 - 1e-9)),
        float(np.median(mdc)),
    )


def flags(change: ChangeTest) -> Bools:
    """Return which subjects are flagged up or down: (nodes, capabilities + values + 1)."""
    return np.isin(change.judged.verdict, [UP, DOWN])


def flags_of_groups(change: ChangeTest) -> Bools:
    """Return which would be flagged if the same people did not have to agree."""
    return np.isin(change.judged.verdict, [UP, DOWN, OTHER_PEOPLE])


def _page(flagged: Bools, moved: Bools) -> Page:
    """Sum up flags (pages, capabilities + values + 1)."""
    changed = np.hstack([moved, [moved[v == OF_VALUE].any() for v in range(VALUES)], moved.any()])
    wrong, single = flagged & ~changed, slice(CAPABILITIES)
    number = flagged[:, single].sum(axis=1)
    right = flagged[:, single] & moved
    return Page(
        float(np.mean(wrong[:, single].sum(axis=1) / np.maximum(number, 1))),
        float(right.sum() / max(1, moved.sum() * len(flagged))),
        float(wrong.any(axis=1).mean()),
        float(wrong[:, single].any(axis=1).mean()),
    )


def _two_cycles(
    chance: np.random.Generator, n: int, kept: float, linked: bool, shift: Floats
) -> ChangeTest:
    """Draw a team and two others, so that there is a spread to learn from; half of an opinion lasts."""
    size = n * TEAMS
    centre = chance.normal(3, 0.5, CAPABILITIES)
    stay = chance.random(size) < kept
    lasting = chance.normal(0, 0.65, (size, CAPABILITIES))
    others = np.where(stay[:, None], lasting, chance.normal(0, 0.65, (size, CAPABILITIES)))
    passing = chance.normal(0, 0.55, (2, size, CAPABILITIES))
    team, everyone = np.repeat(np.arange(TEAMS), n), np.arange(size)
    before = on_the_scale(centre + lasting + passing[0])
    after = on_the_scale(centre + shift + others + passing[1])
    names = np.where(stay, everyone, everyone + size)
    return compared(
        score_survey(survey_of(team, before, everyone, everyone if linked else None)),
        score_survey(survey_of(team, after, everyone, names if linked else None)),
    )


def compared(then: CycleScores, now: CycleScores) -> ChangeTest:
    """Test the change between two cycles of the same nodes and questions."""
    same = {node.id: node.id for node in now.survey.nodes}
    unchanged = [capability.id for capability in now.survey.capabilities]
    return compare(WaveMatch(then, now, same, unchanged))
