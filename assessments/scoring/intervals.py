"""How sure a score is (method 4): stratified, moderated, with and without the finite population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from assessments.scoring.blocks import Blocks
from assessments.scoring.survey import Bools, Floats, Ints
from assessments.scoring.visibility import DETAIL_THRESHOLD, hide, nearest_visible

UPPER_QUANTILE = 0.975
MIN_PRIOR_DF, MIN_PRIOR_CELLS = 20, 3
ROUNDING_RESIDUE = 1e-14  # what rounding leaves of a difference


@dataclass(frozen=True, slots=True)
class Prior:
    """What the spread of all cells says about the spread of one."""

    variance: float
    nu: float
    freedom: float = 0.0  # of the variance


@dataclass(frozen=True, eq=False)
class ScoreVariance:
    """Variances of scores with their degrees of freedom; arrays of one shape."""

    level: Floats  # V: of this population
    df: Floats
    noise: Floats  # V0: for differences
    df_noise: Floats

    def half_width(self) -> Floats:
        return half_width(self.level, self.df)


def half_width(variance: Floats, df: Floats) -> Floats:
    half: Floats = stats.t.ppf(UPPER_QUANTILE, np.where(df > 0, df, 1)) * np.sqrt(variance)
    return half


def joint_df(first: Floats, df: Floats, second: Floats, second_df: Floats) -> Floats:
    """Degrees of freedom of the sum of two variances (Satterthwaite); 0 where there is none."""
    parts = first**2 / np.where(df > 0, df, 1)
    parts = parts + second**2 / np.where(second_df > 0, second_df, 1)
    joint: Floats = np.where(parts > 0, (first + second) ** 2 / np.where(parts > 0, parts, 1), 0)
    return joint


def pooled_prior(variance: Floats, n: Floats, nu: float) -> Prior:
    """Pooled over cells of n ratings (or people); without enough of them nothing is moderated."""
    df = np.maximum(n - 1, 0)
    total = df.sum()
    pooled = float((df * variance).sum() / total) if total > 0 else 0.0
    enough = total >= MIN_PRIOR_DF and (n > 0).sum() >= MIN_PRIOR_CELLS
    return Prior(pooled, nu if enough else 0.0, float(total))


def guarded_variance(blocks: Blocks) -> Floats:
    """Few people who agree completely are not certain: two of them might be a point apart."""
    few = (blocks.a >= 2) & (blocks.a < DETAIL_THRESHOLD) & (blocks.variance == 0)
    return np.where(few, 2 / np.maximum(blocks.a - 1, 1), blocks.variance)


def capability_prior(blocks: Blocks) -> Prior:
    return pooled_prior(guarded_variance(blocks), blocks.a, blocks.nu)


def capability_spread(blocks: Blocks, prior: Prior) -> ScoreVariance:
    """Of every node's score on every capability. The interval of a level is printed: below ten
    answers it has the spread of all cells, so that it tells nothing of the block's own."""
    df = np.maximum(blocks.a - 1, 0)
    freedom = df + prior.nu
    moderated = (df * guarded_variance(blocks) + prior.nu * prior.variance) / np.where(
        freedom > 0, freedom, 1
    )
    pooled = blocks.few & (prior.nu > 0)
    printed = np.where(pooled, prior.variance, moderated)
    known = np.where(pooled, prior.freedom, freedom)
    return ScoreVariance(
        *_of_nodes(blocks, printed * (1 - blocks.fraction), known),
        *_of_nodes(blocks, moderated, freedom),
    )


