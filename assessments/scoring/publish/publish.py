"""Publish a survey (method 7.4): scores are guarded and rounded, and whatever is derived for showing is
computed from those."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from math import floor, isnan
from typing import Any

import numpy as np

from assessments.scoring.cell import KINDS, Cell, Kind, SubjectType
from assessments.scoring.composites import suppression_reason
from assessments.scoring.cycle_scores import CycleScores, score_survey
from assessments.scoring.leaders import AlignmentSide, alignment
from assessments.scoring.publish.cell_details import ParticipationCount, cell_detail, non_response
from assessments.scoring.publish.cell_inputs import CellInputs, EarlierCycle
from assessments.scoring.publish.needs import capability_need, composite_need
from assessments.scoring.publish.stage_cells import stage_cells
from assessments.scoring.reliability import alphas_and_iccs, answer_shares
from assessments.scoring.rounding import round_tenth
from assessments.scoring.summary import LeaderAlignment, QualityReport
from assessments.scoring.survey import Bools, Ints, Survey, SurveyTree
from assessments.scoring.unanimity_guard import guard_unanimity

METHOD_VERSION = "2"

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
    """Everything that is published of a closed cycle."""

    build_cells: Callable[[], Iterator[Cell]]  # one by one: so many need not exist at once
    shown: frozenset[str]  # nodes of which any score is shown
    participation: dict[str, ParticipationCount]  # only nodes that may be shown
    discarded: int  # members who answered less than half
    method: str = METHOD_VERSION
    alignments: Mapping[str, LeaderAlignment] = field(default_factory=dict)  # by node id
    quality: QualityReport = field(default_factory=QualityReport)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(self.build_cells())


def publish(
    survey: Survey, earlier: EarlierCycle | None = None, year_before: EarlierCycle | None = None
) -> PublishedSurvey:
    """Score the survey, compare it with the earlier ones, and return what may be shown."""
    inputs = CellInputs(score_survey(guard_unanimity(survey)), earlier, year_before)
    participation_counts = participation(inputs.scores)
    build_cells = partial(_build_cells, inputs, participation_counts)
    next(build_cells(), None)  # computes what all cells share, before they are stored one by one
    return PublishedSurvey(
        build_cells=build_cells,
        shown=_shown_nodes(inputs.scores),
        participation=participation_counts,
        discarded=survey.discarded,
        alignments=_leader_alignments(inputs),
        quality=_quality_report(inputs.scores),
    )


def _shown_nodes(scores: CycleScores) -> frozenset[str]:
    """Return the ids of the nodes that show the score of a capability; without one they show no other."""
    shown = np.any([scored.blocks.shown.any(axis=1) for scored in scores.kinds.values()], axis=0)
    return frozenset(
        node.id for node, is_shown in zip(scores.survey.tree.nodes, shown, strict=True) if is_shown
    )


def participation(scores: CycleScores) -> dict[str, ParticipationCount]:
    """Count invited people and answers at the nodes that the cut on head-counts leaves visible (method 7.3),
    by the node's id."""
    tree, members = scores.members.tree, scores.members
    visible = tree.visible(np.maximum(tree.headcount, members.in_node), scores.survey.k)
    n, invited = tree.below(members.in_node), tree.below(tree.headcount)
    silent = tree.below(np.where(_highest_silent(tree, visible, n), invited, 0))
    return {
        node.id: ParticipationCount(
            n=int(n[index]),
            invited=None
            if members.has_uncounted_below[index]
            else int(max(invited[index], n[index])),
            not_covered=int(silent[index]),
        )
        for index, node in enumerate(tree.nodes)
        if visible[index]
    }


def _highest_silent(tree: SurveyTree, visible: Bools, n: Ints) -> Bools:
    """Return which visible nodes nobody answered from, without those below another such node: (nodes,)."""
    above = tree.nearest_visible(visible)[tree.parent]
    answered = np.where((tree.parent >= 0) & (above >= 0), n[above], 1)
    highest: Bools = visible & (n == 0) & (answered > 0)
    return highest


# --- Cells ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Subject:
    """A column of the results: what it is, and which of its capabilities were asked (their columns)."""

    type: SubjectType
    name: str
    column: int
    asked: tuple[int, ...]


def _list_subjects(inputs: CellInputs, kind: Kind) -> list[_Subject]:
    asked = inputs.survey.asked(kind)
    columns = enumerate(zip(inputs.names, inputs.parts, strict=True))
    return [
        _Subject(
            _subject_type(inputs, column),
            name,
            column,
            tuple(part for part in parts if asked[part]),
        )
        for column, (name, parts) in columns
    ]


def _subject_type(inputs: CellInputs, column: int) -> SubjectType:
    if column < inputs.count:
        return "capability"
    return "value" if column < len(inputs.names) - 1 else "overall"


def _build_cells(
    inputs: CellInputs, participation_counts: Mapping[str, ParticipationCount]
) -> Iterator[Cell]:
    nodes = inputs.survey.tree.nodes
    for kind in KINDS:
        if not inputs.survey.asked(kind).any():
            continue
        subjects = _list_subjects(inputs, kind)
        for node_index, node in enumerate(nodes):
            count = participation_counts.get(node.id)
            for subject in subjects:
                yield _build_cell(inputs, kind, node_index, subject, count)
    if inputs.survey.asked("performance").any():
        yield from stage_cells(inputs)


