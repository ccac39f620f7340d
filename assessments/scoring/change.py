"""Changes between two cycles (method 2.3 and 9): a test for partly overlapping samples beside one of the
same people, and a verdict of both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from assessments.scoring.blocks import Blocks
from assessments.scoring.change_verdicts import (
    JudgedChange,
    TestedChange,
    judge,
    judge_map,
    p_values,
)
from assessments.scoring.cycle_scores import count_raters
from assessments.scoring.intervals import ROUNDING_RESIDUE, UPPER_QUANTILE, Influences, t_quantile
from assessments.scoring.matched_change import matched_change
from assessments.scoring.survey import Floats, Ints
from assessments.scoring.wave_match import WaveMatch

MIN_PAIRS = 5
ROUNDING_NOISE = (
    1e-12  # share of both variances that rounding leaves where all moved by the same step
)


@dataclass(frozen=True, eq=False)
class ChangeTest:
    """Arrays (nodes of the later cycle, capabilities + values + 1), unless stated otherwise; NaN where there
    is nothing to compare. Sizes and errors are in points."""

    both: WavePair
    tested: TestedChange
    judged: JudgedChange
    map_verdict: Ints  # (nodes, values): index in VERDICTS, with all teams and values as one family
    drift: Floats  # (nodes, capabilities): change to expect by chance, regression to the mean
    reliability: Floats  # (nodes,): of the ranking in the earlier cycle


@dataclass(frozen=True, eq=False)
class WavePair:
    """Raw numbers of two cycles at the later one's nodes: (nodes, subjects), NaN where not compared."""

    before: Floats  # scores
    after: Floats
    noise_before: Floats  # V0
    noise_after: Floats
    df_before: Floats
    df_after: Floats
    n_before: Floats
    n_after: Floats
    pairs: Floats  # n12: people in both; 0 where fewer than five
    rho: Floats  # correlation of their distances from their blocks' means

    @classmethod
    def joined(cls, first: WavePair, second: WavePair) -> WavePair:
        """Put the subjects of two pairs next to each other."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.hstack([getattr(first, name), getattr(second, name)]) for name in names))


def compare(match: WaveMatch) -> ChangeTest:
    """Test every change between two cycles."""
    single = _pair_capabilities(match)
    waves = WavePair.joined(single, _pair_composites(match))
    se, df = _standard_error(waves)
    size = waves.after - waves.before
    tested = TestedChange(
        size=size,
        se=se,
        df=df,
        p=p_values(size, se, df),
        mdc=np.where(se > 0, t_quantile(UPPER_QUANTILE, np.where(df > 0, df, 1)) * se, se),
        matched=matched_change(match),
    )
    reliability = _ranking_reliability(single)
    mean = _row_means(single.before)
    return ChangeTest(
        both=waves,
        tested=tested,
        judged=judge(tested, match.later.survey),
        map_verdict=judge_map(tested, slice(single.before.shape[1], -1)),
        drift=(1 - reliability[:, None]) * (mean[:, None] - single.before),
        reliability=reliability,
    )


def _pair_capabilities(waves: WaveMatch) -> WavePair:
    """Put the capabilities of both cycles side by side, where they are shown in both."""
    first, second = waves.blocks
    spread_then, spread_now = waves.earlier.performance.spread, waves.later.performance.spread
    count = second.a.shape[1]
    distances = _distances_from_mean(first)[:, np.maximum(waves.column, 0)]
    distances[:, waves.column < 0] = np.nan
    distances_now = _distances_from_mean(second)

    def linked_distances(node: int) -> tuple[Floats, Floats]:
        before, after = waves.linked(node)
        start = waves.earlier.members.start[waves.earlier_node[node]]
        return distances[start + before], distances_now[waves.later.members.start[node] + after]

    shown = np.where(waves.common, 1.0, np.nan)
    return WavePair(
        waves.then(first.score) * shown,
        second.score * shown,
        waves.then(spread_then.noise[:, : first.a.shape[1]]) * shown,
        spread_now.noise[:, :count] * shown,
        waves.then(spread_then.df_noise[:, : first.a.shape[1]]) * shown,
        spread_now.df_noise[:, :count] * shown,
        waves.then(first.n.astype(np.float64)) * shown,
        np.asarray(second.n * shown),
        *_correlate_linked(shown, linked_distances),
    )


def _pair_composites(waves: WaveMatch) -> WavePair:
    """Put the composites of both cycles side by side, from capabilities shown in both and with the later
    weights."""
    first, second = waves.blocks
    nodes, (then, now) = np.flatnonzero(waves.earlier_node >= 0), waves.composites
    weights = np.zeros((*first.a.shape, now.weights.shape[2]))
    known = np.flatnonzero(waves.column >= 0)
    weights[np.ix_(waves.earlier_node[nodes], waves.column[known])] = now.weights[
        np.ix_(nodes, known)
    ]
    earlier, later = Influences.of(first, weights), Influences.of(second, now.weights)
    shown = np.where(np.isnan(now.score), np.nan, 1.0)

    def linked_distances(node: int) -> tuple[Floats, Floats]:
        before, after = waves.linked(node)
        return (
            earlier.strata[waves.earlier_node[node]].standing[before],
            later.strata[node].standing[after],
        )

    def put_in_later_nodes(values: Floats | Ints) -> Floats:
        return np.asarray(values[np.maximum(waves.earlier_node, 0)] * shown)

    spread, spread_now = earlier.spread(), later.spread()
    return WavePair(
        then.score * shown,
        now.score,
        put_in_later_nodes(spread.noise),
        spread_now.noise * shown,
        put_in_later_nodes(spread.df_noise),
        spread_now.df_noise * shown,
        put_in_later_nodes(count_raters(first, weights)),
        np.asarray(count_raters(second, now.weights) * shown),
        *_correlate_linked(shown, linked_distances),
    )


def _distances_from_mean(blocks: Blocks) -> Floats:
    """Return each rating's distance from its block's mean: (people, capabilities), NaN without."""
    shown = blocks.rated & (blocks.persons_block >= 0)
    return np.where(shown, blocks.ratings - blocks.of_persons(blocks.mean), np.nan)


def _correlate_linked(
    shown: Floats, pairs: Callable[[int], tuple[Floats, Floats]]
) -> tuple[Floats, Floats]:
    """Return how many people answered both and the correlation of their distances, node by node; 0 with
    fewer than five people. `pairs` returns the distances (people, subjects) in both cycles."""
    count, rho = shown * 0, shown * 0
    for node in np.flatnonzero(~np.isnan(shown).all(axis=1)).tolist():
        n, r = pearson(*pairs(node))
        enough = n >= MIN_PAIRS
        count[node] += np.where(enough, n, 0)
        rho[node] += np.where(enough, r, 0)
    return count, rho


def pearson(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Return n and the correlation of each column, over the rows known in both; 0 where it is undefined."""
    known = ~np.isnan(first) & ~np.isnan(second)
    n = known.sum(axis=0).astype(np.float64)
    divisor = np.maximum(n, 1)
    x = np.where(known, first, 0)
    y = np.where(known, second, 0)
    x, y = (
        np.where(known, x - x.sum(axis=0) / divisor, 0),
        np.where(known, y - y.sum(axis=0) / divisor, 0),
    )
    scale = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
    varied = scale > 1e-12
    return n, np.where(varied, (x * y).sum(axis=0) / np.where(varied, scale, 1), 0)


