"""Isolated ratings of held groups (method 2a). A group that is too new counts in a larger one; its
ratings are dropped from every question that too few of the others rated, because the larger group's
number would be about the held group alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assessments.scoring.survey import UNANSWERED, Bools, Codes, Survey


def drop_isolated_ratings(survey: Survey, held: Bools) -> Survey:
    """Return the survey in which a rating of a `held` row counts only where at least k other counted
    members in the same node rated the question too; else it is unanswered. `held`: (respondents,)."""
    if not held.any():
        return survey
    nodes = np.array(survey.node_of)
    others = survey.counts & ~survey.is_lead & ~held
    drops = {
        kind: np.zeros(survey.ratings(kind).shape, dtype=bool)
        for kind in ("performance", "importance")
    }
    for node in set(nodes[held].tolist()):
        in_node = nodes == node
        for kind, drop in drops.items():
            rated = (survey.ratings(kind)[in_node & others] >= 1).sum(axis=0)
            drop[in_node & held] = rated < survey.k
    return replace(
        survey,
        performance=_mark_unanswered(survey.performance, drops["performance"]),
        importance=_mark_unanswered(survey.importance, drops["importance"]),
    )


def _mark_unanswered(codes: Codes, drop: Bools) -> Codes:
    return np.where(drop & (codes >= 1), np.int8(UNANSWERED), codes).astype(np.int8)
