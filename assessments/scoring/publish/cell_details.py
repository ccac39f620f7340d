"""What a published cell carries besides its number: how far people agree, what the leader says, what
changed, and what to do about it. All of it from printed numbers, or as a word.
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
    invited: int | None  # None where nobody said how many there are
    not_covered: int = 0  # of them in shown teams from which nobody answered


def cell_detail(view: CellInputs, kind: Kind, node: int, column: int) -> dict[str, Any]:
    """Json-able; empty parts are left out."""
    said = _agreement(view, kind, node, column)
    if view.scores.members.has_uncounted_below[node]:
        said["headcount_missing"] = True
    if column < view.count:
        said |= _shares(view, kind, node, column) | _leader(view, kind, node, column)
    if kind == "performance":
        said |= _bounds(view, node, column) | _change(view, node, column)
        if column < view.count:
            said |= _priority(view, node, column)
    return said


def non_response_detail(score: float, bound: Bound, told: ParticipationCount) -> dict[str, Any]:
    """Teams from which nobody answered, and what all who did not answer could make of the score:
    half a level lower, or the extremes."""
    said: dict[str, Any] = {"not_covered": told.not_covered} if told.not_covered else {}
    if bound or not told.invited or told.n >= told.invited:
        return said
    silent = 1 - told.n / told.invited
    answered = score * (1 - silent)
    worst = [float(round_tenth(np.array(answered + silent * end))) for end in (1, 5)]
    half = float(round_tenth(np.array(silent / 2)))
    return said | {"silent": {"share": round(100 * silent), "half_a_level": half, "between": worst}}


def _agreement(view: CellInputs, kind: Kind, node: int, column: int) -> dict[str, Any]:
    rwg, n = float(view.rwg[kind][node, column]), int(view.scores.kinds[kind].n[node, column])
    # Where only a bound is told, the word too must be the same for "all 5" and "one 4".
    bounded = bool(view.faces[kind].bound[node, column])
    said: dict[str, Any] = {"agreement": "agree" if bounded else agreement_word(rwg, n)}
    if np.isnan(rwg) or not view.detailed[kind][node, column]:
        return said
    said["rwg"] = rwg
    if column < view.count:
        found = view.agreement[kind]
        histogram = found.histogram[node, column]
        said["ad"] = float(view.distance[kind][node, column])
        said["histogram"] = [int(people) for people in histogram]
        said["split"] = is_split(histogram)
    return said


def _shares(view: CellInputs, kind: Kind, node: int, column: int) -> dict[str, Any]:
    """Of those asked: who had not seen the work, and to whom it does not apply."""
    scored, at = view.scores.kinds[kind], (node, column)
    if not view.detailed[kind][at]:
        return {}
    unrated, unseen = scored.blocks.unrated_below[at], scored.blocks.not_seen_below[at]
    asked = scored.n[at] + unrated
    return {
        "not_seen": round(float(unseen / asked), 2),
        "not_applicable": round(float((unrated - unseen) / asked), 2),
    }


def _bounds(view: CellInputs, node: int, column: int) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if not np.isnan(view.fit.share[node, column]) and view.fit.bounded[node, column]:
        said["fit_bound"] = "at_least"
    if column < view.count and view.fit.need_bound[node, column]:
        said["need_bound"] = BOUNDS[int(view.fit.need_bound[node, column])]
    return said


def _priority(view: CellInputs, node: int, column: int) -> dict[str, Any]:
    found, at = view.ranking, (node, column)
    if not found.rank[at]:
        return {}
    bound, ranked = int(found.bound[at]), int((found.rank[node] > 0).sum())
    said: dict[str, Any] = {
        "priority": {
            "rank": int(found.rank[at]),
            "value": None if bound == MIXED else round(float(found.value[at])),
            "bound": BOUNDS.get(bound, ""),
            "important": bool(found.matters[at]),
            "strong": bool(found.strong[at]),
            "suggestion": suggest(
                view.survey.capabilities[column],
                matters=bool(found.matters[at]),
                strong=bool(found.strong[at]),
            ),
            "clear": bool(found.clear[at]),
        }
    }
    firm = firmness_word(float(view.firmness[at])) if ranked > TOP_COUNT and _many(view, at) else ""
    return said | ({"firmness": firm} if firm else {})


def _many(view: CellInputs, at: tuple[int, int]) -> bool:
    """Whether enough people rated both: whom chance draws again tells how far few are apart."""
    return all(scored.n[at] >= DETAIL_THRESHOLD for scored in view.scores.kinds.values())


def _leader(view: CellInputs, kind: Kind, node: int, column: int) -> dict[str, Any]:
    """Of the lead by name; at the root also of those who are not named, as one group."""
    said: dict[str, Any] = {}
    (mine, apart_), at = view.beside[kind], (node, column)
    if not np.isnan(mine.score[at]):
        gap, bound = apart_.at(at)
        said["leader"] = {"level": float(mine.score[at]), "gap": gap, "gap_bound": bound}
        if kind == "performance":
            said["leader"] |= _story(view, node, column, float(mine.score[at]))
    return said | (_pool(view, kind, column) if node == 0 else {})


def _pool(view: CellInputs, kind: Kind, column: int) -> dict[str, Any]:
    mean, n = view.leaders.pool[kind]
    if np.isnan(mean[column]):
        return {}
    shown = printed_scores(mean, mean, mean, n)
    team = view.single(kind)
    first = PrintedScores(team.score[0], team.bound[0], team.low[0], team.high[0])
    gap, bound = printed_difference(shown, first).at(column)
    return {
        "leaders": {
            "n": int(n[column]),
            "level": float(shown.score[column]),
            "bound": BOUNDS[int(shown.bound[column])],
            "gap": gap,
            "gap_bound": bound,
        }
    }


def _story(view: CellInputs, node: int, column: int, level: float) -> dict[str, Any]:
    flag, team = int(view.flags[node, column]), float(view.faces["performance"].score[node, column])
    target = float(view.targets[node, column])
    aim = DEFAULT_TARGET if np.isnan(target) else target
    return {"flag": LEADER_FLAGS[flag], "story": leader_story(flag, level, team, aim)}


def _change(view: CellInputs, node: int, column: int) -> dict[str, Any]:
    moved, at = view.moved, (node, column)
    if moved is None or np.isnan(moved.before.score[at]):
        return {}
    size, bound = moved.apart.at(at)
    seen = _number(moved.seen[at])
    said: dict[str, Any] = {
        "verdict": VERDICTS[moved.change.verdict[at]],
        "size": size,
        "bound": bound,
        "seen": seen,
        "before": float(moved.before.score[at]),
        "linked": bool(moved.change.both.pairs[at] > 0),
    }
    if size is not None and seen is not None and not bound:
        said |= {"low": round(size - seen, 1) + 0.0, "high": round(size + seen, 1) + 0.0}
    if view.count <= column < len(view.names) - 1:
        on_map = moved.change.map_verdict[node, column - view.count]
        said["map_verdict"] = VERDICTS[on_map]  # among all teams and values at once
    if column < view.count and moved.chance[at]:
        said["chance"] = float(moved.chance[at])
    return {"change": said}


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
