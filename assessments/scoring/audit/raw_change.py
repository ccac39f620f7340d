"""Report every raw number of the change between two surveys, in the form of the worked cases. Only for the
holder of the files with the answers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from assessments.scoring.audit.raw_report import shown_nodes
from assessments.scoring.change import ChangeTest, compare
from assessments.scoring.change_verdicts import UNTESTED, VERDICTS
from assessments.scoring.cycle_scores import score_survey
from assessments.scoring.matched_change import MatchedChange
from assessments.scoring.survey import Survey
from assessments.scoring.wave_match import WaveMatch

VERDICT_WORDS = {
    "none": "no significant change",
    "up": "up",
    "down": "down",
    "few": "too few answers to tell",
    "other_people": "different people answered",
}


def report_change(earlier: Survey, later: Survey) -> dict[str, Any]:
    """Report the changes between two cycles of the same teams and capabilities."""
    earlier_scores, later_scores = score_survey(earlier), score_survey(later)
    same = {node.id: node.id for node in later.nodes}
    unchanged = [capability.id for capability in later.capabilities]
    change, nodes = compare(WaveMatch(earlier_scores, later_scores, same, unchanged)), {}
    earlier_index, shown_before = (
        earlier_scores.survey.tree.index_of,
        set(shown_nodes(earlier_scores)),
    )
    for index in shown_nodes(later_scores):
        name = later_scores.survey.tree.nodes[index].id
        if (
            earlier_index.get(name) in shown_before
            and not np.isnan(change.both.before[index]).all()
        ):
            nodes[name] = _report_node_change(change, index, later_scores.survey)
    return {"change": nodes}


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
    at, waves, tested = (node, column), change.both, change.tested
    verdict = int(change.judged.verdict[at])
    return {
        "before": float(waves.before[at]),
        "after": float(waves.after[at]),
        "change": float(tested.size[at]),
        "se": float(tested.se[at]),
        "df": float(tested.df[at]) if waves.noise_before[at] + waves.noise_after[at] > 0 else None,
        "p": _none_if_nan(tested.p[at]),
        "mdc": float(tested.mdc[at]),
        "pairs": int(waves.pairs[at]),
        "rho": float(waves.rho[at]),
        "p_adjusted": _none_if_nan(change.judged.adjusted[at]),
        "detectable": _none_if_nan(change.judged.detectable[at]),
        "matched": _report_matched(tested.matched, at),
        "verdict": None if verdict == UNTESTED else VERDICT_WORDS[VERDICTS[verdict]],
    }


def _report_matched(matched: MatchedChange, at: tuple[int, int]) -> dict[str, Any] | None:
    if np.isnan(matched.n[at]):
        return None
    return {
        "n": int(matched.n[at]),
        "change": float(matched.change[at]),
        "se": float(matched.se[at]),
        "df": int(matched.df[at]),
        "p": float(matched.p[at]),
    }


def _none_if_nan(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
