"""What a published cell carries besides its number: how far people agree, what the leader says, what
changed, and what to do about it. All of it from printed numbers, or as a word.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from assessments.scoring.agreement import is_split, word
from assessments.scoring.cells import Bound, Kind
from assessments.scoring.change import VERDICTS
from assessments.scoring.firmness import word as firmness_word
from assessments.scoring.guarding import FEW
from assessments.scoring.leaders import story
from assessments.scoring.priorities import FIRST, TARGET, suggest
from assessments.scoring.showing import BOUNDS, MIXED, bound_of_difference, difference, face, tenth
from assessments.scoring.view import View

FLAGS = {0: "in_line", 1: "higher", -1: "lower"}


def detail(view: View, kind: Kind, node: int, column: int) -> dict[str, Any]:
    """Json-able; empty parts are left out."""
    said = _agreement(view, kind, node, column)
    if view.scores.members.below_uncounted[node]:
        said["headcount_missing"] = True
    if column < view.count:
        said |= _shares(view, kind, node, column) | _leader(view, kind, node, column)
    if kind == "performance":
        said |= _bounds(view, node, column) | _change(view, node, column)
        if column < view.count:
            said |= _priority(view, node, column)
    return said


def beside(score: float, bound: Bound, n: int, invited: int | None) -> dict[str, Any]:
    """What those who did not answer could make of the score: half a level lower, or the extremes."""
    if bound or not invited or n >= invited:
        return {}
    silent = 1 - n / invited
    answered = score * (1 - silent)
    worst = [float(tenth(np.array(answered + silent * end))) for end in (1, 5)]
    half = float(tenth(np.array(silent / 2)))
    return {"silent": {"share": round(100 * silent), "half_a_level": half, "between": worst}}


def _agreement(view: View, kind: Kind, node: int, column: int) -> dict[str, Any]:
    rwg, n = float(view.rwg[kind][node, column]), int(view.scores.kinds[kind].n[node, column])
    said: dict[str, Any] = {"agreement": word(rwg, n)}
    if n < FEW or np.isnan(rwg):
        return said
    said["rwg"] = round(rwg, 2)
    if column < view.count:
        found = view.agreement[kind]
        histogram = found.histogram[node, column]
        said["ad"] = float(tenth(found.distance[node, column]))
        said["histogram"] = [int(people) for people in histogram]
        said["split"] = is_split(histogram, n)
    return said


def _shares(view: View, kind: Kind, node: int, column: int) -> dict[str, Any]:
    """Of those asked: who had not seen the work, and to whom it does not apply."""
    scored, at = view.scores.kinds[kind], (node, column)
    if scored.n[at] < FEW:
        return {}
    unrated, unseen = scored.blocks.unrated_below[at], scored.blocks.not_seen_below[at]
    asked = scored.n[at] + unrated
    return {
        "not_seen": round(float(unseen / asked), 2),
        "not_applicable": round(float((unrated - unseen) / asked), 2),
    }


def _bounds(view: View, node: int, column: int) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if not np.isnan(view.fit.share[node, column]) and view.fit.bounded[node, column]:
        said["fit_bound"] = "at_least"
    if column < view.count and view.fit.need_bound[node, column]:
        said["need_bound"] = BOUNDS[int(view.fit.need_bound[node, column])]
    return said


def _priority(view: View, node: int, column: int) -> dict[str, Any]:
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
    firm = firmness_word(float(view.firmness[at])) if ranked > FIRST else ""
    return said | ({"firmness": firm} if firm else {})


def _leader(view: View, kind: Kind, node: int, column: int) -> dict[str, Any]:
    """Of the lead by name; at the root also of those who are not named, as one group."""
    said: dict[str, Any] = {}
    mine = float(getattr(view.leaders, kind)[node, column])
    if not np.isnan(mine):
        said["leader"] = _apart(view, kind, node, column, float(tenth(np.array(mine))))
        if kind == "performance":
            said["leader"] |= _story(view, node, column, said["leader"]["level"])
    if node == 0:
        mean, n = (found[column] for found in view.leaders.pool[kind])
        if not np.isnan(mean):
            shown = face(mean, mean, mean, n)
            said["leaders"] = {
                "n": int(n),
                "bound": BOUNDS[int(shown.bound)],
                **_apart(view, kind, node, column, float(shown.score), int(shown.bound)),
            }
    return said


def _apart(
    view: View, kind: Kind, node: int, column: int, level: float, level_bound: int = 0
) -> dict[str, Any]:
    team, at = view.faces[kind], (node, column)
    bound = int(bound_of_difference(np.array(level_bound), team.bound[at]))
    gap = float(difference(np.array(level), team.score[at]))
    return {
        "level": level,
        "gap": None if bound == MIXED else gap,
        "gap_bound": BOUNDS.get(bound, ""),
    }


def _story(view: View, node: int, column: int, level: float) -> dict[str, Any]:
    flag, team = int(view.flags[node, column]), float(view.faces["performance"].score[node, column])
    target = float(view.targets[node, column])
    aim = TARGET if np.isnan(target) else target
    return {"flag": FLAGS[flag], "story": story(flag, level, team, aim)}


def _change(view: View, node: int, column: int) -> dict[str, Any]:
    found, before, after = view.change, view.before, view.after
    if found is None or before is None or after is None or np.isnan(before.score[node, column]):
        return {}
    at = (node, column)
    bound = int(bound_of_difference(after.bound[at], before.bound[at]))
    size = None if bound == MIXED else float(difference(after.score[at], before.score[at]))
    seen = float(tenth(found.mdc[at]))
    said: dict[str, Any] = {
        "verdict": VERDICTS[found.verdict[at]],
        "size": size,
        "bound": BOUNDS.get(bound, ""),
        "seen": max(seen, 0.1) if found.mdc[at] > 0 else 0.0,
        "before": float(before.score[at]),
        "linked": bool(found.both.pairs[at] > 0),
    }
    if size is not None and not bound:
        said |= {"low": round(size - said["seen"], 1), "high": round(size + said["seen"], 1)}
    if column < view.count and abs(found.drift[at]) >= 0.05:
        said["chance"] = round(float(found.drift[at]), 1)
    return {"change": said}
