"""Every raw number of a survey, in the form of the worked cases. For the holder of the file with the
answers alone: nothing here is rounded, guarded or meant to be shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from assessments.scoring.agreement import (
    Agreement,
    agreement,
    agreement_word,
    composite_rwg,
    is_split,
)
from assessments.scoring.change import VERDICTS, ChangeTest, compare
from assessments.scoring.cycle_scores import KINDS, CycleScores, KindScores, score_survey
from assessments.scoring.fit import inherited_targets
from assessments.scoring.intervals import GlobalStrata
from assessments.scoring.leaders import (
    AlignmentSide,
    LeaderRatings,
    alignment,
    leader_flags,
    leader_ratings,
)
from assessments.scoring.priorities import ranking, suggest
from assessments.scoring.reliability import Alpha, Icc, alphas_and_iccs
from assessments.scoring.rounding import PrintedScores, round_hundredth
from assessments.scoring.survey import Bools, Floats, Ints, Survey

FLAG_WORDS = {0: "in line", 1: "leader higher", -1: "leader lower"}
VERDICT_WORDS = {
    "none": "no clear change",
    "up": "up",
    "down": "down",
    "few": "too few answers to tell",
}


def report(survey: Survey) -> dict[str, Any]:
    """Of one cycle."""
    return _Report(score_survey(survey)).whole()


def report_change(earlier: Survey, later: Survey) -> dict[str, Any]:
    """Of two cycles of the same teams and capabilities."""
    then, now = score_survey(earlier), score_survey(later)
    same = {node.id: node.id for node in later.nodes}
    unchanged = [one.id for one in later.capabilities]
    found, nodes = compare(then, now, same, unchanged), {}
    was, before = then.survey.tree.place, set(_shown(then))
    for place in _shown(now):
        name = now.survey.tree.nodes[place].id
        if was.get(name) in before and not np.isnan(found.both.before[place]).all():
            nodes[name] = _changed(found, place, now.survey)
    return {"change": nodes}


def _shown(scores: CycleScores) -> list[int]:
    """Nodes that are visible for whole people."""
    of_node = GlobalStrata.of(scores.performance.blocks).block
    return [place for place, block in enumerate(of_node.tolist()) if place == block]


def _changed(found: ChangeTest, node: int, survey: Survey) -> dict[str, Any]:
    count, values = len(survey.capabilities), len(survey.dimensions)
    single = {one.id: place for place, one in enumerate(survey.capabilities)}
    whole = {one.id: count + place for place, one in enumerate(survey.dimensions)}
    capabilities = {
        name: _comparison(found, node, place) | {"expected_drift": float(found.drift[node, place])}
        for name, place in single.items()
        if _known(found, node, place)
    }
    return {
        "overall": _comparison(found, node, count + values)
        if _known(found, node, count + values)
        else None,
        "value_types": {
            name: _comparison(found, node, place)
            for name, place in whole.items()
            if _known(found, node, place)
        },
        "capabilities": capabilities,
        "reliability_of_ranking": float(found.reliability[node]),
    }


def _known(found: ChangeTest, node: int, place: int) -> bool:
    return not np.isnan(found.both.before[node, place])


def _comparison(found: ChangeTest, node: int, place: int) -> dict[str, Any]:
    at, both = (node, place), found.both
    return {
        "before": float(both.before[at]),
        "after": float(both.after[at]),
        "change": float(found.size[at]),
        "se": float(found.se[at]),
        "df": float(found.df[at]) if both.noise_before[at] + both.noise_after[at] > 0 else None,
        "p": _number(found.p[at]),
        "mdc": float(found.mdc[at]),
        "pairs": int(both.pairs[at]),
        "rho": float(both.rho[at]),
        "p_adjusted": _number(found.adjusted[at]),
        "verdict": VERDICT_WORDS[VERDICTS[found.verdict[at]]],
    }


def _alpha(one: Alpha) -> dict[str, Any]:
    return {
        "value_type": one.value,
        "n": one.n,
        "alpha": one.alpha,
        "ci": [one.low, one.high],
        "item_rest": one.rest,
        "alpha_if_dropped": one.dropped,
        "omega": one.omega,
    }


def _icc(one: Icc) -> dict[str, Any]:
    return {"value_type": one.value, "groups": one.groups, "icc1": one.single, "icc2": one.mean}


def _freedom(df: float) -> float | None:
    """Where nothing varies, there are no degrees of freedom to speak of."""
    return float(df) if df > 0 else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


class _Report:
    def __init__(self, scores: CycleScores) -> None:
        self.scores, self.survey = scores, scores.survey
        self.tree = scores.survey.tree
        self.names = self.survey.subjects
        self.count = len(self.survey.capabilities)
        self.levels = scores.performance.levels(self.survey)
        self.agreement = {kind: agreement(one.blocks) for kind, one in scores.kinds.items()}
        self.rwg = composite_rwg(scores.performance.composites, self.agreement["performance"])
        self.leaders: LeaderRatings = leader_ratings(self.survey)
        self.flags: Ints = leader_flags(self.leaders, scores.performance)
        self.targets: Floats = inherited_targets(self.survey)
        self.faces = {kind: self._raw(one) for kind, one in scores.kinds.items()}
        self.ranking = ranking(
            self.faces["performance"], self.faces["importance"], self.targets, self.capabilities
        )

    @property
    def capabilities(self) -> tuple[str, ...]:
        return tuple(self.names[: self.count])

    def _raw(self, scored: KindScores) -> PrintedScores:
        cut = slice(0, self.count)
        score = scored.score[:, cut]
        nothing = np.zeros(score.shape, dtype=np.int64)
        return PrintedScores(score, nothing, scored.low[:, cut], scored.high[:, cut])

    def whole(self) -> dict[str, Any]:
        alphas, iccs = alphas_and_iccs(self.scores)
        return {
            "discarded": self.survey.discarded,
            "participation": self._participation(),
            "visible": {
                kind: self._named(one.blocks.visible) for kind, one in self.scores.kinds.items()
            },
            "detail": {
                kind: self._named(one.blocks.detailed) for kind, one in self.scores.kinds.items()
            },
            "prior": {
                kind: {"s0": one.prior.variance, "nu": one.prior.nu}
                for kind, one in self.scores.kinds.items()
            },
            "quality": {
                "alpha": [_alpha(one) for one in alphas],
                "icc": [_icc(one) for one in iccs],
            },
            "nodes": {
                self.tree.nodes[place].id: self._node(place) for place in _shown(self.scores)
            },
        }

    def _participation(self) -> dict[str, Any]:
        members, heads = self.scores.members, self.tree.headcount
        silent = np.where(members.in_node == 0, heads, 0)
        columns = [self.tree.below(one).tolist() for one in (members.in_node, heads, silent)]
        names = ("n", "invited", "heads_in_teams_without_answers")
        return {
            node.id: dict(zip(names, row, strict=True))
            for node, row in zip(self.tree.nodes, zip(*columns, strict=True), strict=True)
        }

    def _named(self, seen: Bools) -> dict[str, list[str]]:
        """Of each capability the nodes (nodes, capabilities) that are meant."""
        return {
            name: sorted(self.tree.nodes[place].id for place in np.flatnonzero(seen[:, column]))
            for column, name in enumerate(self.capabilities)
        }

    def _node(self, node: int) -> dict[str, Any]:
        level, importance = self.scores.performance, self.scores.importance
        count, last = self.count, len(self.names) - 1
        there = ~np.isnan(level.score[node])
        weighed = np.flatnonzero(~np.isnan(importance.score[node, :count])).tolist()
        found = {
            "capabilities": {
                self.names[at]: self._single("performance", node, at) | self._level(node, at)
                for at in np.flatnonzero(there[:count]).tolist()
            },
            "importance": {self.names[at]: self._single("importance", node, at) for at in weighed},
            "value_types": {
                self.names[at]: self._composite(node, at)
                for at in (count + np.flatnonzero(there[count:last])).tolist()
            },
            "overall": self._composite(node, last) if there[last] else None,
            "priorities": self._priorities(node),
        }
        alignment_ = self._alignment(node)
        return found | ({"alignment": alignment_} if alignment_ else {})

    def _numbers(self, scored: KindScores, node: int, at: int) -> dict[str, Any]:
        place, spread = (node, at), scored.spread
        return {
            "n": int(scored.n[place]),
            "score": float(scored.score[place]),
            "se": float(np.sqrt(spread.level[place])),
            "df": _freedom(spread.df[place]),
            "ci": [float(scored.low[place]), float(scored.high[place])],
            "se_noise": float(np.sqrt(spread.noise[place])),
            "df_noise": _freedom(spread.df_noise[place]),
        }

    def _single(self, kind: str, node: int, at: int) -> dict[str, Any]:
        found: Agreement = self.agreement[kind]
        rwg, histogram = float(found.rwg[node, at]), found.histogram[node, at]
        shown = bool(self.scores.kinds[kind].blocks.detailed[node, at])
        said: dict[str, Any] = {
            "var_within": float(found.within[node, at]),
            "rwg": rwg,
            "ad": float(found.distance[node, at]),
            "histogram": [int(people) for people in histogram] if shown else None,
            "split": is_split(histogram) if shown else None,
        }
        if kind == "performance":
            said["agreement"] = self._word(rwg, node, at)
        return self._numbers(self.scores.kinds[kind], node, at) | said

    def _composite(self, node: int, at: int) -> dict[str, Any]:
        scored, rwg = self.scores.performance, float(self.rwg[node, at - self.count])
        said = {"rwg": rwg, "agreement": self._word(rwg, node, at)}
        return self._numbers(scored, node, at) | self._level(node, at) | said

    def _word(self, rwg: float, node: int, at: int) -> str:
        printed = float(round_hundredth(np.array(rwg)))
        return agreement_word(printed, int(self.scores.performance.n[node, at]))

    def _level(self, node: int, at: int) -> dict[str, Any]:
        found, place = self.levels, (node, at)
        said = {
            "level": int(found.level[place]),
            "state": found.state(place),
            "index": 25 * (float(self.scores.performance.score[place]) - 1),
        }
        if found.holder[place] >= 0:
            said |= {"held_by": self.names[found.holder[place]], "uncapped": int(found.free[place])}
        return said

    def _priorities(self, node: int) -> list[dict[str, Any]]:
        places = np.argsort(self.ranking.rank[node])
        return [self._priority(node, at) for at in places if self.ranking.rank[node, at] > 0]

    def _priority(self, node: int, at: int) -> dict[str, Any]:
        found, place = self.ranking, (node, at)
        level, importance = (float(self.faces[kind].score[place]) for kind in KINDS)
        matters, strong = bool(found.matters[place]), bool(found.strong[place])
        suggestion = suggest(self.survey.capabilities[at], matters=matters, strong=strong)
        return {
            "capability": self.names[at],
            "importance": importance,
            "performance": level,
            "gap": importance - level,
            "priority": float(found.value[place]),
            "quadrant": f"{_side(matters)}/{_side(strong)}",
            "suggestion": suggestion.replace("_", " "),
            "clear": bool(found.clear[place]),
        }

    def _alignment(self, node: int) -> dict[str, Any] | None:
        leader = AlignmentSide(self.leaders.performance[node], self.leaders.importance[node])
        team = AlignmentSide(*(self.faces[kind].score[node] for kind in KINDS))
        exact = np.ones(self.count, dtype=bool)
        found = alignment(leader, team, exact, self.targets[node], self.capabilities)
        if found is None:
            return None
        gaps = leader.level - team.level
        return {
            "n_compared": found.compared,
            "mean_gap": found.bias,
            "mean_abs_gap": found.apart,
            "rank_correlation_performance": found.order,
            "rank_correlation_importance": found.order_importance,
            "shared_top": found.shared,
            "capabilities": {
                self.names[at]: {
                    "gap": float(gaps[at]),
                    "flag": FLAG_WORDS[int(self.flags[node, at])],
                }
                for at in np.flatnonzero(~np.isnan(gaps)).tolist()
            },
        }


def _side(high: bool) -> str:  # noqa: FBT001 - a word for a flag
    return "high" if high else "low"
