"""The unanimity guard (method 7.4): in a block of fewer than ten, "all gave a 5" and "one gave a 4"
must look the same in every number that is published, not only in the block's own.

So the answers of such a block are made the same before anything that will be published is computed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assessments.scoring.blocks import Members, cut_blocks
from assessments.scoring.survey import Codes, Survey


def guard_unanimity(survey: Survey) -> Survey:
    """The same survey with near-unanimous small blocks made unanimous. Counts stay as they are."""
    members = Members.of(survey)
    return replace(
        survey,
        performance=_evened(survey, members, "performance"),
        importance=_evened(survey, members, "importance"),
    )


def _evened(survey: Survey, members: Members, kind: str) -> Codes:
    cut = cut_blocks(survey, members, kind)
    margin = 1 / np.maximum(cut.a, 1) + 1e-9
    top, bottom = cut.few & (cut.mean >= 5 - margin), cut.few & (cut.mean <= 1 + margin)
    ratings = survey.ratings(kind).copy()
    evened = ratings[members.rows]
    evened[cut.of_persons(top.astype(np.float64)) > 0] = 5
    evened[cut.of_persons(bottom.astype(np.float64)) > 0] = 1
    ratings[members.rows] = evened
    return ratings
