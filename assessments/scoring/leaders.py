"""The leader's answer beside the team's (method 6): never averaged into it, by name only with
consent, else as one group of the whole organization.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from assessments.scoring.intervals import CONFIDENCE
from assessments.scoring.priorities import FIRST, MARGIN, TARGET, priority, rank
from assessments.scoring.scored import KINDS, Scored
from assessments.scoring.survey import Bools, Floats, Ints, Survey

FAR = 1.0  # a level apart
FEWEST_PAIRS = 3


@dataclass(frozen=True, eq=False)
class Leaders:
    """What leads answered about the node they answer for: (nodes, capabilities), NaN without."""

    performance: Floats
    importance: Floats
    pool: dict[str, tuple[Floats, Ints]]  # of those not named: mean and ratings, (capabilities,)

    @property
    def nodes(self) -> Bools:
        """Where anything is told."""
        return np.asarray((~np.isnan(self.performance)).any(axis=1))


def leaders(survey: Survey) -> Leaders:
    place = np.array([survey.tree.place[node] for node in survey.node_of], dtype=np.int64)
    leads = survey.counts & survey.is_lead
    by_name = {kind: _means(survey, kind, leads & survey.named, place) for kind in KINDS}
    rest = leads & ~survey.named
    pool = {}
    for kind in KINDS:
        ratings = survey.ratings(kind)[rest]
        n = (ratings >= 1).sum(axis=0)
        total = np.where(ratings >= 1, ratings, 0).sum(axis=0)
        pool[kind] = np.where(n >= survey.k, total / np.maximum(n, 1), np.nan), n
    return Leaders(by_name["performance"], by_name["importance"], pool)


def _means(survey: Survey, kind: str, who: Bools, place: Ints) -> Floats:
    ratings, count = survey.ratings(kind)[who], len(survey.tree.nodes)
    total, n = np.zeros((2, count, ratings.shape[1]))
    np.add.at(total, place[who], np.where(ratings >= 1, ratings, 0))
    np.add.at(n, place[who], ratings >= 1)
    means: Floats = np.where(n > 0, total / np.maximum(n, 1), np.nan)
    return means


def flags(found: Leaders, scored: Scored) -> Ints:
    """1 where the leader rates higher, -1 lower, 0 in line: a level apart, and more than chance."""
    count = found.performance.shape[1]
    apart = found.performance - scored.blocks.score
    df = scored.spread.df_noise[:, :count]
    chance = stats.t.ppf(CONFIDENCE, np.where(df > 0, df, 1))
    chance = chance * np.sqrt(scored.spread.noise[:, :count])
    far = (np.abs(apart) >= FAR - 1e-9) & (np.abs(apart) > chance)
    told: Ints = np.where(far, np.sign(np.nan_to_num(apart)), 0).astype(np.int64)
    return told


def story(flag: int, leader: float, team: float, target: float) -> str:
    """What both answers say together. Where they are in line, the team's decides."""
    line = target - MARGIN - 1e-9
    if flag > 0 and leader >= line > team:
        return "blind_spot"
    if flag < 0 and team >= line > leader:
        return "hidden_strength"
    return "shared_strength" if team >= line else "shared_gap"


@dataclass(frozen=True, slots=True)
class Alignment:
    """Leader and team at one node, over what both rated."""

    compared: int
    bias: float | None  # mean of leader less team
    apart: float | None  # mean distance
    order: float | None  # rank correlation of the levels
    order_importance: float | None
    shared: int | None  # of the first priorities of both
    of: int


@dataclass(frozen=True, eq=False)
class Side:
    """One side at one node: (capabilities,), NaN where nothing is known."""

    level: Floats
    importance: Floats


def alignment(
    leader: Side, team: Side, exact: Bools, target: Floats, names: tuple[str, ...]
) -> Alignment | None:
    """`exact`: where the team's level is known and not only a bound."""
    both = ~np.isnan(leader.level - team.level)
    if not both.any():
        return None
    apart = (leader.level - team.level)[both & exact]
    weighed = ~np.isnan(leader.importance - team.importance)
    ranked = both & weighed
    of = min(FIRST, int(ranked.sum()))
    firsts = [_firsts(side, ranked, target, names) for side in (leader, team)]
    return Alignment(
        compared=int(both.sum()),
        bias=float(apart.mean()) if apart.size else None,
        apart=float(np.abs(apart).mean()) if apart.size else None,
        order=spearman(leader.level[both], team.level[both]),
        order_importance=spearman(leader.importance[weighed], team.importance[weighed]),
        shared=len(firsts[0] & firsts[1]) if of else None,
        of=of,
    )


def _firsts(side: Side, ranked: Bools, target: Floats, names: tuple[str, ...]) -> set[int]:
    aim = np.where(np.isnan(target), TARGET, target)
    value = np.where(ranked, priority(side.level, side.importance, aim), np.nan)
    places = rank(value[None], side.importance[None], names)[0]
    return set(np.flatnonzero((places > 0) & (places <= FIRST)).tolist())


def spearman(one: Floats, other: Floats) -> float | None:
    """None with fewer than three pairs or where one side is constant."""
    if one.size < FEWEST_PAIRS:
        return None
    first, second = (stats.rankdata(np.round(side, 9)) for side in (one, other))  # noise is a tie
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])
