"""The unanimity guard (method 7.4): in a block of fewer than ten, "all gave a 5" and "one gave a 4"
must look the same in every number that is published, not only in the block's own.

The answers of such a block are made equal before anything that will be published is computed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assessments.scoring.blocks import Members, cut_blocks
from assessments.scoring.survey import Bools, Codes, Floats, Ints, Survey
from assessments.scoring.visibility import DETAIL_THRESHOLD


def guard_unanimity(survey: Survey) -> Survey:
    """Return the survey with near-unanimous small blocks made unanimous. Counts stay as they are."""
    members = Members.of(survey)
    return replace(
        survey,
        performance=_make_unanimous(survey, members, "performance"),
        importance=_make_unanimous(survey, members, "importance"),
    )


def is_near_an_end(mean: Floats, n: Ints) -> Bools:
    """Return which means of `n` ratings each are of fewer than ten that all but agree on 1 or on 5."""
    margin = 1 / np.maximum(n, 1) + 1e-9
    few = (n > 0) & (n < DETAIL_THRESHOLD)
    near: Bools = few & ((mean >= 5 - margin) | (mean <= 1 + margin))
    return near


def _make_unanimous(survey: Survey, members: Members, kind: str) -> Codes:
    """Return the ratings of a kind (respondents, capabilities), all 5 or all 1 in blocks of fewer
    than ten whose mean is within 1/a of that end of the scale."""
    blocks = cut_blocks(survey, members, kind)
    near = is_near_an_end(blocks.mean, blocks.a.astype(np.int64))
    top, bottom = near & (blocks.mean > 3), near & (blocks.mean < 3)
    ratings = survey.ratings(kind).copy()
    answers = ratings[members.rows]
    answers[blocks.of_persons(top.astype(np.float64)) > 0] = 5
    answers[blocks.of_persons(bottom.astype(np.float64)) > 0] = 1
    ratings[members.rows] = answers
    return ratings
