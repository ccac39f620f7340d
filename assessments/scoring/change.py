"""What really changed between two cycles (method 9): a test that knows who answered both, corrected
for looking at many numbers at once, and silence where it cannot tell.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import stats

from assessments.scoring.blocks import Blocks
from assessments.scoring.composites import composites
from assessments.scoring.cycle_scores import CycleScores, count_raters
from assessments.scoring.intervals import ROUNDING_RESIDUE, UPPER_QUANTILE, Influences
from assessments.scoring.survey import Bools, Floats, Ints

Verdict = Literal["none", "up", "down", "few"]
VERDICTS: tuple[Verdict, ...] = ("none", "up", "down", "few")
MIN_PAIRS, FALSE_DISCOVERY_RATE, MIN_CHANGE, MAX_MDC = 5, 0.10, 0.2, 1.0
ROUNDING_NOISE = 1e-12  # of the noise of both: what is left where everyone moved by the same step


@dataclass(frozen=True, eq=False)
class ChangeTest:
    """Arrays over the later cycle's nodes: capabilities, then values, then the whole; NaN where
    there is nothing to compare."""

    both: WavePair
    se: Floats
    df: Floats
    p: Floats
    adjusted: Floats
    mdc: Floats  # the least change that could have been seen
    verdict: Ints  # place in VERDICTS
    map_verdict: Ints  # (nodes, values): the same, where all teams and values are on one page
    drift: Floats  # (nodes, capabilities): what chance alone lets expect
    reliability: Floats  # (nodes,): of the ranking in the earlier cycle

    @property
    def size(self) -> Floats:
        return self.both.after - self.both.before


@dataclass(frozen=True, eq=False)
class WavePair:
    """Two cycles side by side, in the later one's nodes."""

    before: Floats
    after: Floats
    noise_before: Floats
    noise_after: Floats
    df_before: Floats
    df_after: Floats
    n_before: Floats
    n_after: Floats
    pairs: Floats  # people in both; 0 where they are too few
    rho: Floats  # how alike they answered

    @classmethod
    def joined(cls, one: WavePair, other: WavePair) -> WavePair:
        names = [field.name for field in fields(cls)]
        return cls(*(np.hstack([getattr(one, name), getattr(other, name)]) for name in names))


def compare(
    earlier: CycleScores, later: CycleScores, same: Mapping[str, str], unchanged: Collection[str]
) -> ChangeTest:
    """`same`: later node -> the same team's node then. `unchanged`: capabilities whose levels read
    as they did."""
    waves = WaveMatch(earlier, later, same, unchanged)
    single = _capabilities(waves)
    both = WavePair.joined(single, _composites(waves))
    se, df = _error(both)
    size = both.after - both.before
    p = _probability(size, se, df)
    values = slice(single.before.shape[1], -1)
    adjusted = _adjusted(p, values)
    mdc = np.where(se > 0, stats.t.ppf(UPPER_QUANTILE, np.where(df > 0, df, 1)) * se, se)
    reliability = _reliability(single)
    mean = _mean(single.before)
    return ChangeTest(
        both=both,
        se=se,
        df=df,
        p=p,
        adjusted=adjusted,
        mdc=mdc,
        verdict=_verdict(size, adjusted, mdc),
        map_verdict=_verdict(size[:, values], _family(p[:, values]), mdc[:, values]),
        drift=(1 - reliability[:, None]) * (mean[:, None] - single.before),
        reliability=reliability,
    )


