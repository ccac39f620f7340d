"""Report every raw number of a survey, in the form of the worked cases. Only for the holder of the file
with the answers: nothing here is rounded, guarded or meant to be shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from assessments.scoring.agreement import (
    RaterAgreement,
    agreement,
    agreement_word,
    composite_rwg,
    is_split,
)
from assessments.scoring.cell import KINDS
from assessments.scoring.change import VERDICTS, ChangeTest, compare
from assessments.scoring.cycle_scores import CycleScores, KindScores, score_survey
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
from assessments.scoring.reliability import alphas_and_iccs
from assessments.scoring.rounding import PrintedScores, round_hundredth
from assessments.scoring.summary import Alpha, Icc
from assessments.scoring.survey import Bools, Floats, Ints, Survey

FLAG_WORDS = {0: "in line", 1: "leader higher", -1: "leader lower"}
VERDICT_WORDS = {
    "none": "no clear change",
    "up": "up",
    "down": "down",
    "few": "too few answers to tell",
}


def report(survey: Survey) -> dict[str, Any]:
    """Report one cycle."""
    return _Report(score_survey(survey)).build()


def report_change(earlier: Survey, later: Survey) -> dict[str, Any]:
    """Report the changes between two cycles of the same teams and capabilities."""
    earlier_scores, later_scores = score_survey(earlier), score_survey(later)
    same = {node.id: node.id for node in later.nodes}
    unchanged = [capability.id for capability in later.capabilities]
    change, nodes = compare(earlier_scores, later_scores, same, unchanged), {}
    earlier_index, shown_before = (
        earlier_scores.survey.tree.index_of,
        set(_shown_nodes(earlier_scores)),
    )
    for index in _shown_nodes(later_scores):
        name = later_scores.survey.tree.nodes[index].id
        if (
            earlier_index.get(name) in shown_before
            and not np.isnan(change.both.before[index]).all()
        ):
            nodes[name] = _report_node_change(change, index, later_scores.survey)
    return {"change": nodes}


def _shown_nodes(scores: CycleScores) -> list[int]:
    """Return the nodes that are visible in the cut on people with at least one performance rating."""
    of_node = GlobalStrata.of(scores.performance.blocks).block
    return [node for node, block in enumerate(of_node.tolist()) if node == block]


def _report_node_change(change: ChangeTest, node: int, survey: Survey) -> dict[str, Any]:
    count, values = len(survey.capabilities), len(survey.dimensions)
    capability_columns = {
        capability.id: column for column, capability in enumerate(survey.capabilities)
    }
    value_columns = {
        dimension.id: count + column for column, dimension in enumerate(survey.dimensions)
    }
    capabilities = {
        name: _report_comparison(change, node, column)
        | {"expected_drift": float(change.drift[node, column])}
        for name, column in capability_columns.items()
        if _is_known(change, node, column)
    }
    return {
        "overall": _report_comparison(change, node, count + values)
        if _is_known(change, node, count + values)
        else None,
        "value_types": {
            name: _report_comparison(change, node, column)
            for name, column in value_columns.items()
            if _is_known(change, node, column)
        },
        "capabilities": capabilities,
        "reliability_of_ranking": float(change.reliability[node]),
    }


def _is_known(change: ChangeTest, node: int, column: int) -> bool:
    return not np.isnan(change.both.before[node, column])


def _report_comparison(change: ChangeTest, node: int, column: int) -> dict[str, Any]:
    at, waves = (node, column), change.both
    return {
        "before": float(waves.before[at]),
        "after": float(waves.after[at]),
        "change": float(change.size[at]),
        "se": float(change.se[at]),
        "df": float(change.df[at]) if waves.noise_before[at] + waves.noise_after[at] > 0 else None,
        "p": _none_if_nan(change.p[at]),
        "mdc": float(change.mdc[at]),
        "pairs": int(waves.pairs[at]),
        "rho": float(waves.rho[at]),
        "p_adjusted": _none_if_nan(change.adjusted[at]),
        "verdict": VERDICT_WORDS[VERDICTS[change.verdict[at]]],
    }


def _report_alpha(result: Alpha) -> dict[str, Any]:
    return {
        "value_type": result.value,
        "n": result.n,
        "alpha": result.alpha,
        "ci": [result.low, result.high],
        "item_rest": result.rest,
        "alpha_if_dropped": result.dropped,
        "omega": result.omega,
    }


def _report_icc(result: Icc) -> dict[str, Any]:
    return {
        "value_type": result.value,
        "groups": result.groups,
        "icc1": result.single,
        "icc2": result.mean,
    }


def _df_or_none(df: float) -> float | None:
    """Return degrees of freedom; None where nothing varies."""
    return float(df) if df > 0 else None


def _none_if_nan(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


class _Report:
    """The report of one cycle. Columns are capabilities, then values, then the whole."""

    def __init__(self, scores: CycleScores) -> None:
        self.scores, self.survey = scores, scores.survey
        self.tree = scores.survey.tree
        self.names = self.survey.subjects
        self.count = len(self.survey.capabilities)
        self.levels = scores.performance.levels(self.survey)
        self.agreement = {kind: agreement(scored.blocks) for kind, scored in scores.kinds.items()}
        self.rwg = composite_rwg(scores.performance.composites, self.agreement["performance"])
        self.leaders: LeaderRatings = leader_ratings(self.survey)
        self.flags: Ints = leader_flags(self.leaders, scores.performance)
        self.targets: Floats = inherited_targets(self.survey)
        self.unrounded = {
            kind: self._unrounded_scores(scored) for kind, scored in scores.kinds.items()
        }
        self.ranking = ranking(
            self.unrounded["performance"],
            self.unrounded["importance"],
            self.targets,
            self.capabilities,
        )

    @property
    def capabilities(self) -> tuple[str, ...]:
        return tuple(self.names[: self.count])

    def _unrounded_scores(self, scored: KindScores) -> PrintedScores:
        capabilities = slice(0, self.count)
        score = scored.score[:, capabilities]
        no_bound = np.zeros(score.shape, dtype=np.int64)
        return PrintedScores(
            score, no_bound, scored.low[:, capabilities], scored.high[:, capabilities]
        )

    def build(self) -> dict[str, Any]:
        alphas, iccs = alphas_and_iccs(self.scores)
        return {
            "discarded": self.survey.discarded,
            "participation": self._report_participation(),
            "visible": {
                kind: self._nodes_by_capability(scored.blocks.visible)
                for kind, scored in self.scores.kinds.items()
            },
            "detail": {
                kind: self._nodes_by_capability(scored.blocks.detailed)
                for kind, scored in self.scores.kinds.items()
            },
            "prior": {
                kind: {"s0": scored.prior.variance, "nu": scored.prior.nu}
                for kind, scored in self.scores.kinds.items()
            },
            "quality": {
                "alpha": [_report_alpha(result) for result in alphas],
                "icc": [_report_icc(result) for result in iccs],
            },
            "nodes": {
                self.tree.nodes[node].id: self._report_node(node)
                for node in _shown_nodes(self.scores)
            },
        }

    def _report_participation(self) -> dict[str, Any]:
        members, heads = self.scores.members, self.tree.headcount
        silent = np.where(members.in_node == 0, heads, 0)
        columns = [self.tree.below(counts).tolist() for counts in (members.in_node, heads, silent)]
        names = ("n", "invited", "heads_in_teams_without_answers")
        return {
            node.id: dict(zip(names, row, strict=True))
            for node, row in zip(self.tree.nodes, zip(*columns, strict=True), strict=True)
        }

    def _nodes_by_capability(self, visible: Bools) -> dict[str, list[str]]:
        """Return for each capability the ids of the nodes marked in `visible` (nodes, capabilities)."""
        return {
            name: sorted(self.tree.nodes[node].id for node in np.flatnonzero(visible[:, column]))
            for column, name in enumerate(self.capabilities)
        }

    def _report_node(self, node: int) -> dict[str, Any]:
        level, importance = self.scores.performance, self.scores.importance
        count, last = self.count, len(self.names) - 1
        is_known = ~np.isnan(level.score[node])
        importance_columns = np.flatnonzero(~np.isnan(importance.score[node, :count])).tolist()
        fields = {
            "capabilities": {
                self.names[column]: self._report_capability("performance", node, column)
                | self._report_level(node, column)
                for column in np.flatnonzero(is_known[:count]).tolist()
            },
            "importance": {
                self.names[column]: self._report_capability("importance", node, column)
                for column in importance_columns
            },
            "value_types": {
                self.names[column]: self._report_composite(node, column)
                for column in (count + np.flatnonzero(is_known[count:last])).tolist()
            },
            "overall": self._report_composite(node, last) if is_known[last] else None,
            "priorities": self._report_priorities(node),
        }
        node_alignment = self._report_alignment(node)
        return fields | ({"alignment": node_alignment} if node_alignment else {})

    def _report_score(self, scored: KindScores, node: int, column: int) -> dict[str, Any]:
        at, spread = (node, column), scored.spread
        return {
            "n": int(scored.n[at]),
            "score": float(scored.score[at]),
            "se": float(np.sqrt(spread.level[at])),
            "df": _df_or_none(spread.df[at]),
            "ci": [float(scored.low[at]), float(scored.high[at])],
            "se_noise": float(np.sqrt(spread.noise[at])),
            "df_noise": _df_or_none(spread.df_noise[at]),
        }

    def _report_capability(self, kind: str, node: int, column: int) -> dict[str, Any]:
        kind_agreement: RaterAgreement = self.agreement[kind]
        rwg, histogram = (
            float(kind_agreement.rwg[node, column]),
            kind_agreement.histogram[node, column],
        )
        detailed = bool(self.scores.kinds[kind].blocks.detailed[node, column])
        numbers: dict[str, Any] = {
            "var_within": float(kind_agreement.within[node, column]),
            "rwg": rwg,
            "ad": float(kind_agreement.distance[node, column]),
            "histogram": [int(people) for people in histogram] if detailed else None,
            "split": is_split(histogram) if detailed else None,
        }
        if kind == "performance":
            numbers["agreement"] = self._agreement_word(rwg, node, column)
        return self._report_score(self.scores.kinds[kind], node, column) | numbers

    def _report_composite(self, node: int, column: int) -> dict[str, Any]:
        scored, rwg = self.scores.performance, float(self.rwg[node, column - self.count])
        agreement_fields = {"rwg": rwg, "agreement": self._agreement_word(rwg, node, column)}
        return (
            self._report_score(scored, node, column)
            | self._report_level(node, column)
            | agreement_fields
        )

    def _agreement_word(self, rwg: float, node: int, column: int) -> str:
        printed = float(round_hundredth(np.array(rwg)))
        return agreement_word(printed, int(self.scores.performance.n[node, column]))

    def _report_level(self, node: int, column: int) -> dict[str, Any]:
        levels, at = self.levels, (node, column)
        level = {
            "level": int(levels.level[at]),
            "state": levels.state(at),
            "index": 25 * (float(self.scores.performance.score[at]) - 1),
        }
        if levels.holder[at] >= 0:
            level |= {"held_by": self.names[levels.holder[at]], "uncapped": int(levels.free[at])}
        return level

    def _report_priorities(self, node: int) -> list[dict[str, Any]]:
        columns = np.argsort(self.ranking.rank[node])
        return [
            self._report_priority(node, column)
            for column in columns
            if self.ranking.rank[node, column] > 0
        ]

    def _report_priority(self, node: int, column: int) -> dict[str, Any]:
        ranks, index = self.ranking, (node, column)
        level, importance = (float(self.unrounded[kind].score[index]) for kind in KINDS)
        matters, strong = bool(ranks.matters[index]), bool(ranks.strong[index])
        suggestion = suggest(self.survey.capabilities[column], matters=matters, strong=strong)
        return {
            "capability": self.names[column],
            "importance": importance,
            "performance": level,
            "gap": importance - level,
            "priority": float(ranks.value[index]),
            "quadrant": f"{_high_or_low(matters)}/{_high_or_low(strong)}",
            "suggestion": suggestion.replace("_", " "),
            "clear": bool(ranks.clear[index]),
        }

    def _report_alignment(self, node: int) -> dict[str, Any] | None:
        leader = AlignmentSide(self.leaders.performance[node], self.leaders.importance[node])
        team = AlignmentSide(*(self.unrounded[kind].score[node] for kind in KINDS))
        exact = np.ones(self.count, dtype=bool)
        node_alignment = alignment(leader, team, exact, self.targets[node], self.capabilities)
        if node_alignment is None:
            return None
        gaps = leader.level - team.level
        return {
            "n_compared": node_alignment.compared,
            "mean_gap": node_alignment.bias,
            "mean_abs_gap": node_alignment.apart,
            "rank_correlation_performance": node_alignment.order,
            "rank_correlation_importance": node_alignment.order_importance,
            "shared_top": node_alignment.shared,
            "capabilities": {
                self.names[column]: {
                    "gap": float(gaps[column]),
                    "flag": FLAG_WORDS[int(self.flags[node, column])],
                }
                for column in np.flatnonzero(~np.isnan(gaps)).tolist()
            },
        }


def _high_or_low(high: bool) -> str:  # noqa: FBT001 - a word for a flag
    return "high" if high else "low"
