"""Variances and intervals of scores (method 2.1 and 4): stratified and moderated, for "how good are we",
and with the finite population correction, for "had everyone answered"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from assessments.scoring.blocks import Blocks
from assessments.scoring.survey import Bools, Floats, Ints
from assessments.scoring.visibility import DETAIL_THRESHOLD

UPPER_QUANTILE = 0.975
MIN_PRIOR_DF, MIN_PRIOR_CELLS = 20, 3
NO_STRATUM = -2  # not even the one of people whose answers are in no block
ROUNDING_RESIDUE = 1e-14  # what rounding leaves of a difference of equal numbers


@dataclass(frozen=True, slots=True)
class Prior:
    """The pooled spread of all cells (s0 squared), and for how many answers it counts in each (nu)."""

    variance: float
    nu: float
    freedom: float = 0.0  # degrees of freedom of the pooled variance


@dataclass(frozen=True, eq=False)
class ScoreVariance:
    """Variances of scores with their degrees of freedom; arrays of one shape. The first two are published
    and have the pooled spread in blocks of fewer than ten ratings; the third is for tests alone."""

    shown: Floats  # V0: of the interval
    df_shown: Floats
    if_all: Floats  # V: the same with finite population correction
    df_if_all: Floats
    noise: Floats  # V0 with the moderated spread of every block
    df_noise: Floats


def t_quantile(probability: Floats | float, df: Floats | int) -> Floats:
    """Return quantiles of the t distribution; NaN where `df` is."""
    return np.asarray(special.stdtrit(df, probability), dtype=np.float64)


def two_sided_p(t: Floats, df: Floats) -> Floats:
    """Return the p values of absolute t values."""
    return np.asarray(2 * special.stdtr(df, -t))


def half_width(variance: Floats, df: Floats) -> Floats:
    """Return the half-width of the 95 % t interval, in points."""
    half: Floats = t_quantile(UPPER_QUANTILE, np.where(df > 0, df, 1)) * np.sqrt(variance)
    return half


def joint_df(first: Floats, df: Floats, second: Floats, second_df: Floats) -> Floats:
    """Return the degrees of freedom of the sum of two variances (Satterthwaite); 0 where both are 0."""
    parts = first**2 / np.where(df > 0, df, 1)
    parts = parts + second**2 / np.where(second_df > 0, second_df, 1)
    joint: Floats = np.where(parts > 0, (first + second) ** 2 / np.where(parts > 0, parts, 1), 0)
    return joint


def pooled_prior(variance: Floats, n: Floats, nu: float) -> Prior:
    """Pool the variances of cells of n ratings (or people); with too few of them nu is 0, and nothing is
    moderated."""
    df = np.maximum(n - 1, 0)
    total = df.sum()
    pooled = float((df * variance).sum() / total) if total > 0 else 0.0
    enough = total >= MIN_PRIOR_DF and (n > 0).sum() >= MIN_PRIOR_CELLS
    return Prior(pooled, nu if enough else 0.0, float(total))


def guarded_variance(blocks: Blocks) -> Floats:
    """Return the variances of blocks, with the unanimity guard (method 4.1): in a block of two to nine
    equal ratings two people might be a point apart, so it gets 2 / (a - 1)."""
    few = (blocks.a >= 2) & (blocks.a < DETAIL_THRESHOLD) & (blocks.variance == 0)
    return np.where(few, 2 / np.maximum(blocks.a - 1, 1), blocks.variance)


def capability_prior(blocks: Blocks) -> Prior:
    """Pool the spread of all blocks and capabilities of the kind."""
    return pooled_prior(guarded_variance(blocks), blocks.a, blocks.nu)


def capability_spread(blocks: Blocks, prior: Prior) -> ScoreVariance:
    """Return the variances of every node's score on every capability. What is published has the pooled
    spread below ten ratings, so that it depends on their number alone."""
    df = np.maximum(blocks.a - 1, 0)
    freedom = df + prior.nu
    moderated = (df * guarded_variance(blocks) + prior.nu * prior.variance) / np.where(
        freedom > 0, freedom, 1
    )
    pooled = blocks.few & (prior.nu > 0)
    shown = np.where(pooled, prior.variance, moderated)
    shown_freedom = np.where(pooled, prior.freedom, freedom)
    return ScoreVariance(
        *_node_variances(blocks, shown, shown_freedom),
        *_node_variances(blocks, shown * (1 - blocks.fraction), shown_freedom),
        *_node_variances(blocks, moderated, freedom),
    )


def _node_variances(blocks: Blocks, variance: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """Return the variance of every node's score and its degrees of freedom (Satterthwaite), from the
    variance of one rating in each block; all (nodes, capabilities)."""
    parts = np.where(blocks.a > 0, blocks.weight**2 * variance / np.maximum(blocks.a, 1), 0)
    variance_sums = blocks.tree.below(parts)
    shares = np.where(freedom > 0, parts**2 / np.where(freedom > 0, freedom, 1), 0)
    df_terms = blocks.tree.below(shares)
    total = np.where(blocks.total_weight > 0, blocks.total_weight, 1)
    df = np.where(df_terms > 0, variance_sums**2 / np.where(df_terms > 0, df_terms, 1), 0)
    return variance_sums / total**2, np.asarray(df)


@dataclass(frozen=True, eq=False)
class GlobalStrata:
    """The strata of composites: blocks of the cut on people with at least one rating of the kind."""

    block: Ints  # (nodes,): index of the node that names the stratum, -1 without
    of_person: Ints  # (people,): the same of each person
    fraction: Floats  # (nodes,): responses / head-count of the stratum a node names

    @classmethod
    def of(cls, blocks: Blocks) -> GlobalStrata:
        members, count = blocks.members, len(blocks.tree.nodes)
        rates = blocks.rated.any(axis=1)
        per_node = np.bincount(members.node[rates], minlength=count).astype(np.int64)
        block = members.tree.nearest_visible(members.tree.visible(per_node, blocks.k))
        has_block = block >= 0
        heads = np.bincount(block[has_block], members.heads[has_block], minlength=count)
        people = np.bincount(block[has_block], members.in_node[has_block], minlength=count)
        fraction = np.minimum(1, people / np.maximum(np.maximum(heads, people), 1))
        return cls(block, block[members.node], fraction)

    def sums(self, people: slice, u: Floats, share: Floats) -> NodeStrata:
        """Sum influences `u` and shares (people, composites) by stratum."""
        stratum = self.of_person[people]
        order = np.argsort(stratum, kind="stable")
        begins = np.diff(stratum[order], prepend=NO_STRATUM) != 0
        starts, index = np.flatnonzero(begins), np.empty_like(order)
        strata, index[order] = stratum[order[starts]], np.cumsum(begins) - 1

        def sum_by_stratum(values: Floats | Bools) -> Floats:
            if not strata.size:
                return np.zeros((0, values.shape[1]))
            return np.asarray(np.add.reduceat(values[order], starts, axis=0, dtype=np.float64))

        contributes = share > 0
        n = sum_by_stratum(contributes)
        mean = sum_by_stratum(np.where(contributes, u, 0)) / np.maximum(n, 1)
        away = np.where(contributes, u - mean[index], np.nan)
        away = np.where(np.abs(away) < ROUNDING_RESIDUE, 0, away)  # equal influences have no spread
        squares = sum_by_stratum(np.where(contributes, away**2, 0))
        fraction = np.where(strata >= 0, self.fraction[np.maximum(strata, 0)], 1.0)
        return NodeStrata(n, squares, sum_by_stratum(share), fraction[:, None], away, index)


@dataclass(frozen=True, eq=False)
class NodeStrata:
    """Sums over one node's people by stratum; arrays (strata, composites), unless stated otherwise."""

    n: Floats  # people who contribute to the composite
    squares: Floats  # sum of squared distances from the stratum's mean influence
    share: Floats  # sum of the weights of their ratings
    fraction: Floats  # (strata, 1): how much of the stratum has answered
    away: Floats  # (people, composites): distance from the stratum's mean influence, NaN without
    index: Ints  # (people,): row of each person's stratum

    @property
    def scale(self) -> Floats:
        """n / share: from influences to points; 0 without a share."""
        return np.where(self.share > 0, self.n / np.where(self.share > 0, self.share, 1), 0)

    @property
    def standing(self) -> Floats:
        """z (people, composites): each person's distance from the mean of the own stratum, in points."""
        return self.away * self.scale[self.index]

    def priors(self, nu: float) -> list[Prior]:
        """Pool the variance of z = (u - mean) n / share, for each composite."""
        variance = self.squares * self.scale**2 / np.maximum(self.n - 1, 1)
        return [pooled_prior(*pair, nu) for pair in zip(variance.T, self.n.T, strict=True)]

    def variances(self, priors: list[Prior]) -> tuple[Floats, Floats, Floats, Floats]:
        """Return V0, its df, V and its df (as in `ScoreVariance`), each (composites,)."""
        nu = np.array([prior.nu for prior in priors])
        s0 = np.array([prior.variance for prior in priors])
        freedom = np.maximum(self.n - 1, 0) + nu
        borrowed = nu * self.share**2 * s0 / np.maximum(self.n, 1)
        known = (self.n > 0) & (freedom > 0)
        moderated = (self.n * self.squares + borrowed) / np.where(freedom > 0, freedom, 1)
        noise = np.where(known, moderated, 0)
        return *_sum_strata(noise, freedom), *_sum_strata(noise * (1 - self.fraction), freedom)

    def half_width(self, priors: list[Prior]) -> Floats:
        """Return the half-width of the interval of each composite, in points."""
        return half_width(*self.variances(priors)[:2])


