"""The trend chart: one level through the cycles on a time axis, with its interval. The line is broken
where the questions changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reports.charts.svg import Svg, element, escape_text, text_width

WIDTH, HEIGHT = 720.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 36.0, 660.0, 24.0, 252.0
EDGE = 44.0  # pixels for half a name on either side
LABEL_SIZE = 13.0


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One closed cycle. `at` is its time, in any unit; `printed` its level in words."""

    name: str
    at: float
    edition: str
    level: float | None = None
    low: float | None = None
    high: float | None = None
    need: float | None = None
    printed: str = ""


@dataclass(frozen=True, slots=True)
class _PlacedPoint:
    point: TrendPoint
    x: float


def trend_chart(
    points: Sequence[TrendPoint], *, title: str, need: str, ident: str = "trend"
) -> Svg:
    """Draw the chart. `points` come oldest first; `need` is the label of the dashed line."""
    placed_points = _place_points(points)
    marks = [
        element("title", escape_text(title), id=f"{ident}-title"),
        *_scale(),
        *_lines(
            "ring-need", [(placed, placed.point.need) for placed in placed_points], broken=False
        ),
        *_need_label(placed_points, need),
        *_lines(
            "ring-now", [(placed, placed.point.level) for placed in placed_points], broken=True
        ),
        *(mark for placed in placed_points for mark in _dot(placed)),
        *_names(placed_points),
    ]
    return element(
        "svg",
        *marks,
        class_="trend",
        viewBox=f"0 0 {max(WIDTH, RIGHT + 8 + text_width(need, LABEL_SIZE)):.0f} {HEIGHT:.0f}",
        role="img",
        aria_labelledby=f"{ident}-title",
    )


def height(level: float) -> float:
    """Return the y coordinate of a level, in pixels."""
    return BOTTOM - (level - 1) / 4 * (BOTTOM - TOP)


def _place_points(points: Sequence[TrendPoint]) -> list[_PlacedPoint]:
    if not points:
        return []
    start, end = points[0].at, points[-1].at
    available = RIGHT - LEFT - 2 * EDGE
    if end <= start:
        return [_PlacedPoint(point, LEFT + EDGE + available / 2) for point in points]
    return [
        _PlacedPoint(point, LEFT + EDGE + available * (point.at - start) / (end - start))
        for point in points
    ]


def _scale() -> Iterator[Svg]:
    for level in range(1, 6):
        y = height(level)
        yield element("line", class_="grid", x1=LEFT, y1=y, x2=RIGHT, y2=y)
        yield element(
            "text", escape_text(str(level)), class_="scale", x=LEFT - 10, y=y + 4, text_anchor="end"
        )


def _lines(
    kind: str, values: Sequence[tuple[_PlacedPoint, float | None]], *, broken: bool
) -> Iterator[Svg]:
    """Yield lines between neighbours that both have a value. `broken`: none between two editions."""
    for (start, start_level), (end, end_level) in pairwise(values):
        if start_level is None or end_level is None:
            continue
        if broken and start.point.edition != end.point.edition:
            continue
        ends = {"x1": start.x, "y1": height(start_level), "x2": end.x, "y2": height(end_level)}
        yield element("line", class_=f"ring {kind}", **ends)


def _need_label(placed_points: Sequence[_PlacedPoint], word: str) -> Iterator[Svg]:
    """Yield a short line from the last need to the right, and the label at its end."""
    with_need = [placed for placed in placed_points if placed.point.need is not None]
    if not with_need:
        return
    last = with_need[-1]
    y = height(last.point.need or 0)
    ends = {"x1": last.x, "y1": y, "x2": RIGHT, "y2": y}
    yield element("line", class_="ring ring-need", **ends)
    yield element("text", escape_text(word), class_="axis-label", x=RIGHT + 6, y=y + 4)


def _dot(placed: _PlacedPoint) -> Iterator[Svg]:
    point = placed.point
    if point.level is None:
        return
    if point.low is not None and point.high is not None and point.low < point.high:
        ends = {"x1": placed.x, "y1": height(point.low), "x2": placed.x, "y2": height(point.high)}
        yield element("line", class_="interval", **ends)
    yield element("circle", class_="dot", cx=placed.x, cy=height(point.level), r=5.0)
    yield element(
        "text",
        escape_text(point.printed),
        class_="axis-num",
        x=placed.x + 10,
        y=height(point.level) - 10,
        text_anchor="start",
    )


def _names(placed_points: Sequence[_PlacedPoint]) -> Iterator[Svg]:
    """Yield names of cycles under the axis, the newest first; one that would overlap is left out."""
    taken: list[tuple[float, float]] = []
    for placed in reversed(placed_points):
        half = text_width(placed.point.name, LABEL_SIZE) / 2 + 4
        if any(placed.x - half < right and left < placed.x + half for left, right in taken):
            continue
        taken.append((placed.x - half, placed.x + half))
        name = escape_text(placed.point.name)
        yield element(
            "text", name, class_="axis-label", x=placed.x, y=BOTTOM + 28, text_anchor="middle"
        )
