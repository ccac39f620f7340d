"""Made-up organizations whose truth is known: how often the method is right about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from assessments.scoring.change import ChangeTest, compare
from assessments.scoring.change_verdicts import VERDICTS
from assessments.scoring.cycle_scores import CycleScores, score_survey
from assessments.scoring.intervals import UPPER_QUANTILE, Prior
from assessments.scoring.survey import (
    MODERATION,
    Bools,
    Codes,
    Floats,
    Ints,
    Survey,
    SurveyCapability,
    SurveyDimension,
    SurveyNode,
    SurveyTree,
)

ROOT, RESPONSE = "root", 0.75


@dataclass(frozen=True, eq=False)
class World:
    """Everyone's answers, whether they give them or not; teams side by side under a root."""

    teams: Ints  # of each person
    opinions: Codes  # (people, capabilities)

    def truth(self) -> Floats:
        """(teams, capabilities): what would come out if everyone answered."""
        count = int(self.teams.max()) + 1
        return np.array([self.opinions[self.teams == team].mean(axis=0) for team in range(count)])

    def survey(self, answered: Ints, people: Ints | None = None) -> Survey:
        """Of those who answered; people are who they are in the next cycle too."""
        codes = self.opinions[answered]
        count, width = int(self.teams.max()) + 1, codes.shape[1]
        heads = np.bincount(self.teams, minlength=count)
        names = [f"t{team:03}" for team in range(count)]
        nobody = np.zeros(len(answered), dtype=bool)
        return Survey(
            nodes=(
                SurveyNode(ROOT, None, 0),
                *(SurveyNode(name, ROOT, int(n)) for name, n in zip(names, heads, strict=True)),
            ),
            dimensions=(SurveyDimension("V"),),
            capabilities=tuple(SurveyCapability(f"c{at:02}", "V") for at in range(width)),
            node_of=tuple(names[team] for team in self.teams[answered]),
            performance=codes,
            importance=codes,
            is_lead=nobody,
            named=nobody,
            persons=() if people is None else tuple(str(one).encode() for one in people[answered]),
        )


def on_the_scale(values: Floats) -> Codes:
    return np.clip(np.rint(values), 1, 5).astype(np.int8)


def world(chance: np.random.Generator, teams: int, size: int, width: int, *, split: float) -> World:
    """Teams of `size`; some capabilities of some teams are seen in two camps."""
    team = np.repeat(np.arange(teams), size)
    centre = chance.normal(3, 0.6, width) + chance.normal(0, 0.35, (teams, width))
    spread = chance.uniform(0.5, 1.1, (teams, width))
    person = chance.normal(0, 0.4, (len(team), 1))
    camps = np.where(chance.random((teams, width)) < split, 1.4, 0)[team]
    side = np.where(chance.random((len(team), width)) < 0.5, -1, 1) * camps
    noise = chance.normal(0, 1, (len(team), width)) * spread[team]
    return World(team, on_the_scale(centre[team] + person + noise + side))


def responding(chance: np.random.Generator, teams: Ints, each: int) -> Ints:
    """Exactly so many of every team."""
    kept = [chance.permutation(np.flatnonzero(teams == team))[:each] for team in np.unique(teams)]
    return np.sort(np.concatenate(kept))


# --- Levels (method 4) ------------------------------------------------------------------------


@dataclass(frozen=True)
class Coverage:
    """Shares of teams' intervals that hold the truth."""

    method: float
    whole: float  # of the root's composite
    plain: float  # the textbook's t interval, with the finite population
    without_width: float  # of the textbook's intervals: everybody said the same
    moderated: float  # had every team kept most of its own spread, without the unanimity guard
    widest: float  # the method, of the tenth of cells with the largest spread
    widest_moderated: float  # the same, had every team kept most of its own
    widest_pooled: float  # the same, had every team been given the spread of all


def coverage(n: int, seed: int, *, worlds: int = 40, teams: int = 12, width: int = 12) -> Coverage:
    chance = np.random.default_rng(seed)
    rows = [_covered(chance, n, teams, width) for _ in range(worlds)]
    cells, wholes = [row[0] for row in rows], [row[1] for row in rows]
    inside = np.concatenate([cell.reshape(4, -1) for cell in cells], axis=1)
    thin = np.concatenate([row[2].ravel() for row in rows])
    spread = np.concatenate([row[3].ravel() for row in rows])
    wide = spread >= np.quantile(spread, 0.9)
    method, plain, moderated, pooled = inside
    return Coverage(
        float(method.mean()),
        float(np.mean(wholes)),
        float(plain.mean()),
        float(thin.mean()),
        float(moderated.mean()),
        float(method[wide].mean()),
        float(moderated[wide].mean()),
        float(pooled[wide].mean()),
    )


