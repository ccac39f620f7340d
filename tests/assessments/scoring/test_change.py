"""Changes are told where they are real, and not told where they are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from assessments.scoring.audit.json_survey import from_json
from assessments.scoring.cell import Cell, Change
from assessments.scoring.change import ChangeTest, compare, pearson
from assessments.scoring.change_verdicts import VERDICTS, adjust_families
from assessments.scoring.cycle_scores import score_survey
from assessments.scoring.publish.publish import EarlierCycle, publish
from assessments.scoring.survey import Survey, SurveyCapability, SurveyDimension, SurveyNode
from assessments.scoring.wave_match import WaveMatch
from tests.assessments.scoring.surveys import case, random_survey, team

FIRST = [3, 2, 4, 3, 1, 5, 2, 3]
SECOND = [4, 2, 5, 3, 2, 5, 4, 3]
PEOPLE = [f"p{number}" for number in range(8)]


def compared(then: Survey, now: Survey) -> ChangeTest:
    same = {node.id: node.id for node in now.nodes}
    unchanged = [one.id for one in now.capabilities]
    return compare(WaveMatch(score_survey(then), score_survey(now), same, unchanged))


def earlier(then: Survey, now: Survey) -> EarlierCycle:
    return EarlierCycle(then, {n.id: n.id for n in now.nodes}, [one.id for one in now.capabilities])


def test_without_common_people_it_is_the_test_of_welch() -> None:
    found = compared(team([FIRST]), team([SECOND]))
    wanted = stats.ttest_ind(SECOND, FIRST, equal_var=False)
    assert found.tested.p[0, 0] == pytest.approx(wanted.pvalue, rel=1e-12)
    assert found.tested.df[0, 0] == pytest.approx(wanted.df, rel=1e-12)


def test_with_the_same_people_it_is_the_paired_test() -> None:
    found = compared(team([FIRST], persons=PEOPLE), team([SECOND], persons=PEOPLE))
    wanted = stats.ttest_rel(SECOND, FIRST)
    assert found.tested.p[0, 0] == pytest.approx(wanted.pvalue, rel=1e-9)
    assert found.tested.df[0, 0] == pytest.approx(7, rel=1e-12)
    assert found.both.pairs[0, 0] == 8


def test_fewer_than_five_common_people_count_as_none() -> None:
    half = [*PEOPLE[:4], "q4", "q5", "q6", "q7"]
    found = compared(team([FIRST], persons=PEOPLE), team([SECOND], persons=half))
    assert (found.both.pairs[0, 0], found.both.rho[0, 0]) == (0, 0)
    assert found.tested.p[0, 0] == compared(team([FIRST]), team([SECOND])).tested.p[0, 0]


def test_people_who_moved_to_another_team_are_no_pairs_of_either_team() -> None:
    wave = case("change_cycles")["input"]
    then, now = from_json(wave["wave1"]), from_json(wave["wave2"])
    moved = tuple("T3" if node == "T1" else node for node in now.node_of)
    found = compared(then, replace(now, node_of=moved))
    place = now.tree.index_of
    assert np.nan_to_num(found.both.pairs[place["T1"]]).max() == 0
    assert found.both.pairs[place["T3"]].max() == 7  # those who stayed
    assert found.both.pairs[0, -1] == 35  # the whole has them all


def test_many_at_once_are_corrected_within_their_family() -> None:
    p = np.array([0.01, 0.04, np.nan, 0.03])
    found = adjust_families(p[None])[0]
    assert found[[0, 1, 3]] == pytest.approx(stats.false_discovery_control([0.01, 0.04, 0.03]))
    assert np.isnan(found[2])


def test_at_the_root_there_are_three_families_below_it_first_values_and_the_whole() -> None:
    wave = case("change_two_stage")["input"]
    now = from_json(wave["wave2"])
    found = compared(from_json(wave["wave1"]), now)
    p, adjusted, count = found.tested.p, found.judged.adjusted, len(now.capabilities)
    assert adjusted[0, :count] == pytest.approx(stats.false_discovery_control(p[0, :count]))
    assert adjusted[0, count:-1] == pytest.approx(stats.false_discovery_control(p[0, count:-1]))
    assert adjusted[0, -1] == p[0, -1]
    team_row = now.tree.index_of["T1"]
    wanted = stats.false_discovery_control(p[team_row, count:])
    assert adjusted[team_row, count:] == pytest.approx(wanted)
    for place, value in enumerate(now.dimensions):
        moved = found.judged.verdict[team_row, count + place] in (1, 2)
        parts = [at for at, one in enumerate(now.capabilities) if one.dimension == value.id]
        assert (np.isfinite(adjusted[team_row, parts]) == moved).all()


def test_an_arrow_needs_the_same_people_to_agree() -> None:
    """Those who stayed did not move; low raters left and high ones came."""
    people = [f"p{at}" for at in range(24)]
    then = team([[3] * 6 + [4] * 6 + [1] * 12], persons=people)
    stayed = people[:12] + [f"q{at}" for at in range(12)]
    now = team([[3] * 6 + [4] * 6 + [5] * 12], persons=stayed)
    assert verdicts(then, now)["C0"] == "other_people"
    unlinked = team([[3] * 6 + [4] * 6 + [5] * 12])
    assert verdicts(then, unlinked)["C0"] == "up"


def test_a_map_of_all_teams_and_values_is_one_family() -> None:
    wave = case("change_cycles")["input"]
    then, now = from_json(wave["wave1"]), from_json(wave["wave2"])
    found = compared(then, now)
    values = slice(len(now.capabilities), -1)
    told = stats.false_discovery_control(found.tested.p[:, values].ravel()).reshape(-1, 6)
    sure = (told <= 0.1) & (np.abs(found.tested.size[:, values]) >= 0.1)
    assert (sure >= np.isin(found.map_verdict, [1, 2])).all()  # an arrow needs the same people too
    assert (found.map_verdict == 3).tolist() == (found.tested.mdc[:, values] > 1).tolist()

    cells = [cell for cell in publish(now, earlier(then, now)).cells if cell.detail.change]
    assert {c.subject_type for c in cells if changed(c).map_verdict} == {"value"}
    assert sum(c.subject_type == "value" for c in cells) >= 6  # the organization's own row


def test_alone_a_team_may_have_changed_that_among_many_has_not() -> None:
    """One team's two values, and the same beside twenty teams in which nothing changed."""
    then, now = (
        _teams([1, 2, 3, 2, 4, 2, 3, 1, 2, 3], 20),
        _teams([3, 2, 4, 3, 4, 3, 4, 2, 4, 4], 20),
    )
    found = compared(then, now)
    place = now.tree.index_of["t00"]
    assert found.judged.verdict[place, -3] == VERDICTS.index("up")
    assert found.map_verdict[place, 0] == VERDICTS.index("none")


