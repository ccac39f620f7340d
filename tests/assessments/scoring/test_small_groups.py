"""Of a group of fewer than ten nothing tells how its answers lie around their mean: no interval, no
word, no distribution, and no subtraction of what is published of larger groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from assessments.scoring.cell import KINDS, Agreement, Cell
from assessments.scoring.cycle_scores import score_survey
from assessments.scoring.publish.cell_inputs import EarlierCycle
from assessments.scoring.publish.publish import PublishedSurvey, publish
from assessments.scoring.survey import Survey, SurveyCapability, SurveyDimension, SurveyNode
from tests.assessments.scoring.publish.test_publish import OF_ESTIMATES, OF_WHOLE_PEOPLE
from tests.assessments.scoring.surveys import random_survey, team

FEW, SHARES = 10, (0.1, 0.25, 0.3, 0.25, 0.1)
Counts = tuple[int, ...]  # of the levels 1 to 5


def organization(seed: int) -> Survey:
    """The last capability is a value of its own; of the first and the last a level is asked for."""
    survey = random_survey(seed, capabilities=7)
    alone = (SurveyCapability("C6", "alone"),)
    return replace(
        survey,
        dimensions=(*survey.dimensions, SurveyDimension("alone")),
        capabilities=survey.capabilities[:-1] + alone,
        targets={("root", name): 3.4 for name in ("C0", "C6")},
    )


# --- All gave a 4, or one a 3 and one a 5 ------------------------------------------------------


def with_column(survey: Survey, kind: str, column: int, rows: Any, given: list[int]) -> Survey:
    answers = getattr(survey, kind).copy()
    answers[rows, column] = given
    return replace(survey, **{kind: answers})


def small_blocks(survey: Survey, kind: str) -> Iterator[tuple[int, Any]]:
    """Of each question the rows of every block of fewer than ten."""
    scores = score_survey(survey)
    blocks = scores.kinds[kind].blocks
    for column in range(blocks.a.shape[1]):
        block = np.where(blocks.rated[:, column], blocks.persons_block[:, column], -1)
        for place in np.unique(block[block >= 0]):
            inside = scores.members.rows[block == place]
            if inside.size < FEW:
                yield column, inside


# Of a node with best estimates: whatever is computed from them, and what a stage is made of.
FROM_ESTIMATES = OF_ESTIMATES | dict.fromkeys(("level", "held_by"))


def may_tell(cell: Cell, *, is_estimated: bool) -> Cell:
    """Without what rests on several answers of one person at once; a larger group also without its
    own distribution. A value of one capability is that capability."""
    several = cell.based_on > 1 or (cell.n or 0) >= FEW
    own = OF_WHOLE_PEOPLE[cell.subject_type] if several else {}
    if is_estimated:
        own = own | FROM_ESTIMATES | ({"score": None} if cell.subject_type == "stage" else {})
        cell = replace(cell, detail=replace(cell.detail, priority=None))
    if cell.subject_type == "overall":
        own = own | {"state": None, "level": None, "held_by": ""}  # held by a value
    detail = cell.detail
    if cell.subject_type != "capability":
        detail = replace(detail, change=None, if_all=None)
    if (cell.n or 0) >= FEW and detail.agreement:
        spread = replace(detail.agreement, histogram=(), distance=None, is_split=False)
        detail = replace(detail, agreement=spread)
    if (cell.n or 0) >= FEW and detail.priority:
        detail = replace(detail, priority=replace(detail.priority, stability="", group=""))
    return replace(cell, **own, detail=detail)


def told(survey: Survey, before: Survey) -> list[dict[str, Any]]:
    """Beside an earlier cycle that recognises nobody."""
    lower = np.where(before.performance > 2, 2, before.performance).astype(np.int8)
    same = {node.id: node.id for node in survey.nodes}
    names = [one.id for one in survey.capabilities]
    published = publish(survey, EarlierCycle(replace(before, performance=lower), same, names))
    estimated = {cell.node for cell in published.cells if cell.is_estimated}
    rest = {"nodes": published.alignments, "shown": published.participation}
    cells = (may_tell(cell, is_estimated=cell.node in estimated) for cell in published.cells)
    return [*map(asdict, cells), rest]


@settings(max_examples=12, deadline=None)
@given(some.integers(0, 10_000), some.sampled_from(KINDS), some.integers(0, 1000), some.data())
def test_all_fours_look_like_a_three_and_a_five_among_fours(
    seed: int, kind: str, place: int, data: some.DataObject
) -> None:
    """Of two blocks of one size nothing tells in which all are alike: only the spread of all answers
    together is in what is printed."""
    survey = organization(seed)
    blocks = list(small_blocks(survey, kind))
    if not blocks:
        return
    one = blocks[place % len(blocks)]
    others = [each for each in blocks if len(each[1]) == len(one[1]) and each[0] != one[0]]
    if not others:
        return
    other = others[place % len(others)]
    middle, size = data.draw(some.integers(2, 4)), len(one[1])
    alike, apart = [middle] * size, [middle - 1, middle + 1] + [middle] * (size - 2)

    def answered(first: list[int], second: list[int]) -> Survey:
        return with_column(with_column(survey, kind, *one, first), kind, *other, second)

    assert told(answered(alike, apart), survey) == told(answered(apart, alike), survey)


def test_there_is_something_to_tell_apart() -> None:
    """Else nothing would be published of small blocks."""
    survey = organization(3)
    column, rows = next(small_blocks(survey, "performance"))
    all_of_them = with_column(survey, "performance", column, rows, [4] * len(rows))
    lower = with_column(survey, "performance", column, rows, [4] * (len(rows) - 1) + [2])
    assert told(all_of_them, survey) != told(lower, survey)


# --- An interval below ten depends on how many answered ----------------------------------------


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", KINDS)
def test_an_interval_below_ten_has_the_spread_of_all(seed: int, kind: str) -> None:
    scored = score_survey(random_survey(seed, capabilities=7)).kinds[kind]
    blocks, prior, tried = scored.blocks, scored.prior, 0
    freedom = np.maximum(blocks.a - 1, 0).sum()
    for node, column in np.argwhere(
        (blocks.a > 0) & (blocks.a == blocks.n) & (blocks.n < FEW)
    ).tolist():
        at = node, column
        half = stats.t.ppf(0.975, freedom) * np.sqrt(prior.variance / blocks.n[at])
        low, high = scored.interval
        assert low[at] == pytest.approx(max(1, scored.score[at] - half))
        assert high[at] == pytest.approx(min(5, scored.score[at] + half))
        tried += 1
    assert tried >= 4


def test_without_a_pool_an_interval_keeps_its_own_spread() -> None:
    """Too few answers in all to learn a spread from: six people and one question."""
    scored = score_survey(team([[2, 3, 3, 4, 4, 5]])).performance
    assert scored.prior.nu == 0
    assert scored.spread.df_shown[0, 0] == pytest.approx(5)
    assert scored.spread.noise[0, 0] == pytest.approx(np.var([2, 3, 3, 4, 4, 5], ddof=1) / 6)
    assert scored.spread.shown[0, 0] == scored.spread.noise[0, 0]
    assert scored.spread.if_all[0, 0] == pytest.approx(scored.spread.noise[0, 0] * 0.4)


# --- Subtraction -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """What is published of it, node by node."""

    parent: dict[str, str | None]
    n: dict[str, int]  # where there is a score
    sums: dict[str, int]  # of small groups: a mean to one decimal gives the exact sum
    histograms: dict[str, Counts]

    def above(self, node: str, among: Any) -> str | None:
        """The nearest of these nodes strictly above."""
        up = self.parent[node]
        while up is not None and up not in among:
            up = self.parent[up]
        return up

    def rests(self) -> dict[str, Counts]:
        """Each published distribution less those of the published ones below it."""
        found = {node: np.array(counts) for node, counts in self.histograms.items()}
        for node, counts in self.histograms.items():
            up = self.above(node, self.histograms)
            if up is not None:
                found[up] = found[up] - counts
        return {node: tuple(counts.tolist()) for node, counts in found.items()}

    def small_in(self, node: str) -> list[tuple[int, int]]:
        """How many and which sum: the small groups in what is left of this node's distribution."""
        inside = [one for one in self.sums if (one if one in self.histograms else None) == node] + [
            one for one in self.sums if self.above(one, self.histograms) == node
        ]
        return [(self.n[one], self.sums[one]) for one in inside]


