"""The detail of a published cell besides its score: agreement, the leader's rating, change, priority
and suggestion. All of it is computed from printed numbers, or is a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from assessments.scoring.agreement import agreement_word, is_split
from assessments.scoring.cell import Bound, Kind
from assessments.scoring.change import VERDICTS
from assessments.scoring.leaders import leader_story
from assessments.scoring.priorities import DEFAULT_TARGET, TOP_COUNT, suggest
from assessments.scoring.publish.cell_inputs import CellInputs
from assessments.scoring.rank_stability import stability_word as firmness_word
from assessments.scoring.rounding import (
    BOUNDS,
    MIXED,
    PrintedScores,
    printed_difference,
    printed_scores,
    round_tenth,
)
from assessments.scoring.visibility import DETAIL_THRESHOLD

LEADER_FLAGS = {0: "in_line", 1: "higher", -1: "lower"}


@dataclass(frozen=True, slots=True)
class ParticipationCount:
    """How many were invited at a node and below, and how many of them answered."""

    n: int
    invited: int | None  # None where a head-count is missing
    not_covered: int = 0  # of them in shown teams from which nobody answered


def cell_detail(inputs: CellInputs, kind: Kind, node: int, column: int) -> dict[str, Any]:
    """Return the detail of a cell, ready for JSON; empty parts are left out."""
    detail = _agreement_detail(inputs, kind, node, column)
    if inputs.scores.members.has_uncounted_below[node]:
        detail["headcount_missing"] = True
    if column < inputs.count:
        detail |= _unrated_shares(inputs, kind, node, column) | _leader_detail(
            inputs, kind, node, column
        )
    if kind == "performance":
        detail |= _bound_detail(inputs, node, column) | _change_detail(inputs, node, column)
        if column < inputs.count:
            detail |= _priority_detail(inputs, node, column)
    return detail


def non_response_detail(
    score: float, bound: Bound, participation: ParticipationCount
) -> dict[str, Any]:
    """Return how many are in shown teams from which nobody answered, and what the score could be with the
    answers of all who did not answer: half a level lower, or at the extremes."""
    detail: dict[str, Any] = (
        {"not_covered": participation.not_covered} if participation.not_covered else {}
    )
    if bound or not participation.invited or participation.n >= participation.invited:
        return detail
    silent = 1 - participation.n / participation.invited
    answered = score * (1 - silent)
    worst = [float(round_tenth(np.array(answered + silent * end))) for end in (1, 5)]
    half = float(round_tenth(np.array(silent / 2)))
    return detail | {
        "silent": {"share": round(100 * silent), "half_a_level": half, "between": worst}
    }


def _agreement_detail(inputs: CellInputs, kind: Kind, node: int, column: int) -> dict[str, Any]:
    """Return the word of agreement and, where the node is detailed, its numbers and the distribution."""
    rwg, n = float(inputs.rwg[kind][node, column]), int(inputs.scores.kinds[kind].n[node, column])
    # With a bound the word too must be the same for "all 5" and "one 4".
    bounded = bool(inputs.faces[kind].bound[node, column])
    detail: dict[str, Any] = {"agreement": "agree" if bounded else agreement_word(rwg, n)}
    if np.isnan(rwg) or not inputs.detailed[kind][node, column]:
        return detail
    detail["rwg"] = rwg
    if column < inputs.count:
        kind_agreement = inputs.agreement[kind]
        histogram = kind_agreement.histogram[node, column]
        detail["ad"] = float(inputs.distance[kind][node, column])
        detail["histogram"] = [int(people) for people in histogram]
        detail["split"] = is_split(histogram)
    return detail


def _unrated_shares(inputs: CellInputs, kind: Kind, node: int, column: int) -> dict[str, Any]:
    """Return the shares, 0 to 1, of those asked who had not seen the work and to whom it does not apply."""
    scored, at = inputs.scores.kinds[kind], (node, column)
    if not inputs.detailed[kind][at]:
        return {}
    unrated, unseen = scored.blocks.unrated_below[at], scored.blocks.not_seen_below[at]
    asked = scored.n[at] + unrated
    return {
        "not_seen": round(float(unseen / asked), 2),
        "not_applicable": round(float((unrated - unseen) / asked), 2),
    }


def _bound_detail(inputs: CellInputs, node: int, column: int) -> dict[str, Any]:
    detail: dict[str, Any] = {}
    if not np.isnan(inputs.fit.share[node, column]) and inputs.fit.bounded[node, column]:
        detail["fit_bound"] = "at_least"
    if column < inputs.count and inputs.fit.need_bound[node, column]:
        detail["need_bound"] = BOUNDS[int(inputs.fit.need_bound[node, column])]
    return detail


def _priority_detail(inputs: CellInputs, node: int, column: int) -> dict[str, Any]:
    ranking, at = inputs.ranking, (node, column)
    if not ranking.rank[at]:
        return {}
    bound, ranked = int(ranking.bound[at]), int((ranking.rank[node] > 0).sum())
    detail: dict[str, Any] = {
        "priority": {
            "rank": int(ranking.rank[at]),
            "value": None if bound == MIXED else round(float(ranking.value[at])),
            "bound": BOUNDS.get(bound, ""),
            "important": bool(ranking.matters[at]),
            "strong": bool(ranking.strong[at]),
            "suggestion": suggest(
                inputs.survey.capabilities[column],
                matters=bool(ranking.matters[at]),
                strong=bool(ranking.strong[at]),
            ),
            "clear": bool(ranking.clear[at]),
        }
    }
    firmness = (
        firmness_word(float(inputs.firmness[at]))
        if ranked > TOP_COUNT and _has_enough_raters(inputs, at)
        else ""
    )
    return detail | ({"firmness": firmness} if firmness else {})


def _has_enough_raters(inputs: CellInputs, at: tuple[int, int]) -> bool:
    """Return whether at least ten people rated each kind: with fewer, firmness would tell how far they
    are apart."""
    return all(scored.n[at] >= DETAIL_THRESHOLD for scored in inputs.scores.kinds.values())


def _leader_detail(inputs: CellInputs, kind: Kind, node: int, column: int) -> dict[str, Any]:
    """Return what the named lead rated and the gap to the team; at the root also the leads who are not
    named, as one group."""
    detail: dict[str, Any] = {}
    (leader, difference), at = inputs.beside[kind], (node, column)
    if not np.isnan(leader.score[at]):
        gap, bound = difference.at(at)
        detail["leader"] = {"level": float(leader.score[at]), "gap": gap, "gap_bound": bound}
        if kind == "performance":
            detail["leader"] |= _flag_and_story(inputs, node, column, float(leader.score[at]))
    return detail | (_unnamed_leaders(inputs, kind, column) if node == 0 else {})


def _unnamed_leaders(inputs: CellInputs, kind: Kind, column: int) -> dict[str, Any]:
    mean, n = inputs.leaders.pool[kind]
    if np.isnan(mean[column]):
        return {}
    printed = printed_scores(mean, mean, mean, n)
    team = inputs.single(kind)
    root = PrintedScores(team.score[0], team.bound[0], team.low[0], team.high[0])
    gap, bound = printed_difference(printed, root).at(column)
    return {
        "leaders": {
            "n": int(n[column]),
            "level": float(printed.score[column]),
            "bound": BOUNDS[int(printed.bound[column])],
            "gap": gap,
            "gap_bound": bound,
        }
    }


def _flag_and_story(inputs: CellInputs, node: int, column: int, level: float) -> dict[str, Any]:
    """Return the leader's flag, and the slug of what the levels of leader and team say together."""
    flag, team = (
        int(inputs.flags[node, column]),
        float(inputs.faces["performance"].score[node, column]),
    )
    target = float(inputs.targets[node, column])
    aim = DEFAULT_TARGET if np.isnan(target) else target
    return {"flag": LEADER_FLAGS[flag], "story": leader_story(flag, level, team, aim)}


def _change_detail(inputs: CellInputs, node: int, column: int) -> dict[str, Any]:
    """Return the change since the earlier cycle and its verdict; empty where nothing is compared."""
    change, at = inputs.moved, (node, column)
    if change is None or np.isnan(change.before.score[at]):
        return {}
    size, bound = change.apart.at(at)
    mdc = _none_if_nan(change.seen[at])
    detail: dict[str, Any] = {
        "verdict": VERDICTS[change.change.verdict[at]],
        "size": size,
        "bound": bound,
        "seen": mdc,
        "before": float(change.before.score[at]),
        "linked": bool(change.change.both.pairs[at] > 0),
    }
    if size is not None and mdc is not None and not bound:
        detail |= {"low": round(size - mdc, 1) + 0.0, "high": round(size + mdc, 1) + 0.0}
    if inputs.count <= column < len(inputs.names) - 1:
        on_map = change.change.map_verdict[node, column - inputs.count]
        detail["map_verdict"] = VERDICTS[on_map]  # in the family of all teams and values
    if column < inputs.count and change.chance[at]:
        detail["chance"] = float(change.chance[at])
    return {"change": detail}


def _none_if_nan(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
