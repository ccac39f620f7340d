"""The priority matrix: importance against level; the first priorities have their rank inside the dot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.charts.svg import Side, Svg, element, escape_text, text_width

WIDTH, HEIGHT = 560.0, 600.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 546.0, 26.0, 554.0
LARGE, SMALL = 8.5, 5.0  # radius of a numbered dot, and of the others
LABEL_SIZE = 12.5


@dataclass(frozen=True, slots=True)
class MatrixPoint:
    """One capability. A rank stands in the dot; `selected` marks the opened one."""

    name: str
    level: float
    importance: float
    rank: int | None  # of the first five
    side: Side = "none"
    selected: bool = False
    summary: str = ""  # the level as it may be printed

    @property
    def radius(self) -> float:
        return LARGE if self.rank else SMALL

    @property
    def drawn_last(self) -> tuple[bool, int]:
        """A sort key: the first ranks lie on top."""
        return self.rank is not None, -(self.rank or 0)


@dataclass(frozen=True, slots=True)
class MatrixLabels:
    """The levels of the two dividing lines, and the texts of the chart."""

    importance_line: float
    level_line: float
    title: str
    level: str
    importance: str
    corners: tuple[str, str, str, str]  # top left, top right, bottom left, bottom right


@dataclass(frozen=True, slots=True)
class _PlotArea:
    """The displayed range, as (level, importance), and its mapping to pixels."""

    lowest: tuple[float, float]
    highest: tuple[float, float]

    def at(self, level: float, importance: float) -> tuple[float, float]:
        across = (level - self.lowest[0]) / (self.highest[0] - self.lowest[0])
        up = (importance - self.lowest[1]) / (self.highest[1] - self.lowest[1])
        return LEFT + across * (RIGHT - LEFT), BOTTOM - up * (BOTTOM - TOP)


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def inside(self) -> bool:
        return self.left >= LEFT and self.right <= WIDTH and self.top >= TOP - 8


def priority_matrix(
    points: Sequence[MatrixPoint], labels: MatrixLabels, *, ident: str = "board"
) -> Svg:
    """Draw the matrix. Later ranks are drawn first, so that the first ones lie on top."""
    area = _plot_area(points, labels)
    ordered = sorted(points, key=lambda point: point.drawn_last)
    marks = [
        element("title", escape_text(labels.title), id=f"{ident}-title"),
        *_grid(area),
        *_dividing_lines(area, labels),
        *_corners(labels),
        *(mark for point in ordered for mark in _dot(point, area)),
        *_labels(ordered[::-1], area, labels),
    ]
    return element(
        "svg",
        *marks,
        class_="board",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        role="img",
        aria_labelledby=f"{ident}-title",
    )


def _plot_area(points: Sequence[MatrixPoint], labels: MatrixLabels) -> _PlotArea:
    """Return the range that holds all points and lines, in half levels, at least two levels wide."""
    levels = [point.level for point in points] + [labels.level_line]
    weights = [point.importance for point in points] + [labels.importance_line]
    ranges = [_axis_range(levels), _axis_range(weights)]
    return _PlotArea((ranges[0][0], ranges[1][0]), (ranges[0][1], ranges[1][1]))


def _axis_range(values: Sequence[float]) -> tuple[float, float]:
    low = max(0.75, math.floor((min(values) - 0.2) * 2) / 2)
    high = min(5.25, math.ceil((max(values) + 0.2) * 2) / 2)
    if high - low < 2:
        low, high = (high - 2, high) if high > 3 else (low, low + 2)
    return low, high


def _whole_levels(low: float, high: float) -> range:
    return range(max(1, math.ceil(low)), min(5, math.floor(high)) + 1)


def _grid(area: _PlotArea) -> Iterator[Svg]:
    for level in _whole_levels(area.lowest[0], area.highest[0]):
        x, _ = area.at(level, area.lowest[1])
        yield element("line", class_="grid", x1=x, y1=TOP, x2=x, y2=BOTTOM)
        yield _text(str(level), x, BOTTOM + 18, "scale", "middle")
    for weight in _whole_levels(area.lowest[1], area.highest[1]):
        _, y = area.at(area.lowest[0], weight)
        yield _text(str(weight), LEFT - 10, y + 4, "scale", "end")


def _dividing_lines(area: _PlotArea, labels: MatrixLabels) -> Iterator[Svg]:
    x, y = area.at(labels.level_line, labels.importance_line)
    yield element("line", class_="cut", x1=LEFT, y1=y, x2=RIGHT, y2=y)
    yield element("line", class_="cut", x1=x, y1=TOP, x2=x, y2=BOTTOM)


def _corner(index: int) -> tuple[float, float, str]:
    """Return x, y and anchor of a corner's text: top left, top right, bottom left, bottom right."""
    right, low = index % 2, index // 2
    y = (TOP + 14, BOTTOM - 8)[low]
    return (RIGHT - 6, y, "end") if right else (LEFT + 8, y, "start")