def histogram_of(cell: Cell) -> Counts:
    return cell.detail.agreement.histogram if cell.detail.agreement else ()


def questions(survey: Survey, published: PublishedSurvey) -> Iterator[Question]:
    parent = {node.id: node.parent for node in survey.nodes}
    for kind, one in product(KINDS, survey.capabilities):
        cells = [
            cell
            for cell in published.cells
            if (cell.kind, cell.subject) == (kind, one.id) and cell.score is not None
        ]
        yield Question(
            parent,
            {cell.node: cell.n or 0 for cell in cells},
            {
                cell.node: round((cell.n or 0) * (cell.score or 0))
                for cell in cells
                if (cell.n or 0) < FEW
            },
            {c.node: histogram_of(c) for c in cells if histogram_of(c)},
        )


@pytest.mark.parametrize("seed", range(12))
def test_no_subtraction_of_distributions_leaves_fewer_than_ten(seed: int) -> None:
    survey = random_survey(seed)
    published = publish(survey)
    left = [sum(rest) for one in questions(survey, published) for rest in one.rests().values()]
    assert {size for size in left if 0 < size < FEW} == set()
    assert any(size >= FEW for size in left)
    for cell in published.cells:
        if cell.subject_type == "capability" and not histogram_of(cell):
            agreement = cell.detail.agreement
            assert agreement is None or replace(agreement, is_split=False) == Agreement(
                agreement.word
            )
            assert cell.detail.unrated is None