@dataclass(frozen=True, eq=False)
class WaveMatch:
    """Which nodes, capabilities and people of two cycles are the same."""

    earlier: CycleScores
    later: CycleScores
    same: Mapping[str, str]
    unchanged: Collection[str]

    @cached_property
    def blocks(self) -> tuple[Blocks, Blocks]:
        return self.earlier.performance.blocks, self.later.performance.blocks

    @cached_property
    def earlier_node(self) -> Ints:
        """(later nodes,): their places then, -1 without."""
        places = self.earlier.survey.tree.place
        names = [self.same.get(node.id, "") for node in self.later.survey.tree.nodes]
        return np.array([places.get(name, -1) for name in names], dtype=np.int64)

    @cached_property
    def column(self) -> Ints:
        """(later capabilities,): their columns then, -1 where they cannot be compared."""
        known = {one.id: place for place, one in enumerate(self.earlier.survey.capabilities)}
        names = [one.id for one in self.later.survey.capabilities]
        return np.array([known.get(n, -1) if n in self.unchanged else -1 for n in names])

    @cached_property
    def common(self) -> Bools:
        """Shown in both."""
        then = self.then(self.blocks[0].score)
        both: Bools = ~np.isnan(then) & ~np.isnan(self.blocks[1].score)
        return both

    def then(self, values: Floats) -> Floats:
        """The earlier cycle's (nodes, capabilities) in the later one's places."""
        found = values[np.maximum(self.earlier_node, 0)][:, np.maximum(self.column, 0)].astype(
            np.float64
        )
        known = (self.earlier_node >= 0)[:, None] & (self.column >= 0)
        return np.where(known, found, np.nan)

    @cached_property
    def link(self) -> Ints:
        """(later members,): the same person among the earlier members, -1 without."""
        first, second = self.earlier, self.later
        if not first.survey.persons or not second.survey.persons:
            return np.full(second.members.rows.size, -1, dtype=np.int64)
        rows = first.members.rows.tolist()
        known = {first.survey.persons[row]: place for place, row in enumerate(rows)}
        people = [second.survey.persons[row] for row in second.members.rows.tolist()]
        known.pop(b"", None)
        return np.array([known.get(person, -1) for person in people], dtype=np.int64)

    def linked(self, node: int) -> tuple[Ints, Ints]:
        """People of the node in both cycles: their places among its people then, and now."""
        now, then = (
            self.later.members.below(node),
            self.earlier.members.below(self.earlier_node[node]),
        )
        partner = self.link[now]
        inside = (partner >= then.start) & (partner < then.stop)
        return partner[inside] - then.start, np.flatnonzero(inside)


def _capabilities(waves: WaveMatch) -> WavePair:
    first, second = waves.blocks
    then, now = waves.earlier.performance.spread, waves.later.performance.spread
    count = second.a.shape[1]
    away = _away(first)[:, np.maximum(waves.column, 0)]
    away[:, waves.column < 0] = np.nan
    away_now = _away(second)

    def pairs(node: int) -> tuple[Floats, Floats]:
        before, after = waves.linked(node)
        start = waves.earlier.members.start[waves.earlier_node[node]]
        return away[start + before], away_now[waves.later.members.start[node] + after]

    shown = np.where(waves.common, 1.0, np.nan)
    return WavePair(
        waves.then(first.score) * shown,
        second.score * shown,
        waves.then(then.noise[:, : first.a.shape[1]]) * shown,
        now.noise[:, :count] * shown,
        waves.then(then.df_noise[:, : first.a.shape[1]]) * shown,
        now.df_noise[:, :count] * shown,
        waves.then(first.n.astype(np.float64)) * shown,
        np.asarray(second.n * shown),
        *_alike(shown, pairs),
    )


def _composites(waves: WaveMatch) -> WavePair:
    """Of what is shown in both, with the later weights."""
    first, second = waves.blocks
    survey, nodes = waves.later.survey, np.flatnonzero(waves.earlier_node >= 0)
    asked = np.broadcast_to(survey.asked("performance"), waves.common.shape)
    now = composites(survey, asked, waves.common, second.score)
    then = composites(survey, asked, waves.common, waves.then(first.score))
    weights = np.zeros((*first.a.shape, now.weights.shape[2]))
    known = np.flatnonzero(waves.column >= 0)
    weights[np.ix_(waves.earlier_node[nodes], waves.column[known])] = now.weights[
        np.ix_(nodes, known)
    ]
    old, new = Influences.of(first, weights), Influences.of(second, now.weights)
    shown = np.where(np.isnan(now.score), np.nan, 1.0)

    def pairs(node: int) -> tuple[Floats, Floats]:
        before, after = waves.linked(node)
        return old.at(int(waves.earlier_node[node])).standing[before], new.at(node).standing[after]

    def moved(values: Floats | Ints) -> Floats:
        return np.asarray(values[np.maximum(waves.earlier_node, 0)] * shown)

    spread, spread_now = old.spread(), new.spread()
    return WavePair(
        then.score * shown,
        now.score,
        moved(spread.noise),
        spread_now.noise * shown,
        moved(spread.df_noise),
        spread_now.df_noise * shown,
        moved(count_raters(first, weights)),
        np.asarray(count_raters(second, now.weights) * shown),
        *_alike(shown, pairs),
    )


