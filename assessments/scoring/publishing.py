"""From raw numbers to what may be shown (method 7.4): rounded, guarded, and nothing else derived from
anything but that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assessments.scoring.agreement import Agreement, agreement, composite_rwg, is_split, word
from assessments.scoring.cells import Bound, Cell, Kind, State, SubjectType, Suppressed
from assessments.scoring.fit import Fit, fit
from assessments.scoring.guarding import FEW, canonical
from assessments.scoring.hiding import hide
from assessments.scoring.levels import Level, composite, shown, simple
from assessments.scoring.scored import Scored, Scores, score
from assessments.scoring.survey import Floats, Survey

METHOD = "1"


@dataclass(frozen=True, slots=True)
class Participation:
    """How many were invited at a node and below, and how many of them answered."""

    n: int
    invited: int


@dataclass(frozen=True, eq=False)
class Published:
    """Everything a closed cycle says."""

    cells: tuple[Cell, ...]
    participation: dict[str, Participation]  # only nodes that may be shown
    discarded: int
    method: str = METHOD
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """A score and its interval as they may be printed."""

    score: float
    bound: Bound
    low: float | None
    high: float | None


def publish(survey: Survey) -> Published:
    """Score the survey and keep what may be shown."""
    scores = score(canonical(survey))
    heads = participation(scores)
    return Published(tuple(_Publisher(scores, heads).cells()), heads, survey.discarded)


def participation(scores: Scores) -> dict[str, Participation]:
    """Of the nodes that hiding on head-counts leaves visible (method 7.3)."""
    tree, members = scores.members.tree, scores.members
    seen = hide(tree, np.maximum(tree.headcount, members.in_node), scores.survey.k)
    n, invited = tree.below(members.in_node), tree.below(tree.headcount)
    return {
        node.id: Participation(int(n[place]), int(max(invited[place], n[place])))
        for place, node in enumerate(tree.nodes)
        if seen[place]
    }


def guarded(score: float, low: float, high: float, n: int) -> Shown:
    """Fewer than ten people who all but agree: only that they do."""
    bound: Bound = ""
    if n < FEW and score >= 5 - 1 / n - 1e-9:
        bound, score = "at_least", 5 - 1 / n
    elif n < FEW and score <= 1 + 1 / n + 1e-9:
        bound, score = "at_most", 1 + 1 / n
    low_shown, high_shown = (None, None) if bound else (_one(low), _one(high))
    return Shown(_one(score), bound, low_shown, high_shown)


def _one(value: float) -> float:
    return float(np.round(shown(np.array(value)), 1))


class _Publisher:
    def __init__(self, scores: Scores, heads: dict[str, Participation]) -> None:
        self.scores, self.survey, self.heads = scores, scores.survey, heads
        self.capabilities = [one.id for one in self.survey.capabilities]
        self.values = [one.id for one in self.survey.dimensions]
        self.members_of = {
            value: [
                place
                for place, one in enumerate(self.survey.capabilities)
                if one.dimension == value
            ]
            for value in self.values
        }
        self.agreement: dict[str, Agreement] = {
            kind: agreement(scored.blocks) for kind, scored in scores.kinds.items()
        }
        self.rwg = {
            kind: composite_rwg(scored.composites, self.agreement[kind])
            for kind, scored in scores.kinds.items()
        }
        self.fit: Fit = fit(scores)

    def cells(self) -> Iterator[Cell]:
        kinds: tuple[Kind, ...] = ("performance", "importance")
        for kind in kinds:
            if self.survey.asked(kind).any():
                for node in range(len(self.scores.members.tree.nodes)):
                    yield from self._of_node(node, kind)

    def _of_node(self, node: int, kind: Kind) -> Iterator[Cell]:
        subjects: list[tuple[SubjectType, str]] = [("capability", one) for one in self.capabilities]
        subjects += [("value", one) for one in self.values]
        subjects.append(("overall", ""))
        for column, (subject_type, subject) in enumerate(subjects):
            base: dict[str, Any] = {
                "node": self.scores.members.tree.nodes[node].id,
                "subject_type": subject_type,
                "subject": subject,
                "kind": kind,
                "asked_capabilities": len(self._asked(column, kind)),
            }
            reason = self._suppressed(node, column, kind)
            yield Cell(
                **base, **({"suppressed": reason} if reason else self._said(node, column, kind))
            )

    def _asked(self, column: int, kind: Kind) -> list[int]:
        """Columns of the capabilities that the subject is made of and that were asked."""
        asked = self.survey.asked(kind)
        if column < len(self.capabilities):
            parts = [column]
        elif column < len(self.capabilities) + len(self.values):
            parts = self.members_of[self.values[column - len(self.capabilities)]]
        else:
            parts = list(range(len(self.capabilities)))
        return [part for part in parts if asked[part]]

    def _suppressed(self, node: int, column: int, kind: Kind) -> Suppressed | None:
        scored, parts = self.scores.kinds[kind], self._asked(column, kind)
        if not parts:
            return "not_asked"
        if not np.isnan(scored.score[node, column]):
            return None
        if column < len(self.capabilities) or np.isnan(scored.blocks.score[node, parts]).all():
            return "below_threshold"
        return "not_enough_weight"

    def _said(self, node: int, column: int, kind: Kind) -> dict[str, Any]:
        scored, head = self.scores.kinds[kind], self.heads.get(self.survey.tree.nodes[node].id)
        n = int(scored.n[node, column])
        said = _shown(scored, node, column)
        found: dict[str, Any] = {
            "score": said.score,
            "bound": said.bound,
            "low": said.low,
            "high": said.high,
            "everyone": bool(scored.spread.level[node, column] == 0) and not said.bound,
            "n": n,
            "invited": head.invited if head else None,
            "based_on": self._based_on(scored, node, column),
            "detail": self._detail(node, column, kind, n),
        }
        return found | (self._against_need(node, column) if kind == "performance" else {})

    def _based_on(self, scored: Scored, node: int, column: int) -> int:
        whole = column - len(self.capabilities)
        return 1 if whole < 0 else int(scored.composites.based_on[node, whole])

    def _level(self, node: int, column: int) -> Level:
        scored = self.scores.performance
        score, low = float(scored.score[node, column]), float(scored.low[node, column])
        if column < len(self.capabilities):
            return simple(score, low)
        rule = self.survey.level_rule
        return composite(score, low, list(self._parts(node, column)), rule)

    def _parts(self, node: int, column: int) -> Iterator[tuple[str, float]]:
        """What a composite is made of, with upper limits: capabilities, or values for the whole."""
        high, count = self.scores.performance.high, len(self.capabilities)
        if column < count + len(self.values):
            columns = self.members_of[self.values[column - count]]
            weights = self.scores.performance.composites.weights[node, :, column - count]
            columns = [one for one in columns if weights[one] > 0]
        else:
            columns = [count + place for place in range(len(self.values))]
        names = self.capabilities + self.values
        yield from ((names[one], float(high[node, one])) for one in columns if high[node, one] > 0)

    def _against_need(self, node: int, column: int) -> dict[str, Any]:
        level = self._level(node, column)
        state: State = level.state
        found: dict[str, Any] = {"level": level.level, "state": state, "held_by": level.held_by}
        if not np.isnan(self.fit.share[node, column]):
            found |= {
                "fit": _percent(self.fit.share[node, column]),
                "fit_low": _percent(self.fit.low[node, column]),
                "fit_high": _percent(self.fit.high[node, column]),
            }
        if column < len(self.capabilities):
            return found | self._gap(node, column)
        return found | self._composite_need(node, column)

    def _gap(self, node: int, column: int) -> dict[str, Any]:
        """Between two printed numbers, with what a bound on either makes of it."""
        gap = self.fit.gap[node, column]
        if np.isnan(gap):
            return {}
        mine = _shown(self.scores.performance, node, column)
        by_target = bool(self.fit.from_target[node, column])
        theirs = None if by_target else _shown(self.scores.importance, node, column)
        need = float(self.fit.need[node, column]) if theirs is None else theirs.score
        bound = _gap_bound(mine.bound, "" if theirs is None else theirs.bound)
        rounded = round(mine.score - need, 1)
        return {
            "need": round(need, 1),
            "need_source": "target" if by_target else "importance",
            "gap": None if bound is None else rounded,
            "gap_bound": bound or "",
            "fits": bool(abs(rounded) < self.fit.half_width[node, column]),
        }

    def _composite_need(self, node: int, column: int) -> dict[str, Any]:
        """The weighted need of what a composite shows, where all of its needs are known."""
        weights = self.scores.performance.composites.weights[
            node, :, column - len(self.capabilities)
        ]
        needs, used = self.fit.need[node], weights > 0
        if not used.any() or np.isnan(needs[used]).any():
            return {}
        need = _one(float((weights[used] * needs[used]).sum()))
        mine = _shown(self.scores.performance, node, column)
        sources = self.fit.from_target[node][used]
        return {
            "need": need,
            "need_source": "target" if sources.all() else "importance",
            "gap": round(mine.score - need, 1),
            "gap_bound": mine.bound,
        }

    def _detail(self, node: int, column: int, kind: Kind, n: int) -> dict[str, Any]:
        found, count = self.agreement[kind], len(self.capabilities)
        single = column < count
        rwg = found.rwg[node, column] if single else self.rwg[kind][node, column - count]
        said: dict[str, Any] = {"agreement": word(float(rwg), n)}
        if n < FEW:
            return said
        said["rwg"] = round(float(rwg), 2)
        if single:
            histogram: Floats = found.histogram[node, column]
            said["ad"] = _one(float(found.distance[node, column]))
            said["histogram"] = [int(people) for people in histogram]
            said["split"] = is_split(histogram, n)
        return said


def _shown(scored: Scored, node: int, column: int) -> Shown:
    place = (node, column)
    low, high = float(scored.low[place]), float(scored.high[place])
    return guarded(float(scored.score[place]), low, high, int(scored.n[place]))


def _gap_bound(mine: Bound, theirs: Bound) -> Bound | None:
    """At least a level less at least a need says nothing: None."""
    flipped: dict[Bound, Bound] = {"at_least": "at_most", "at_most": "at_least", "": ""}
    other = flipped[theirs]
    if mine and other and mine != other:
        return None
    return mine or other


def _percent(share: float) -> int:
    return int(np.floor(100 * share + 0.5 + 1e-9))