def lists(left: Counts, n: int, total: int) -> Iterator[Counts]:
    """All ways in which so many of these answers come to that sum."""
    for taken in product(*(range(min(count, n) + 1) for count in left)):
        if sum(taken) == n and sum(level * count for level, count in enumerate(taken, 1)) == total:
            yield taken


@cache
def possible(left: Counts, groups: tuple[tuple[int, int], ...]) -> bool:
    if not groups:
        return True
    first, *others = groups
    return any(possible(less(left, taken), tuple(others)) for taken in lists(left, *first))


def less(left: Counts, taken: Counts) -> Counts:
    return tuple(count - gone for count, gone in zip(left, taken, strict=True))


def given_away(left: Counts, groups: list[tuple[int, int]]) -> int:
    """Of how many of these groups only one list of answers is possible."""
    found = 0
    for place, group in enumerate(groups):
        others = tuple(groups[:place] + groups[place + 1 :])
        fits = [one for one in lists(left, *group) if possible(less(left, one), others)]
        found += len(fits) == 1
    return found


def departments(seed: int) -> Survey:
    """Three of three teams of 5 to 16 people, all of whom rate everything."""
    chance = np.random.default_rng(seed)
    places = [(f"d{at}", f"d{at}t{team}") for at in range(3) for team in range(3)]
    sizes = {team: int(chance.integers(5, 17)) for _, team in places}
    people = [team for team, size in sizes.items() for _ in range(size)]
    one = random_survey(seed)
    answers = [chance.choice(5, (len(people), 6), p=SHARES) + 1 for _ in KINDS]
    nobody = np.zeros(len(people), dtype=bool)
    return replace(
        one,
        nodes=(
            SurveyNode("org", None, 0),
            *(SurveyNode(f"d{at}", "org", 0) for at in range(3)),
            *(SurveyNode(team, above, sizes[team] + 1) for above, team in places),
        ),
        node_of=tuple(people),
        performance=answers[0].astype(np.int8),
        importance=answers[1].astype(np.int8),
        is_lead=nobody,
        named=nobody,
    )


def test_the_whole_less_exact_small_means_gives_hardly_any_answers_away() -> None:
    """Ten answers of which five come to 5 and five to 25 give themselves away: no cut prevents it."""
    groups = away = 0
    for seed in range(25):
        survey = departments(seed)
        for one in questions(survey, publish(survey)):
            groups += len(one.sums)
            for node, left in one.rests().items():
                small = one.small_in(node)
                away += given_away(left, small) if len(small) <= 3 else 0
    assert groups > 500
    assert away / groups < 0.02, (away, groups)