def _of_nodes(blocks: Blocks, variance: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """From the variance of one rating in each block to that of every node's score, and its
    degrees of freedom (Satterthwaite)."""
    parts = np.where(blocks.a > 0, blocks.weight**2 * variance / np.maximum(blocks.a, 1), 0)
    whole = blocks.tree.below(parts)
    shares = np.where(freedom > 0, parts**2 / np.where(freedom > 0, freedom, 1), 0)
    below = blocks.tree.below(shares)
    total = np.where(blocks.total_weight > 0, blocks.total_weight, 1)
    df = np.where(below > 0, whole**2 / np.where(below > 0, below, 1), 0)
    return whole / total**2, np.asarray(df)


@dataclass(frozen=True, eq=False)
class GlobalStrata:
    """The blocks of whole people: those with at least one rating of the kind."""

    block: Ints  # of each node
    of_person: Ints
    fraction: Floats  # responses / head-count, per block

    @classmethod
    def of(cls, blocks: Blocks) -> GlobalStrata:
        members, count = blocks.members, len(blocks.tree.nodes)
        rates = blocks.rated.any(axis=1)
        per_node = np.bincount(members.node[rates], minlength=count).astype(np.int64)
        block = nearest_visible(members.tree, hide(members.tree, per_node, blocks.k))
        known = block >= 0
        heads = np.bincount(block[known], members.heads[known], minlength=count)
        people = np.bincount(block[known], members.in_node[known], minlength=count)
        fraction = np.minimum(1, people / np.maximum(np.maximum(heads, people), 1))
        return cls(block, block[members.node], fraction)

    def sums(self, people: slice, u: Floats, share: Floats) -> NodeStrata:
        """Influences and shares (people, composites), gathered by block."""
        kept, index = np.unique(self.of_person[people], return_inverse=True)
        order = np.argsort(index, kind="stable")
        starts = np.searchsorted(index[order], np.arange(kept.size))

        def gathered(values: Floats | Bools) -> Floats:
            if not kept.size:
                return np.zeros((0, values.shape[1]))
            return np.asarray(np.add.reduceat(values[order], starts, axis=0, dtype=np.float64))

        taking = share > 0
        n = gathered(taking)
        mean = gathered(np.where(taking, u, 0)) / np.maximum(n, 1)
        away = np.where(taking, u - mean[index], np.nan)
        away = np.where(
            np.abs(away) < ROUNDING_RESIDUE, 0, away
        )  # all the same is no spread at all
        squares = gathered(np.where(taking, away**2, 0))
        fraction = np.where(kept >= 0, self.fraction[np.maximum(kept, 0)], 1.0)
        return NodeStrata(n, squares, gathered(share), fraction[:, None], away, index)


@dataclass(frozen=True, eq=False)
class NodeStrata:
    """One node's people, block by block; arrays (blocks, composites)."""

    n: Floats
    squares: Floats  # sum of squared distances from the block's mean influence
    share: Floats
    fraction: Floats
    away: Floats  # (people, composites): distance from the block's mean influence, NaN without
    index: Ints  # (people,): which block

    @property
    def scale(self) -> Floats:
        return np.where(self.share > 0, self.n / np.where(self.share > 0, self.share, 1), 0)

    @property
    def standing(self) -> Floats:
        """z (people, composites): how far each person stands from the own block, in points."""
        return self.away * self.scale[self.index]

    def priors(self, nu: float) -> list[Prior]:
        """Of z = (u - mean) n / share, per composite."""
        variance = self.squares * self.scale**2 / np.maximum(self.n - 1, 1)
        return [pooled_prior(*pair, nu) for pair in zip(variance.T, self.n.T, strict=True)]

    def variances(self, priors: list[Prior]) -> tuple[Floats, Floats, Floats, Floats]:
        """Level and its df, noise and its df, per composite."""
        nu = np.array([prior.nu for prior in priors])
        s0 = np.array([prior.variance for prior in priors])
        freedom = np.maximum(self.n - 1, 0) + nu
        borrowed = nu * self.share**2 * s0 / np.maximum(self.n, 1)
        some = (self.n > 0) & (freedom > 0)
        whole = (self.n * self.squares + borrowed) / np.where(freedom > 0, freedom, 1)
        noise = np.where(some, whole, 0)
        return *_total(noise * (1 - self.fraction), freedom), *_total(noise, freedom)

    def half_width(self, priors: list[Prior]) -> Floats:
        return ScoreVariance(*self.variances(priors)).half_width()


@dataclass(frozen=True, eq=False)
class Influences:
    """How much every person pulls composites. `weights`: the lambdas (nodes, capabilities,
    composites), zeros where a composite is not shown."""

    blocks: Blocks
    layers: GlobalStrata
    scaled: Floats

    @classmethod
    def of(cls, blocks: Blocks, weights: Floats) -> Influences:
        total = np.where(blocks.total_weight > 0, blocks.total_weight, 1)
        return cls(blocks, GlobalStrata.of(blocks), weights / total[:, :, None])

    def at(self, node: int) -> NodeStrata:
        people, scaled = self.blocks.members.below(node), self.scaled[node]
        u, share = self.blocks.influence[people], self.blocks.per_rating[people]
        return self.layers.sums(people, u @ scaled, share @ scaled)

    def spread(self) -> ScoreVariance:
        """Of the composites: (nodes, composites). Every node weighs its people anew, for its own
        visible capabilities and head-counts, so this costs a person once for each level of the
        tree; only the variance could be added up from below, the degrees of freedom could not."""
        rows, priors = [], None
        for node in range(len(self.blocks.tree.nodes)):
            found = self.at(node)
            priors = priors or found.priors(self.blocks.nu)  # the root is first
            rows.append(found.variances(priors))
        return ScoreVariance(*(np.array(column) for column in zip(*rows, strict=True)))


def _total(parts: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    whole = parts.sum(axis=0)
    shares = np.where(freedom > 0, parts**2 / np.where(freedom > 0, freedom, 1), 0).sum(axis=0)
    return whole, np.where(shares > 0, whole**2 / np.where(shares > 0, shares, 1), 0)
