"""The trend chart: one level and what is needed of it through the surveys, on a time axis. The space between
the two is filled, so that a gap that closes is seen before it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from reports.charts.svg import Svg, element, escape_text, text_width

WIDTH, HEIGHT = 372.0, 206.0
TOP, BOTTOM = 22.0, 168.0
FIRST, LAST = 42.0, 344.0  # x of the first survey and of the end of the time axis
LABEL_SIZE = 12.0
LEAST_LEVELS = 2  # whole levels that the scale spans at least

Scale = tuple[int, int]
Place = tuple[float, float]


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
class UpcomingSurvey:
    """The open survey: a line on the axis, without a level."""

    name: str
    state: str  # "open", under its name
    at: float  # when it closes


@dataclass(frozen=True, slots=True)
class _PlacedPoint:
    point: TrendPoint
    x: float
    scale: Scale

    def y(self, level: float) -> float:
        return height(level, self.scale)


def trend_scale(points: Iterable[TrendPoint]) -> Scale:
    """Return the smallest whole levels around everything that is drawn of these points."""
    values = [
        value
        for point in points
        for value in (point.level, point.low, point.high, point.need)
        if value is not None
    ] or [3.0]
    low, high = max(1, floor(min(values))), min(5, ceil(max(values)))
    while high - low < LEAST_LEVELS:
        low, high = (low - 1, high) if low > 1 else (low, high + 1)
    return low, high


def trend_chart(
    points: Sequence[TrendPoint],
    *,
    title: str,
    need: str,
    scale: Scale,
    upcoming: UpcomingSurvey | None = None,
    ident: str = "trend",
) -> Svg:
    """Draw the chart. `points` come oldest first; `need` is the label of the dashed line. The line of the
    levels is broken where the questions changed."""
    placed_points = _place_points(points, scale, upcoming, need)
    marks = [
        element("title", escape_text(title), id=f"{ident}-title"),
        *_scale(scale),
        *_spaces(placed_points),
        *(_wave(placed.x) for placed in placed_points),
        *_names(placed_points, upcoming),
        *_needs(placed_points, need),
        *(mark for placed in placed_points for mark in _interval(placed)),
        *(_path("line", run) for run in _level_runs(placed_points) if len(run) > 1),
        *(mark for placed in placed_points for mark in _dot(placed, placed_points[-1])),
    ]
    return element(
        "svg",
        *marks,
        class_="timeline",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        role="img",
        aria_labelledby=f"{ident}-title",
    )


def height(level: float, scale: Scale) -> float:
    """Return the y coordinate of a level, in pixels."""
    low, high = scale
    return BOTTOM - (level - low) / (high - low) * (BOTTOM - TOP)


def _place_points(
    points: Sequence[TrendPoint], scale: Scale, upcoming: UpcomingSurvey | None, need: str
) -> list[_PlacedPoint]:
    """Return the points with their x. Without an open survey the room on the right holds the label."""
    if not points:
        return []
    start, end = points[0].at, upcoming.at if upcoming else points[-1].at
    last = LAST if upcoming else min(LAST, WIDTH - 14 - text_width(need, LABEL_SIZE))
    if end <= start:
        return [_PlacedPoint(point, (FIRST + last) / 2, scale) for point in points]
    step = (last - FIRST) / (end - start)
    return [_PlacedPoint(point, FIRST + (point.at - start) * step, scale) for point in points]


def _scale(scale: Scale) -> Iterator[Svg]:
    for level in range(scale[0], scale[1] + 1):
        y = height(level, scale)
        yield element("line", class_="grid", x1=20.0, y1=y, x2=WIDTH - 10, y2=y)
        yield element("text", escape_text(str(level)), class_="scale", x=0.0, y=y + 4)


def _wave(x: float, kind: str = "wave") -> Svg:
    return element("line", class_=kind, x1=x, y1=TOP, x2=x, y2=BOTTOM)


def _path(kind: str, places: Iterable[Place]) -> Svg:
    return element("path", class_=kind, d=_drawn(places))


def _drawn(places: Iterable[Place]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)


def _spaces(placed_points: Sequence[_PlacedPoint]) -> Iterator[Svg]:
    """Yield what lies between level and need: first where the level is below, then where it is above."""
    areas: dict[str, list[str]] = {"space": [], "space over": []}
    for start, end in pairwise(placed_points):
        for kind, corners in _segment_areas(start, end):
            areas[kind].append(f"{_drawn(corners)}Z")
    for kind, drawn in areas.items():
        if drawn:
            yield element("path", class_=kind, d="".join(drawn))


def _segment_areas(start: _PlacedPoint, end: _PlacedPoint) -> list[tuple[str, list[Place]]]:
    """Return the areas between two neighbours; two where level and need cross."""
    one, other = start.point, end.point
    if one.level is None or other.level is None or one.need is None or other.need is None:
        return []
    if one.edition != other.edition:
        return []
    gaps = one.level - one.need, other.level - other.need
    left = [(start.x, start.y(one.need)), (start.x, start.y(one.level))]
    right = [(end.x, end.y(other.level)), (end.x, end.y(other.need))]
    kinds = ["space over" if gap > 0 else "space" for gap in gaps]
    if gaps[0] * gaps[1] >= 0:
        return [(kinds[0] if gaps[0] else kinds[1], left + right)]
    share = gaps[0] / (gaps[0] - gaps[1])
    level = one.level + share * (other.level - one.level)
    crossing = (start.x + share * (end.x - start.x), start.y(level))
    return [(kinds[0], [*left, crossing]), (kinds[1], [crossing, *right])]


def _level_runs(placed_points: Sequence[_PlacedPoint]) -> list[list[Place]]:
    """Return the levels that are joined by one line: of one edition, without one that is missing."""
    runs: list[list[Place]] = [[]]
    edition = ""
    for placed in placed_points:
        level = placed.point.level
        if level is None or placed.point.edition != edition:
            runs.append([])
        edition = placed.point.edition
        if level is not None:
            runs[-1].append((placed.x, placed.y(level)))
    return runs


def _needs(placed_points: Sequence[_PlacedPoint], label: str) -> Iterator[Svg]:
    """Yield the dashed line of what is needed, and its label beside the last survey."""
    with_need = [placed for placed in placed_points if placed.point.need is not None]
    if not with_need:
        return
    places = [(placed.x, placed.y(placed.point.need or 0)) for placed in with_need]
    if len(places) == 1:
        places.insert(0, (places[0][0] - 12, places[0][1]))
    yield _path("need", places)
    (x, y), point = places[-1], with_need[-1].point
    beside = x + 10 + text_width(label, LABEL_SIZE) <= WIDTH
    is_below = point.level is not None and point.level > (point.need or 0)
    place = {"x": x + 10, "y": y + 4} if beside else {"x": WIDTH, "y": y + (16 if is_below else -8)}
    anchor = None if beside else "end"
    yield element("text", escape_text(label), class_="need-word", text_anchor=anchor, **place)


def _interval(placed: _PlacedPoint) -> Iterator[Svg]:
    low, high = placed.point.low, placed.point.high
    if placed.point.level is not None and low is not None and high is not None and low < high:
        ends = {"x1": placed.x, "y1": placed.y(low), "x2": placed.x, "y2": placed.y(high)}
        yield element("line", class_="interval", **ends)


def _dot(placed: _PlacedPoint, newest: _PlacedPoint) -> Iterator[Svg]:
    """Yield the level and its number, on the side away from what is needed."""
    point, is_now = placed.point, placed is newest
    if point.level is None:
        return
    y = placed.y(point.level)
    radius = 6.0 if is_now else 4.0
    yield element("circle", class_="dot now" if is_now else "dot", cx=placed.x, cy=y, r=radius)
    is_under = point.need is not None and point.level < point.need and y + 24 < BOTTOM
    yield element(
        "text",
        escape_text(point.printed),
        class_="value" if is_now else "value past",
        x=placed.x,
        y=y + 24 if is_under else y - 13,
        text_anchor="middle",
    )


def _names(placed_points: Sequence[_PlacedPoint], upcoming: UpcomingSurvey | None) -> Iterator[Svg]:
    """Yield names under the axis, the newest first; one that would overlap is left out."""
    named: list[tuple[float, tuple[str, ...]]] = [
        (placed.x, (placed.point.name,)) for placed in placed_points
    ]
    if upcoming:
        yield _wave(LAST, "open")
        named.append((LAST, (upcoming.name, upcoming.state)))
    free = WIDTH
    for x, lines in reversed(named):
        half = max(text_width(line, LABEL_SIZE) for line in lines) / 2
        middle = max(half, min(x, WIDTH - half))
        if middle + half > free:
            continue
        free = middle - half - 8
        for row, line in enumerate(lines):
            place = {"x": middle, "y": BOTTOM + 18 + 14 * row, "text_anchor": "middle"}
            yield element("text", escape_text(line), class_="scale name", **place)
