"""Leaders compared with their teams (method 6). Their ratings are never averaged into the team's, and
are shown by name only with consent, else as one group of the whole organization.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from assessments.scoring.cell import KINDS, Kind, LeaderStory
from assessments.scoring.cycle_scores import KindScores
from assessments.scoring.intervals import UPPER_QUANTILE, t_quantile
from assessments.scoring.levels import level_of
from assessments.scoring.priorities import DEFAULT_TARGET, TARGET_MARGIN, TOP_COUNT, priority, rank
from assessments.scoring.summary import LeaderAlignment
from assessments.scoring.survey import Bools, Floats, Ints, Survey

MIN_LEADER_GAP = 1.0  # levels between leader and team
MAX_AGREEMENT_GAP = 0.5  # levels between them where they may be said to agree
MIN_PAIRS = 3  # for a rank correlation


@dataclass(frozen=True, eq=False)
class LeaderRatings:
    """Mean ratings of named leads for the node they answer for: (nodes, capabilities), NaN without."""

    performance: Floats
    importance: Floats
    pool: dict[Kind, tuple[Floats, Ints]]  # by kind, of leads not named: mean (NaN below k) and n

    @property
    def nodes(self) -> Bools:
        """Nodes with a performance rating of a named lead."""
        return np.asarray((~np.isnan(self.performance)).any(axis=1))


def leader_ratings(survey: Survey) -> LeaderRatings:
    """Average the counted leads: named ones at their node, the others over the organization where at
    least k of them rated."""
    node_of_row = np.array([survey.tree.index_of[node] for node in survey.node_of], dtype=np.int64)
    leads = survey.counts & survey.is_lead
    by_name = {
        kind: _mean_by_node(survey, kind, leads & survey.named, node_of_row) for kind in KINDS
    }
    unnamed = leads & ~survey.named
    pool: dict[Kind, tuple[Floats, Ints]] = {}
    for kind in KINDS:
        ratings = survey.ratings(kind)[unnamed]
        n = (ratings >= 1).sum(axis=0)
        total = np.where(ratings >= 1, ratings, 0).sum(axis=0)
        pool[kind] = np.where(n >= survey.k, total / np.maximum(n, 1), np.nan), n
    return LeaderRatings(by_name["performance"], by_name["importance"], pool)


def _mean_by_node(survey: Survey, kind: str, rows: Bools, node_of_row: Ints) -> Floats:
    """Average the ratings of some respondents at each node: (nodes, capabilities), NaN without."""
    ratings, count = survey.ratings(kind)[rows], len(survey.tree.nodes)
    total, n = np.zeros((2, count, ratings.shape[1]))
    np.add.at(total, node_of_row[rows], np.where(ratings >= 1, ratings, 0))
    np.add.at(n, node_of_row[rows], ratings >= 1)
    means: Floats = np.where(n > 0, total / np.maximum(n, 1), np.nan)
    return means


def leader_flags(leaders: LeaderRatings, scored: KindScores) -> Ints:
    """Return 1 where the leader rates higher than the team, -1 lower, 0 in line: (nodes, capabilities).
    The gap must be at least one level and more than t sqrt(V0)."""
    count = leaders.performance.shape[1]
    gap = leaders.performance - scored.blocks.score
    df = scored.spread.df_noise[:, :count]
    margin = t_quantile(UPPER_QUANTILE, np.where(df > 0, df, 1))
    margin = margin * np.sqrt(scored.spread.noise[:, :count])
    differs = (np.abs(gap) >= MIN_LEADER_GAP - 1e-9) & (np.abs(gap) > margin)
    flags: Ints = np.where(differs, np.sign(np.nan_to_num(gap)), 0).astype(np.int64)
    return flags


def leader_story(flag: int, leader: float, team: float, target: float) -> LeaderStory:
    """Return the slug of what both levels say together. They agree within half a level and on the same
    level; what they agree on, the team's decides."""
    line = target - TARGET_MARGIN - 1e-9
    if flag > 0:
        return "blind_spot" if leader >= line > team else "leader_higher"
    if flag < 0:
        return "hidden_strength" if team >= line > leader else "leader_lower"
    same_level = level_of(np.array(leader)) == level_of(np.array(team))
    if not same_level or abs(leader - team) > MAX_AGREEMENT_GAP + 1e-9:
        return "no_clear_difference"
    return "shared_strength" if team >= line else "shared_gap"


@dataclass(frozen=True, eq=False)
class AlignmentSide:
    """Level and importance by the leader or the team at one node: (capabilities,), NaN without."""

    level: Floats
    importance: Floats


def alignment(
    leader: AlignmentSide,
    team: AlignmentSide,
    best: AlignmentSide,
    target: Floats,
    names: tuple[str, ...],
) -> LeaderAlignment | None:
    """Compare leader and team; None where they share no level. `best`: of the team, with estimates where
    there are any, for the order of its priorities. `target`: (capabilities,), NaN for the default."""
    both = ~np.isnan(leader.level - team.level)
    if not both.any():
        return None
    gap = (leader.level - team.level)[both]
    both_importance = ~np.isnan(leader.importance - team.importance)
    ranked = both & both_importance
    top_count = min(TOP_COUNT, int(ranked.sum()))
    top_sets = [_top_priorities(side, ranked, target, names) for side in (leader, best)]
    return LeaderAlignment(
        compared=int(both.sum()),
        bias=float(gap.mean()),
        apart=float(np.abs(gap).mean()),
        order=spearman(leader.level[both], team.level[both]),
        order_importance=spearman(
            leader.importance[both_importance], team.importance[both_importance]
        ),
        shared=len(top_sets[0] & top_sets[1]) if top_count else None,
        of=top_count,
    )


def _top_priorities(
    side: AlignmentSide, ranked: Bools, target: Floats, names: tuple[str, ...]
) -> set[int]:
    """Return the columns of the first five priorities among the ranked capabilities."""
    aim = np.where(np.isnan(target), DEFAULT_TARGET, target)
    value = np.where(ranked, priority(side.level, side.importance, aim), np.nan)
    ranks = rank(value[None], side.importance[None], names)[0]
    return set(np.flatnonzero((ranks > 0) & (ranks <= TOP_COUNT)).tolist())


def spearman(first: Floats, second: Floats) -> float | None:
    """Return the rank correlation; None with fewer than three pairs or where one side is constant."""
    if first.size < MIN_PAIRS:
        return None
    # Rounded before ranking: numbers that differ by rounding noise are a tie.
    first_ranks, second_ranks = (stats.rankdata(np.round(side, 9)) for side in (first, second))
    if np.ptp(first_ranks) == 0 or np.ptp(second_ranks) == 0:
        return None
    return float(np.corrcoef(first_ranks, second_ranks)[0, 1])