@dataclass(frozen=True, eq=False)
class Influences:
    """The influence of every person on composites (method 4.4)."""

    blocks: Blocks
    layers: GlobalStrata
    scaled: Floats  # lambda / sum of W: (nodes, capabilities, composites)

    @classmethod
    def of(cls, blocks: Blocks, weights: Floats) -> Influences:
        """`weights`: the lambdas (nodes, capabilities, composites), 0 where a composite is not shown."""
        total = np.where(blocks.total_weight > 0, blocks.total_weight, 1)
        return cls(blocks, GlobalStrata.of(blocks), weights / total[:, :, None])

    @cached_property
    def strata(self) -> list[NodeStrata]:
        """Influences and shares of the people below each node, summed by stratum."""
        members, blocks = self.blocks.members, self.blocks
        people = [members.below(node) for node in range(len(members.tree.nodes))]
        return [
            self.layers.sums(
                below, blocks.influence[below] @ scaled, blocks.per_rating[below] @ scaled
            )
            for below, scaled in zip(people, self.scaled, strict=True)
        ]

    def spread(self) -> ScoreVariance:
        """Return the variances of the composites: (nodes, composites). Every node weighs its people
        by its own visible capabilities and head-counts, so each person is visited once for each
        level of the tree; variances could be summed from below, degrees of freedom could not."""
        priors = self.strata[0].priors(self.blocks.nu)  # of the root
        rows = [strata.variances(priors) for strata in self.strata]
        shown, df_shown, if_all, df_if_all = map(np.array, zip(*rows, strict=True))
        return ScoreVariance(shown, df_shown, if_all, df_if_all, shown, df_shown)


def _sum_strata(by_stratum: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """Sum variances (strata, composites) over the strata; return the sums and their degrees of freedom
    (Satterthwaite)."""
    variance = by_stratum.sum(axis=0)
    df_terms = np.where(freedom > 0, by_stratum**2 / np.where(freedom > 0, freedom, 1), 0).sum(
        axis=0
    )
    return variance, np.where(df_terms > 0, variance**2 / np.where(df_terms > 0, df_terms, 1), 0)
