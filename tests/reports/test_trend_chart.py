"""The picture of a level through the surveys, beside what is needed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from reports.charts import TrendPoint, UpcomingSurvey, trend_chart, trend_scale
from reports.charts.svg import text_width
from reports.charts.trend import height
from tests.reports.test_charts import all_of, drawn, one, places


def moments(*levels: float | None, edition: str = "1") -> list[TrendPoint]:
    return [
        TrendPoint(f"Cycle {n}", n, edition, level, need=3.0, printed=f"{level}")
        for n, level in enumerate(levels)
    ]


def trend(points: list[TrendPoint], **fields: Any) -> ET.Element:
    return drawn(trend_chart(points, title="W", need="needed 3", scale=(1, 5), **fields))


def test_a_level_through_time_stands_where_its_number_is_and_its_cycle_was() -> None:
    shown = [*moments(2.0, 3.0), TrendPoint("Late", 5, "1", 5.0, 4.6, 5.0)]
    picture = trend(shown)
    dots = [
        (float(dot.get("cx") or 0), float(dot.get("cy") or 0)) for dot in all_of(picture, "dot")
    ]
    heights = [height(level, (1, 5)) for level in (2, 3, 5)]
    assert [y for _x, y in dots] == pytest.approx(heights, abs=0.06)
    (first, second, third) = (x for x, _y in dots)
    assert third - second == pytest.approx(4 * (second - first), abs=0.3)
    assert one(picture, "interval").get("y1") == f"{height(4.6, (1, 5)):.1f}"


def test_the_way_is_broken_where_a_level_is_missing_or_the_questions_changed() -> None:
    assert [
        (line.get("d") or "").count("L") for line in all_of(trend(moments(2, 3, 4)), "line")
    ] == [2]
    assert not all_of(trend(moments(2, None, 4)), "line")
    changed = [*moments(2, 3), TrendPoint("New", 2, "2", 3.0), TrendPoint("Newer", 3, "2", 3.2)]
    assert len(all_of(trend(changed), "line")) == 2


def test_the_space_to_what_is_needed_is_filled_on_either_side_and_parts_where_they_cross() -> None:
    def spaces(*levels: float | None) -> dict[str, list[float]]:
        found = all_of(trend(moments(*levels)), "space")
        return {
            each.get("class") or "": sorted({x for x, _y in places(each.get("d") or "")})
            for each in found
        }

    assert (set(spaces(2, 2)), set(spaces(4, 4))) == ({"space"}, {"space over"})
    crossed = spaces(2, 4)  # what is needed is 3: they cross halfway
    xs = [crossed["space"], crossed["space over"]]
    assert xs[0][-1] == xs[1][0] == pytest.approx((xs[0][0] + xs[1][-1]) / 2, abs=0.1)
    assert not spaces(2, None)


def test_the_scale_is_the_smallest_of_whole_levels_around_everything() -> None:
    assert trend_scale([TrendPoint("a", 0, "1", 2.4, 2.3, 2.5, 3.9)]) == (2, 4)
    assert trend_scale([TrendPoint("a", 0, "1", 2.4, 1.9, 2.5, 4.1)]) == (1, 5)
    assert trend_scale([TrendPoint("a", 0, "1", 5.0)]) == (3, 5)
    assert trend_scale([TrendPoint("a", 0, "1", 1.0)]) == (1, 3)
    assert trend_scale([]) == trend_scale([TrendPoint("a", 0, "1")]) == (1, 3)


def test_the_open_survey_is_a_line_on_the_axis_and_has_no_level() -> None:
    picture = trend(moments(2, 3), upcoming=UpcomingSurvey("Next", "open", 2))
    assert len(all_of(picture, "open")) == 1
    assert len(all_of(picture, "dot")) == 2
    names = [node.text for node in all_of(picture, "name")]
    assert names == ["Next", "open", "Cycle 1", "Cycle 0"]


def test_names_of_cycles_never_run_into_each_other_or_out_of_the_picture() -> None:
    crowded = [TrendPoint(f"A rather long name {n}", n, "1", 3.0) for n in range(12)]
    labels = all_of(trend(crowded), "name")
    middles = sorted(float(node.get("x") or 0) for node in labels)
    assert 1 < len(middles) < 12
    half = text_width("A rather long name 11", 12) / 2
    assert min(b - a for a, b in pairwise(middles)) > 1.9 * half
    assert half - 0.1 <= middles[0] and middles[-1] <= 372 - half + 0.1
    assert "A rather long name 11" in {node.text for node in labels}


@pytest.mark.parametrize("levels", [(), (3.0,), (None,)])
def test_a_way_of_none_or_one_is_no_error(levels: tuple[float | None, ...]) -> None:
    assert not all_of(trend(moments(*levels)), "line")