def _teams(first: list[int], others: int) -> Survey:
    names = ["t00", *(f"t{at + 1:02}" for at in range(others))]
    still = [2, 3, 4, 3, 2, 3, 4, 3, 2, 4]
    one = team([first, still])
    answers = np.vstack([one.performance, *[np.array([still, still], dtype=np.int8).T] * others])
    nobody = np.zeros(len(answers), dtype=bool)
    return replace(
        one,
        nodes=(SurveyNode("root", None, 0), *(SurveyNode(name, "root", 12) for name in names)),
        dimensions=(SurveyDimension("V"), SurveyDimension("W")),
        capabilities=(SurveyCapability("C0", "V"), SurveyCapability("C1", "W")),
        node_of=tuple(name for name in names for _ in still),
        performance=answers,
        importance=np.full_like(answers, 3),
        is_lead=nobody,
        named=nobody,
    )


def test_a_correlation_of_what_does_not_vary_is_none() -> None:
    one = np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 2.0], [np.nan, 2.0]])
    n, r = pearson(one, np.array([[2.0, 1.0], [4.0, 2.0], [6.0, 3.0], [1.0, 4.0]]))
    assert n.tolist() == [3, 4]
    assert r.tolist() == [pytest.approx(1), 0]


def verdicts(then: Survey, now: Survey) -> dict[str, str]:
    cells = publish(now, earlier(then, now)).cells
    return {
        cell.subject: cell.detail.change.verdict
        for cell in cells
        if cell.detail.change and cell.node == now.nodes[0].id
    }


def test_four_verdicts() -> None:
    wide = [1, 5] * 5
    then = team([[2] * 15, [4] * 15, [3, 4, 2] * 5, wide + [0] * 5])
    now = team([[4] * 14 + [3], [2] * 14 + [3], [3, 4, 3] * 5, wide[::-1] + [0] * 5])
    found = verdicts(then, now)
    assert [found[f"C{at}"] for at in range(4)] == ["up", "down", "none", "few"]