def _standard_error(waves: WavePair) -> tuple[Floats, Floats]:
    """Return the standard error of the change and its degrees of freedom (Derrick et al. 2017)."""
    noise_before, noise_after = waves.noise_before, waves.noise_after
    n, pairs = waves.n_before + waves.n_after, waves.pairs
    overlap = pairs / np.sqrt(waves.n_before * waves.n_after)
    variance = (
        noise_before + noise_after - 2 * waves.rho * overlap * np.sqrt(noise_before * noise_after)
    )
    variance = np.where(variance < ROUNDING_NOISE * (noise_before + noise_after), 0, variance)
    parts = noise_before**2 / _divisor(waves.df_before) + noise_after**2 / _divisor(waves.df_after)
    df_unlinked = np.where(parts > 0, (noise_before + noise_after) ** 2 / _divisor(parts), 1)
    return np.sqrt(variance), pairs - 1 + (df_unlinked - pairs + 1) / n * (n - 2 * pairs)


def _ranking_reliability(single: WavePair) -> Floats:
    """Return the share, 0 to 1, of the variance between a node's earlier scores that is not noise:
    (nodes,)."""
    known = ~np.isnan(single.before)
    n = known.sum(axis=1)
    distances = np.where(known, single.before - _row_means(single.before)[:, None], 0)
    variance = (distances**2).sum(axis=1) / np.maximum(n - 1, 1)
    noise = np.where(known, single.noise_before, 0).sum(axis=1) / np.maximum(n, 1)
    reliability: Floats = np.clip(1 - noise / _divisor(variance), 0, 1)
    return np.where((n > 1) & (variance > ROUNDING_RESIDUE), reliability, 0)


def _row_means(values: Floats) -> Floats:
    """Return the mean of each row without its NaN; NaN where nothing is known."""
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    mean: Floats = np.where(known, values, 0).sum(axis=1) / np.where(n > 0, n, np.nan)
    return mean


def _divisor(values: Floats) -> Floats:
    """Return the values with 1 in place of what cannot be divided by."""
    return np.where(values > 0, values, 1)
