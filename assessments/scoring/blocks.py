"""Block statistics and scores of every node on every capability (method 2 and 3), for all questions
of one kind at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assessments.scoring.survey import (
    NOT_SEEN,
    UNANSWERED,
    Bools,
    Codes,
    Floats,
    Ints,
    Survey,
    SurveyTree,
)
from assessments.scoring.visibility import DETAIL_THRESHOLD


@dataclass(frozen=True, eq=False)
class Members:
    """The counted members, sorted by the tree's order: everyone below a node is one slice. Arrays have
    one entry a person, or one a node."""

    tree: SurveyTree
    node: Ints  # (people,): index of the node each person sits in
    rows: Ints  # (people,): their rows in the survey
    start: Ints  # (nodes,): first person of each node's subtree
    stop: Ints  # (nodes,): one after its last person

    @classmethod
    def of(cls, survey: Survey) -> Members:
        tree = survey.tree
        node_of_row = np.array([tree.index_of[node] for node in survey.node_of], dtype=np.int64)
        rows = np.flatnonzero(survey.counts & ~survey.is_lead)
        codes = np.hstack([survey.performance[rows], survey.importance[rows]])
        # Sorted by node and answers, never by an id: the result cannot depend on who comes first.
        keys = [codes[:, column] for column in range(codes.shape[1] - 1, -1, -1)]
        order = np.lexsort(np.array([*keys, node_of_row[rows]])) if rows.size else np.arange(0)
        rows = rows[order]
        node = node_of_row[rows]
        start = np.searchsorted(node, np.arange(len(tree.nodes)))
        return cls(tree, node, rows, start, np.searchsorted(node, tree.end))

    def below(self, node: int) -> slice:
        """Return the slice of the people in a node and in all nodes below it."""
        return slice(int(self.start[node]), int(self.stop[node]))

    def per_node(self, values: Floats | Bools | Codes) -> Floats:
        """Return sums (nodes, columns) over the people directly in each node; `values` has one row a
        person."""
        sums = np.zeros((len(self.tree.nodes), values.shape[1]))
        occupied = self.in_node > 0
        if occupied.any():
            sums[occupied] = np.add.reduceat(values, self.start[occupied], axis=0, dtype=np.float64)
        return sums

    @cached_property
    def in_node(self) -> Ints:
        """Counted people directly in each node."""
        return np.bincount(self.node, minlength=len(self.tree.nodes)).astype(np.int64)

    @cached_property
    def heads(self) -> Ints:
        """Head-counts of nodes in which anyone has answered; others are outside the estimate."""
        return np.where(self.in_node > 0, self.tree.headcount, 0)

    @cached_property
    def all_answered(self) -> Bools:
        """Nodes in whose subtree everyone invited has answered; never where a head-count is missing."""
        waiting = np.where(self.uncounted, 1, np.maximum(self.tree.headcount - self.in_node, 0))
        complete: Bools = self.tree.below(waiting) == 0
        return complete

    @cached_property
    def has_uncounted_below(self) -> Bools:
        """Nodes with an uncounted node in their subtree."""
        any_below: Bools = self.tree.below(self.uncounted.astype(np.int64)) > 0
        return any_below

    @cached_property
    def uncounted(self) -> Bools:
        """Nodes where people answered and the head-count is missing or 0."""
        return (self.in_node > 0) & (self.tree.headcount <= 0)


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks of one kind of rating. Arrays (nodes, capabilities), unless stated otherwise; counts are
    0 and scores NaN where nothing is shown."""

    members: Members
    ratings: Codes  # (people, capabilities)
    k: int
    nu: float
    visible: Bools
    block: Ints  # index of the nearest visible node at or above, -1 without
    a: Floats  # ratings in the block
    total: Floats  # sum of the ratings
    squares: Floats  # sum of their squares
    m: Floats  # answers without a rating: not applicable or not seen
    not_seen: Floats
    invited: Floats  # head-counts of the block's nodes in which anyone has answered

    @cached_property
    def mean(self) -> Floats:
        return self.total / np.maximum(self.a, 1)

    @cached_property
    def variance(self) -> Floats:
        """Divisor a - 1; 0 where there is only one rating."""
        squares = self.squares - self.a * self.mean**2
        variances = np.where(self.a > 1, squares / np.maximum(self.a - 1, 1), 0)
        return np.where(variances < 1e-12, 0, variances)

    @cached_property
    def heads(self) -> Floats:
        """N: people invited to the block, at least those who answered."""
        return np.maximum(self.invited, self.a + self.m)

    @cached_property
    def weight(self) -> Floats:
        """W: head-count of those with an opinion, N a / (a + m)."""
        return self.heads * self.a / np.maximum(self.a + self.m, 1)

    @cached_property
    def fraction(self) -> Floats:
        """f: the share of the block that has answered; 1 where nobody is in it."""
        share: Floats = np.minimum(1, (self.a + self.m) / np.maximum(self.heads, 1))
        return np.where(self.heads > 0, share, 1)

    @cached_property
    def few(self) -> Bools:
        """Blocks of fewer than ten ratings: nothing published may tell their spread."""
        small: Bools = (self.a > 0) & (self.a < DETAIL_THRESHOLD)
        return small

    @cached_property
    def detailed(self) -> Bools:
        """Visible nodes of which more than a score may be shown (cut with max(10, k))."""
        counts = self.members.per_node(self.rated).T.astype(np.int64)
        cuts = [self.tree.detail_visible(column, self.k) for column in counts]
        return self.visible & np.column_stack(cuts)

    @property
    def tree(self) -> SurveyTree:
        return self.members.tree

    @cached_property
    def rated(self) -> Bools:
        return self.ratings >= 1

    @cached_property
    def total_weight(self) -> Floats:
        """Sum of W over the blocks inside each node."""
        return self.tree.below(self.weight)

    @cached_property
    def n(self) -> Ints:
        """Ratings in each visible node's subtree; 0 where the node is not visible."""
        return np.where(self.visible, self.tree.below(self.a), 0).astype(np.int64)

    @cached_property
    def all_answered(self) -> Bools:
        """Whether everyone invited to the blocks inside a node has answered the question."""
        waiting = (self.a > 0) & (self.fraction < 1)
        complete: Bools = self.visible & (self.tree.below(waiting.astype(np.int64)) == 0)
        return complete

    @cached_property
    def score(self) -> Floats:
        """S: the weighted mean of the blocks inside each node; NaN where the node is not visible."""
        sums = self.tree.below(self.weight * self.mean)
        shown = self.visible & (self.total_weight > 0)
        scores = np.clip(sums / np.where(shown, self.total_weight, 1), 1, 5)
        return np.where(shown, scores, np.nan)

    @cached_property
    def shown(self) -> Bools:
        return ~np.isnan(self.score)

    @cached_property
    def unrated_below(self) -> Floats:
        """Answers without a rating in each node's subtree."""
        return self.tree.below(self.m)

    @cached_property
    def not_seen_below(self) -> Floats:
        return self.tree.below(self.not_seen)

    @cached_property
    def persons_block(self) -> Ints:
        """(people, capabilities): index of the block each person's answer belongs to, -1 without."""
        return self.block[self.members.node]

    def of_persons(self, values: Floats) -> Floats:
        """Return for each rating (people, capabilities) its block's value; 0 without a rating."""
        columns = np.arange(values.shape[1])
        per_person = values[np.maximum(self.persons_block, 0), columns]
        return np.where(self.rated & (self.persons_block >= 0), per_person, 0.0)

    @cached_property
    def per_rating(self) -> Floats:
        """(people, capabilities): W / a, the weight of one rating in a sum over blocks."""
        return self.of_persons(np.where(self.a > 0, self.weight / np.maximum(self.a, 1), 0))

    @cached_property
    def influence(self) -> Floats:
        """(people, capabilities): W / a times the rating's distance from its block's mean."""
        value = np.where(self.rated, self.ratings, 0)
        return self.per_rating * (value - self.of_persons(self.mean))


