"""The unanimity guard (method 7.4): in a block of fewer than ten, "all gave a 5" and "one gave a 4"
must look the same in every number that is published, not only in the block's own.

The answers of such a block are made equal before anything that will be published is computed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assessments.scoring.blocks import Members, cut_blocks
from assessments.scoring.survey import Codes, Survey


def guard_unanimity(survey: Survey) -> Survey:
    """Return the survey with near-unanimous small blocks made unanimous. Counts stay as they are."""
    members = Members.of(survey)
    return replace(
        survey,
        performance=_make_unanimous(survey, members, "performance"),
        importance=_make_unanimous(survey, members, "importance"),
    )


def _make_unanimous(survey: Survey, members: Members, kind: str) -> Codes:
    """Return the ratings of a kind (respondents, capabilities), all 5 or all 1 in blocks of fewer
    than ten whose mean is within 1/a of that end of the scale."""
    blocks = cut_blocks(survey, members, kind)
    margin = 1 / np.maximum(blocks.a, 1) + 1e-9
    top, bottom = blocks.few & (blocks.mean >= 5 - margin), blocks.few & (blocks.mean <= 1 + margin)
    ratings = survey.ratings(kind).copy()
    answers = ratings[members.rows]
    answers[blocks.of_persons(top.astype(np.float64)) > 0] = 5
    answers[blocks.of_persons(bottom.astype(np.float64)) > 0] = 1
    ratings[members.rows] = answers
    return ratings
