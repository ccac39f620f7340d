"""What to do first, from the numbers as printed."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.rubric import MAIN, Capability, built_in
from assessments.scoring.cells import Cell
from reports.pages.ranking import Rated, importance_line, ranking, rated, suggestion

ITEMS = built_in(MAIN).capabilities


def cell(kind: Any, score: float | None, **fields: Any) -> Cell:
    return Cell("n", "capability", "s", kind, score=score, **fields)


def one(level: float, weight: float, item: Capability = ITEMS[0], **fields: Any) -> Rated:
    return Rated(item, cell("performance", level, **fields), cell("importance", weight))


@pytest.mark.parametrize(
    ("level", "weight", "value"),
    [(1.0, 5.0, 100), (4.0, 5.0, 0), (4.8, 5.0, 0), (2.5, 3.0, 25), (1.0, 1.0, 0)],
)
def test_priority_is_importance_times_the_way_to_the_target(
    level: float, weight: float, value: float
) -> None:
    assert one(level, weight).value == pytest.approx(value)


def test_a_leaders_target_takes_the_place_of_four() -> None:
    assert one(2.0, 5.0, need=3.0, need_source="target").value == pytest.approx(50)
    assert one(2.0, 5.0, need=3.0, need_source="importance").value == pytest.approx(200 / 3)


@pytest.mark.parametrize(
    ("level", "weight", "facts", "expected"),
    [
        (2.0, 4.5, {}, "develop"),
        (2.0, 4.5, {"differentiating": False, "market": True}, "outsource"),
        (2.0, 4.5, {"market": True}, "develop"),
        (3.5, 4.5, {}, "sustain"),
        (3.5, 2.0, {}, "scale_down"),
        (3.5, 2.0, {"routine": True}, "automate"),
        (2.0, 2.0, {}, "leave"),
        (2.0, 2.0, {"market": True}, "outsource"),
        (2.0, 2.0, {"routine": True, "market": True}, "automate"),
    ],
)
def test_the_suggestion_follows_the_table_of_the_method(
    level: float, weight: float, facts: dict[str, bool], expected: str
) -> None:
    item = ITEMS[0].model_copy(update=facts)
    assert suggestion(one(level, weight, item), 3.5) == expected


def test_the_order_is_priority_then_importance_then_name() -> None:
    levels = {item.slug: cell("performance", 4.0) for item in ITEMS[:3]}
    levels[ITEMS[3].slug] = cell("performance", 2.0)
    weights = {item.slug: cell("importance", 3.0) for item in ITEMS[:4]}
    weights[ITEMS[1].slug] = cell("importance", 4.0)
    found = rated(ITEMS, levels, weights)
    rest = sorted((ITEMS[0].slug, ITEMS[2].slug))
    assert [each.item.slug for each in found] == [ITEMS[3].slug, ITEMS[1].slug, *rest]
    assert [ranking(found)[each.item.slug].rank for each in found] == [1, 2, 3, 4]


def test_only_what_shows_both_level_and_importance_is_ranked() -> None:
    hidden = Cell("n", "capability", "s", "performance", suppressed="below_threshold")
    levels = {ITEMS[0].slug: hidden, ITEMS[1].slug: cell("performance", 3.0)}
    weights = {ITEMS[0].slug: cell("importance", 3.0)}
    assert rated(ITEMS, levels, weights) == []
    assert ranking([]) == {}
    assert importance_line([]) is None


def test_a_suggestion_is_clear_only_when_neither_interval_crosses_its_line() -> None:
    sure = one(2.0, 4.5, low=1.8, high=2.2)
    unsure = one(3.4, 4.5, ITEMS[1], low=3.2, high=3.6)
    ranks = ranking([sure, unsure])
    assert [ranks[each.slug].clear for each in ITEMS[:2]] == [True, False]
