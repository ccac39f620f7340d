"""The raw scores of one cycle, computed in one pass."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from assessments.scoring.blocks import Blocks, Members, cut_blocks
from assessments.scoring.cell import KINDS
from assessments.scoring.composites import Composites, composites
from assessments.scoring.intervals import (
    Influences,
    Prior,
    ScoreVariance,
    capability_prior,
    capability_spread,
)
from assessments.scoring.levels import Levels, levels
from assessments.scoring.survey import Bools, Floats, Ints, Survey


@dataclass(frozen=True, eq=False)
class KindScores:
    """The raw scores of one kind of rating. Columns are capabilities, then values in order, then the
    whole.

    Arrays have the shape (nodes, capabilities + values + 1); NaN where nothing is shown.
    """

    blocks: Blocks
    composites: Composites
    prior: Prior
    score: Floats
    spread: ScoreVariance
    low: Floats  # 95 % limits, clipped to 1 to 5
    high: Floats
    n: Ints  # people who rated
    everyone: Bools  # all who were invited have answered: the interval is a point

    def published(self) -> KindScores:
        """Return the scores with the capability's limits where a composite rests on it alone: limits of
        its own would tell the spread of few people, which the capability's do not."""
        count = self.blocks.a.shape[1]
        low, high = (
            np.hstack([limit[:, :count], self.composites.from_only_part(limit)])
            for limit in (self.low, self.high)
        )
        return replace(self, low=low, high=high)

    def levels(self, survey: Survey) -> Levels:
        """Return the levels of all scores, with composites capped unless the rubric says otherwise."""
        parts = self._parts(survey)
        return levels(self.score, self.low, self.high, parts, survey.subjects)

    def _parts(self, survey: Survey) -> Bools:
        """Return which shown parts can cap each composite: (nodes, subjects, subjects), capabilities of
        each value and values of the whole; none unless the level rule is "held"."""
        count, values = len(survey.capabilities), len(survey.dimensions)
        is_part = np.zeros((*self.score.shape, count + values + 1), dtype=bool)
        if survey.level_rule == "held":
            is_part[:, :count, count:-1] = self.composites.weights[:, :, :-1] > 0
            has_weight = np.array([dimension.weight > 0 for dimension in survey.dimensions])
            is_part[:, count:-1, -1] = ~np.isnan(self.score[:, count:-1]) & has_weight
        return is_part


@dataclass(frozen=True, eq=False)
class CycleScores:
    """Raw numbers of a cycle. Only what `publish.publish` makes of them may be shown."""

    survey: Survey
    members: Members
    kinds: dict[str, KindScores]

    @property
    def performance(self) -> KindScores:
        return self.kinds["performance"]

    @property
    def importance(self) -> KindScores:
        return self.kinds["importance"]


def score_survey(survey: Survey) -> CycleScores:
    """Compute every raw score of both kinds."""
    members = Members.of(survey)
    return CycleScores(
        survey, members, {kind: _score_kind(survey, members, kind) for kind in KINDS}
    )


def _score_kind(survey: Survey, members: Members, kind: str) -> KindScores:
    blocks = cut_blocks(survey, members, kind)
    prior = capability_prior(blocks)
    capability_variances = capability_spread(blocks, prior)
    shown = ~np.isnan(blocks.score)
    asked = np.broadcast_to(survey.asked(kind), shown.shape)
    of_composites = composites(survey, asked, shown, blocks.score)
    composite_spread = Influences.of(blocks, of_composites.weights).spread()
    spread = ScoreVariance(
        *(
            np.hstack([getattr(capability_variances, name), getattr(composite_spread, name)])
            for name in ("level", "df", "noise", "df_noise")
        )
    )
    scores = np.hstack([blocks.score, np.clip(of_composites.score, 1, 5)])
    half = spread.half_width()
    certain = (spread.level == 0) & members.all_answered[:, None]
    certain[:, : blocks.a.shape[1]] &= blocks.all_answered
    return KindScores(
        blocks=blocks,
        composites=of_composites,
        prior=prior,
        score=scores,
        spread=spread,
        low=np.clip(scores - half, 1, 5),
        high=np.clip(scores + half, 1, 5),
        n=np.hstack([blocks.n, count_raters(blocks, of_composites.weights)]),
        everyone=certain,
    )


def count_raters(blocks: Blocks, weights: Floats) -> Ints:
    """Return how many people in each node's subtree rated anything that a composite rests on: (nodes,
    composites). `weights`: the lambdas (nodes, capabilities, composites)."""
    members = blocks.members
    is_counted: Bools = blocks.rated & (blocks.persons_block >= 0)
    rows = [
        ((is_counted[members.below(node)] @ (weights[node] > 0)) > 0).sum(axis=0)
        for node in range(len(members.tree.nodes))
    ]
    return np.array(rows, dtype=np.int64)
