"""The detail of a published cell besides its score: agreement, the leader's rating, change, priority
and suggestion. All of it is computed from printed numbers, or is a word.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan

import numpy as np

from assessments.scoring.agreement import agreement_word
from assessments.scoring.cell import (
    Agreement,
    CellDetail,
    Change,
    Kind,
    LeaderFlag,
    LeaderRating,
    NonResponse,
    Priority,
    PriorityGroup,
    Stability,
)
from assessments.scoring.change_verdicts import VERDICTS
from assessments.scoring.leaders import leader_story
from assessments.scoring.priorities import DEFAULT_TARGET, TOP_COUNT, suggest
from assessments.scoring.publish.cell_inputs import CellInputs, PrintedChange
from assessments.scoring.rank_stability import stability_word
from assessments.scoring.rounding import difference, print_values, round_tenth
from assessments.scoring.visibility import DETAIL_THRESHOLD

LEADER_FLAGS: dict[int, LeaderFlag] = {0: "in_line", 1: "higher", -1: "lower"}


@dataclass(frozen=True, slots=True)
class ParticipationCount:
    """How many were invited at a node and below, and how many of them answered."""

    n: int
    invited: int | None  # None where a head-count is missing
    not_covered: int = 0  # of them in shown teams from which nobody answered


def cell_detail(inputs: CellInputs, kind: Kind, node: int, column: int) -> CellDetail:
    """Return the detail of a shown cell."""
    is_level, is_capability = kind == "performance", column < inputs.count
    return CellDetail(
        agreement=_agreement(inputs, kind, node, column),
        unrated=inputs.unrated[kind][node][column],
        change=_change(inputs.change, node, column) if is_level else None,
        year_change=_change(inputs.year_change, node, column) if is_level else None,
        if_all=_if_all(inputs, kind, node, column),
        priority=_priority(inputs, node, column) if is_level and is_capability else None,
        leader=_leader(inputs, kind, node, column) if is_capability else None,
        leaders=_unnamed_leaders(inputs, kind, column) if is_capability and node == 0 else None,
        headcount_missing=bool(inputs.scores.members.has_uncounted_below[node]),
    )


def non_response(score: float, participation: ParticipationCount) -> NonResponse | None:
    """Return what a score could be with the answers of all who did not answer: half a level lower, or at
    the extremes. None where all answered."""
    if not participation.invited or participation.n >= participation.invited:
        return None
    silent = 1 - participation.n / participation.invited
    answered = score * (1 - silent)
    lowest, highest = (float(round_tenth(np.array(answered + silent * end))) for end in (1, 5))
    half_level = float(round_tenth(np.array(silent / 2)))
    return NonResponse(round(100 * silent), half_level, (lowest, highest))


def _agreement(inputs: CellInputs, kind: Kind, node: int, column: int) -> Agreement:
    """Return the words of agreement and, where the node is detailed, its numbers and the distribution."""
    rwg, n = float(inputs.rwg[kind][node, column]), int(inputs.scores.kinds[kind].n[node, column])
    is_capability = column < inputs.count
    words = Agreement(
        word=agreement_word(rwg, n),
        is_split=is_capability and bool(inputs.is_split[kind][node, column]),
    )
    if isnan(rwg) or not inputs.detailed[kind][node, column]:
        return words
    if not is_capability:
        return replace(words, rwg=rwg)
    histogram = inputs.agreement[kind].histogram[node, column]
    return replace(
        words,
        rwg=rwg,
        distance=float(inputs.distance[kind][node, column]),
        histogram=tuple(map(int, histogram.tolist())),
    )


def _if_all(inputs: CellInputs, kind: Kind, node: int, column: int) -> tuple[float, float] | None:
    """Return the interval had everyone answered; None where everyone has."""
    at, (low, high) = (node, column), inputs.if_all[kind]
    if inputs.published[kind].everyone[at]:
        return None
    return float(low[at]), float(high[at])


def _priority(inputs: CellInputs, node: int, column: int) -> Priority | None:
    ranking, at = inputs.ranking, (node, column)
    rank = int(ranking.rank[at])
    if not rank:
        return None
    stability = _stability(inputs, at)
    return Priority(
        value=round(float(ranking.value[at])),
        suggestion=suggest(
            inputs.survey.capabilities[column],
            matters=bool(ranking.matters[at]),
            strong=bool(ranking.strong[at]),
        ),
        is_clear=bool(ranking.clear[at]),
        importance_line=round(float(ranking.line[node]), 4),
        rank=rank if rank <= TOP_COUNT else None,
        group=_group(inputs, at, stability) if rank > TOP_COUNT else "",
        stability=stability if rank <= TOP_COUNT else "",
    )


def _stability(inputs: CellInputs, at: tuple[int, int]) -> Stability:
    """Return how surely a capability is among the first five."""
    return stability_word(float(inputs.stability[at])) if inputs.shows_stability[at] else ""


def _group(inputs: CellInputs, at: tuple[int, int], stability: Stability) -> PriorityGroup:
    """Return whether a capability beyond the first five could as well be among them."""
    is_lower = inputs.shows_stability[at] and not stability
    return "clearly_lower" if is_lower else "no_clear_order"


def _leader(inputs: CellInputs, kind: Kind, node: int, column: int) -> LeaderRating | None:
    """Return what the named lead rated, the gap to the team, and what the levels of both say together."""
    (leader, gaps), at = inputs.leader_gaps[kind], (node, column)
    if isnan(leader[at]):
        return None
    level, gap = float(leader[at]), _known(gaps[at])
    if kind == "importance":
        return LeaderRating(level, gap=gap)
    flag, team = int(inputs.flags[at]), float(inputs.basis[kind][at])
    target = float(inputs.targets[at])
    aim = DEFAULT_TARGET if isnan(target) else target
    return LeaderRating(
        level=level,
        gap=gap,
        flag=LEADER_FLAGS[flag],
        story=leader_story(flag, level, team, aim),
    )


def _unnamed_leaders(inputs: CellInputs, kind: Kind, column: int) -> LeaderRating | None:
    """Return the leads who are not named, as one group, and their gap to the whole organization."""
    mean, n = inputs.leaders.pool[kind]
    if isnan(mean[column]):
        return None
    level = print_values(mean[column], np.array(n[column] < DETAIL_THRESHOLD))
    gap = difference(level, inputs.basis[kind][0, column])
    return LeaderRating(level=float(level), gap=_known(np.float64(gap)), n=int(n[column]))


def _change(printed: PrintedChange | None, node: int, column: int) -> Change | None:
    """Return a change and its verdict; None where nothing is compared or shown."""
    at = node, column
    if printed is None or isnan(printed.size[at]):
        return None
    size, mdc = float(printed.size[at]), printed.mdc[at]
    count = printed.chance.shape[1]
    is_value = count <= column < printed.size.shape[1] - 1
    change = printed.change
    return Change(
        verdict=VERDICTS[change.judged.verdict[at]],
        before=float(printed.before[at]),
        size=size,
        low=None if isnan(mdc) else round(size - float(mdc), 1) + 0.0,
        high=None if isnan(mdc) else round(size + float(mdc), 1) + 0.0,
        detectable=_known(printed.detectable[at]),
        is_linked=bool(change.both.pairs[at] > 0),
        map_verdict=VERDICTS[change.map_verdict[node, column - count]] if is_value else None,
        chance=float(printed.chance[at]) if column < count and printed.chance[at] else None,
    )


def _known(value: np.float64) -> float | None:
    return None if isnan(value) else float(value)
