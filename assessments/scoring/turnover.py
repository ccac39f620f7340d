"""How many people came and went between two cycles. Where they are few, two distributions of the whole
organization differ by their ratings and would tell them (method 2.5).
"""

from __future__ import annotations

import numpy as np

from assessments.scoring.cycle_scores import CycleScores
from assessments.scoring.survey import Bools, Ints
from assessments.scoring.wave_match import WaveMatch


def count_turnover(waves: WaveMatch, kind: str) -> Ints:
    """Return how many people rated each capability in one of the cycles alone, at the least: who can't be
    recognized may be the same. (later capabilities,); all who rated where it isn't comparable."""
    then, now = (
        _raters(waves.earlier, kind)[:, np.maximum(waves.column, 0)],
        _raters(waves.later, kind),
    )
    is_linked = waves.link >= 0
    unknown_then, unknown_now = (
        then[~_has_key(waves.earlier)].sum(axis=0),
        now[~_has_key(waves.later)].sum(axis=0),
    )
    both = (then[waves.link[is_linked]] & now[is_linked]).sum(axis=0)
    both = np.where(waves.column >= 0, both + np.minimum(unknown_then, unknown_now), 0)
    turnover: Ints = then.sum(axis=0) + now.sum(axis=0) - 2 * both
    return turnover


def _raters(scores: CycleScores, kind: str) -> Bools:
    """Return whose ratings the whole organization's distributions count: (members, capabilities)."""
    blocks = scores.kinds[kind].blocks
    return blocks.rated & (blocks.persons_block >= 0)


def _has_key(scores: CycleScores) -> Bools:
    """Return which members can be recognized in another cycle: (members,)."""
    persons, rows = scores.survey.persons, scores.members.rows.tolist()
    return np.array([bool(persons and persons[row]) for row in rows], dtype=bool)
