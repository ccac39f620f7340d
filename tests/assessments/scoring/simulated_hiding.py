"""Counts what hiding costs in made-up organizations of departments and teams (method 7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessments.scoring.survey import Bools, Ints, SurveyNode, SurveyTree
from tests.assessments.scoring.simulated_organizations import RESPONSE, ROOT


@dataclass(frozen=True)
class Cost:
    """Shares of what reaches the threshold and is shown."""

    teams: float
    cells: float  # capabilities of shown teams, with one answer in ten not applicable
    cells_of_large: float  # of teams of ten and more
    lost: float  # of cells: enough answers, and hidden to protect others
    subtractable: float  # organizations that a plain threshold would give away


@dataclass(frozen=True)
class Shape:
    """Of organizations with 3 to 7 departments of 2 to 6 teams."""

    direct: float  # share of departments in which one to three people belong to no team
    at_the_top: int  # at most so many people belong to no department
    largest: int  # team; the smallest has six

    def organization(self, chance: np.random.Generator) -> tuple[SurveyTree, Ints]:
        """And how many answer: three in four."""
        nodes, heads = [SurveyNode(ROOT, None, 0)], [int(chance.integers(0, self.at_the_top + 1))]
        for department in range(int(chance.integers(3, 8))):
            nodes.append(SurveyNode(f"d{department}", ROOT, 0))
            heads.append(int(chance.integers(1, 4)) if chance.random() < self.direct else 0)
            for team in range(int(chance.integers(2, 7))):
                nodes.append(SurveyNode(f"d{department}t{team}", f"d{department}", 0))
                heads.append(int(chance.integers(6, self.largest + 1)))
        tree = SurveyTree.of(tuple(nodes))
        return tree, chance.binomial(heads, RESPONSE).astype(np.int64)


OF_THE_METHOD = Shape(direct=0.3, at_the_top=0, largest=12)
HARDER = Shape(direct=0.75, at_the_top=3, largest=18)


def cost(shape: Shape, seed: int, *, organizations: int = 2000, k: int = 5) -> Cost:
    chance = np.random.default_rng(seed)
    counts = np.zeros(8)
    given_away = 0
    for tree, n in (shape.organization(chance) for _ in range(organizations)):
        leaf = tree.end - np.arange(len(n)) == 1
        shown, enough = tree.visible(n, k), tree.below(n) >= k
        counts[:2] += (shown & leaf).sum(), (enough & leaf).sum()
        given_away += _subtractable(tree, n, enough, k)
        for rated in chance.binomial(n, 0.9, (6, len(n))):
            cells, reached = tree.visible(rated, k), tree.below(rated) >= k
            small, large = shown & leaf & (n <= 12), shown & leaf & (n >= 10)
            counts[2:5] += (cells & small).sum(), (reached & small).sum(), small.sum()
            counts[5:7] += (cells & large).sum(), large.sum()
    return Cost(
        counts[0] / counts[1],
        counts[2] / counts[4],
        counts[5] / counts[6],
        (counts[3] - counts[2]) / counts[4],
        given_away / organizations,
    )


def _subtractable(tree: SurveyTree, n: Ints, visible: Bools, k: int) -> bool:
    """Whether some shown group less its shown parts leaves one to k - 1 people."""
    rest = tree.below(n)
    for node in np.flatnonzero(visible).tolist():
        above = int(tree.parent[node])
        while above >= 0 and not visible[above]:
            above = int(tree.parent[above])
        if above >= 0:
            rest[above] -= tree.below(n)[node]
    left = rest[visible]
    return bool(((left > 0) & (left < k)).any())