def _away(blocks: Blocks) -> Floats:
    """How far each rating lies from its block's mean; NaN without a rating."""
    shown = blocks.rated & (blocks.persons_block >= 0)
    return np.where(shown, blocks.ratings - blocks.of_persons(blocks.mean), np.nan)


def _alike(shown: Floats, pairs: Callable[[int], tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """How many people answered both, and the correlation of their answers, node by node."""
    count, rho = shown * 0, shown * 0
    for node in np.flatnonzero(~np.isnan(shown).all(axis=1)).tolist():
        n, r = pearson(*pairs(node))
        enough = n >= MIN_PAIRS
        count[node] += np.where(enough, n, 0)
        rho[node] += np.where(enough, r, 0)
    return count, rho


def pearson(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Column by column over the rows known in both; 0 where it is undefined."""
    known = ~np.isnan(one) & ~np.isnan(other)
    n = known.sum(axis=0).astype(np.float64)
    some = np.maximum(n, 1)
    x = np.where(known, one, 0)
    y = np.where(known, other, 0)
    x, y = (
        np.where(known, x - x.sum(axis=0) / some, 0),
        np.where(known, y - y.sum(axis=0) / some, 0),
    )
    scale = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
    varied = scale > 1e-12
    return n, np.where(varied, (x * y).sum(axis=0) / np.where(varied, scale, 1), 0)


def _error(both: WavePair) -> tuple[Floats, Floats]:
    """Standard error of the change and its degrees of freedom (Derrick et al. 2017)."""
    one, two = both.noise_before, both.noise_after
    n, pairs = both.n_before + both.n_after, both.pairs
    shared = pairs / np.sqrt(both.n_before * both.n_after)
    variance = one + two - 2 * both.rho * shared * np.sqrt(one * two)
    variance = np.where(variance < ROUNDING_NOISE * (one + two), 0, variance)
    parts = one**2 / _positive(both.df_before) + two**2 / _positive(both.df_after)
    free = np.where(parts > 0, (one + two) ** 2 / _positive(parts), 1)
    return np.sqrt(variance), pairs - 1 + (free - pairs + 1) / n * (n - 2 * pairs)


def _probability(size: Floats, se: Floats, df: Floats) -> Floats:
    """Two-sided. Without any noise: 1 for no change, undefined for any."""
    noisy = 2 * stats.t.sf(np.abs(size) / _positive(se), _positive(df))
    still = np.where(np.abs(size) < 1e-12, 1.0, np.nan)
    found = np.where(se > 0, noisy, still)
    return np.where(np.isnan(size), np.nan, found)


def _adjusted(p: Floats, values: slice) -> Floats:
    """For having looked at all capabilities of a node, or all its values, at once."""
    families = slice(0, values.start), values, slice(values.stop, None)
    return np.array([np.concatenate([_family(node[one]) for one in families]) for node in p])


def _family(p: Floats) -> Floats:
    """For having looked at all of these at once; NaN was not looked at."""
    found, known = np.full(p.shape, np.nan), ~np.isnan(p)
    if known.any():
        found[known] = stats.false_discovery_control(p[known])
    return found


def _verdict(size: Floats, adjusted: Floats, mdc: Floats) -> Ints:
    sure = (adjusted <= FALSE_DISCOVERY_RATE) & (np.abs(size) >= MIN_CHANGE - 1e-9)
    moved = np.where(size > 0, VERDICTS.index("up"), VERDICTS.index("down"))
    told: Ints = np.where(sure, moved, VERDICTS.index("none"))
    return np.where(mdc > MAX_MDC, VERDICTS.index("few"), told)


def _reliability(single: WavePair) -> Floats:
    """How much of the differences between the earlier scores was more than noise."""
    known = ~np.isnan(single.before)
    n = known.sum(axis=1)
    away = np.where(known, single.before - _mean(single.before)[:, None], 0)
    variance = (away**2).sum(axis=1) / np.maximum(n - 1, 1)
    noise = np.where(known, single.noise_before, 0).sum(axis=1) / np.maximum(n, 1)
    real: Floats = np.clip(1 - noise / _positive(variance), 0, 1)
    return np.where((n > 1) & (variance > ROUNDING_RESIDUE), real, 0)


def _mean(values: Floats) -> Floats:
    known = ~np.isnan(values)
    n = known.sum(axis=1)
    mean: Floats = np.where(known, values, 0).sum(axis=1) / np.where(n > 0, n, np.nan)
    return mean


def _positive(values: Floats) -> Floats:
    return np.where(values > 0, values, 1)
