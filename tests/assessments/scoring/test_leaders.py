"""The leader's answer stands beside the team's, by name only with consent, and never inside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from assessments.scoring.cell import Cell, LeaderRating
from assessments.scoring.cycle_scores import score_survey
from assessments.scoring.leaders import leader_story, spearman
from assessments.scoring.publish.publish import PublishedSurvey, publish
from assessments.scoring.survey import Codes, Survey
from tests.assessments.scoring.surveys import team

LEVELS = [[2, 2, 3, 3, 2, 2], [4, 5, 4, 4, 4, 5], [3, 3, 2, 4, 3, 3], [1, 2, 2, 2, 1, 2]]
BASE = team(LEVELS, importance=[[4, 5, 4, 4, 4, 3]] * 3 + [[3, 2, 3, 3, 3, 3]])


def with_leads(ratings: list[list[int]], *, named: bool) -> Survey:
    """A row for each lead."""
    rows: Codes = np.array(ratings, dtype=np.int8)
    count = len(rows)
    return replace(
        BASE,
        node_of=BASE.node_of + ("root",) * count,
        performance=np.vstack([BASE.performance, rows]),
        importance=np.vstack([BASE.importance, np.full_like(rows, 4)]),
        is_lead=np.append(BASE.is_lead, [True] * count),
        named=np.append(BASE.named, [named] * count),
    )


def levels_of(published: PublishedSurvey) -> dict[str, Cell]:
    found = [cell for cell in published.cells if cell.kind == "performance"]
    return {cell.subject: cell for cell in found if cell.subject_type == "capability"}


def test_a_leader_is_never_averaged_into_the_team() -> None:
    alone, led = score_survey(BASE), score_survey(with_leads([[5, 5, 5, 5]], named=True))
    np.testing.assert_array_equal(alone.performance.score, led.performance.score)
    np.testing.assert_array_equal(alone.performance.n, led.performance.n)
    assert with_leads([[5, 5, 5, 5]], named=True).discarded == 0


def test_a_named_leader_stands_beside_the_team_as_printed() -> None:
    found = levels_of(publish(with_leads([[4, 4, 0, 1]], named=True)))
    assert found["C0"].detail.leader == LeaderRating(
        level=4.0,
        gap=1.5,  # 4 - 2.5: six people, in half levels
        flag="higher",
        story="blind_spot",
    )
    assert leader_of(found["C1"]).story == "no_clear_difference"  # level 4 beside 4.5
    assert found["C2"].detail.leader is None  # not applicable to the leader
    assert leader_of(found["C3"]).story == "no_clear_difference"


def leader_of(cell: Cell) -> LeaderRating:
    assert cell.detail.leader
    return cell.detail.leader


def test_several_leaders_of_a_node_are_one_view() -> None:
    found = levels_of(publish(with_leads([[4, 4, 3, 1], [3, 0, 3, 2]], named=True)))
    assert [leader_of(found[f"C{at}"]).level for at in range(4)] == [3.5, 4.0, 3.0, 1.5]


def test_without_consent_a_leader_is_not_to_be_found() -> None:
    nobody = publish(BASE)
    led = publish(with_leads([[4, 4, 0, 1]], named=False))
    assert led.cells == nobody.cells
    assert led.alignments == {} == nobody.alignments


@pytest.mark.parametrize(("many", "told"), [(4, False), (5, True)])
def test_leaders_without_consent_are_one_group_of_at_least_k(many: int, *, told: bool) -> None:
    found = levels_of(publish(with_leads([[4, 5, 3, 1]] * many, named=False)))
    assert (found["C0"].detail.leaders is not None) is told
    assert found["C0"].detail.leader is None
    if told:
        assert found["C0"].detail.leaders == LeaderRating(level=4.0, gap=1.5, n=5)
        pooled = found["C1"].detail.leaders  # all five gave a 5
        assert pooled
        assert pooled.level == 5.0


def test_alignment_is_what_both_put_first() -> None:
    told = publish(with_leads([[2, 4, 3, 2]], named=True)).alignments["root"]
    assert (told.shared, told.of, told.compared) == (4, 4, 4)
    assert told.bias == round(np.mean([2 - 2.5, 4 - 4.5, 0, 2 - 1.5]), 1)
    assert told.apart == round(np.mean([0.5, 0.5, 0, 0.5]), 1)


STORIES = [
    # flag, leader, team
    (1, 4.0, 2.5, "blind_spot"),
    (1, 3.0, 1.5, "leader_higher"),
    (1, 5.0, 3.6, "leader_higher"),
    (-1, 2.0, 3.8, "hidden_strength"),
    (-1, 3.5, 4.6, "leader_lower"),
    (0, 4.0, 3.6, "shared_strength"),
    (0, 3.0, 3.4, "shared_gap"),
    (0, 3.0, 3.5, "no_clear_difference"),  # level 4 beside level 3
    (0, 2.6, 3.4, "no_clear_difference"),  # the same level, 0.8 apart
]


@pytest.mark.parametrize(("flag", "leader", "own", "wanted"), STORIES)
def test_four_stories(flag: int, leader: float, own: float, wanted: str) -> None:
    assert leader_story(flag, leader, own, 4.0) == wanted


def test_there_is_no_rank_correlation_of_little_or_of_one_value() -> None:
    assert spearman(np.array([1.0, 2.0]), np.array([1.0, 2.0])) is None
    assert spearman(np.array([3.0, 3.0, 3.0]), np.array([1.0, 2.0, 3.0])) is None
    assert spearman(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0])) == pytest.approx(1)
