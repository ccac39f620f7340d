"""The board: importance against level, the first ones with their place in the list inside the dot."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.charts.svg import Side, Svg, element, escape_text
from reports.charts.svg import text_width as text_width

WIDTH, HEIGHT = 560.0, 600.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 546.0, 26.0, 554.0
NUMBERED = 8
LARGE, SMALL = 8.5, 5.0  # radius of a numbered dot, and of the others
LABEL_SIZE = 12.5


@dataclass(frozen=True, slots=True)
class MatrixPoint:
    """One capability. `rank` is its place in the list; `on` marks the one that is opened."""

    name: str
    level: float
    importance: float
    rank: int
    side: Side = "none"
    on: bool = False
    told: str = ""  # the level as it may be printed

    @property
    def radius(self) -> float:
        return LARGE if self.rank <= NUMBERED else SMALL


@dataclass(frozen=True, slots=True)
class MatrixLabels:
    """The two lines that part the board, and its words."""

    importance_line: float
    level_line: float
    title: str
    level: str
    importance: str
    corners: tuple[str, str, str, str]  # top left, top right, bottom left, bottom right


@dataclass(frozen=True, slots=True)
class _Field:
    """A level and an importance as a place on the board."""

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

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def inside(self) -> bool:
        return self.left >= LEFT and self.right <= WIDTH and self.top >= TOP - 8


def priority_matrix(
    points: Sequence[MatrixPoint], about: MatrixLabels, *, ident: str = "board"
) -> Svg:
    """The drawing; later places in the list are drawn first, so that the first ones lie on top."""
    field = _field(points, about)
    ordered = sorted(points, key=lambda one: one.rank, reverse=True)
    marks = [
        element("title", escape_text(about.title), id=f"{ident}-title"),
        *_grid(field),
        *_cuts(field, about),
        *_corners(about),
        *(mark for one in ordered for mark in _point(one, field)),
        *_labels(ordered[::-1], field, about),
    ]
    return element(
        "svg",
        *marks,
        class_="board",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        role="img",
        aria_labelledby=f"{ident}-title",
    )


def _field(points: Sequence[MatrixPoint], about: MatrixLabels) -> _Field:
    """The part of the scales that holds everything, in half levels, at least two levels wide."""
    levels = [one.level for one in points] + [about.level_line]
    weights = [one.importance for one in points] + [about.importance_line]
    ends = [_ends(levels), _ends(weights)]
    return _Field((ends[0][0], ends[1][0]), (ends[0][1], ends[1][1]))


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low = max(0.75, math.floor((min(values) - 0.2) * 2) / 2)
    high = min(5.25, math.ceil((max(values) + 0.2) * 2) / 2)
    if high - low < 2:
        low, high = (high - 2, high) if high > 3 else (low, low + 2)
    return low, high


def _whole(low: float, high: float) -> range:
    return range(max(1, math.ceil(low)), min(5, math.floor(high)) + 1)


def _grid(field: _Field) -> Iterator[Svg]:
    for level in _whole(field.lowest[0], field.highest[0]):
        x, _ = field.at(level, field.lowest[1])
        yield element("line", class_="grid", x1=x, y1=TOP, x2=x, y2=BOTTOM)
        yield _said(str(level), x, BOTTOM + 18, "scale", "middle")
    for weight in _whole(field.lowest[1], field.highest[1]):
        _, y = field.at(field.lowest[0], weight)
        yield _said(str(weight), LEFT - 10, y + 4, "scale", "end")


def _cuts(field: _Field, about: MatrixLabels) -> Iterator[Svg]:
    x, y = field.at(about.level_line, about.importance_line)
    yield element("line", class_="cut", x1=LEFT, y1=y, x2=RIGHT, y2=y)
    yield element("line", class_="cut", x1=x, y1=TOP, x2=x, y2=BOTTOM)


def _corner(place: int) -> tuple[float, float, str]:
    """Where a corner's word stands: top left, top right, bottom left, bottom right."""
    right, low = place % 2, place // 2
    y = (TOP + 14, BOTTOM - 8)[low]
    return (RIGHT - 6, y, "end") if right else (LEFT + 8, y, "start")


def _corner_boxes(about: MatrixLabels) -> Iterator[_Box]:
    for place, text in enumerate(about.corners):
        x, y, anchor = _corner(place)
        left = x - text_width(text, 13) if anchor == "end" else x
        yield _Box(left, y - 12, left + text_width(text, 13), y + 4)


def _corners(about: MatrixLabels) -> Iterator[Svg]:
    for place, text in enumerate(about.corners):
        x, y, anchor = _corner(place)
        yield _said(text, x, y, "quadrant", anchor)
    yield _said(f"{about.level} →", RIGHT, BOTTOM + 40, "axis-label", "end")
    yield _said(f"{about.importance} ↑", LEFT - 10, TOP - 12, "axis-label", "start")


def _said(text: str, x: float, y: float, kind: str, anchor: str) -> Svg:
    return element("text", escape_text(text), class_=kind, x=x, y=y, text_anchor=anchor)


def _point(one: MatrixPoint, field: _Field) -> Iterator[Svg]:
    x, y = field.at(one.level, one.importance)
    if one.on:
        yield element("circle", class_="halo", cx=x, cy=y, r=12.5)
    told = element("title", escape_text(f"{one.name} {one.told}".rstrip()))
    yield element("circle", told, class_=f"point {one.side}", cx=x, cy=y, r=one.radius)
    if one.rank <= NUMBERED:
        yield _said(str(one.rank), x, y + 4, "rank-in", "middle")


def _labels(ordered: Sequence[MatrixPoint], field: _Field, about: MatrixLabels) -> Iterator[Svg]:
    """Names of the first ones and of what goes too far, where they meet no other name or dot."""
    taken = [*(_dot_box(one, field) for one in ordered), *_corner_boxes(about)]
    named = [one for one in ordered if one.rank <= NUMBERED or one.side == "above" or one.on]
    for one in sorted(named, key=lambda each: not each.on):
        for box, x, y, anchor in _places(one, field):
            if box.inside() and not any(box.meets(other) for other in taken):
                taken.append(box)
                yield _said(one.name, x, y, "label on" if one.on else "label", anchor)
                break


def _dot_box(one: MatrixPoint, field: _Field) -> _Box:
    x, y = field.at(one.level, one.importance)
    reach = one.radius - 0.5
    return _Box(x - reach, y - reach, x + reach, y + reach)


def _places(one: MatrixPoint, field: _Field) -> Iterator[tuple[_Box, float, float, str]]:
    """Right of the dot, left of it, above, below."""
    x, y = field.at(one.level, one.importance)
    away = 17.0 if one.on else one.radius + 4
    long = text_width(one.name, LABEL_SIZE)
    yield _Box(x + away, y - 8, x + away + long, y + 7), x + away, y + 4, "start"
    yield _Box(x - away - long, y - 8, x - away, y + 7), x - away, y + 4, "end"
    above, below = y - away - 2, y + away + 10
    yield _Box(x - long / 2, above - 11, x + long / 2, above + 3), x, above, "middle"
    yield _Box(x - long / 2, below - 11, x + long / 2, below + 3), x, below, "middle"
