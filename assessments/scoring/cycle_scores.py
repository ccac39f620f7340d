"""The raw scores of one cycle, computed in one pass."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from assessments.scoring.blocks import Blocks, Members, cut_blocks
from assessments.scoring.cell import KINDS, MIN_PARTS_FOR_TENTHS
from assessments.scoring.composites import Composites, composites
from assessments.scoring.estimates import Estimates, estimate_teams, find_teams
from assessments.scoring.intervals import (
    Influences,
    Prior,
    ScoreVariance,
    capability_prior,
    capability_spread,
    half_width,
)
from assessments.scoring.levels import Levels, levels
from assessments.scoring.survey import Bools, Floats, Ints, Survey
from assessments.scoring.visibility import DETAIL_THRESHOLD


class Limits(NamedTuple):
    """The ends of intervals on the scale 1 to 5; arrays of one shape."""

    low: Floats
    high: Floats


def limits(centre: Floats, half: Floats) -> Limits:
    """Return the ends of intervals, clipped to the scale."""
    return Limits(np.clip(centre - half, 1, 5), np.clip(centre + half, 1, 5))


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
    estimates: Estimates
    interval: Limits  # 95 %, of the score: how good are we
    if_all: Limits  # 95 %: had everyone answered
    n: Ints  # people who rated
    everyone: Bools  # all who were invited have answered

    @cached_property
    def likely(self) -> Limits:
        """The likely range of a small team where there is an estimate, else the interval."""
        low, high = limits(self.estimates.mean, self.estimates.half_width)
        known = self.estimates.known
        return Limits(
            np.where(known, low, self.interval.low), np.where(known, high, self.interval.high)
        )

    def published(self) -> KindScores:
        """Return the scores with the best estimate in place of the mean where coarse: both in half levels
        would tell the mean more finely. A composite that rests on one capability has its limits: of its
        own they would tell the spread of few people."""
        score = np.where(self.coarse & self.estimates.known, self.estimates.mean, self.score)
        step = score - self.score

        def publishable(own: Limits) -> Limits:
            of_parts = (self.composites.with_only_parts(limit) for limit in own)
            return Limits(*(np.clip(limit + step, 1, 5) for limit in of_parts))

        return replace(
            self,
            score=score,
            interval=publishable(self.interval),
            if_all=publishable(self.if_all),
        )

    @cached_property
    def coarse(self) -> Bools:
        """Where fewer than ten rated and half levels are published: capabilities, and composites of fewer
        than six of them."""
        small = (self.n > 0) & (self.n < DETAIL_THRESHOLD)
        count = self.blocks.a.shape[1]
        small[:, count:] &= self.composites.based_on < MIN_PARTS_FOR_TENTHS
        return small

    def levels(self, survey: Survey) -> Levels:
        """Return the levels of all scores, with composites capped unless the rubric says otherwise."""
        return levels(self.score, *self.likely, self.capping_parts(survey), survey.subjects)

    def capping_parts(self, survey: Survey) -> Bools:
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
    kinds = {kind: _score_kind(survey, members, kind) for kind in KINDS}
    level = kinds["performance"]
    teams = find_teams(level.blocks, level.score[:, -1])
    return CycleScores(
        survey, members, {kind: _with_estimates(scored, teams) for kind, scored in kinds.items()}
    )


def _with_estimates(scored: KindScores, teams: Ints) -> KindScores:
    blocks, score, variance = scored.blocks, scored.score, scored.spread.shown
    estimates = estimate_teams(teams, blocks, scored.composites, scored.prior, score, variance)
    return replace(scored, estimates=estimates)


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
            for name in (field.name for field in fields(ScoreVariance))
        )
    )
    scores = np.hstack([blocks.score, np.clip(of_composites.score, 1, 5)])
    everyone = (spread.if_all == 0) & members.all_answered[:, None]
    everyone[:, : blocks.a.shape[1]] &= blocks.all_answered
    return KindScores(
        blocks=blocks,
        composites=of_composites,
        prior=prior,
        score=scores,
        spread=spread,
        estimates=Estimates.none(scores.shape),
        interval=limits(scores, half_width(spread.shown, spread.df_shown)),
        if_all=limits(scores, half_width(spread.if_all, spread.df_if_all)),
        n=np.hstack([blocks.n, count_raters(blocks, of_composites.weights)]),
        everyone=everyone,
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
