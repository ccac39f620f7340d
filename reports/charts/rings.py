"""The growth rings: one axis for each value, one ring for each closed cycle, the need as a dashed ring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts.svg import Side, Svg, element, escape_text, text_width

CENTRE = (320.0, 234.0)
FRAME = (0.0, 640.0)
CENTRE_RADIUS = 20.0  # pixels from the centre to level 1
STEP = 54.0  # pixels from one level to the next
STEPS = 16  # samples of a ring between two axes
PAST = 8  # rings drawn at most, the newest
SMALLEST, LARGEST = 0.75, 5.25  # between two axes a curve may leave the scale a little

Levels = Sequence[float | None]
Coordinates = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ring:
    """One closed cycle: its level on each axis, None where none may or can be shown."""

    name: str
    levels: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """What is printed at the end of an axis, and the interval drawn across its dot."""

    name: str
    level: str  # "3.2", or the reason why there is none
    need: str = ""  # "need 3.4"
    gap: str = ""  # "0.2 short"
    side: Side = "none"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class _Sample:
    """A direction in degrees, and the levels of the newest ring and the need there."""

    degrees: float
    now: float
    need: float


def rings(
    cycles: Sequence[Ring],
    need: Levels,
    axes: Sequence[Axis],
    *,
    title: str,
    ident: str = "rings",
    organization: Levels | None = None,
) -> Svg:
    """Draw the rings. `cycles` come newest first; `ident` distinguishes several drawings of a page; of a
    team, `organization` is the dotted ring of the whole it belongs to.
    ValueError with fewer than three axes, or where a ring or the need has not one value an axis."""
    count = len(axes)
    if count < 3 or len(need) != count or any(len(ring.levels) != count for ring in cycles):
        raise ValueError("Rings need three axes or more, and a level or None for each of them.")
    newest = cycles[0].levels if cycles else (None,) * count
    curves = [curve(ring.levels) for ring in cycles[:PAST]]
    lines = {"ring-need": curve(need), "ring-org": curve(organization or ())}
    outlines = [*curves, *lines.values()]
    texts = _axis_texts(axes, newest, _reach(outlines))
    marks = [
        element("title", escape_text(title), id=f"{ident}-title"),
        element("desc", escape_text(_description(axes)), id=f"{ident}-desc"),
        *_areas(newest, need),
        *(_axis(index, count, newest[index] is None) for index in range(count)),
        *_scale(count),
        *(_ring(pieces, age) for age, pieces in reversed(list(enumerate(curves)))),
        *(_line(kind, pieces) for kind, pieces in lines.items() if pieces),
        *(mark for index in range(count) for mark in _dot(index, newest, axes[index], count)),
        *(text.drawing for text in texts),
    ]
    return element(
        "svg",
        *marks,
        class_="rings",
        viewBox=_view_box(texts, outlines, count),
        role="img",
        aria_labelledby=f"{ident}-title",
        aria_describedby=f"{ident}-desc",
    )


def degrees(index: int, count: int) -> float:
    """Return the angle of an axis, clockwise from the top. The first is half a step to the right."""
    return (index + 0.5) * 360 / count


def point(level: float, angle: float) -> Coordinates:
    """Return the pixel coordinates of a level in the direction `angle`, in degrees."""
    reach = CENTRE_RADIUS + (level - 1) * STEP
    turn = math.radians(angle)
    return CENTRE[0] + reach * math.sin(turn), CENTRE[1] - reach * math.cos(turn)


def curve(levels: Levels) -> list[list[Coordinates]]:
    """Return the pieces of a ring as (level, degrees): one closed piece, or those between missing axes."""
    count = len(levels)
    pieces: list[list[Coordinates]] = [[]]
    for index in range(count):
        segment = _segment(levels, index)
        if segment is None:
            pieces.append([])
            continue
        if pieces[-1]:
            pieces[-1].pop()
        pieces[-1] += [
            (level, degrees(index, count) + step * 360 / count / STEPS)
            for step, level in enumerate(segment)
        ]
    if None in levels and len(pieces) > 1 and pieces[0] and pieces[-1]:
        last = pieces.pop()
        pieces[0] = [(level, angle - 360) for level, angle in last[:-1]] + pieces[0]
    return [piece for piece in pieces if piece]


def _segment(levels: Levels, index: int) -> list[float] | None:
    """Return the levels from one axis to the next, both included; None where one of them is missing.

    A periodic Catmull-Rom curve, which passes exactly through the level of each axis. A missing
    neighbour is replaced by the nearer end.
    """
    count = len(levels)
    start, end = levels[index], levels[(index + 1) % count]
    if start is None or end is None:
        return None
    before, after = levels[index - 1], levels[(index + 2) % count]
    before = start if before is None else before
    after = end if after is None else after
    between = [_catmull_rom(before, start, end, after, n / STEPS) for n in range(1, STEPS)]
    return [start, *(min(max(level, SMALLEST), LARGEST) for level in between), end]


def _catmull_rom(before: float, start: float, end: float, after: float, t: float) -> float:
    return 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )


def _path(pieces: Sequence[Sequence[Coordinates]]) -> str:
    return "".join(_piece_path(piece) for piece in pieces)


def _piece_path(piece: Sequence[Coordinates]) -> str:
    closed = abs(piece[-1][1] - piece[0][1] - 360) < 1e-6
    drawn_positions = piece[:-1] if closed else piece
    steps = "L".join("{:.1f} {:.1f}".format(*point(*position)) for position in drawn_positions)
    return f"M{steps}{'Z' if closed else ''}"


def _ring(pieces: Sequence[Sequence[Coordinates]], age: int) -> Svg:
    kind = "ring-now" if age == 0 else f"ring-{min(age, 3)}"
    return element("path", class_=f"ring {kind}", d=_path(pieces))


def _line(kind: str, pieces: Sequence[Sequence[Coordinates]]) -> Svg:
    return element("path", class_=f"ring {kind}", d=_path(pieces))


def _areas(now: Levels, need: Levels) -> list[Svg]:
    """Return areas: orange where the need lies outside the ring, blue where the ring lies outside it."""
    short: list[str] = []
    over: list[str] = []
    for stretch in _stretches(_samples(now, need)):
        outline = _outline(stretch)
        (short if sum(sample.need - sample.now for sample in stretch) > 0 else over).append(outline)
    areas = (("short", short), ("over", over))
    return [element("path", class_=kind, d="".join(paths)) for kind, paths in areas if paths]


def _samples(now: Levels, need: Levels) -> list[list[_Sample]]:
    """Return the samples between each two axes on which both the ring and the need are known."""
    count = len(now)
    between = []
    for index in range(count):
        now_levels, need_levels = _segment(now, index), _segment(need, index)
        if now_levels is not None and need_levels is not None:
            start = degrees(index, count)
            between.append(
                [
                    _Sample(start + n * 360 / count / STEPS, now_level, need_level)
                    for n, (now_level, need_level) in enumerate(
                        zip(now_levels, need_levels, strict=True)
                    )
                ]
            )
    return between


def _stretches(between: Sequence[Sequence[_Sample]]) -> list[list[_Sample]]:
    """Cut the samples where ring and need cross, so that each stretch lies on one side."""
    stretches: list[list[_Sample]] = []
    for samples in between:
        stretches.append([samples[0]])
        for sample in samples[1:]:
            crossing = _crossing(stretches[-1][-1], sample)
            if crossing is not None:
                stretches[-1].append(crossing)
                stretches.append([crossing])
            stretches[-1].append(sample)
    return [
        stretch for stretch in stretches if any(sample.now != sample.need for sample in stretch)
    ]


def _crossing(first: _Sample, second: _Sample) -> _Sample | None:
    first_gap, second_gap = first.need - first.now, second.need - second.now
    if first_gap * second_gap >= 0:
        return None
    share = first_gap / (first_gap - second_gap)
    level = first.now + share * (second.now - first.now)
    return _Sample(first.degrees + share * (second.degrees - first.degrees), level, level)


def _outline(stretch: Sequence[_Sample]) -> str:
    out = [point(sample.need, sample.degrees) for sample in stretch]
    back = [point(sample.now, sample.degrees) for sample in reversed(stretch)]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in out + back) + "Z"


def _axis(index: int, count: int, missing: bool) -> Svg:  # noqa: FBT001  # one flag of one axis
    angle = degrees(index, count)
    (x1, y1), (x2, y2) = point(1, angle), point(5, angle)
    if missing:
        return element("line", class_="axis missing", x1=x1, y1=y1, x2=x2, y2=y2)
    line = element("line", class_="axis", x1=x1, y1=y1, x2=x2, y2=y2)
    return element("g", line, *(_tick(level, angle) for level in range(1, 6)))


def _tick(level: int, angle: float) -> Svg:
    x, y = point(level, angle)
    turn = math.radians(angle)
    across, down = 3 * math.cos(turn), 3 * math.sin(turn)
    return element("line", class_="tick", x1=x - across, y1=y - down, x2=x + across, y2=y + down)


def _scale(count: int) -> list[Svg]:
    """Return the numbers 1 to 5 along the last axis."""
    numbers = []
    for level in range(1, 6):
        x, y = point(level, degrees(count - 1, count))
        numbers.append(element("text", escape_text(str(level)), class_="scale", x=x + 8, y=y + 4))
    return numbers


def _dot(index: int, newest: Levels, axis: Axis, count: int) -> list[Svg]:
    level, angle = newest[index], degrees(index, count)
    if level is None:
        return []
    marks = []
    if axis.low is not None and axis.high is not None and axis.low < axis.high:
        (x1, y1), (x2, y2) = point(axis.low, angle), point(axis.high, angle)
        marks.append(element("line", class_="interval", x1=x1, y1=y1, x2=x2, y2=y2))
    x, y = point(level, angle)
    return [*marks, element("circle", class_="dot", cx=x, cy=y, r=4.5)]


@dataclass(frozen=True, slots=True)
class _AxisText:
    """The text at the end of an axis, and its box in pixels."""

    drawing: Svg
    left: float
    right: float
    top: float
    bottom: float


def _reach(curves: Sequence[Sequence[Sequence[Coordinates]]]) -> float:
    """Return the distance from the centre to the outermost ring, in pixels, with a margin of 10."""
    levels = [level for pieces in curves for piece in pieces for level, _ in piece]
    return CENTRE_RADIUS + (max(levels, default=3.0) - 1) * STEP + 10


def _axis_texts(axes: Sequence[Axis], newest: Levels, reach: float) -> list[_AxisText]:
    return [
        _axis_text(index, axis, len(axes), reach, known=newest[index] is not None)
        for index, axis in enumerate(axes)
    ]


def _axis_text(index: int, axis: Axis, count: int, reach: float, *, known: bool) -> _AxisText:
    """Return the text at the end of an axis: above and below a horizontal one, under a vertical one,
    else beside it."""
    turn = math.radians(degrees(index, count))
    x, y = point(5, degrees(index, count))
    width = _label_width(axis)
    outward = 1 if x > CENTRE[0] else -1
    if abs(math.cos(turn)) < 0.26:
        kind, anchor, lines = "mid", ("start", "end")[outward > 0], (-14.0, 22.0, 41.0)
        text_x = CENTRE[0] + outward * max(FRAME[1] / 2 - 1, reach + width)
    elif abs(math.sin(turn)) < 0.1:
        kind, anchor, text_x, lines = "bottom", "middle", x, (26.0, 46.0, 65.0)
    else:
        kind, anchor = ("bottom", "top")[math.cos(turn) > 0], ("end", "start")[outward > 0]
        text_x = x + outward * 16
        lines = _lines_beside(kind, y, abs(text_x - CENTRE[0]), reach)
    left = {"start": text_x, "middle": text_x - width / 2, "end": text_x - width}[anchor]
    kinds = f"axis-text {kind}" if known else f"axis-text {kind} unknown"
    drawing = element("g", *_text_lines(axis, text_x, y, lines, anchor), class_=kinds)
    return _AxisText(drawing, left, left + width, y + lines[0] - 14, y + lines[2] + 4)


def _lines_beside(kind: str, y: float, distance: float, reach: float) -> tuple[float, float, float]:
    """Return offsets of the three lines beside the end of an axis, moved so that no ring meets them."""
    arc_height = math.sqrt(max(reach**2 - distance**2, 0))
    if kind == "top":
        lift = max(0.0, y + 45 - (CENTRE[1] - arc_height))
        return 2 - lift, 22 - lift, 41 - lift
    drop = max(0.0, CENTRE[1] + arc_height - (y - 46))
    return drop - 32, drop - 12, drop + 7


def _label_width(axis: Axis) -> float:
    printed = f"{axis.level} · {axis.need}" if axis.need else axis.level
    return max(text_width(axis.name, 16), text_width(printed, 14), text_width(axis.gap, 14)) + 2


def _text_lines(
    axis: Axis, x: float, y: float, lines: tuple[float, float, float], anchor: str
) -> list[Svg]:
    name, number, gap = (y + line for line in lines)
    level = element("tspan", escape_text(axis.level), class_="strong")
    need = escape_text(f" · {axis.need}" if axis.need else "")
    elements = [
        element(
            "text", escape_text(axis.name), class_="axis-name", x=x, y=name, text_anchor=anchor
        ),
        element("text", level, need, class_="axis-num", x=x, y=number, text_anchor=anchor),
    ]
    if axis.gap:
        kind = f"axis-gap {axis.side}"
        elements.append(
            element("text", escape_text(axis.gap), class_=kind, x=x, y=gap, text_anchor=anchor)
        )
    return elements


def _view_box(
    texts: Sequence[_AxisText], curves: Sequence[Sequence[Sequence[Coordinates]]], count: int
) -> str:
    """Return a viewBox that holds axes, rings and texts, with the centre in its horizontal middle."""
    positions = [point(*position) for pieces in curves for piece in pieces for position in piece]
    positions += [point(5, degrees(index, count)) for index in range(count)]
    top = min([text.top for text in texts] + [y for _, y in positions]) - 18
    bottom = max([text.bottom for text in texts] + [y for _, y in positions]) + 18
    half = max(
        FRAME[1] / 2,
        *(text.right - CENTRE[0] for text in texts),
        *(CENTRE[0] - text.left for text in texts),
    )
    return f"{CENTRE[0] - half:.0f} {top:.0f} {2 * half:.0f} {bottom - top:.0f}"


def _description(axes: Sequence[Axis]) -> str:
    """Return the numbers as one text, for screen readers."""
    axis_texts = [(axis.name, axis.level, axis.need, axis.gap) for axis in axes]
    return "; ".join(", ".join(part for part in texts if part) for texts in axis_texts)
