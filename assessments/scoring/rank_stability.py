"""Firmness of the first five priorities (method 8): how often they stay among the first five when other
people of the same teams are drawn; in a small team, when its estimates are drawn within their range.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assessments.scoring.blocks import Blocks
from assessments.scoring.cell import Stability
from assessments.scoring.cycle_scores import CycleScores, KindScores
from assessments.scoring.intervals import GlobalStrata
from assessments.scoring.priorities import DEFAULT_TARGET, TOP_COUNT, priority, rank
from assessments.scoring.survey import NOT_APPLICABLE, NOT_SEEN, Bools, Floats, Ints
from assessments.scoring.visibility import DETAIL_THRESHOLD

RESAMPLES, BATCH_SIZE = 500, 50
PRIORITY_TOLERANCE = 1e-8  # priorities nearer than this may be equal; `rank` decides
WORDS: tuple[tuple[float, Stability], ...] = ((0.8, "firm"), (0.5, "likely"), (0.2, "contender"))
Counts = npt.NDArray[np.float32]


def stability_word(share: float) -> Stability:
    """Return the word for a share of resamples; empty below 20 %."""
    return next((name for least, name in WORDS if share >= least - 1e-9), "")


def firmness(scores: CycleScores, compared: Bools, target: Floats) -> Floats:
    """Return the share of resamples, 0 to 1, in which a capability is among the first five of its node:
    (nodes, capabilities).

    `compared` (nodes, capabilities): where level and importance are both shown. `target`: NaN for the
    default.
    """
    resampling = _Resampling.of(scores)
    aim = np.where(np.isnan(target), DEFAULT_TARGET, target)
    names = tuple(capability.id for capability in scores.survey.capabilities)
    times_first, estimated = np.zeros(compared.shape), _estimated_nodes(scores)
    drawn = np.setdiff1d(np.arange(compared.shape[0]), estimated)
    for counts in resampling.draws():
        level, importance = (
            _means(scored.blocks, resampling.sums(counts, kind), drawn)
            for kind, scored in scores.kinds.items()
        )
        value = priority(level, importance, aim[drawn, None])
        value = np.where(compared[drawn, None], value, np.nan)
        times_first[drawn] += _first(value, importance, names).sum(axis=1)
    for node in estimated:
        level, importance = (_draw_estimates(scored, node) for scored in scores.kinds.values())
        value = np.where(compared[node], priority(level, importance, aim[node]), np.nan)
        times_first[node] = _first(value, importance, names).sum(axis=0)
    return times_first / RESAMPLES


def _estimated_nodes(scores: CycleScores) -> list[int]:
    """Return the teams with estimates of both kinds in which at least ten rated something: in others no
    firmness is shown."""
    enough = np.ones(len(scores.survey.tree.nodes), dtype=bool)
    for scored in scores.kinds.values():
        if scored.estimates.parts is None:
            return []
        enough &= ~np.isnan(scored.estimates.parts.team)
        enough &= (scored.blocks.n >= DETAIL_THRESHOLD).any(axis=1)
    return np.flatnonzero(enough).tolist()


def _draw_estimates(scored: KindScores, node: int) -> Floats:
    """Draw scores of one team from what its estimates say: (resamples, capabilities), NaN without. The seed
    comes from these numbers alone."""
    parts = scored.estimates.parts
    assert parts is not None  # `_estimated_nodes`
    rest, variance = parts.rest[node], parts.rest_variance[node]
    told = np.round([parts.team[node], parts.team_variance[node], *rest, *variance], 9)
    digest = hashlib.sha256(told.astype(">f8").tobytes()).digest()
    normal = np.random.default_rng(int.from_bytes(digest[:8], "big")).standard_normal
    team = parts.team[node] + np.sqrt(parts.team_variance[node]) * normal((RESAMPLES, 1))
    drawn = rest + np.sqrt(variance) * normal((RESAMPLES, rest.size))
    return np.asarray(np.clip(parts.base + team + drawn, 1, 5))


def _first(value: Floats, importance: Floats, names: tuple[str, ...]) -> Bools:
    """Return which of the last axis are among the first five, as `rank` orders them. Only the few rows in
    which the fifth and the sixth are equal need sorting."""
    if value.shape[-1] <= TOP_COUNT:
        return ~np.isnan(value)
    keys = np.where(np.isnan(value), -1.0, value)
    fifth = np.partition(keys, -TOP_COUNT, axis=-1)[..., -TOP_COUNT, None]
    is_first: Bools = (keys >= fifth - PRIORITY_TOLERANCE) & (keys >= 0)
    is_tied = is_first.sum(axis=-1) > TOP_COUNT
    ranks = rank(value[is_tied], importance[is_tied], names)
    is_first[is_tied] = (ranks > 0) & (ranks <= TOP_COUNT)
    return is_first


@dataclass(frozen=True, eq=False)
class _Resampling:
    """People to be drawn with replacement within their strata (`GlobalStrata`)."""

    stratum: Ints  # (people,), in drawing order
    node: Ints  # (people,): index of the node each sits in
    answers: dict[str, Counts]  # by kind, (people, 3 x capabilities): rated, rating, not rated
    seed: int  # from the answers alone
    count: int  # of nodes

    @classmethod
    def of(cls, scores: CycleScores) -> _Resampling:
        level, importance = scores.performance.blocks, scores.importance.blocks
        stratum = GlobalStrata.of(level).of_person
        codes = np.hstack([level.ratings, importance.ratings])
        # By stratum and answers alone: neither an id nor the node inside a stratum may matter.
        keys = [codes[:, column] for column in range(codes.shape[1] - 1, -1, -1)]
        order = np.lexsort(np.array([*keys, stratum]))
        order = order[stratum[order] >= 0]
        matrix = np.hstack([stratum[order, None].astype(">i4").view(np.int8), codes[order]])
        digest = hashlib.sha256(np.ascontiguousarray(matrix).tobytes()).digest()
        return cls(
            stratum[order],
            level.members.node[order],
            {
                "performance": _answer_columns(level)[order],
                "importance": _answer_columns(importance)[order],
            },
            int.from_bytes(digest[:8], "big"),
            len(level.tree.nodes),
        )

    def draws(self) -> Iterator[Counts]:
        """Yield how often each person was drawn: (BATCH_SIZE resamples, people), batch by batch."""
        generator = np.random.default_rng(self.seed)
        starts = np.flatnonzero(np.diff(self.stratum, prepend=-1))
        stops = np.append(starts[1:], self.stratum.size)
        rows = np.arange(BATCH_SIZE)[:, None]
        for _ in range(RESAMPLES // BATCH_SIZE):
            counts = np.empty((BATCH_SIZE, self.stratum.size), dtype=np.float32)
            for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
                size = stop - start
                picks = generator.integers(0, size, (BATCH_SIZE, size)) + rows * size
                counts[:, start:stop] = np.bincount(
                    picks.ravel(), minlength=BATCH_SIZE * size
                ).reshape(BATCH_SIZE, size)
            yield counts

    def sums(self, counts: Counts, kind: str) -> Floats:
        """Sum the drawn answers of the people directly in each node: (nodes, resamples, 3 x
        capabilities)."""
        answers = self.answers[kind]
        sums = np.zeros((self.count, counts.shape[0], answers.shape[1]))
        order = np.argsort(self.node, kind="stable")
        edges = np.searchsorted(self.node[order], np.arange(self.count + 1))
        for node in np.flatnonzero(np.diff(edges)).tolist():
            people = order[edges[node] : edges[node + 1]]
            sums[node] = counts[:, people] @ answers[people]
        return sums


def _answer_columns(blocks: Blocks) -> Counts:
    """Return (people, 3 x capabilities): rated, rating, not rated."""
    rated = blocks.rated
    unrated = (blocks.ratings == NOT_APPLICABLE) | (blocks.ratings == NOT_SEEN)
    value = np.where(rated, blocks.ratings, 0)
    return np.hstack([rated, value, unrated]).astype(np.float32)


def _means(blocks: Blocks, sums: Floats, nodes: Ints) -> Floats:
    """Return the scores of the resamples at some nodes: (nodes, resamples, capabilities), NaN without a
    rating. `sums`, of all nodes, is overwritten."""
    count = blocks.a.shape[1]
    visible = np.tile(blocks.visible, 3)[:, None]
    parent = blocks.tree.parent.tolist()
    for node in range(len(parent) - 1, 0, -1):  # a hidden node belongs to the block above
        if not blocks.visible[node].all():
            sums[parent[node]] += np.where(visible[node], 0, sums[node])
    rated, rating, unrated = (sums[..., start : start + count] for start in (0, count, 2 * count))
    answered = np.add(rated, unrated, out=unrated)
    heads = np.where(blocks.visible, blocks.heads, 0)[:, None]
    scale = np.divide(heads, answered, out=answered, where=answered > 0)  # else it is 0 already
    weight, weighted = np.multiply(rated, scale, out=rated), np.multiply(rating, scale, out=rating)
    for node in range(len(parent) - 1, 0, -1):
        weight[parent[node]] += weight[node]
        weighted[parent[node]] += weighted[node]
    weight, weighted = weight[nodes], weighted[nodes]
    means: Floats = np.divide(weighted, weight, out=np.full(weight.shape, np.nan), where=weight > 0)
    return means
