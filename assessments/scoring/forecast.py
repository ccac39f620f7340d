"""Which teams will be shown after the close, foretold from head-counts and one response rate of the
whole organization. A rate of a single team's own never enters: whoever could choose teams one by one
would read it from the forecast.

Everyone is expected to answer by chance, independently and alike; what would then be shown is
decided by the cut itself, in drawn outcomes. Teams are told apart by their people and their place in
the tree alone, so equal teams have equal chances, whatever they are called and however they are
listed. Without numpy, so that web processes can load it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, islice
from random import Random

from assessments.scoring.visibility import cut_tree, subtree_ends

LIKELY = 3 / 4  # chance from which a team is expected to be shown
_NODES_DRAWN, _FEWEST_DRAWS, _MOST_DRAWS = 40_000, 60, 400
_LIKELY_REMAINDER = (
    1 / 4
)  # chance of a few answers beside a team from which they are why it is hidden
_SEED = 5  # any: equal trees have to get equal forecasts


class Reason(StrEnum):
    """Why a team will probably not be shown."""

    TOO_FEW = "too_few"  # fewer people than the threshold
    FEW_EXPECTED = "few_expected"  # enough people, but too few will answer
    TOO_NEW = "too_new"  # its people count elsewhere: too new together
    BESIDE_NEW = "beside_new"  # its people count elsewhere: they enlarge the group of new people
    PROTECTS_PEOPLE = "protects_people"  # it would reveal the few people placed directly above it
    PROTECTS_TEAM = "protects_team"  # it would reveal a smaller team


@dataclass(frozen=True, slots=True)
class ForecastNode:
    """A node of the tree; lists of them are in tree order."""

    parent: int  # index, -1 for the root
    people: int  # asked directly here, without leads
    counts_in: int  # index of the node in which their answers count, -1 for nowhere
    held: bool = False  # in a group that is too new


@dataclass(frozen=True, slots=True)
class NodeForecast:
    """What is expected of one node that has people in it or below."""

    node: int
    people: int  # in it and below
    chance: float  # of being shown, 0 to 1
    reason: Reason | None = None  # None: it will probably be shown
    revealed: int = -1  # the node that it would reveal
    above: int = -1  # the nearest node above that will probably be shown


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of all nodes, and of people who would be alone."""

    nodes: tuple[NodeForecast, ...]  # in tree order, without those that have nobody
    alone: tuple[
        int, ...
    ]  # nodes with the only person of a remainder: hiding tells if they answered
    suitable_size: int  # people of whom as many as the threshold requires are expected to answer


def forecast(tree: Sequence[ForecastNode], k: int, rate: float) -> Forecast:
    """Return what a cycle will show. `rate`: the share of people from whom a rating is expected on a
    question, above 0 and at most 1."""
    return _Forecaster(tree, k, rate).forecast()


class _Answers:
    """How many of a number of people answer, each with the chance `rate`: a binomial distribution."""

    def __init__(self, rate: float, k: int) -> None:
        self.rate, self.k = rate, k
        self._too_few: dict[int, float] = {}
        self._cumulated: dict[int, list[float]] = {}

    def chance_of_too_few(self, people: int) -> float:
        """Return the chance that fewer than k answer."""
        if people not in self._too_few:
            self._too_few[people] = sum(islice(self._probabilities(people), self.k))
        return self._too_few[people]

    def chance_of_some(self, people: int) -> float:
        """Return the chance that anybody answers, but fewer than k."""
        return self.chance_of_too_few(people) - next(self._probabilities(people))

    def evenly_spread(self, people: int, draws: int) -> list[int]:
        """Return as many outcomes, from few to many, as often each as it is likely."""
        if not people:
            return [0] * draws
        if people not in self._cumulated:
            self._cumulated[people] = list(accumulate(self._probabilities(people)))
        cumulated = self._cumulated[people]
        return [bisect_left(cumulated, (draw + 0.5) / draws, hi=people) for draw in range(draws)]

    def _probabilities(self, people: int) -> Iterator[float]:
        """Return the chances that 0, 1 ... `people` answer."""
        if self.rate >= 1:
            yield from (*([0.0] * people), 1.0)
            return
        yes, no, everyone = math.log(self.rate), math.log1p(-self.rate), math.lgamma(people + 1)
        for n in range(people + 1):
            ways = everyone - math.lgamma(n + 1) - math.lgamma(people - n + 1)
            yield math.exp(ways + n * yes + (people - n) * no)


