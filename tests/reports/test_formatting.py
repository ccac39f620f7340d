"""A number is never said alone, and both languages say the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from assessments.scoring.cell import Cell, CellDetail, Change, NonResponse, Verdict
from reports import caveats, formatting

CELL = Cell(
    node="n",
    subject_type="capability",
    subject="s",
    kind="performance",
    score=3.4,
    low=3.1,
    high=3.7,
    n=8,
    invited=10,
    level=3,
    state="reached",
    need=4.0,
    need_source="importance",
    gap=-0.6,
    fits=False,
)
HIDDEN = Cell("n", "capability", "s", "performance", suppressed="below_threshold")
NAMES = {1: "Ad hoc", 2: "Emerging", 3: "Defined", 4: "Managed", 5: "Leading"}


@pytest.fixture(params=["en", "ko"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def said(language: str, english: str, korean: str) -> str:
    return english if language == "en" else korean


def test_a_number_stands_with_its_interval_and_who_answered(language: str) -> None:
    with translation.override(language):
        assert formatting.cell_summary(CELL) == said(
            language, "3.4 (3.1–3.7) · 8 of 10 answered", "3.4 (3.1–3.7) · 10명 중 8명 응답"
        )


def test_where_everyone_answered_the_interval_stays(language: str) -> None:
    """It says how good the team is, not only what the rest would have answered."""
    cell = replace(CELL, n=9, invited=9, everyone=True)
    with translation.override(language):
        assert formatting.cell_summary(cell) == said(
            language, "3.4 (3.1–3.7) · all 9 answered", "3.4 (3.1–3.7) · 9명 모두 응답"
        )


def test_an_interval_without_width_is_not_printed() -> None:
    assert formatting.interval(replace(CELL, low=3.4, high=3.4)) == ""


def test_a_missing_head_count_is_said(language: str) -> None:
    cell = replace(CELL, invited=None, detail=CellDetail(headcount_missing=True))
    with translation.override(language):
        assert formatting.cell_summary(cell) == said(
            language,
            "3.4 (3.1–3.7) · 8 answered, team size not provided",
            "3.4 (3.1–3.7) · 8명 응답, 인원수 정보 없음",
        )
        assert caveats.headcount_missing(cell)
        assert not caveats.headcount_missing(CELL)


@pytest.mark.parametrize(
    ("n", "invited", "warned"), [(4, 10, True), (5, 10, False), (4, None, False), (None, 10, False)]
)
def test_below_half_the_reader_is_warned(n: int | None, invited: int | None, warned: bool) -> None:
    assert bool(caveats.low_response(n, invited)) is warned


def test_what_the_silent_could_make_of_a_level_is_said(language: str) -> None:
    with translation.override(language):
        assert caveats.nonresponse_effect(NonResponse(20, 0.1, (1.9, 2.9))) == said(
            language,
            "If the 20% who didn't answer had scored half a level lower, the level would be 0.1 lower.",
            "답하지 않은 20%가 반 단계 낮게 평가했다면 수준은 0.1 낮아져요.",
        )
        assert caveats.nonresponse_effect(NonResponse(5, 0.0, (1.9, 2.9))) == ""
        extremes = caveats.nonresponse_extremes(NonResponse(20, 0.1, (1.9, 2.9)))
        assert "1.9" in extremes and "2.9" in extremes
        people = replace(CELL, detail=CellDetail(not_covered=12))
        assert "12" in caveats.not_covered(people)
        assert caveats.not_covered(CELL) == ""


def test_of_few_answers_everything_is_said_in_half_levels(language: str) -> None:
    coarse = replace(CELL, score=3.5, low=3.0, high=4.0, need=4.0, coarse=True)
    likely = replace(coarse, is_estimated=True)
    with translation.override(language):
        assert formatting.score_with_interval(coarse) == "3.5 (3–4)"
        assert formatting.cell_summary(likely) == said(
            language,
            "3.5, likely 3–4 · 8 of 10 answered",
            "3.5, 추정 3–4 · 10명 중 8명 응답",
        )
        assert formatting.need_level(coarse) == "4"


@pytest.mark.parametrize(
    ("suppressed", "english", "korean", "hatched"),
    [
        ("below_threshold", "not enough responses", "응답이 부족해요", True),
        ("not_enough_weight", "too few parts to show", "표시할 수 있는 항목이 부족해요", True),
        ("not_asked", "not asked", "묻지 않은 항목", False),
    ],
)
def test_every_missing_number_has_its_own_reason(
    language: str, suppressed: Any, english: str, korean: str, hatched: bool
) -> None:
    cell = replace(HIDDEN, suppressed=suppressed)
    with translation.override(language):
        assert (
            formatting.cell_summary(cell)
            == formatting.score(cell)
            == said(language, english, korean)
        )
    assert formatting.is_hidden(cell) is hatched


def test_no_cell_at_all_is_no_data_and_not_hidden() -> None:
    with translation.override("en"):
        assert formatting.score(None) == "no data"
    assert not formatting.is_hidden(None)


def test_how_many_answered_is_left_out_where_it_may_not_be_said() -> None:
    assert formatting.response_count(None, 10) == ""


@pytest.mark.parametrize(
    ("gap", "fits", "english", "korean", "side"),
    [
        (-1.9, False, "1.9 below", "1.9 부족", "below"),
        (1.2, False, "1.2 above", "1.2 초과", "above"),
        (-0.1, False, "about right", "필요와 비슷", "none"),
        (-0.6, True, "about right", "필요와 비슷", "none"),
        (None, None, "", "", "none"),
    ],
)
def test_a_gap_is_said_in_words(
    language: str,
    gap: float | None,
    fits: bool | None,
    english: str,
    korean: str,
    side: str,
) -> None:
    cell = replace(CELL, gap=gap, fits=fits)
    with translation.override(language):
        assert formatting.gap(cell) == said(language, english, korean)
    assert formatting.need_side(cell) == side


def test_a_level_has_its_name_and_says_when_it_is_not_sure(language: str) -> None:
    with translation.override(language):
        assert formatting.level(CELL, NAMES) == said(language, "level 3, Defined", "3수준 Defined")
        assert formatting.level(replace(CELL, state="borderline"), NAMES) == said(
            language, "level 2–3, borderline", "2–3수준 경계"
        )
        assert formatting.level(
            replace(CELL, state="held", held_by="x"), NAMES, "Exchange"
        ) == said(
            language,
            "level 3, Defined (held back by Exchange)",
            "3수준 Defined (낮은 항목: Exchange)",
        )


@pytest.mark.parametrize(
    ("verdict", "size", "seen", "english"),
    [
        ("up", 0.6, 0.3, "up 0.6 since the last survey"),
        ("down", -0.5, 0.3, "down 0.5 since the last survey"),
        ("none", 0.1, 0.3, "no significant change"),
        ("few", 0.9, 1.2, "not enough responses to detect a change"),
        ("none", 0.1, None, "no significant change"),
    ],
)
def test_a_change_is_only_said_where_it_is_real(
    verdict: Any, size: float, seen: float | None, english: str
) -> None:
    with translation.override("en"):
        assert formatting.change_sentence(Change(verdict, 2.5, size, detectable=seen)) == english
        assert formatting.change_sentence(None) == ""


def test_a_change_says_since_when(language: str) -> None:
    with translation.override(language):
        change = Change("up", 2.5, 0.6)
        assert formatting.change_sentence(change) == said(
            language, "up 0.6 since the last survey", "지난 진단보다 0.6 상승"
        )
        other = Change("other_people", 2.5, 0.6)
        assert formatting.change_sentence(other) == said(
            language, "different people answered", "답한 사람이 달라짐"
        )
        assert formatting.change_sentence(Change("untested", 2.5, 0.6)) == ""


def test_what_chance_explains_is_said_in_a_sentence() -> None:
    with translation.override("en"):
        assert (
            caveats.expected_by_chance(0.1) == "Scores this low usually rise by 0.1 on their own."
        )
        assert caveats.expected_by_chance(-0.1) == (
            "Scores this high usually fall by 0.1 on their own."
        )
        assert caveats.expected_by_chance(None) == ""


def test_what_the_silent_of_a_team_could_make_of_it_is_said() -> None:
    with translation.override("en"):
        assert caveats.team_nonresponse(6, 10).startswith("If the 40% who didn't answer")
        assert "0.2 lower" in caveats.team_nonresponse(6, 10)
        assert caveats.team_nonresponse(10, 10) == caveats.team_nonresponse(None, 10) == ""


@pytest.mark.parametrize(("then", "warned"), [(11, True), (14, False)])
def test_another_response_rate_is_said_from_fifteen_points_on(then: int, warned: bool) -> None:
    now, before = replace(CELL, n=16, invited=20), replace(CELL, n=then, invited=20)
    assert bool(caveats.moved_response(now, before)) is warned
    assert caveats.moved_response(now, None) == ""


def test_only_a_real_change_takes_a_colour() -> None:
    verdicts: tuple[Verdict | None, ...] = ("up", "down", "none", "few", None)
    assert [formatting.change_side(one) for one in verdicts] == [
        "up",
        "down",
        "none",
        "none",
        "none",
    ]


def test_a_signed_gap_uses_a_real_minus_and_never_minus_nothing() -> None:
    assert formatting.signed_gap(replace(CELL, gap=-0.2)) == "−0.2"
    assert formatting.signed_gap(replace(CELL, gap=1.1)) == "+1.1"
    assert formatting.signed_gap(replace(CELL, gap=-0.04)) == "0.0"
    assert formatting.points(-0.0) == "0.0"


def test_a_leader_and_a_team_are_a_gap_apart() -> None:
    with translation.override("en"):
        assert formatting.distance(-1.7) == "1.7 gap"


def test_fit_is_whole_per_cent(language: str) -> None:
    cell = replace(CELL, fit=85, fit_low=83, fit_high=87)
    with translation.override(language):
        assert (formatting.fit(cell), formatting.fit_interval(cell)) == ("85%", "83–87")
        assert formatting.fit_interval(CELL) == formatting.fit(CELL) == ""
        assert formatting.response_share(1, 8) == "13"
        assert formatting.response_share(None, 8) == formatting.response_share(1, None) == ""


def test_every_word_of_the_method_is_known_in_both_languages(language: str) -> None:
    with translation.override(language):
        words = ("very strong", "strong", "moderate", "weak", "lacking", "split")
        for word in (*words, "agree", "opinions differ"):
            assert formatting.agreement(word)
        for word in ("develop", "sustain", "scale_down", "outsource", "automate", "leave"):
            assert formatting.suggestion(word)
        for word in ("firm", "likely", "contender"):
            assert formatting.rank_stability(word)
        for word in ("shared_strength", "shared_gap", "blind_spot", "hidden_strength"):
            assert formatting.leader_comparison(word)
        if language == "ko":
            assert "develop" not in formatting.suggestion("develop")
