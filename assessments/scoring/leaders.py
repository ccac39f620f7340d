"""The leader's answer beside the team's (method 6): never averaged into it, by name only with
consent, else as one group of the whole organization.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from assessments.scoring.cycle_scores import KINDS, KindScores
from assessments.scoring.intervals import UPPER_QUANTILE
from assessments.scoring.priorities import DEFAULT_TARGET, TARGET_MARGIN, TOP_COUNT, priority, rank
from assessments.scoring.survey import Bools, Floats, Ints, Survey

MIN_LEADER_GAP = 1.0  # a level apart
MIN_PAIRS = 3


@dataclass(frozen=True, eq=False)
class LeaderRatings:
    """What leads answered about the node they answer for: (nodes, capabilities), NaN without."""

    performance: Floats
    importance: Floats
    pool: dict[str, tuple[Floats, Ints]]  # of those not named: mean and ratings, (capabilities,)

    @property
    def nodes(self) -> Bools:
        """Where anything is told."""
        return np.asarray((~np.isnan(self.performance)).any(axis=1))


def leader_ratings(survey: Survey) -> LeaderRatings:
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
    return LeaderRatings(by_name["performance"], by_name["importance"], pool)


def _means(survey: Survey, kind: str, who: Bools, place: Ints) -> Floats:
    ratings, count = survey.ratings(kind)[who], len(survey.tree.nodes)
    total, n = np.zeros((2, count, ratings.shape[1]))
    np.add.at(total, place[who], np.where(ratings >= 1, ratings, 0))
    np.add.at(n, place[who], ratings >= 1)
    means: Floats = np.where(n > 0, total / np.maximum(n, 1), np.nan)
    return means


def leader_flags(found: LeaderRatings, scored: KindScores) -> Ints:
    """1 where the leader rates higher, -1 lower, 0 in line: a level apart, and more than chance."""
    count = found.performance.shape[1]
    apart = found.performance - scored.blocks.score
    df = scored.spread.df_noise[:, :count]
    chance = stats.t.ppf(UPPER_QUANTILE, np.where(df > 0, df, 1))
    chance = chance * np.sqrt(scored.spread.noise[:, :count])
    far = (np.abs(apart) >= MIN_LEADER_GAP - 1e-9) & (np.abs(apart) > chance)
    told: Ints = np.where(far, np.sign(np.nan_to_num(apart)), 0).astype(np.int64)
    return told


def leader_story(flag: int, leader: float, team: float, target: float) -> str:
    """What both answers say together. Where they are in line, the team's decides."""
    line = target - TARGET_MARGIN - 1e-9
    if flag > 0 and leader >= line > team:
        return "blind_spot"
    if flag < 0 and team >= line > leader:
        return "hidden_strength"
    return "shared_strength" if team >= line else "shared_gap"


@dataclass(frozen=True, slots=True)
class NodeAlignment:
    """Leader and team at one node, over what both rated."""

    compared: int
    bias: float | None  # mean of leader less team
    apart: float | None  # mean distance
    order: float | None  # rank correlation of the levels
    order_importance: float | None
    shared: int | None  # of the first priorities of both
    of: int


@dataclass(frozen=True, eq=False)
class AlignmentSide:
    """One side at one node: (capabilities,), NaN where nothing is known."""

    level: Floats
    importance: Floats


def alignment(
    leader: AlignmentSide, team: AlignmentSide, exact: Bools, target: Floats, names: tuple[str, ...]
) -> NodeAlignment | None:
    """`exact`: where the team's level is known and not only a bound."""
    both = ~np.isnan(leader.level - team.level)
    if not both.any():
        return None
    apart = (leader.level - team.level)[both & exact]
    weighed = ~np.isnan(leader.importance - team.importance)
    ranked = both & weighed
    of = min(TOP_COUNT, int(ranked.sum()))
    firsts = [_firsts(side, ranked, target, names) for side in (leader, team)]
    return NodeAlignment(
        compared=int(both.sum()),
        bias=float(apart.mean()) if apart.size else None,
        apart=float(np.abs(apart).mean()) if apart.size else None,
        order=spearman(leader.level[both], team.level[both]),
        order_importance=spearman(leader.importance[weighed], team.importance[weighed]),
        shared=len(firsts[0] & firsts[1]) if of else None,
        of=of,
    )


def _firsts(side: AlignmentSide, ranked: Bools, target: Floats, names: tuple[str, ...]) -> set[int]:
    aim = np.where(np.isnan(target), DEFAULT_TARGET, target)
    value = np.where(ranked, priority(side.level, side.importance, aim), np.nan)
    places = rank(value[None], side.importance[None], names)[0]
    return set(np.flatnonzero((places > 0) & (places <= TOP_COUNT)).tolist())


def spearman(one: Floats, other: Floats) -> float | None:
    """None with fewer than three pairs or where one side is constant."""
    if one.size < MIN_PAIRS:
        return None
    first, second = (stats.rankdata(np.round(side, 9)) for side in (one, other))  # noise is a tie
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])