def test_nothing_has_changed_where_everyone_answers_the_same_again() -> None:
    for seed in range(3):
        survey = random_survey(seed)
        survey = replace(
            survey, persons=tuple(str(at).encode() for at in range(len(survey.node_of)))
        )
        assert set(verdicts(survey, survey).values()) <= {"none", "few"}


@pytest.mark.parametrize("seed", range(12))
def test_where_everyone_moved_by_the_same_step_there_is_no_noise_to_test_against(seed: int) -> None:
    """In exact arithmetic; what rounding leaves must not make it the surest change of all."""
    chance = np.random.default_rng(seed)
    first = chance.integers(1, 5, (6, 10))
    people = [f"p{at}" for at in range(10)]
    then = team(first.tolist(), persons=people)
    now = team((first + 1).tolist(), persons=people)
    found = compared(then, now)
    assert found.tested.se[0].tolist() == [0] * 8
    assert np.isnan(found.tested.p[0]).all() and np.isnan(found.judged.adjusted[0]).all()
    assert compared(then, then).tested.p[0].tolist() == [1] * 8
    told = [changed(c) for c in publish(now, earlier(then, now)).cells if c.kind[0] == "p"]
    assert {(one.verdict, one.detectable) for one in told} == {("none", None)}
    assert all(one.low is None for one in told)
    assert {one.size for one in told} == {1}


def changed(cell: Cell) -> Change:
    assert cell.detail.change
    return cell.detail.change


def test_a_change_is_the_difference_of_two_printed_numbers() -> None:
    wave = case("change_cycles")["input"]
    then, now = from_json(wave["wave1"]), from_json(wave["wave2"])
    before = {(c.node, c.subject, c.kind): c for c in publish(then).cells}
    told = [cell for cell in publish(now, earlier(then, now)).cells if cell.detail.change]
    assert len(told) > 50
    for cell in told:
        old, change = before[cell.node, cell.subject, cell.kind], changed(cell)
        assert cell.score is not None and old.score is not None
        assert change.before == old.score and not cell.coarse and not old.coarse
        assert change.size == round(cell.score - old.score, 1)


def test_importance_has_no_trend_and_a_new_team_no_past() -> None:
    wave = case("change_cycles")["input"]
    then, now = from_json(wave["wave1"]), from_json(wave["wave2"])
    past = EarlierCycle(then, {"org": "org"}, [one.id for one in now.capabilities])
    told = [cell for cell in publish(now, past).cells if cell.detail.change]
    assert {(cell.node, cell.kind) for cell in told} == {("org", "performance")}


def test_a_capability_that_reads_otherwise_now_is_not_compared() -> None:
    wave = case("change_cycles")["input"]
    then, now = from_json(wave["wave1"]), from_json(wave["wave2"])
    past = replace(earlier(then, now), unchanged=["C02", "C03", "C04", "C05"])
    told = {c.subject for c in publish(now, past).cells if c.detail.change}
    assert told == {"C02", "C03", "C04", "C05", "V1"}  # five sixths of V1, too little of the whole


def test_a_score_far_from_the_others_is_expected_to_come_back() -> None:
    columns = [[1, 2, 1, 2, 1, 2], [3, 4, 3, 3, 4, 3], [3, 2, 4, 3, 3, 3], [5, 4, 5, 5, 4, 5]]
    found = compared(team(columns), team(columns))
    assert found.drift[0, 0] > 0 > found.drift[0, 3]
    assert 0 < found.reliability[0] < 1


def test_the_past_may_be_empty_or_ask_for_something_else() -> None:
    now = random_survey(2)
    other = replace(
        random_survey(3),
        capabilities=tuple(replace(one, id=f"X{one.id}") for one in now.capabilities),
    )
    nobody = replace(
        now,
        node_of=(),
        performance=now.performance[:0],
        importance=now.importance[:0],
        is_lead=now.is_lead[:0],
        named=now.named[:0],
    )
    for then in (other, nobody):
        assert not any(c.detail.change for c in publish(now, earlier(then, now)).cells)
    assert not any(c.detail.change for c in publish(nobody, earlier(now, nobody)).cells)
