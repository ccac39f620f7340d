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
from assessments.scoring.cycle_scores import CycleScores, KindScores, score_survey
from assessments.scoring.fit import Fit, fit
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
from assessments.scoring.rounding import PrintedScores, round_hundredth, round_tenth
from assessments.scoring.summary import Alpha, Icc
from assessments.scoring.survey import Bools, Floats, Ints, Survey
from assessments.scoring.unanimity_guard import is_near_an_end

FLAG_WORDS = {0: "in line", 1: "leader higher", -1: "leader lower"}


def report(survey: Survey) -> dict[str, Any]:
    """Report one cycle."""
    return _Report(score_survey(survey)).build()


def shown_nodes(scores: CycleScores) -> list[int]:
    """Return the nodes that are visible in the cut on people with at least one performance rating."""
    of_node = GlobalStrata.of(scores.performance.blocks).block
    return [node for node, block in enumerate(of_node.tolist()) if node == block]


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
        score = {kind: scored.score[:, : self.count] for kind, scored in scores.kinds.items()}
        self.fit: Fit = fit(scores, *(round_tenth(score[kind]) for kind in KINDS), raw=True)
        self.targets: Floats = np.where(self.fit.from_target, self.fit.need, np.nan)
        self.score = score
        self.best = {kind: self._best_scores(scored) for kind, scored in scores.kinds.items()}
        self.ranking = ranking(
            self.best["performance"],
            self.best["importance"],
            self.targets,
            self.capabilities,
        )

    @property
    def capabilities(self) -> tuple[str, ...]:
        return tuple(self.names[: self.count])

    def _best_scores(self, scored: KindScores) -> PrintedScores:
        """Return estimates where there are any, else scores: (nodes, capabilities)."""
        capabilities = slice(0, self.count)
        estimates, (low, high) = scored.estimates.mean, scored.likely
        score = np.where(np.isnan(estimates), scored.score, estimates)
        return PrintedScores(score[:, capabilities], low[:, capabilities], high[:, capabilities])

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
                kind: {
                    "s0": scored.prior.variance if scored.prior.freedom else None,
                    "nu": scored.prior.nu,
                }
                for kind, scored in self.scores.kinds.items()
            },
            "quality": {
                "alpha": [_report_alpha(result) for result in alphas],
                "icc": [_report_icc(result) for result in iccs],
            },
            "nodes": {
                self.tree.nodes[node].id: self._report_node(node)
                for node in shown_nodes(self.scores)
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
        return {
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
            "fit": self._report_fit(node),
            "alignment": self._report_alignment(node),
        }

    def _report_score(self, scored: KindScores, node: int, column: int) -> dict[str, Any]:
        at, spread = (node, column), scored.spread
        return {
            "n": int(scored.n[at]),
            "score": float(scored.score[at]),
            "ci": [float(limit[at]) for limit in scored.interval],
            "se_shown": float(np.sqrt(spread.shown[at])),
            "df_shown": _df_or_none(spread.df_shown[at]),
            "ci_if_all": [float(limit[at]) for limit in scored.if_all],
            "se": float(np.sqrt(spread.if_all[at])),
            "df": _df_or_none(spread.df_if_all[at]),
            "se_noise": float(np.sqrt(spread.noise[at])),
            "df_noise": _df_or_none(spread.df_noise[at]),
            "everyone": bool(scored.everyone[at]),
        } | self._report_estimate(scored, at)

    def _report_estimate(self, scored: KindScores, at: tuple[int, int]) -> dict[str, Any]:
        known = bool(scored.estimates.known[at])
        return {
            "estimate": float(scored.estimates.mean[at]) if known else None,
            "estimate_se": float(np.sqrt(scored.estimates.variance[at])) if known else None,
            "estimate_ci": [float(limit[at]) for limit in scored.likely] if known else None,
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
            "split": bool(is_split(histogram)) if detailed else None,
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
        columns = np.argsort(self.ranking.place[node])
        return [
            self._report_priority(node, column)
            for column in columns
            if self.ranking.place[node, column] > 0
        ]

    def _report_priority(self, node: int, column: int) -> dict[str, Any]:
        ranks, index = self.ranking, (node, column)
        level, importance = (float(self.score[kind][index]) for kind in KINDS)
        matters, strong = bool(ranks.matters[index]), bool(ranks.strong[index])
        suggestion = suggest(self.survey.capabilities[column], matters=matters, strong=strong)
        return {
            "capability": self.names[column],
            "rank": int(ranks.place[index]),
            "importance": importance,
            "performance": level,
            "gap": importance - level,
            "priority": float(ranks.value[index]),
            "quadrant": f"{_high_or_low(matters)}/{_high_or_low(strong)}",
            "suggestion": suggestion.replace("_", " "),
            "clear": bool(ranks.clear[index]),
        }

    def _report_fit(self, node: int) -> dict[str, Any]:
        near_an_end = {
            kind: is_near_an_end(scored.score[node, : self.count], scored.blocks.n[node])
            for kind, scored in self.scores.kinds.items()
        }
        by_importance = ~self.fit.from_target[node]
        bounded = near_an_end["performance"] | (near_an_end["importance"] & by_importance)
        return {
            self.names[column]: {
                "need": float(self.fit.need[node, column]),
                "gap": float(self.fit.gap[node, column]),
                "half_width": float(self.fit.half_width[node, column]),
                "fits": bool(self.fit.fits[node, column]),
            }
            for column in np.flatnonzero(~np.isnan(self.fit.gap[node]) & ~bounded).tolist()
        }

    def _report_alignment(self, node: int) -> dict[str, Any] | None:
        leader = AlignmentSide(self.leaders.performance[node], self.leaders.importance[node])
        team, best = (
            AlignmentSide(*(side[kind][node] for kind in KINDS))
            for side in (self.score, {kind: self.best[kind].score for kind in KINDS})
        )
        node_alignment = alignment(leader, team, best, self.targets[node], self.capabilities)
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
