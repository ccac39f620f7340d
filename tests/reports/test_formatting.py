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


def test_where_everyone_answered_there_is_no_interval(language: str) -> None:
    cell = replace(CELL, low=3.4, high=3.4, n=9, invited=9, everyone=True)
    with translation.override(language):
        assert formatting.cell_summary(cell) == said(
            language, "3.4 · all 9 answered", "3.4 · 9명 모두 응답"
        )


def test_an_interval_narrower_than_what_is_printed_is_still_one(language: str) -> None:
    with translation.override(language):
        assert formatting.cell_summary(replace(CELL, low=3.4, high=3.4)) == said(
            language,
            "3.4 (±0.1) · 8 of 10 answered",
            "3.4 (±0.1) · 10명 중 8명 응답",
        )


@pytest.mark.parametrize(
    ("low", "high", "english", "korean"),
    [
        (
            3.4,
            3.4,
            "3.4 (margin of error not available) · 8 answered, team size not provided",
            "3.4 (오차 정보 없음) · 8명 응답, 인원수 정보 없음",
        ),
        (
            3.2,
            3.6,
            "3.4 (3.2–3.6) · 8 answered, team size not provided",
            "3.4 (3.2–3.6) · 8명 응답, 인원수 정보 없음",
        ),
    ],
)
def test_without_a_head_count_an_interval_claims_no_certainty(
    language: str, low: float, high: float, english: str, korean: str
) -> None:
    cell = replace(
        CELL, low=low, high=high, invited=None, detail=CellDetail(headcount_missing=True)
    )
    with translation.override(language):
        assert formatting.cell_summary(cell) == said(language, english, korean)
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


def test_a_guarded_number_is_said_as_a_bound_and_without_interval(language: str) -> None:
    with translation.override(language):
        assert formatting.cell_summary(
            replace(CELL, score=4.8, bound="at_least", low=None, high=None)
        ) == said(language, "at least 4.8 · 8 of 10 answered", "4.8 이상 · 10명 중 8명 응답")
        assert formatting.score(replace(CELL, score=1.1, bound="at_most")) == said(
            language, "at most 1.1", "1.1 이하"
        )


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
    ("gap", "bound", "fits", "english", "korean", "side"),
    [
        (-1.9, "", False, "1.9 below", "1.9 부족", "below"),
        (1.2, "", False, "1.2 above", "1.2 초과", "above"),
        (-0.1, "", False, "about right", "필요와 비슷", "none"),
        (-0.6, "", True, "about right", "필요와 비슷", "none"),
        (1.8, "at_least", False, "at least 1.8 above", "1.8 이상 초과", "above"),
        (-2.9, "at_most", False, "at least 2.9 below", "2.9 이상 부족", "below"),
        (-0.3, "at_least", False, "at most 0.3 below", "0.3 이하 부족", "below"),
        (None, "", None, "", "", "none"),
    ],
)
def test_a_gap_is_said_in_words(
    language: str,
    gap: float | None,
    bound: Any,
    fits: bool | None,
    english: str,
    korean: str,
    side: str,
) -> None:
    cell = replace(CELL, gap=gap, gap_bound=bound, fits=fits)
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
    verdict: Any, size: float | None, seen: float | None, english: str
) -> None:
    with translation.override("en"):
        assert formatting.change_sentence(Change(verdict, 2.5, size, detectable=seen)) == english
        assert formatting.change_sentence(None) == ""


@pytest.mark.parametrize(
    ("verdict", "size", "bound", "english", "korean"),
    [
        ("up", 0.6, "at_least", "up at least 0.6", "0.6 이상 상승"),
        ("down", -0.6, "at_most", "down at least 0.6", "0.6 이상 하락"),
        ("up", None, "", "up", "상승"),
        ("down", None, "", "down", "하락"),
    ],
)
def test_a_change_of_a_bound_is_a_bound(
    language: str, verdict: Any, size: float | None, bound: Any, english: str, korean: str
) -> None:
    with translation.override(language):
        assert formatting.change_size(Change(verdict, 2.5, size, bound)) == said(
            language, english, korean
        )


def test_a_need_that_is_a_bound_is_said_as_one() -> None:
    with translation.override("en"):
        cell = replace(CELL, need=4.8, need_bound="at_least")
        assert formatting.need(cell) == "need at least 4.8"


def test_what_chance_explains_is_said_beside_a_change() -> None:
    with translation.override("en"):
        assert formatting.expected_by_chance(0.1) == "+0.1 of it could be chance"
        assert formatting.expected_by_chance(None) == ""


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


@pytest.mark.parametrize(
    ("gap", "bound", "english", "korean"),
    [
        (-2.9, "at_most", "at most −2.9", "−2.9 이하"),
        (-0.3, "at_least", "at least −0.3", "−0.3 이상"),
        (0.0, "at_most", "at most 0.0", "0.0 이하"),
    ],
)
def test_a_signed_gap_of_a_bound_is_a_bound(
    language: str, gap: float, bound: Any, english: str, korean: str
) -> None:
    with translation.override(language):
        assert formatting.signed_gap(replace(CELL, gap=gap, gap_bound=bound)) == said(
            language, english, korean
        )


@pytest.mark.parametrize(
    ("size", "bound", "english"),
    [(0.6, "", "+0.6"), (0.6, "at_least", "at least +0.6"), (None, "", "up")],
)
def test_a_change_in_a_heat_map_keeps_its_bound(
    size: float | None, bound: Any, english: str
) -> None:
    with translation.override("en"):
        assert formatting.signed_change(Change("up", 2.5, size, bound)) == english


@pytest.mark.parametrize(
    ("size", "bound", "english"),
    [
        (1.7, "", "1.7 gap"),
        (-1.7, "at_most", "at least 1.7 gap"),
        (1.7, "at_most", "at most 1.7 gap"),
    ],
)
def test_a_leader_and_a_bound_are_a_bound_apart(size: float, bound: Any, english: str) -> None:
    with translation.override("en"):
        assert formatting.distance(size, bound) == english


def test_fit_is_whole_per_cent_with_its_bound(language: str) -> None:
    cell = replace(CELL, fit=85, fit_low=83, fit_high=87)
    bound = replace(cell, fit_bound="at_least")
    with translation.override(language):
        assert (formatting.fit(cell), formatting.fit_interval(cell)) == ("85%", "83–87")
        assert formatting.fit(bound) == said(language, "at least 85%", "85% 이상")
        assert (
            formatting.fit_interval(bound)
            == formatting.fit_interval(CELL)
            == formatting.fit(CELL)
            == ""
        )
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
