"""Every chart is harmless markup, whatever stands in it, and looks the same on paper."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from reports import charts
from reports.charts import (
    Axis,
    MatrixLabels,
    MatrixPoint,
    Ring,
    Svg,
    TeamDot,
    TrendPoint,
    UpcomingSurvey,
    bar,
    dot_plot,
    dumbbell,
    for_print,
    plot_scale,
    priority_matrix,
    rings,
    sparkline,
    target_marks,
    trend_chart,
)
from reports.charts.svg import element, escape_text

HOSTILE = "<script>\"&'\x01]]>"
AXIS = Axis(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
# Every chart with numbers, and with words of any kind where it takes words.
EXAMPLES: dict[Callable[..., Svg], Svg] = {
    rings: rings([Ring(HOSTILE, (3, 3, 3))], [3, 3, 3], [AXIS] * 3, title=HOSTILE, ident=HOSTILE),
    priority_matrix: priority_matrix(
        [MatrixPoint(HOSTILE, 3, 3, 1)],
        MatrixLabels(3, 3, HOSTILE, HOSTILE, HOSTILE, (HOSTILE,) * 4),
    ),
    trend_chart: trend_chart(
        [TrendPoint(HOSTILE, n, HOSTILE, 3.0) for n in range(2)],
        title=HOSTILE,
        need=HOSTILE,
        scale=(1, 5),
        upcoming=UpcomingSurvey(HOSTILE, HOSTILE, 3),
    ),
    dot_plot: dot_plot(3.0, [TeamDot(2.0, HOSTILE)]),
    plot_scale: plot_scale(),
    dumbbell: dumbbell(2.0, 3.0),
    sparkline: sparkline((1, 2)),
    bar: bar(1, 2),
    target_marks: target_marks(2.0, 4.1, 4.0),
}
WITH_WORDS = (rings, priority_matrix, trend_chart, dot_plot)
each = pytest.mark.parametrize("chart", EXAMPLES, ids=lambda chart: chart.__name__)


def test_every_chart_is_looked_at_here() -> None:
    functions = (getattr(charts, name) for name in charts.__all__)
    drawing = {
        one
        for one in functions
        if inspect.isfunction(one) and one.__annotations__.get("return") == "Svg"
    }
    assert drawing - {for_print} == set(EXAMPLES)


@each
def test_words_of_any_kind_stay_words(chart: Callable[..., Svg]) -> None:
    svg = EXAMPLES[chart]
    picture = ET.fromstring(svg)
    assert not [node.tag for node in picture.iter() if node.tag.lower().endswith("script")]
    assert "<script" not in svg
    shown = any((node.text or "").startswith("<script>") for node in picture.iter())
    assert shown is (chart in WITH_WORDS)


@each
def test_no_picture_carries_a_style_attribute_or_a_style_of_its_own_on_a_page(
    chart: Callable[..., Svg],
) -> None:
    assert "style" not in EXAMPLES[chart]


@each
def test_on_paper_the_picture_brings_its_own_colours(chart: Callable[..., Svg]) -> None:
    svg = for_print(EXAMPLES[chart])
    picture = ET.fromstring(svg)
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in svg
    assert ".ring-now{" in (picture[0].text or "")


def test_attributes_are_escaped_and_none_is_left_out() -> None:
    svg = element("text", escape_text("a<b"), class_='x" onload="y', data_none=None)
    picture = ET.fromstring(svg)
    assert picture.attrib == {"class": 'x" onload="y'}
    assert picture.text == "a<b"