def _corner_boxes(labels: MatrixLabels) -> Iterator[_Box]:
    for index, text in enumerate(labels.corners):
        x, y, anchor = _corner(index)
        left = x - text_width(text, 13) if anchor == "end" else x
        yield _Box(left, y - 12, left + text_width(text, 13), y + 4)


def _corners(labels: MatrixLabels) -> Iterator[Svg]:
    for index, text in enumerate(labels.corners):
        x, y, anchor = _corner(index)
        yield _text(text, x, y, "quadrant", anchor)
    yield _text(f"{labels.level} →", RIGHT, BOTTOM + 40, "axis-label", "end")
    yield _text(f"{labels.importance} ↑", LEFT - 10, TOP - 12, "axis-label", "start")


def _text(text: str, x: float, y: float, kind: str, anchor: str) -> Svg:
    return element("text", escape_text(text), class_=kind, x=x, y=y, text_anchor=anchor)


def _dot(point: MatrixPoint, area: _PlotArea) -> Iterator[Svg]:
    x, y = area.at(point.level, point.importance)
    if point.selected:
        yield element("circle", class_="halo", cx=x, cy=y, r=12.5)
    title = element("title", escape_text(f"{point.name} {point.summary}".rstrip()))
    yield element("circle", title, class_=f"point {point.side}", cx=x, cy=y, r=point.radius)
    if point.rank:
        yield _text(str(point.rank), x, y + 4, "rank-in", "middle")


def _labels(ordered: Sequence[MatrixPoint], area: _PlotArea, labels: MatrixLabels) -> Iterator[Svg]:
    """Yield names of the first ranks, of points above the need and of the opened one, where they overlap
    no other name or dot."""
    occupied = [*(_dot_box(point, area) for point in ordered), *_corner_boxes(labels)]
    labelled = [point for point in ordered if point.rank or point.side == "above" or point.selected]
    for point in sorted(labelled, key=lambda candidate: not candidate.selected):
        for box, x, y, anchor in _label_positions(point, area):
            if box.inside() and not any(box.overlaps(other) for other in occupied):
                occupied.append(box)
                yield _text(point.name, x, y, "label on" if point.selected else "label", anchor)
                break


def _dot_box(point: MatrixPoint, area: _PlotArea) -> _Box:
    x, y = area.at(point.level, point.importance)
    reach = point.radius - 0.5
    return _Box(x - reach, y - reach, x + reach, y + reach)


def _label_positions(
    point: MatrixPoint, area: _PlotArea
) -> Iterator[tuple[_Box, float, float, str]]:
    """Yield candidate boxes for a name with x, y and anchor: right of the dot, left, above, below."""
    x, y = area.at(point.level, point.importance)
    distance = 17.0 if point.selected else point.radius + 4
    length = text_width(point.name, LABEL_SIZE)
    yield _Box(x + distance, y - 8, x + distance + length, y + 7), x + distance, y + 4, "start"
    yield _Box(x - distance - length, y - 8, x - distance, y + 7), x - distance, y + 4, "end"
    above, below = y - distance - 2, y + distance + 10
    yield _Box(x - length / 2, above - 11, x + length / 2, above + 3), x, above, "middle"
    yield _Box(x - length / 2, below - 11, x + length / 2, below + 3), x, below, "middle"
