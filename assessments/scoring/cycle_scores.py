"""Everything raw about one cycle, in one pass."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from assessments.scoring.blocks import Blocks, Members, cut_blocks
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

KINDS = ("performance", "importance")


@dataclass(frozen=True, eq=False)
class KindScores:
    """One kind of rating: capabilities first, then the values in order, then the whole.

    Arrays have the shape (nodes, capabilities + values + 1); NaN where nothing is shown.
    """

    blocks: Blocks
    composites: Composites
    prior: Prior
    score: Floats
    spread: ScoreVariance
    low: Floats
    high: Floats
    n: Ints
    everyone: Bools  # all who were invited have answered: nothing is left to chance

    def published(self) -> KindScores:
        """With the limits of the capability where a composite rests on it alone: limits of its own
        would tell the spread of few people, which the capability's do not."""
        count = self.blocks.a.shape[1]
        low, high = (
            np.hstack([limit[:, :count], self.composites.from_only_part(limit)])
            for limit in (self.low, self.high)
        )
        return replace(self, low=low, high=high)

    def levels(self, survey: Survey) -> Levels:
        parts = self._parts(survey)
        return levels(self.score, self.low, self.high, parts, survey.subjects)

    def _parts(self, survey: Survey) -> Bools:
        """(nodes, subjects, subjects): capabilities of each value, values of the whole."""
        count, values = len(survey.capabilities), len(survey.dimensions)
        found = np.zeros((*self.score.shape, count + values + 1), dtype=bool)
        if survey.level_rule == "held":
            found[:, :count, count:-1] = self.composites.weights[:, :, :-1] > 0
            weighty = np.array([one.weight > 0 for one in survey.dimensions])
            found[:, count:-1, -1] = ~np.isnan(self.score[:, count:-1]) & weighty
        return found


@dataclass(frozen=True, eq=False)
class CycleScores:
    """Raw numbers of a cycle. Nothing of this is shown before `publishing` has been over it."""

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
    members = Members.of(survey)
    return CycleScores(survey, members, {kind: _scored(survey, members, kind) for kind in KINDS})


def _scored(survey: Survey, members: Members, kind: str) -> KindScores:
    cut = cut_blocks(survey, members, kind)
    prior = capability_prior(cut)
    single = capability_spread(cut, prior)
    shown = ~np.isnan(cut.score)
    asked = np.broadcast_to(survey.asked(kind), shown.shape)
    whole = composites(survey, asked, shown, cut.score)
    joint = Influences.of(cut, whole.weights).spread()
    spread = ScoreVariance(
        *(
            np.hstack([getattr(single, name), getattr(joint, name)])
            for name in ("level", "df", "noise", "df_noise")
        )
    )
    scores = np.hstack([cut.score, np.clip(whole.score, 1, 5)])
    half = spread.half_width()
    certain = (spread.level == 0) & members.all_answered[:, None]
    certain[:, : cut.a.shape[1]] &= cut.all_answered
    return KindScores(
        blocks=cut,
        composites=whole,
        prior=prior,
        score=scores,
        spread=spread,
        low=np.clip(scores - half, 1, 5),
        high=np.clip(scores + half, 1, 5),
        n=np.hstack([cut.n, count_raters(cut, whole.weights)]),
        everyone=certain,
    )


def count_raters(cut: Blocks, weights: Floats) -> Ints:
    """People below each node who rated anything that a composite rests on."""
    members = cut.members
    inside: Bools = cut.rated & (cut.persons_block >= 0)
    rows = [
        ((inside[members.below(node)] @ (weights[node] > 0)) > 0).sum(axis=0)
        for node in range(len(members.tree.nodes))
    ]
    return np.array(rows, dtype=np.int64)
