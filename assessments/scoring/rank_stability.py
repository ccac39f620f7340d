"""How firm the first five priorities are (method 8): would they still be first, had other people of
the same teams happened to answer?
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assessments.scoring.blocks import Blocks
from assessments.scoring.cycle_scores import CycleScores
from assessments.scoring.intervals import GlobalStrata
from assessments.scoring.priorities import DEFAULT_TARGET, TOP_COUNT, priority, rank
from assessments.scoring.survey import NOT_APPLICABLE, NOT_SEEN, Bools, Floats, Ints

RESAMPLES, BATCH_SIZE = 500, 50
PRIORITY_TOLERANCE = 1e-8  # priorities nearer than this may be the same; `rank` decides
WORDS = ((0.8, "firm"), (0.5, "likely"), (0.2, "contender"))
Counts = npt.NDArray[np.float32]


def stability_word(share: float) -> str:
    return next((name for least, name in WORDS if share >= least - 1e-9), "")


def firmness(scores: CycleScores, compared: Bools, target: Floats) -> Floats:
    """Share of resamples in which a capability is among the first five of its node, 0 to 1.

    `compared` (nodes, capabilities): where level and importance are both shown.
    """
    resampling = _Resampling.of(scores)
    aim = np.where(np.isnan(target), DEFAULT_TARGET, target)
    names = tuple(one.id for one in scores.survey.capabilities)
    times = np.zeros(compared.shape)
    for drawn in resampling.draws():
        level = _means(scores.performance.blocks, resampling.sums(drawn, "performance"))
        importance = _means(scores.importance.blocks, resampling.sums(drawn, "importance"))
        value = priority(level, importance, aim[:, None])
        value = np.where(compared[:, None], value, np.nan)
        times += _first(value, importance, names).sum(axis=1)
    return times / RESAMPLES


def _first(value: Floats, importance: Floats, names: tuple[str, ...]) -> Bools:
    """Which of the last axis are among the first five, as `rank` orders them. Only the few rows in
    which the fifth is like the sixth need to be put in order."""
    if value.shape[-1] <= TOP_COUNT:
        return ~np.isnan(value)
    keys = np.where(np.isnan(value), -1.0, value)
    fifth = np.partition(keys, -TOP_COUNT, axis=-1)[..., -TOP_COUNT, None]
    found: Bools = (keys >= fifth - PRIORITY_TOLERANCE) & (keys >= 0)
    several = found.sum(axis=-1) > TOP_COUNT
    places = rank(value[several], importance[several], names)
    found[several] = (places > 0) & (places <= TOP_COUNT)
    return found


@dataclass(frozen=True, eq=False)
class _Resampling:
    """People drawn again within their blocks of whole people."""

    stratum: Ints  # of each person, in the drawing order
    node: Ints
    answers: dict[str, Counts]  # (people, 3 x capabilities): rated, rating, not rated
    seed: int
    count: int  # of nodes

    @classmethod
    def of(cls, scores: CycleScores) -> _Resampling:
        level, importance = scores.performance.blocks, scores.importance.blocks
        stratum = GlobalStrata.of(level).of_person
        whole = np.hstack([level.ratings, importance.ratings])
        # By block and answers alone: who sits where inside a block must not matter, nor any id.
        keys = [whole[:, column] for column in range(whole.shape[1] - 1, -1, -1)]
        order = np.lexsort(np.array([*keys, stratum]))
        order = order[stratum[order] >= 0]
        matrix = np.hstack([stratum[order, None].astype(">i4").view(np.int8), whole[order]])
        digest = hashlib.sha256(np.ascontiguousarray(matrix).tobytes()).digest()
        return cls(
            stratum[order],
            level.members.node[order],
            {
                "performance": _answers(level)[order],
                "importance": _answers(importance)[order],
            },
            int.from_bytes(digest[:8], "big"),
            len(level.tree.nodes),
        )

    def draws(self) -> Iterator[Counts]:
        """How often each person was drawn: (resamples, people), some at a time."""
        chance = np.random.default_rng(self.seed)
        starts = np.flatnonzero(np.diff(self.stratum, prepend=-1))
        stops = np.append(starts[1:], self.stratum.size)
        rows = np.arange(BATCH_SIZE)[:, None]
        for _ in range(RESAMPLES // BATCH_SIZE):
            drawn = np.empty((BATCH_SIZE, self.stratum.size), dtype=np.float32)
            for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
                size = stop - start
                taken = chance.integers(0, size, (BATCH_SIZE, size)) + rows * size
                drawn[:, start:stop] = np.bincount(
                    taken.ravel(), minlength=BATCH_SIZE * size
                ).reshape(BATCH_SIZE, size)
            yield drawn

    def sums(self, drawn: Counts, kind: str) -> Floats:
        """Of the people directly in each node: (nodes, resamples, 3 x capabilities)."""
        answers = self.answers[kind]
        found = np.zeros((self.count, drawn.shape[0], answers.shape[1]))
        order = np.argsort(self.node, kind="stable")
        edges = np.searchsorted(self.node[order], np.arange(self.count + 1))
        for node in np.flatnonzero(np.diff(edges)).tolist():
            people = order[edges[node] : edges[node + 1]]
            found[node] = drawn[:, people] @ answers[people]
        return found


def _answers(blocks: Blocks) -> Counts:
    rated = blocks.rated
    unrated = (blocks.ratings == NOT_APPLICABLE) | (blocks.ratings == NOT_SEEN)
    value = np.where(rated, blocks.ratings, 0)
    return np.hstack([rated, value, unrated]).astype(np.float32)


def _means(blocks: Blocks, sums: Floats) -> Floats:
    """Scores as of the resamples: (nodes, resamples, capabilities)."""
    count = blocks.a.shape[1]
    visible = np.tile(blocks.visible, 3)[:, None]
    parent = blocks.tree.parent.tolist()
    for node in range(len(parent) - 1, 0, -1):  # what is not shown belongs to a block above
        sums[parent[node]] += np.where(visible[node], 0, sums[node])
    rated, rating, unrated = (sums[..., at : at + count] for at in (0, count, 2 * count))
    answered = rated + unrated
    heads = np.where(blocks.visible, blocks.heads, 0)[:, None]
    scale = np.where(answered > 0, heads / np.where(answered > 0, answered, 1), 0)
    weight, weighted = rated * scale, rating * scale
    for node in range(len(parent) - 1, 0, -1):
        weight[parent[node]] += weight[node]
        weighted[parent[node]] += weighted[node]
    means: Floats = np.divide(weighted, weight, out=np.full(weight.shape, np.nan), where=weight > 0)
    return means
