"""Everything raw about one cycle, in one pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.composites import Composites, composites
from assessments.scoring.intervals import (
    Prior,
    Spread,
    capability_prior,
    capability_spread,
    composite_spread,
)
from assessments.scoring.scores import Blocks, Members, blocks
from assessments.scoring.survey import Bools, Floats, Ints, Survey

KINDS = ("performance", "importance")


@dataclass(frozen=True, eq=False)
class Scored:
    """One kind of rating: capabilities first, then the values in order, then the whole.

    Arrays have the shape (nodes, capabilities + values + 1); NaN where nothing is shown.
    """

    blocks: Blocks
    composites: Composites
    prior: Prior
    score: Floats
    spread: Spread
    low: Floats
    high: Floats
    n: Ints


@dataclass(frozen=True, eq=False)
class Scores:
    """Raw numbers of a cycle. Nothing of this is shown before `publishing` has been over it."""

    survey: Survey
    members: Members
    kinds: dict[str, Scored]

    @property
    def performance(self) -> Scored:
        return self.kinds["performance"]

    @property
    def importance(self) -> Scored:
        return self.kinds["importance"]


def score(survey: Survey) -> Scores:
    members = Members.of(survey)
    return Scores(survey, members, {kind: _scored(survey, members, kind) for kind in KINDS})


def _scored(survey: Survey, members: Members, kind: str) -> Scored:
    cut = blocks(survey, members, kind)
    prior = capability_prior(cut)
    single = capability_spread(cut, prior)
    whole = composites(survey, ~np.isnan(cut.score), cut.score)
    joint = composite_spread(cut, whole.weights)
    spread = Spread(
        *(
            np.hstack([getattr(single, name), getattr(joint, name)])
            for name in ("level", "df", "noise", "df_noise")
        )
    )
    scores = np.hstack([cut.score, whole.score])
    half = spread.half_width()
    n = np.hstack([cut.n, _raters(cut, whole)])
    return Scored(
        cut,
        whole,
        prior,
        scores,
        spread,
        np.clip(scores - half, 1, 5),
        np.clip(scores + half, 1, 5),
        n,
    )


def _raters(cut: Blocks, whole: Composites) -> Ints:
    """People below each node who rated anything that a composite rests on."""
    members = cut.members
    inside: Bools = cut.rated & (cut.persons_block >= 0)
    rows = []
    for node in range(len(members.tree.nodes)):
        people = inside[members.start[node] : members.stop[node]]
        rows.append(((people @ (whole.weights[node] > 0)) > 0).sum(axis=0))
    return np.array(rows, dtype=np.int64)
