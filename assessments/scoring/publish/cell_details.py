"""The detail of a published cell besides its score: agreement, the leader's rating, change, priority
and suggestion. All of it is computed from printed numbers, or is a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from assessments.scoring.agreement import agreement_word, is_split
from assessments.scoring.cell import (
    Agreement,
    Bound,
    CellDetail,
    Change,
    Kind,
    LeaderFlag,
    LeaderRating,
    NonResponse,
    Priority,
    Stability,
    UnratedShares,
)
from assessments.scoring.change import VERDICTS
from assessments.scoring.leaders import leader_story
from assessments.scoring.priorities import DEFAULT_TARGET, TOP_COUNT, suggest
from assessments.scoring.publish.cell_inputs import CellInputs
from assessments.scoring.rank_stability import stability_word
from assessments.scoring.rounding import (
    BOUNDS,
    MIXED,
    PrintedScores,
    printed_difference,
    printed_scores,
    round_tenth,
)
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
        unrated=_unrated_shares(inputs, kind, node, column),
        change=_change(inputs, node, column) if is_level else None,
        priority=_priority(inputs, node, column) if is_level and is_capability else None,
        leader=_leader(inputs, kind, node, column) if is_capability else None,
        leaders=_unnamed_leaders(inputs, kind, column) if is_capability and node == 0 else None,
        headcount_missing=bool(inputs.scores.members.has_uncounted_below[node]),
    )


def non_response(
    score: float, bound: Bound, participation: ParticipationCount
) -> NonResponse | None:
    """Return what a score could be with the answers of all who did not answer: half a level lower, or at
    the extremes. None where all answered, or only a bound is shown."""
    if bound or not participation.invited or participation.n >= participation.invited:
        return None
    silent = 1 - participation.n / participation.invited
    answered = score * (1 - silent)
    lowest, highest = (float(round_tenth(np.array(answered + silent * end))) for end in (1, 5))
    half_level = float(round_tenth(np.array(silent / 2)))
    return NonResponse(round(100 * silent), half_level, (lowest, highest))


def _agreement(inputs: CellInputs, kind: Kind, node: int, column: int) -> Agreement:
    """Return the word of agreement and, where the node is detailed, its numbers and the distribution."""
    rwg, n = float(inputs.rwg[kind][node, column]), int(inputs.scores.kinds[kind].n[node, column])
    # With a bound the word too must be the same for "all 5" and "one 4".
    bounded = bool(inputs.printed[kind].bound[node, column])
    word = "agree" if bounded else agreement_word(rwg, n)
    if np.isnan(rwg) or not inputs.detailed[kind][node, column]:
        return Agreement(word)
    if column >= inputs.count:
        return Agreement(word, rwg)
    histogram = inputs.agreement[kind].histogram[node, column]
    return Agreement(
        word=word,
        rwg=rwg,
        distance=float(inputs.distance[kind][node, column]),
        histogram=tuple(int(people) for people in histogram),
        is_split=is_split(histogram),
    )


def _unrated_shares(inputs: CellInputs, kind: Kind, node: int, column: int) -> UnratedShares | None:
    """Return who had not seen the work and to whom it does not apply, where the node is detailed; of a
    composite the means over its capabilities for which this holds."""
    if column >= inputs.count:
        parts = [_unrated_shares(inputs, kind, node, part) for part in inputs.parts[column]]
        known = [part for part in parts if part]
        return _mean_unrated_shares(known) if known else None
    scored, at = inputs.scores.kinds[kind], (node, column)
    if not inputs.detailed[kind][at]:
        return None
    unrated, unseen = scored.blocks.unrated_below[at], scored.blocks.not_seen_below[at]
    asked = scored.n[at] + unrated
    return UnratedShares(
        not_seen=round(float(unseen / asked), 2),
        not_applicable=round(float((unrated - unseen) / asked), 2),
    )


def _mean_unrated_shares(parts: Sequence[UnratedShares]) -> UnratedShares:
    return UnratedShares(
        not_seen=round(fmean(part.not_seen for part in parts), 4),
        not_applicable=round(fmean(part.not_applicable for part in parts), 4),
    )


def _priority(inputs: CellInputs, node: int, column: int) -> Priority | None:
    ranking, at = inputs.ranking, (node, column)
    if not ranking.rank[at]:
        return None
    bound = int(ranking.bound[at])
    return Priority(
        rank=int(ranking.rank[at]),
        suggestion=suggest(
            inputs.survey.capabilities[column],
            matters=bool(ranking.matters[at]),
            strong=bool(ranking.strong[at]),
        ),
        is_clear=bool(ranking.clear[at]),
        importance_line=round(float(ranking.line[node]), 4),
        value=None if bound == MIXED else round(float(ranking.value[at])),
        bound=BOUNDS.get(bound, ""),
        stability=_stability(inputs, at),
    )


def _stability(inputs: CellInputs, at: tuple[int, int]) -> Stability:
    """Return how surely a capability is among the first five; empty where no more than five are ranked,
    and where fewer than ten rated a kind: there it would tell how far they are apart."""
    enough = all(scored.n[at] >= DETAIL_THRESHOLD for scored in inputs.scores.kinds.values())
    if not enough or (inputs.ranking.rank[at[0]] > 0).sum() <= TOP_COUNT:
        return ""
    return stability_word(float(inputs.stability[at]))


def _leader(inputs: CellInputs, kind: Kind, node: int, column: int) -> LeaderRating | None:
    """Return what the named lead rated, the gap to the team, and what the levels of both say together."""
    (leader, difference), at = inputs.leader_differences[kind], (node, column)
    if np.isnan(leader.score[at]):
        return None
    level = float(leader.score[at])
    gap, bound = difference.at(at)
    if kind == "importance":
        return LeaderRating(level, gap=gap, gap_bound=bound)
    flag, team = int(inputs.flags[at]), float(inputs.printed[kind].score[at])
    target = float(inputs.targets[at])
    aim = DEFAULT_TARGET if np.isnan(target) else target
    return LeaderRating(
        level=level,
        gap=gap,
        gap_bound=bound,
        flag=LEADER_FLAGS[flag],
        story=leader_story(flag, level, team, aim),
    )


def _unnamed_leaders(inputs: CellInputs, kind: Kind, column: int) -> LeaderRating | None:
    """Return the leads who are not named, as one group, and their gap to the whole organization."""
    mean, n = inputs.leaders.pool[kind]
    if np.isnan(mean[column]):
        return None
    printed = printed_scores(mean, mean, mean, n)
    team = inputs.printed_capabilities(kind)
    root = PrintedScores(team.score[0], team.bound[0], team.low[0], team.high[0])
    gap, bound = printed_difference(printed, root).at(column)
    return LeaderRating(
        level=float(printed.score[column]),
        level_bound=BOUNDS[int(printed.bound[column])],
        gap=gap,
        gap_bound=bound,
        n=int(n[column]),
    )


def _change(inputs: CellInputs, node: int, column: int) -> Change | None:
    """Return the change since the earlier cycle and its verdict; None where nothing is compared."""
    printed, at = inputs.printed_change, (node, column)
    if printed is None or np.isnan(printed.before.score[at]):
        return None
    size, bound = printed.difference.at(at)
    detectable = None if np.isnan(printed.detectable[at]) else float(printed.detectable[at])
    low = high = map_verdict = None
    if size is not None and detectable is not None and not bound:
        low, high = round(size - detectable, 1) + 0.0, round(size + detectable, 1) + 0.0
    if inputs.count <= column < len(inputs.names) - 1:
        map_verdict = VERDICTS[printed.change.map_verdict[node, column - inputs.count]]
    has_chance = column < inputs.count and printed.chance[at]
    return Change(
        verdict=VERDICTS[printed.change.verdict[at]],
        before=float(printed.before.score[at]),
        size=size,
        bound=bound,
        detectable=detectable,
        low=low,
        high=high,
        is_linked=bool(printed.change.both.pairs[at] > 0),
        map_verdict=map_verdict,
        chance=float(printed.chance[at]) if has_chance else None,
    )