def _covered(
    chance: np.random.Generator, n: int, teams: int, width: int
) -> tuple[Floats, bool, Floats, Floats]:
    there = world(chance, teams, round(n / RESPONSE), width, split=0.05)
    answered = responding(chance, there.teams, n)
    scored, truth = score_survey(there.survey(answered)).performance, there.truth()
    cut = scored.blocks
    low, high = (limit[1:, :width] for limit in scored.if_all)
    assert not np.isnan(low).any()  # every team is shown
    tight = 1e-9
    method = (low - tight <= truth) & (truth <= high + tight)
    variance, prior = cut.variance[1:], scored.prior
    short = (1 - cut.fraction[1:]) / n
    ways = [
        np.abs(cut.mean[1:] - truth) <= _half(variance, n, short, way) + tight
        for way in (Prior(0, 0), Prior(prior.variance, MODERATION), Prior(prior.variance, 1e9))
    ]
    whole = truth.mean()  # teams are of one size, capabilities of one weight
    holds = bool(scored.if_all.low[0, -1] - tight <= whole <= scored.if_all.high[0, -1] + tight)
    real = np.array([there.opinions[there.teams == t].var(axis=0, ddof=1) for t in range(teams)])
    return np.array([method, *ways], dtype=float), holds, variance == 0, real


def _half(variance: Floats, n: int, short: Floats, prior: Prior) -> Floats:
    freedom = n - 1 + prior.nu
    moderated = ((n - 1) * variance + prior.nu * prior.variance) / freedom
    return np.asarray(stats.t.ppf(UPPER_QUANTILE, freedom) * np.sqrt(moderated * short))


# --- Hiding (method 7) ------------------------------------------------------------------------


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


# --- Change (method 9) ------------------------------------------------------------------------


@dataclass(frozen=True)
class Changes:
    """Of one team's capabilities in two cycles."""

    false_of_flagged: float  # the mean share of flags that are wrong
    found: float  # of what really changed
    pages_with_false: float  # at least one flag where nothing has changed
    naive: float  # unchanged capabilities that an arrow on a difference of 0.2 would call changed
    least_visible: float  # the middle MDC


def changes(
    n: int, seed: int, *, kept: float, linked: bool, true: int = 8, pages: int = 1000
) -> Changes:
    """`kept`: the share of people who answer both times; `linked`: whether they are recognised."""
    rows = list(_pages(np.random.default_rng(seed), n, kept, linked, true, pages))
    flagged, wrong = (np.array([row[at] for row in rows]) for at in (0, 1))
    right = np.array([row[2] for row in rows])
    return Changes(
        float(np.mean(wrong / np.maximum(flagged, 1))),
        float(right.sum() / max(1, true * pages)),
        float((wrong > 0).mean()),
        float(np.mean([row[3] for row in rows])),
        float(np.median([row[4] for row in rows])),
    )


def _pages(
    chance: np.random.Generator, n: int, kept: float, linked: bool, true: int, pages: int
) -> Iterator[tuple[int, int, int, float, float]]:
    width = 36
    moved = np.arange(width) < true
    for _ in range(pages):
        found = _two_cycles(chance, n, kept, linked, np.where(moved, 0.6, 0.0))
        verdict = found.judged.verdict[1, :width]
        flagged = np.isin(verdict, [VERDICTS.index("up"), VERDICTS.index("down")])
        naive = np.abs(found.tested.size[1, :width][~moved]) >= 0.2 - 1e-9
        yield (
            int(flagged.sum()),
            int((flagged & ~moved).sum()),
            int((flagged & moved).sum()),
            float(naive.mean()),
            float(np.median(found.tested.mdc[1, :width])),
        )


def _two_cycles(
    chance: np.random.Generator, n: int, kept: float, linked: bool, shift: Floats
) -> ChangeTest:
    """A team and two others, so that there is a spread to learn from; half of an opinion lasts."""
    width, teams = len(shift), 3
    size = n * teams
    centre = chance.normal(3, 0.5, width)
    stay = chance.random(size) < kept
    lasting = chance.normal(0, 0.65, (size, width))
    others = np.where(stay[:, None], lasting, chance.normal(0, 0.65, (size, width)))
    passing = chance.normal(0, 0.55, (2, size, width))
    team = np.repeat(np.arange(teams), n)
    before = World(team, on_the_scale(centre + lasting + passing[0]))
    after = World(team, on_the_scale(centre + shift + others + passing[1]))
    everyone = np.arange(size)
    names = np.where(stay, everyone, everyone + size)
    waves = [
        score_survey(before.survey(everyone, everyone if linked else None)),
        score_survey(after.survey(everyone, names if linked else None)),
    ]
    return _compared(*waves)


def _compared(then: CycleScores, now: CycleScores) -> ChangeTest:
    same = {node.id: node.id for node in now.survey.nodes}
    return compare(then, now, same, [one.id for one in now.survey.capabilities])
