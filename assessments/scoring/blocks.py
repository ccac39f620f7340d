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
from assessments.scoring.visibility import DETAIL_THRESHOLD, detail_visible, hide, nearest_visible


@dataclass(frozen=True, eq=False)
class Members:
    """The counted members, sorted by the tree's order: everyone below a node is one slice."""

    tree: SurveyTree
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

    def per_node(self, values: Floats | Bools | Codes) -> Floats:
        """Sums over the people who sit directly in each node; `values` has one row a person."""
        found = np.zeros((len(self.tree.nodes), values.shape[1]))
        some = self.in_node > 0
        if some.any():
            found[some] = np.add.reduceat(values, self.start[some], axis=0, dtype=np.float64)
        return found

    @cached_property
    def in_node(self) -> Ints:
        return np.bincount(self.node, minlength=len(self.tree.nodes)).astype(np.int64)

    @cached_property
    def heads(self) -> Ints:
        """Head-counts of nodes in which anyone has answered; others are outside the estimate."""
        return np.where(self.in_node > 0, self.tree.headcount, 0)

    @cached_property
    def all_answered(self) -> Bools:
        """Nodes below which everyone invited has answered, as far as anyone knows."""
        waiting = np.where(self.uncounted, 1, np.maximum(self.tree.headcount - self.in_node, 0))
        found: Bools = self.tree.below(waiting) == 0
        return found

    @cached_property
    def has_uncounted_below(self) -> Bools:
        found: Bools = self.tree.below(self.uncounted.astype(np.int64)) > 0
        return found

    @cached_property
    def uncounted(self) -> Bools:
        """Nodes where people answered and nobody said how many there are."""
        return (self.in_node > 0) & (self.tree.headcount <= 0)


@dataclass(frozen=True, eq=False)
class Blocks:
    """One kind of rating. Arrays of shape (nodes, capabilities); zero or NaN where nothing is shown."""

    members: Members
    ratings: Codes  # (people, capabilities)
    k: int
    nu: float
    visible: Bools
    block: Ints  # the nearest visible node at or above, -1 without
    a: Floats  # ratings in the block
    total: Floats  # sum of the ratings
    squares: Floats  # sum of their squares
    m: Floats  # not applicable or not seen
    not_seen: Floats
    invited: Floats

    @cached_property
    def mean(self) -> Floats:
        return self.total / np.maximum(self.a, 1)

    @cached_property
    def variance(self) -> Floats:
        """Divisor a - 1; 0 where there is only one rating."""
        squares = self.squares - self.a * self.mean**2
        found = np.where(self.a > 1, squares / np.maximum(self.a - 1, 1), 0)
        return np.where(found < 1e-12, 0, found)

    @cached_property
    def heads(self) -> Floats:
        """N: people invited to the block."""
        return np.maximum(self.invited, self.a + self.m)

    @cached_property
    def weight(self) -> Floats:
        """W: head-count of those with an opinion."""
        return self.heads * self.a / np.maximum(self.a + self.m, 1)

    @cached_property
    def fraction(self) -> Floats:
        """f: how much of the block has answered."""
        found: Floats = np.minimum(1, (self.a + self.m) / np.maximum(self.heads, 1))
        return np.where(self.heads > 0, found, 1)

    @cached_property
    def few(self) -> Bools:
        """Blocks whose spread must not be told from anything that is published."""
        small: Bools = (self.a > 0) & (self.a < DETAIL_THRESHOLD)
        return small

    @cached_property
    def detailed(self) -> Bools:
        """Visible nodes of which more than a score may be shown."""
        counts = self.members.per_node(self.rated).T.astype(np.int64)
        cuts = [detail_visible(self.tree, column, self.k) for column in counts]
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
        return np.where(self.visible, self.tree.below(self.a), 0).astype(np.int64)

    @cached_property
    def all_answered(self) -> Bools:
        """Whether everyone invited to the blocks inside a node has answered the question."""
        waiting = (self.a > 0) & (self.fraction < 1)
        found: Bools = self.visible & (self.tree.below(waiting.astype(np.int64)) == 0)
        return found

    @cached_property
    def score(self) -> Floats:
        """S: NaN where the node is not visible."""
        sums = self.tree.below(self.weight * self.mean)
        shown = self.visible & (self.total_weight > 0)
        found = np.clip(sums / np.where(shown, self.total_weight, 1), 1, 5)
        return np.where(shown, found, np.nan)

    @cached_property
    def shown(self) -> Bools:
        return ~np.isnan(self.score)

    @cached_property
    def unrated_below(self) -> Floats:
        return self.tree.below(self.m)

    @cached_property
    def not_seen_below(self) -> Floats:
        return self.tree.below(self.not_seen)

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


def cut_blocks(survey: Survey, members: Members, kind: str) -> Blocks:
    """Cut the tree for every question of the kind, and count, add and square within blocks."""
    tree, ratings = members.tree, survey.ratings(kind)[members.rows]
    rated = ratings >= 1
    direct = members.per_node(rated)
    counts = direct.T.astype(np.int64)
    visible = np.column_stack([hide(tree, column, survey.k) for column in counts])
    block = np.column_stack([nearest_visible(tree, column) for column in visible.T])
    nodes, columns = np.nonzero(block >= 0)
    into = block[nodes, columns], columns

    def gathered(per_node: Floats) -> Floats:
        found = np.zeros(block.shape)
        np.add.at(found, into, per_node[nodes, columns])
        return found

    value = np.where(rated, ratings, 0).astype(np.float64)
    return Blocks(
        members=members,
        ratings=ratings,
        k=survey.k,
        nu=survey.nu,
        visible=visible,
        block=block,
        a=gathered(direct),
        total=gathered(members.per_node(value)),
        squares=gathered(members.per_node(value**2)),
        m=gathered(members.per_node((ratings > UNANSWERED) & ~rated)),
        not_seen=gathered(members.per_node(ratings == NOT_SEEN)),
        invited=gathered(np.repeat(members.heads[:, None] * 1.0, block.shape[1], axis=1)),
    )
