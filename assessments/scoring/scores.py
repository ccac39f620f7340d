"""Block statistics and scores of every node on every capability (method 2 and 3), for all questions
of one kind at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assessments.scoring.hiding import hide, nearest
from assessments.scoring.survey import UNANSWERED, Bools, Codes, Floats, Ints, Survey, Tree


@dataclass(frozen=True, eq=False)
class Members:
    """The counted members, sorted by the tree's order: everyone below a node is one slice."""

    tree: Tree
    node: Ints  # where each person sits
    rows: Ints  # their rows in the survey
    start: Ints  # first person of each node's subtree
    stop: Ints

    @classmethod
    def of(cls, survey: Survey) -> Members:
        tree = survey.tree
        place = np.array([tree.place[node] for node in survey.node_of], dtype=np.int64)
        rows = np.flatnonzero(survey.counts & ~survey.is_lead)
        whole = np.hstack([survey.performance[rows], survey.importance[rows]])
        # Sorted by what was answered, never by an id: the result cannot depend on who comes first.
        keys = [whole[:, column] for column in range(whole.shape[1] - 1, -1, -1)]
        order = np.lexsort(np.array([*keys, place[rows]])) if rows.size else np.arange(0)
        rows = rows[order]
        node = place[rows]
        start = np.searchsorted(node, np.arange(len(tree.nodes)))
        return cls(tree, node, rows, start, np.searchsorted(node, tree.end))

    def below(self, node: int) -> slice:
        """The people of a node and everything under it."""
        return slice(int(self.start[node]), int(self.stop[node]))

    @cached_property
    def in_node(self) -> Ints:
        return np.bincount(self.node, minlength=len(self.tree.nodes)).astype(np.int64)

    @cached_property
    def heads(self) -> Ints:
        """Head-counts of nodes in which anyone has answered; others are outside the estimate."""
        return np.where(self.in_node > 0, self.tree.headcount, 0)


@dataclass(frozen=True, eq=False)
class Blocks:
    """One kind of rating. Arrays of shape (nodes, capabilities); zero or NaN where nothing is shown."""

    members: Members
    ratings: Codes  # (people, capabilities)
    k: int
    visible: Bools
    block: Ints  # the nearest visible node at or above, -1 without
    a: Floats  # ratings in the block
    m: Floats  # not applicable or not seen
    mean: Floats
    variance: Floats  # divisor a - 1
    heads: Floats  # N: people invited to the block
    weight: Floats  # W: head-count of those with an opinion
    fraction: Floats  # f

    @property
    def tree(self) -> Tree:
        return self.members.tree

    @cached_property
    def rated(self) -> Bools:
        return self.ratings >= 1

    @cached_property
    def total_weight(self) -> Floats:
        """Sum of W over the blocks inside each node."""
        return np.asarray(self.tree.below(self.weight), dtype=np.float64)

    @cached_property
    def n(self) -> Ints:
        return np.where(self.visible, np.asarray(self.tree.below(self.a)), 0).astype(np.int64)

    @cached_property
    def score(self) -> Floats:
        """S: NaN where the node is not visible."""
        sums = np.asarray(self.tree.below(self.weight * self.mean), dtype=np.float64)
        shown = self.visible & (self.total_weight > 0)
        return np.where(shown, sums / np.where(shown, self.total_weight, 1), np.nan)

    @cached_property
    def persons_block(self) -> Ints:
        """(people, capabilities): the block each person's answer belongs to, -1 without."""
        return self.block[self.members.node]

    def of_persons(self, values: Floats) -> Floats:
        """A block's value for each rating given, 0 where there is none."""
        columns = np.arange(values.shape[1])
        found = values[np.maximum(self.persons_block, 0), columns]
        return np.where(self.rated & (self.persons_block >= 0), found, 0.0)

    @cached_property
    def per_rating(self) -> Floats:
        """(people, capabilities): what one rating weighs before it is divided by the node's sum."""
        return self.of_persons(np.where(self.a > 0, self.weight / np.maximum(self.a, 1), 0))

    @cached_property
    def influence(self) -> Floats:
        """(people, capabilities): how far one rating pulls its block's score."""
        value = np.where(self.rated, self.ratings, 0)
        return self.per_rating * (value - self.of_persons(self.mean))


def blocks(survey: Survey, members: Members, kind: str) -> Blocks:
    """Cut the tree for every question of the kind, and count, add and square within blocks."""
    tree, ratings = members.tree, survey.ratings(kind)[members.rows]
    rated = ratings >= 1
    direct = _per_node(members, rated)
    visible = np.column_stack(
        [hide(tree, column, survey.k) for column in direct.T.astype(np.int64)]
    )
    block = np.column_stack([nearest(tree, column) for column in visible.T])
    value = np.where(rated, ratings, 0).astype(np.float64)

    def gathered(per_node: Floats) -> Floats:
        into = np.zeros(block.shape)
        nodes, columns = np.nonzero(block >= 0)
        np.add.at(into, (block[nodes, columns], columns), per_node[nodes, columns])
        return into

    a, s1 = gathered(direct), gathered(_per_node(members, value))
    m = gathered(_per_node(members, (ratings > UNANSWERED) & ~rated))
    mean = s1 / np.where(a > 0, a, 1)
    squares = gathered(_per_node(members, value**2)) - a * mean**2
    variance = np.where(a > 1, np.maximum(squares, 0) / np.where(a > 1, a - 1, 1), 0)
    variance[variance < 1e-12] = 0
    asked_heads = np.repeat(members.heads[:, None].astype(np.float64), a.shape[1], axis=1)
    heads = np.maximum(gathered(asked_heads), a + m)
    answered = np.where(a + m > 0, a + m, 1)
    weight = np.where(a > 0, heads * a / answered, 0)
    fraction = np.where(heads > 0, np.minimum(1, (a + m) / np.where(heads > 0, heads, 1)), 1)
    return Blocks(
        members, ratings, survey.k, visible, block, a, m, mean, variance, heads, weight, fraction
    )


def _per_node(members: Members, values: Floats | Bools) -> Floats:
    """Sums over the people who sit directly in each node."""
    running = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    own_stop = members.start + members.in_node
    summed: Floats = running[own_stop] - running[members.start]
    return summed
