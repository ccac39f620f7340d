"""What is published looks the same when what it must not tell is different."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from assessments.scoring.audit.json_survey import from_json
from assessments.scoring.cell import NO_DETAIL, Cell
from assessments.scoring.cycle_scores import score_survey
from assessments.scoring.intervals import GlobalStrata
from assessments.scoring.publish.publish import (
    EarlierCycle,
    ParticipationCount,
    PublishedSurvey,
    publish,
)
from assessments.scoring.rounding import print_scores
from assessments.scoring.summary import QualityReport
from assessments.scoring.survey import Survey, SurveyNode
from assessments.scoring.visibility import DETAIL_THRESHOLD
from tests.assessments.scoring.surveys import case, random_survey, team

WORKED = from_json(case("cycle_nested_missing")["input"])


def test_the_guard_of_the_worked_case() -> None:
    given = case("publish_guard")
    score, n = ([raw[name] for raw in given["input"]] for name in ("score", "n"))
    low, high = np.array([raw["ci"] for raw in given["input"]]).T
    coarse = np.array(n) < DETAIL_THRESHOLD
    printed = print_scores(np.array(score), low, high, coarse)
    for place, wanted in enumerate(given["expected"]):
        assert (printed.score[place], coarse[place]) == (wanted["score"], wanted["coarse"])
        assert [float(printed.low[place]), float(printed.high[place])] == wanted["ci"]


def test_a_limit_is_not_printed_as_the_score_itself_unless_it_is() -> None:
    score, coarse = np.array([3.0, 3.0, 5.0, 3.0]), np.array([False, True, False, False])
    low, high = score - np.array([0.04, 0.2, 0.04, 0]), score + np.array([0.04, 0.2, 0, 0])
    printed = print_scores(score, low, high, coarse)
    assert printed.low.tolist() == [2.9, 2.5, 4.9, 3.0]
    assert printed.high.tolist() == [3.1, 3.5, 5.0, 3.0]


def one_team_of(size: int, column: list[int]) -> Survey:
    """A worked survey in which team A1 answers the first question with `column`."""
    rows = [
        place
        for place, node in enumerate(WORKED.node_of)
        if node == "A1" and not WORKED.is_lead[place]
    ]
    answers = WORKED.performance.copy()
    answers[rows[: len(column)], 0] = column
    answers[rows[len(column) :], 0] = 0
    assert len(column) == size
    return replace(WORKED, performance=answers)


def everything(published: PublishedSurvey) -> str:
    """As it would be stored."""
    told = [asdict(published.quality), published.participation, published.alignments]
    return json.dumps([*told, *map(asdict, published.cells)], default=asdict, allow_nan=False)


UNANIMOUS = [([5] * 6, [5] * 5 + [4]), ([1] * 6, [1] * 5 + [2])]


@pytest.mark.parametrize(("agreed", "nearly"), UNANIMOUS)
def test_all_fives_and_one_four_publish_the_same(agreed: list[int], nearly: list[int]) -> None:
    first, second = publish(one_team_of(6, agreed)), publish(one_team_of(6, nearly))
    assert everything(first) == everything(second)
    cell = next(c for c in first.cells if (c.node, c.subject) == ("A1", WORKED.capabilities[0].id))
    assert cell.coarse and cell.score in (1, 5)


@pytest.mark.parametrize(("agreed", "nearly"), UNANIMOUS)
def test_all_fives_and_one_four_are_the_same_to_compare_with(
    agreed: list[int], nearly: list[int]
) -> None:
    same = {node.id: node.id for node in WORKED.nodes}
    unchanged = [one.id for one in WORKED.capabilities]
    first, second = (
        publish(WORKED, EarlierCycle(one_team_of(6, answers), same, unchanged))
        for answers in (agreed, nearly)
    )
    assert everything(first) == everything(second)
    assert any(cell.detail.change for cell in first.cells)


def test_without_the_guard_they_would_differ() -> None:
    first, second = (
        score_survey(one_team_of(6, [5] * 6)),
        score_survey(one_team_of(6, [5] * 5 + [4])),
    )
    assert not np.array_equal(first.performance.score, second.performance.score, equal_nan=True)


# What rests on several answers of one person at once, and so cannot stay when two people exchange
# one answer: the paired interval of level and rated need, resampled people, composites' intervals.
OF_WHOLE_PEOPLE: dict[str, dict[str, Any]] = {
    "stage": {},
    "capability": {"fit_low": None, "fit_high": None, "fits": None},
    "value": {
        "fit_low": None,
        "fit_high": None,
        "fits": None,
        "low": None,
        "high": None,
        "state": None,
    },
}
OF_WHOLE_PEOPLE["overall"] = OF_WHOLE_PEOPLE["value"] | {"level": None, "held_by": ""}
# How far a team is drawn towards the whole organization depends on how far its people's means are apart.
OF_ESTIMATES: dict[str, Any] = dict.fromkeys(
    ("estimate", "low", "high", "state", "need", "gap", "fit", "fit_low", "fit_high", "fits")
)


def of_answers(published: PublishedSurvey) -> str:
    """Everything else."""
    cells = []
    for cell in published.cells:
        own = OF_WHOLE_PEOPLE[cell.subject_type]
        if cell.subject_type == "capability" and cell.need_source == "target":
            own = {}  # a target is nobody's second answer
        detail = cell.detail
        if cell.is_estimated:
            own, detail = own | OF_ESTIMATES, replace(detail, priority=None)
        if detail.priority:
            detail = replace(detail, priority=replace(detail.priority, stability="", group=""))
        if cell.subject_type != "capability":
            detail = replace(detail, change=None, if_all=None)
        cells.append(replace(cell, **own, detail=detail))
    answers = QualityReport(published.quality.answers)
    return everything(replace(published, build_cells=lambda: iter(cells), quality=answers))


def swapped(survey: Survey, kind: str, column: int, place: int) -> Survey | None:
    """Two people of one block, who rated a question differently, exchange these answers."""
    scores = score_survey(survey)
    blocks, rows = scores.kinds[kind].blocks, scores.members.rows
    block = np.where(blocks.rated[:, column], blocks.persons_block[:, column], -1)
    shown = np.unique(block[block >= 0])
    if not shown.size:
        return None
    inside = np.flatnonzero(block == shown[place % shown.size])
    other = inside[blocks.ratings[inside, column] != blocks.ratings[inside[0], column]]
    if not other.size:
        return None
    answers = getattr(survey, kind).copy()
    pair = [rows[inside[0]], rows[other[place % other.size]]]
    answers[pair, column] = answers[pair[::-1], column]
    return replace(survey, **{kind: answers})


@pytest.mark.parametrize("seed", range(8))
def test_exchanging_two_answers_inside_a_block_changes_nothing_but_what_rests_on_people(
    seed: int,
) -> None:
    """With a lead, a target on the first question, and an earlier cycle that recognises nobody."""
    survey = WORKED if seed == 0 else random_survey(seed, capabilities=7)
    first, root = survey.capabilities[0].id, survey.tree.nodes[0].id
    survey = replace(survey, targets={(root, first): 3.0}, persons=())
    past = replace(survey, performance=np.where(survey.performance > 2, 2, survey.performance))
    same = {node.id: node.id for node in survey.nodes}
    before = EarlierCycle(past, same, [one.id for one in survey.capabilities])
    whole, tried = of_answers(publish(survey, before)), 0
    for kind in ("performance", "importance"):
        for column in (0, 3, 6):
            after = swapped(survey, kind, column, seed)
            if after is not None:
                assert of_answers(publish(after, before)) == whole, (kind, column)
                tried += 1
    assert tried >= 4


def filled(survey: Survey) -> Survey:
    """Everybody rates everything: who exchanges places leaves every count as it is."""
    performance = np.where(survey.performance < 1, 3, survey.performance).astype(np.int8)
    importance = np.where(survey.importance < 1, 3, survey.importance).astype(np.int8)
    return replace(survey, performance=performance, importance=importance)


def exchangeable(survey: Survey) -> tuple[int, int] | None:
    """Two people of different teams whom every question, and the whole, puts in the same block."""
    scores = score_survey(survey)
    members = scores.members
    blocks = [scored.blocks.persons_block for scored in scores.kinds.values()]
    whole = np.hstack([*blocks, GlobalStrata.of(scores.performance.blocks).of_person[:, None]])
    for one in range(len(whole)):
        alike = (whole == whole[one]).all(axis=1) & (members.node != members.node[one])
        if alike.any() and (whole[one] >= 0).all():
            return int(members.rows[one]), int(members.rows[alike][0])
    return None


def test_exchanging_two_people_inside_a_block_changes_nothing_at_all() -> None:
    tried = 0
    for seed in range(7):
        survey = filled(random_survey(seed, capabilities=7))
        pair = exchangeable(survey)
        if pair is None:
            continue
        one, other = pair
        nodes = list(survey.node_of)
        nodes[one], nodes[other] = nodes[other], nodes[one]
        before, after = publish(survey), publish(replace(survey, node_of=tuple(nodes)))
        assert everything(before) == everything(after)
        tried += 1
    assert tried >= 3


@settings(max_examples=15, deadline=None)
@given(some.integers(0, 10_000))
def test_who_stands_where_in_the_file_changes_nothing_at_all(seed: int) -> None:
    """To the byte, with firmness and all, and whatever people are called."""
    survey = random_survey(seed)
    order = np.random.default_rng(seed).permutation(len(survey.node_of))
    mixed = replace(
        survey,
        node_of=tuple(survey.node_of[place] for place in order),
        performance=survey.performance[order],
        importance=survey.importance[order],
        persons=tuple(str(place).encode() for place in order),
    )
    assert everything(publish(survey)) == everything(publish(mixed))


def test_a_hidden_cell_says_why_and_nothing_else() -> None:
    published = publish(WORKED)
    hidden = [cell for cell in published.cells if cell.suppressed]
    assert {cell.suppressed for cell in hidden} == {"below_threshold", "not_enough_weight"}
    for cell in hidden:
        assert (cell.score, cell.low, cell.high, cell.n, cell.level, cell.fit) == (None,) * 6
        assert cell.detail == NO_DETAIL


def test_what_was_not_asked_is_not_missing() -> None:
    asked = np.ones(len(WORKED.capabilities), dtype=bool)
    asked[:6] = False
    published = publish(replace(WORKED, performance_asked=asked))
    root = [c for c in published.cells if c.node == "org" and c.kind == "performance"]
    reasons = {c.subject: c.suppressed for c in root}
    assert [reasons[one.id] for one in WORKED.capabilities[:6]] == ["not_asked"] * 6
    assert published.discarded <= WORKED.discarded


def test_participation_is_hidden_as_results_are() -> None:
    published = publish(WORKED)
    assert (published.participation["org"].n, published.participation["org"].invited) == (64, 97)
    assert "A3" not in published.participation  # five people, but its department has two more
    assert "D" not in published.participation


def test_every_gap_is_the_difference_of_two_printed_numbers() -> None:
    """In half levels of the best estimate, which is not printed itself."""
    told = [cell for seed in range(12) for cell in publish(random_survey(seed)).cells]
    assert sum(cell.gap is not None for cell in told) > 100
    for cell in told:
        if cell.gap is None or cell.subject_type != "capability":
            continue
        assert cell.score is not None and cell.need is not None
        if not (cell.coarse and cell.is_estimated):
            assert cell.gap == pytest.approx(round(cell.score - cell.need, 1))
        assert cell.fit == int(100 * (1 - abs(cell.gap) / 4) + 0.5 + 1e-9)


def half_levels(cell: Cell) -> list[float]:
    """Everything of a capability in points that must be a half level below ten answers."""
    leader = cell.detail.leader
    told = [cell.score, cell.low, cell.high, cell.need, cell.gap, *(cell.detail.if_all or ())]
    if leader and leader.gap is not None and leader.level * 2 == int(leader.level * 2):
        told.append(leader.gap)
    return [value for value in told if value is not None]


@pytest.mark.parametrize("seed", range(6))
def test_below_ten_everything_is_in_half_levels(seed: int) -> None:
    earlier = random_survey(seed + 100)
    survey = random_survey(seed)
    same = {node.id: node.id for node in survey.nodes}
    before = EarlierCycle(earlier, same, [one.id for one in survey.capabilities])
    small = [
        cell
        for cell in publish(survey, before).cells
        if cell.subject_type == "capability" and cell.n and cell.n < DETAIL_THRESHOLD
    ]
    assert len(small) > 5
    for cell in small:
        assert cell.coarse and cell.estimate is None
        assert [value * 2 % 1 for value in half_levels(cell)] == [0] * len(half_levels(cell))
        assert cell.detail.change is None and cell.detail.agreement
        assert cell.detail.agreement.rwg is None and not cell.detail.agreement.histogram
        assert cell.detail.priority is None or cell.detail.priority.stability == ""


def test_small_composites_are_coarse_and_large_ones_keep_one_decimal() -> None:
    few = publish(team([[3, 4, 3, 4, 3]] * 5 + [[2] * 5])).cells
    whole = {cell.subject: cell for cell in few if cell.kind == "performance"}
    assert whole["V"].based_on == 6 and not whole["V"].coarse  # six capabilities
    less = publish(team([[3, 4, 3, 4, 3]] * 5)).cells
    assert next(c for c in less if (c.subject, c.kind) == ("V", "performance")).coarse


def level_cell(survey: Survey, subject: str = "C0") -> Cell:
    cells = publish(survey).cells
    return next(c for c in cells if (c.subject, c.kind) == (subject, "performance"))


def test_everyone_has_answered_only_if_everyone_is_known_and_has() -> None:
    columns = [[2, 3, 4, 3, 2, 3], [3, 3, 4, 3, 2, 0]]
    all_of_them = level_cell(team(columns, headcount=6))
    assert all_of_them.everyone and all_of_them.detail.if_all is None
    assert all_of_them.low and all_of_them.score and all_of_them.low < all_of_them.score
    assert (all_of_them.n, all_of_them.invited) == (6, 6)
    assert level_cell(team(columns, headcount=6), "C1").everyone  # not applicable is an answer
    assert level_cell(team(columns, headcount=6), "").everyone
    blank = [[2, 3, 4, 3, 2, -2], [3, 3, 4, 3, 2, 1]]
    assert not level_cell(team(blank, headcount=6)).everyone
    assert not level_cell(team(columns, headcount=7)).everyone


def test_a_missing_head_count_is_said() -> None:
    unknown = replace(team([[2, 3, 4, 3, 2, 3]]), nodes=(SurveyNode("root", None, 0),))
    cell = level_cell(unknown)
    assert cell.detail.headcount_missing is True
    assert (cell.everyone, cell.invited) == (False, None)
    assert cell.detail.if_all == (cell.score, cell.score)  # as if those who answered were all
    assert publish(unknown).participation["root"].invited is None


def test_more_answers_than_heads_are_all_of_them() -> None:
    cell = level_cell(replace(team([[2, 3, 4, 3, 2, 3]]), nodes=(SurveyNode("root", None, 4),)))
    assert (cell.everyone, cell.n, cell.invited) == (True, 6, 6)


def test_with_too_few_answers_there_is_nothing_but_who_was_asked() -> None:
    published = publish(team([[2, 3, 4, 3]]))
    assert {cell.suppressed for cell in published.cells} == {"below_threshold"}
    assert published.participation["root"] == ParticipationCount(4, 8)
    assert not publish(team([[2, 3, 4]], headcount=4)).participation


def test_only_one_kind_may_be_asked() -> None:
    both = team([[3, 4, 3, 4, 3]] * 6)
    asked, none = np.ones(6, dtype=bool), np.zeros(6, dtype=bool)
    level = publish(replace(both, performance_asked=asked, importance_asked=none))
    assert {cell.kind for cell in level.cells} == {"performance"}
    need = publish(replace(both, performance_asked=none, importance_asked=asked))
    assert {(cell.kind, cell.suppressed) for cell in need.cells} == {("importance", None)}


def test_what_is_published_can_be_stored() -> None:
    for seed in range(6):
        assert everything(publish(random_survey(seed)))


def test_a_target_takes_the_place_of_the_rated_need() -> None:
    first = WORKED.capabilities[0].id
    published = publish(replace(WORKED, targets={("org", first): 2.0}))
    found = {c.node: c for c in published.cells if (c.subject, c.kind) == (first, "performance")}
    assert (found["org"].need, found["org"].need_source) == (2.0, "target")
    assert (found["A1"].need, found["A1"].need_source) == (2.0, "target")


def test_a_weak_part_holds_the_whole_down() -> None:
    answers = np.full_like(WORKED.performance, 5)
    answers[:, 0] = 1
    published = publish(replace(WORKED, performance=answers))
    value = next(
        c
        for c in published.cells
        if (c.node, c.subject, c.kind) == ("org", WORKED.dimensions[0].id, "performance")
    )
    assert (value.level, value.state, value.held_by) == (2, "held", WORKED.capabilities[0].id)


def test_the_nodes_said_to_show_something_are_those_whose_cells_do() -> None:
    surveys = [random_survey(seed) for seed in range(6)]
    for survey in [*surveys, *(replace(one, k=12) for one in surveys)]:
        published = publish(survey)
        assert published.shown == {cell.node for cell in published.cells if not cell.suppressed}