def cut_blocks(survey: Survey, members: Members, kind: str) -> Blocks:
    """Cut the tree for every question of the kind; count ratings and sum them and their squares by
    block."""
    tree, ratings = members.tree, survey.ratings(kind)[members.rows]
    rated = ratings >= 1
    direct = members.per_node(rated)
    counts = direct.T.astype(np.int64)
    visible = np.column_stack([tree.visible(column, survey.k) for column in counts])
    block = np.column_stack([tree.nearest_visible(column) for column in visible.T])
    nodes, columns = np.nonzero(block >= 0)
    targets = block[nodes, columns], columns

    def sum_by_block(per_node: Floats) -> Floats:
        sums = np.zeros(block.shape)
        np.add.at(sums, targets, per_node[nodes, columns])
        return sums

    value = np.where(rated, ratings, 0).astype(np.float64)
    return Blocks(
        members=members,
        ratings=ratings,
        k=survey.k,
        nu=survey.nu,
        visible=visible,
        block=block,
        a=sum_by_block(direct),
        total=sum_by_block(members.per_node(value)),
        squares=sum_by_block(members.per_node(value**2)),
        m=sum_by_block(members.per_node((ratings > UNANSWERED) & ~rated)),
        not_seen=sum_by_block(members.per_node(ratings == NOT_SEEN)),
        invited=sum_by_block(np.repeat(members.heads[:, None] * 1.0, block.shape[1], axis=1)),
    )