class _Forecaster:
    """Indices of nodes, in tree order. `counted`: people whose answers count in the node."""

    def __init__(self, tree: Sequence[ForecastNode], k: int, rate: float) -> None:
        self.tree, self.k, self.answers = tree, k, _Answers(rate, k)
        self.parents = [node.parent for node in tree]
        self.counted = [0] * len(tree)
        for node in tree:
            if node.counts_in >= 0:
                self.counted[node.counts_in] += node.people
        self.total = self._sums([node.people for node in tree])
        self.total_counted = self._sums(self.counted)
        self.children: list[list[int]] = [[] for _node in tree]
        for index, parent in enumerate(self.parents):
            if parent >= 0:
                self.children[parent].append(index)

    def forecast(self) -> Forecast:
        chances = self._average_of_equals()
        nodes = [self._node(v, chances) for v in range(len(self.tree)) if self.total[v]]
        size = math.ceil(self.k / self.answers.rate - 1e-9)
        return Forecast(tuple(nodes), tuple(self._alone()), size)

    def _sums(self, values: Sequence[int]) -> list[int]:
        sums = list(values)
        for node in range(len(sums) - 1, 0, -1):
            sums[self.parents[node]] += sums[node]
        return sums

    # --- Chances --------------------------------------------------------------------------------

    def _average_of_equals(self) -> list[float]:
        """Return the chance of each node: the mean over all nodes that differ only in order."""
        order, classes = self._equal_nodes()
        draws = min(_MOST_DRAWS, max(_FEWEST_DRAWS, _NODES_DRAWN // len(order)))
        shown = self._count_shown(order, draws)
        sums, sizes = Counter[int](), Counter(classes)
        for node, own_class in enumerate(classes):
            sums[own_class] += shown[node]
        return [sums[own_class] / sizes[own_class] / draws for own_class in classes]

    def _equal_nodes(self) -> tuple[list[int], list[int]]:
        """Return the nodes in a tree order that depends on numbers of people alone, and of each node
        the class of those that are equal to it."""
        shapes: list[tuple[object, ...]] = [()] * len(self.tree)
        for node in range(len(self.tree) - 1, -1, -1):
            below = sorted((shapes[child] for child in self.children[node]), reverse=True)
            shapes[node] = (self.total_counted[node], self.counted[node], tuple(below))
        order, classes = [], [0] * len(self.tree)
        known: dict[tuple[int, tuple[object, ...]], int] = {}
        waiting = [0]
        while waiting:
            node = waiting.pop()
            order.append(node)
            above = classes[self.parents[node]] if node else -1
            classes[node] = known.setdefault((above, shapes[node]), len(known))
            waiting.extend(sorted(self.children[node], key=lambda child: shapes[child]))
        return order, classes

    def _count_shown(self, order: Sequence[int], draws: int) -> list[int]:
        """Return for each node in how many of the drawn outcomes it is shown. The draws of one node are
        spread evenly over all its outcomes."""
        place_of = {node: place for place, node in enumerate(order)}
        parents = [place_of.get(self.parents[node], -1) for node in order]
        chance = Random(_SEED)  # noqa: S311  # no secret
        columns = [self.answers.evenly_spread(self.counted[node], draws) for node in order]
        for outcomes in columns:
            chance.shuffle(outcomes)
        shown = [0] * len(order)
        for counts in zip(*columns, strict=True):
            for place, is_shown in enumerate(cut_tree(parents, counts, self.k)):
                shown[place] += is_shown
        return [shown[place_of[node]] for node in range(len(order))]

    # --- Reasons --------------------------------------------------------------------------------

    def _node(self, node: int, chances: Sequence[float]) -> NodeForecast:
        people, chance = self.total[node], chances[node]
        if chance >= LIKELY:
            return NodeForecast(node, people, chance)
        reason, revealed = self._reason(node, chance)
        above = self.parents[node]
        while above >= 0 and chances[above] < LIKELY:
            above = self.parents[above]
        return NodeForecast(node, people, chance, reason, revealed, above)

    def _reason(self, node: int, chance: float) -> tuple[Reason, int]:
        """Return why a node will probably be hidden, and which node it would reveal."""
        if self.total[node] < self.k:
            return Reason.TOO_FEW, -1
        if self.total_counted[node] < self.k:
            below = range(node, self.ends[node])
            is_new = any(self.tree[v].held for v in below)
            return (Reason.TOO_NEW if is_new else Reason.BESIDE_NEW), -1
        too_few = self.answers.chance_of_too_few(self.total_counted[node])
        revealed, is_direct = self._revealed(node)
        if revealed < 0 or too_few >= 1 - too_few - chance:
            return Reason.FEW_EXPECTED, -1
        return (Reason.PROTECTS_PEOPLE if is_direct else Reason.PROTECTS_TEAM), revealed

    def _revealed(self, node: int) -> tuple[int, bool]:
        """Return whom a node would most likely reveal, -1 for nobody: the people directly in a node
        above (True) or a team beside it or beside a node above it (False). The nearest come first."""
        best, likeliest = (-1, False), 0.0
        above, inside = self.parents[node], node
        while above >= 0 and likeliest < _LIKELY_REMAINDER:
            for chance, remainder, is_direct in self._remainders[above]:
                if chance > likeliest + 1e-9 and (is_direct or remainder != inside):
                    best, likeliest = (remainder, is_direct), chance
            above, inside = self.parents[above], above
        return best

    @cached_property
    def ends(self) -> list[int]:
        return subtree_ends(self.parents)

    @cached_property
    def _remainders(self) -> list[list[tuple[float, int, bool]]]:
        """Return for each node the few people in it who could be revealed: those directly in it, and
        its two teams of which most likely somebody answers, but too few."""
        remainders = []
        for node, children in enumerate(self.children):
            teams = [
                (self.answers.chance_of_some(self.total_counted[child]), child, False)
                for child in children
            ]
            teams = sorted(teams, key=lambda team: (-team[0], team[1]))[:2]
            remainders.append(
                [(self.answers.chance_of_some(self.counted[node]), node, True), *teams]
            )
        return remainders

    def _alone(self) -> list[int]:
        """Return the nodes of people who are the only one in a node that are in no team large enough
        to be shown: if that one answers, another team is hidden, and else it is not."""
        rest = list(self.counted)
        last = [node if people else -1 for node, people in enumerate(self.counted)]
        alone = []
        for node in range(len(self.tree) - 1, -1, -1):
            if self.total_counted[node] >= self.k:
                if rest[node] == 1:
                    alone.append(last[node])
            elif node and rest[node]:
                rest[self.parents[node]] += rest[node]
                last[self.parents[node]] = last[node]
        return sorted(alone)
