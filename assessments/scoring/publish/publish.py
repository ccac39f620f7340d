"""From raw numbers to what may be shown (method 7.4): rounded, guarded, and nothing else derived from
anything but that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assessments.scoring.cell import Cell, Kind, SubjectType, Suppressed
from assessments.scoring.cycle_scores import CycleScores, score_survey
from assessments.scoring.leaders import AlignmentSide, alignment
from assessments.scoring.publish.cell_details import (
    ParticipationCount,
    cell_detail,
    non_response_detail,
)
from assessments.scoring.publish.cell_inputs import CellInputs, EarlierCycle
from assessments.scoring.reliability import alphas_and_iccs, response_shares
from assessments.scoring.rounding import BOUNDS, MIXED, round_tenth
from assessments.scoring.survey import Bools, Ints, Survey, SurveyTree
from assessments.scoring.unanimity_guard import guard_unanimity
from assessments.scoring.visibility import hide, nearest_visible

METHOD_VERSION = "1.1"
KINDS: tuple[Kind, ...] = ("performance", "importance")

__all__ = [
    "METHOD_VERSION",
    "EarlierCycle",
    "ParticipationCount",
    "PublishedSurvey",
    "participation",
    "publish",
]


@dataclass(frozen=True, eq=False)
class PublishedSurvey:
    """Everything a closed cycle says."""

    cells: tuple[Cell, ...]
    participation: dict[str, ParticipationCount]  # only nodes that may be shown
    discarded: int
    method: str = METHOD_VERSION
    # "nodes": of each with a leader's answer {"alignment": {"shared", "of", "bias", ...}};
    # "quality": of the whole, for analysts
    detail: dict[str, Any] = field(default_factory=dict)


def publish(survey: Survey, earlier: EarlierCycle | None = None) -> PublishedSurvey:
    """Score the survey, compare it with the earlier one, and keep what may be shown."""
    view = CellInputs(score_survey(guard_unanimity(survey)), earlier)
    heads = participation(view.scores)
    return PublishedSurvey(
        cells=tuple(_cells(view, heads)),
        participation=heads,
        discarded=survey.discarded,
        detail={"nodes": _nodes(view), "quality": _quality(view.scores)},
    )


def participation(scores: CycleScores) -> dict[str, ParticipationCount]:
    """Of the nodes that hiding on head-counts leaves visible (method 7.3)."""
    tree, members = scores.members.tree, scores.members
    seen = hide(tree, np.maximum(tree.headcount, members.in_node), scores.survey.k)
    n, invited = tree.below(members.in_node), tree.below(tree.headcount)
    silent = tree.below(np.where(_first_silent(tree, seen, n), invited, 0))
    return {
        node.id: ParticipationCount(
            n=int(n[place]),
            invited=None
            if members.has_uncounted_below[place]
            else int(max(invited[place], n[place])),
            not_covered=int(silent[place]),
        )
        for place, node in enumerate(tree.nodes)
        if seen[place]
    }


def _first_silent(tree: SurveyTree, seen: Bools, n: Ints) -> Bools:
    """The highest of the shown nodes from which nobody answered."""
    above = nearest_visible(tree, seen)[tree.parent]
    answered = np.where((tree.parent >= 0) & (above >= 0), n[above], 1)
    found: Bools = seen & (n == 0) & (answered > 0)
    return found


# --- Cells ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Subject:
    """A column: what it is, and which of its capabilities were asked."""

    type: SubjectType
    name: str
    column: int
    asked: tuple[int, ...]


def _subjects(survey: Survey, kind: Kind) -> list[_Subject]:
    asked, dimensions = survey.asked(kind).tolist(), survey.dimensions
    count = len(survey.capabilities)
    found: list[_Subject] = []
    for place, one in enumerate(survey.capabilities):
        found.append(_Subject("capability", one.id, place, (place,) if asked[place] else ()))
    for place, value in enumerate(dimensions):
        inside = [at for at, one in enumerate(survey.capabilities) if one.dimension == value.id]
        parts = tuple(at for at in inside if asked[at])
        found.append(_Subject("value", value.id, count + place, parts))
    everything = tuple(at for at in range(count) if asked[at])
    return [*found, _Subject("overall", "", count + len(dimensions), everything)]


def _cells(view: CellInputs, heads: Mapping[str, ParticipationCount]) -> Iterator[Cell]:
    nodes = view.survey.tree.nodes
    for kind in KINDS:
        if not view.survey.asked(kind).any():
            continue
        subjects = _subjects(view.survey, kind)
        for place, node in enumerate(nodes):
            told = heads.get(node.id)
            for subject in subjects:
                yield _cell(view, kind, place, subject, told)


def _cell(
    view: CellInputs, kind: Kind, node: int, subject: _Subject, told: ParticipationCount | None
) -> Cell:
    base: dict[str, Any] = {
        "node": view.survey.tree.nodes[node].id,
        "subject_type": subject.type,
        "subject": subject.name,
        "kind": kind,
        "asked_capabilities": len(subject.asked),
    }
    reason = _suppressed(view, kind, node, subject)
    if reason:
        return Cell(**base, suppressed=reason)
    said = _number(view, kind, node, subject.column) | {"invited": told.invited if told else None}
    if kind == "performance":
        said |= _level(view, node, subject.column) | _fit(view, node, subject.column)
    said["detail"] = cell_detail(view, kind, node, subject.column)
    if subject.type == "overall" and told:
        said["detail"] |= non_response_detail(said["score"], said["bound"], told)
    return Cell(**base, **said)


def _suppressed(view: CellInputs, kind: Kind, node: int, subject: _Subject) -> Suppressed | None:
    scored = view.scores.kinds[kind]
    if not subject.asked:
        return "not_asked"
    if not np.isnan(scored.score[node, subject.column]):
        return None
    if subject.type == "capability" or not scored.blocks.shown[node, list(subject.asked)].any():
        return "below_threshold"
    return "not_enough_weight"


def _number(view: CellInputs, kind: Kind, node: int, column: int) -> dict[str, Any]:
    face, scored, at = view.faces[kind], view.scores.kinds[kind], (node, column)
    bound = BOUNDS[int(face.bound[at])]
    whole = column - view.count
    return {
        "score": float(face.score[at]),
        "bound": bound,
        "low": None if bound else float(face.low[at]),
        "high": None if bound else float(face.high[at]),
        "everyone": bool(scored.everyone[at]) and not bound,
        "n": int(scored.n[at]),
        "based_on": 1 if whole < 0 else int(scored.composites.based_on[node, whole]),
    }


def _level(view: CellInputs, node: int, column: int) -> dict[str, Any]:
    found, at = view.levels, (node, column)
    holder = int(found.holder[at])
    return {
        "level": int(found.level[at]),
        "state": found.state(at),
        "held_by": view.names[holder] if holder >= 0 else "",
    }


def _fit(view: CellInputs, node: int, column: int) -> dict[str, Any]:
    found, at = view.fit, (node, column)
    need = _need(view, node, column) if column < view.count else _needs(view, node, column)
    if np.isnan(found.share[at]):
        return need
    return need | {
        "fit": _percent(found.share[at]),
        "fit_low": _percent(found.low[at]),
        "fit_high": _percent(found.high[at]),
    }


def _need(view: CellInputs, node: int, column: int) -> dict[str, Any]:
    """Of one capability: the difference of two printed numbers, and what a bound makes of it."""
    found, at = view.fit, (node, column)
    if np.isnan(found.gap[at]):
        return {}
    bound = int(found.gap_bound[at])
    return {
        "need": float(found.need[at]),
        "need_source": "target" if found.from_target[at] else "importance",
        "gap": None if bound == MIXED else float(found.gap[at]),
        "gap_bound": BOUNDS.get(bound, ""),
        "fits": bool(found.fits[at]),
    }


def _needs(view: CellInputs, node: int, column: int) -> dict[str, Any]:
    """Of a composite: the weighted printed needs of what it shows, where all of them are known."""
    weights = view.scores.performance.composites.weights[node, :, column - view.count]
    used = weights > 0
    needs, bounds = view.fit.need[node][used], view.fit.need_bound[node][used]
    if not used.any() or np.isnan(needs).any():
        return {}
    need = float(round_tenth(np.array((weights[used] * needs).sum())))
    face, at = view.faces["performance"], (node, column)
    pulls = {int(face.bound[at]), *(-bounds).tolist()} - {0}
    return {
        "need": need,
        "need_source": "target" if view.fit.from_target[node][used].all() else "importance",
        "gap": None if len(pulls) > 1 else round(float(face.score[at]) - need, 1),
        "gap_bound": BOUNDS[pulls.pop()] if len(pulls) == 1 else "",
    }


def _percent(share: float) -> int:
    return int(np.floor(100 * share + 0.5 + 1e-9))


# --- Nodes and the whole ----------------------------------------------------------------------


def _nodes(view: CellInputs) -> dict[str, dict[str, Any]]:
    """What leader and team share, from printed numbers."""
    found = {}
    level, importance = view.single("performance"), view.single("importance")
    for node in np.flatnonzero(view.leaders.nodes).tolist():
        told = alignment(
            AlignmentSide(
                round_tenth(view.leaders.performance[node]),
                round_tenth(view.leaders.importance[node]),
            ),
            AlignmentSide(level.score[node], importance.score[node]),
            level.bound[node] == 0,
            view.targets[node],
            view.capabilities,
        )
        if told:
            found[view.survey.tree.nodes[node].id] = {
                "alignment": {
                    "shared": told.shared,
                    "of": told.of,
                    "bias": _rounded(told.bias, 1),
                    "apart": _rounded(told.apart, 1),
                    "compared": told.compared,
                    "order": _rounded(told.order, 2),
                    "order_importance": _rounded(told.order_importance, 2),
                }
            }
    return found


def _quality(scores: CycleScores) -> dict[str, Any]:
    alphas, iccs = alphas_and_iccs(scores)
    return {
        "answers": response_shares(scores),
        "alpha": [
            {
                "value": one.value,
                "n": one.n,
                "alpha": _rounded(one.alpha, 2),
                "low": _rounded(one.low, 2),
                "high": _rounded(one.high, 2),
                "omega": _rounded(one.omega, 2),
                "rest": {name: _rounded(found, 2) for name, found in one.rest.items()},
                "dropped": {name: _rounded(found, 2) for name, found in one.dropped.items()},
            }
            for one in alphas
        ],
        "icc": [
            {
                "value": one.value,
                "groups": one.groups,
                "single": _rounded(one.single, 2),
                "mean": _rounded(one.mean, 2),
            }
            for one in iccs
        ],
    }


def _rounded(value: float | None, places: int) -> float | None:
    """No minus before a zero: the database keeps none, and a check would find a difference."""
    return None if value is None else round(value, places) + 0.0