def _build_cell(
    inputs: CellInputs,
    kind: Kind,
    node: int,
    subject: _Subject,
    participation_count: ParticipationCount | None,
) -> Cell:
    base: dict[str, Any] = {
        "node": inputs.survey.tree.nodes[node].id,
        "subject_type": subject.type,
        "subject": subject.name,
        "kind": kind,
        "asked_capabilities": len(subject.asked),
    }
    scored, at = inputs.scores.kinds[kind], (node, subject.column)
    reason = suppression_reason(scored.score[at], subject.asked, scored.blocks.shown[node])
    if reason:
        return Cell(**base, suppressed=reason)
    fields = _score_fields(inputs, kind, node, subject.column) | {
        "invited": participation_count.invited if participation_count else None
    }
    if kind == "performance":
        fields |= _level_fields(inputs, node, subject.column) | _fit_fields(
            inputs, node, subject.column
        )
    detail = cell_detail(inputs, kind, node, subject.column)
    if subject.type == "overall" and participation_count:
        detail = replace(
            detail,
            non_response=non_response(fields["score"], participation_count),
            not_covered=participation_count.not_covered,
        )
    return Cell(**base, **fields, detail=detail)


def _score_fields(inputs: CellInputs, kind: Kind, node: int, column: int) -> dict[str, Any]:
    printed, scored, at = inputs.printed[kind], inputs.published[kind], (node, column)
    composite = column - inputs.count
    estimate = float(inputs.estimates[kind][at])
    return {
        "score": float(printed.score[at]),
        "estimate": None if isnan(estimate) else estimate,
        "low": float(printed.low[at]),
        "high": float(printed.high[at]),
        "coarse": bool(scored.coarse[at]),
        "is_estimated": bool(scored.estimates.known[at]),
        "everyone": bool(scored.everyone[at]),
        "n": int(scored.n[at]),
        "based_on": 1 if composite < 0 else int(scored.composites.based_on[node, composite]),
    }


def _level_fields(inputs: CellInputs, node: int, column: int) -> dict[str, Any]:
    levels, at = inputs.levels, (node, column)
    holder = int(levels.holder[at])
    return {
        "level": int(levels.level[at]),
        "state": levels.state(at),
        "held_by": inputs.names[holder] if holder >= 0 else "",
    }


def _fit_fields(inputs: CellInputs, node: int, column: int) -> dict[str, Any]:
    fit, at = inputs.fit, (node, column)
    if column < inputs.count:
        need = capability_need(fit, at)
    else:
        scored = inputs.published["performance"]
        score = float(inputs.printed["performance"].score[at])
        weights = scored.composites.weights[node, :, column - inputs.count]
        need = composite_need(fit, node, weights, score, coarse=bool(scored.coarse[at]))
        if need:
            need["fits"] = bool(abs(need["gap"]) < fit.half_width[at]) or need["gap"] == 0
    if isnan(fit.share[at]):
        return need
    return need | {
        "fit": _percent(fit.share[at]),
        "fit_low": _percent(fit.low[at]),
        "fit_high": _percent(fit.high[at]),
    }


def _percent(share: float) -> int:
    """Return a share as whole per cent, halves up."""
    return floor(100 * share + 0.5 + 1e-9)


# --- Nodes and the whole ----------------------------------------------------------------------


def _leader_alignments(inputs: CellInputs) -> dict[str, LeaderAlignment]:
    """Return the alignment of leader and team at each node with a leader's answer, from printed numbers."""
    alignments = {}
    for node in np.flatnonzero(inputs.leaders.nodes).tolist():
        raw = alignment(
            AlignmentSide(
                round_tenth(inputs.leaders.performance[node]),
                round_tenth(inputs.leaders.importance[node]),
            ),
            AlignmentSide(*(inputs.basis[kind][node] for kind in KINDS)),
            AlignmentSide(*(inputs.ranked[kind][node] for kind in KINDS)),
            inputs.targets[node],
            inputs.capabilities,
        )
        if raw:
            alignments[inputs.survey.tree.nodes[node].id] = replace(
                raw,
                bias=_round_optional(raw.bias, 1),
                apart=_round_optional(raw.apart, 1),
                order=_round_optional(raw.order, 2),
                order_importance=_round_optional(raw.order_importance, 2),
            )
    return alignments


def _quality_report(scores: CycleScores) -> QualityReport:
    """Return the quality report (method 10) with two decimals."""
    alphas, iccs = alphas_and_iccs(scores)
    return QualityReport(
        answers=answer_shares(scores),
        alpha=tuple(
            replace(
                raw,
                alpha=_round(raw.alpha, 2),
                low=_round(raw.low, 2),
                high=_round(raw.high, 2),
                omega=_round_optional(raw.omega, 2),
                rest={name: _round_optional(rest, 2) for name, rest in raw.rest.items()},
                dropped={name: _round_optional(alpha, 2) for name, alpha in raw.dropped.items()},
            )
            for raw in alphas
        ),
        icc=tuple(
            replace(raw, single=_round(raw.single, 2), mean=_round(raw.mean, 2)) for raw in iccs
        ),
    )


def _round(value: float, places: int) -> float:
    """Round. No minus before a zero: the database keeps none, and verification would find a difference."""
    return round(value, places) + 0.0


def _round_optional(value: float | None, places: int) -> float | None:
    return None if value is None else _round(value, places)
