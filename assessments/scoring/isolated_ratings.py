"""A group that is too new counts in a larger one; here what it rated stays out of every question
that too few of the others rated: else the larger group's number would speak of it alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assessments.scoring.survey import UNANSWERED, Bools, Codes, Survey


def drop_isolated_ratings(survey: Survey, held: Bools) -> Survey:
    """The same survey; a rating of a `held` row counts only where at least k other members who are
    counted in the same node rated the question too."""
    if not held.any():
        return survey
    nodes = np.array(survey.node_of)
    others = survey.counts & ~survey.is_lead & ~held
    dropped = {
        kind: np.zeros(survey.ratings(kind).shape, dtype=bool)
        for kind in ("performance", "importance")
    }
    for node in set(nodes[held].tolist()):
        here = nodes == node
        for kind, drop in dropped.items():
            rated = (survey.ratings(kind)[here & others] >= 1).sum(axis=0)
            drop[here & held] = rated < survey.k
    return replace(
        survey,
        performance=_without(survey.performance, dropped["performance"]),
        importance=_without(survey.importance, dropped["importance"]),
    )


def _without(codes: Codes, drop: Bools) -> Codes:
    return np.where(drop & (codes >= 1), np.int8(UNANSWERED), codes).astype(np.int8)
