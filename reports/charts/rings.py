"""The growth rings: one axis for each value, one ring for each closed cycle, the need dashed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts.svg import Side, Svg, element, escape_text
from reports.charts.svg import text_width as text_width

CENTRE = (320.0, 234.0)
FRAME = (0.0, 640.0)
CENTRE_RADIUS = 20.0  # pixels from the centre to level 1
STEP = 54.0  # pixels from one level to the next
STEPS = 16  # how finely a ring is drawn between two axes
PAST = 8  # rings older than these are left out
SMALLEST, LARGEST = 0.75, 5.25  # a curve may swing a little past the scale between two axes

Levels = Sequence[float | None]
Coordinates = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ring:
    """One closed cycle: its level on each axis, None where nothing may or can be shown."""

    name: str
    levels: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """What is printed at the end of an axis, and the interval drawn across its dot."""

    name: str
    level: str  # "3.2", or the words for why there is none
    need: str = ""  # "need 3.4"
    gap: str = ""  # "0.2 short"
    side: Side = "none"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class _Sample:
    """A direction, and how far newest ring and need reach there."""

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
) -> Svg:
    """The drawing. `cycles` come newest first; `ident` tells several drawings of a page apart."""
    count = len(axes)
    if count < 3 or len(need) != count or any(len(ring.levels) != count for ring in cycles):
        raise ValueError("Rings need three axes or more, and a level or None for each of them.")
    newest = cycles[0].levels if cycles else (None,) * count
    curves = [curve(ring.levels) for ring in cycles[:PAST]]
    reach = _reach([*curves, curve(need)])
    texts = [
        _text(place, axis, count, reach, known=newest[place] is not None)
        for place, axis in enumerate(axes)
    ]
    marks = [
        element("title", escape_text(title), id=f"{ident}-title"),
        element("desc", escape_text(_told(axes)), id=f"{ident}-desc"),
        *_areas(newest, need),
        *(_axis(place, count, newest[place] is None) for place in range(count)),
        *_scale(count),
        *(_ring(runs, age) for age, runs in reversed(list(enumerate(curves)))),
        element("path", class_="ring ring-need", d=_path(curve(need))),
        *(mark for place in range(count) for mark in _dot(place, newest, axes[place], count)),
        *(text.drawing for text in texts),
    ]
    return element(
        "svg",
        *marks,
        class_="rings",
        viewBox=_frame(texts, [*curves, curve(need)], count),
        role="img",
        aria_labelledby=f"{ident}-title",
        aria_describedby=f"{ident}-desc",
    )


def degrees(place: int, count: int) -> float:
    """Clockwise from the top. The first axis stands half a step to the right of it."""
    return (place + 0.5) * 360 / count


def point(level: float, angle: float) -> Coordinates:
    """Where a level lies in a direction, in pixels."""
    reach = CENTRE_RADIUS + (level - 1) * STEP
    turn = math.radians(angle)
    return CENTRE[0] + reach * math.sin(turn), CENTRE[1] - reach * math.cos(turn)


def curve(levels: Levels) -> list[list[Coordinates]]:
    """The pieces of a ring as (level, degrees): one closed piece, or those between missing axes."""
    count = len(levels)
    pieces: list[list[Coordinates]] = [[]]
    for place in range(count):
        swing = _swing(levels, place)
        if swing is None:
            pieces.append([])
            continue
        if pieces[-1]:
            pieces[-1].pop()
        pieces[-1] += [
            (level, degrees(place, count) + step * 360 / count / STEPS)
            for step, level in enumerate(swing)
        ]
    if None in levels and len(pieces) > 1 and pieces[0] and pieces[-1]:
        last = pieces.pop()
        pieces[0] = [(level, angle - 360) for level, angle in last[:-1]] + pieces[0]
    return [piece for piece in pieces if piece]


def _swing(levels: Levels, place: int) -> list[float] | None:
    """The levels from one axis to the next, both included, passing exactly through them.

    A periodic Catmull-Rom curve; beside a missing axis the ring runs out straight.
    """
    count = len(levels)
    start, end = levels[place], levels[(place + 1) % count]
    if start is None or end is None:
        return None
    before, after = levels[place - 1], levels[(place + 2) % count]
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
    return "".join(_line(piece) for piece in pieces)


def _line(piece: Sequence[Coordinates]) -> str:
    closed = abs(piece[-1][1] - piece[0][1] - 360) < 1e-6
    drawn = piece[:-1] if closed else piece
    steps = "L".join("{:.1f} {:.1f}".format(*point(*place)) for place in drawn)
    return f"M{steps}{'Z' if closed else ''}"


def _ring(pieces: Sequence[Sequence[Coordinates]], age: int) -> Svg:
    kind = "ring-now" if age == 0 else f"ring-{min(age, 3)}"
    return element("path", class_=f"ring {kind}", d=_path(pieces))


def _areas(now: Levels, need: Levels) -> list[Svg]:
    """Orange where the need lies outside the ring, blue where the ring lies outside the need."""
    short: list[str] = []
    over: list[str] = []
    for stretch in _stretches(_samples(now, need)):
        outline = _outline(stretch)
        (short if sum(one.need - one.now for one in stretch) > 0 else over).append(outline)
    areas = (("short", short), ("over", over))
    return [element("path", class_=kind, d="".join(paths)) for kind, paths in areas if paths]


def _samples(now: Levels, need: Levels) -> list[list[_Sample]]:
    """The stretches between two axes on which both the ring and the need are known."""
    count = len(now)
    between = []
    for place in range(count):
        inner, outer = _swing(now, place), _swing(need, place)
        if inner is not None and outer is not None:
            start = degrees(place, count)
            between.append(
                [
                    _Sample(start + n * 360 / count / STEPS, one, other)
                    for n, (one, other) in enumerate(zip(inner, outer, strict=True))
                ]
            )
    return between


def _stretches(between: Sequence[Sequence[_Sample]]) -> list[list[_Sample]]:
    """The same, cut where ring and need cross, so that each lies on one side."""
    found: list[list[_Sample]] = []
    for samples in between:
        found.append([samples[0]])
        for sample in samples[1:]:
            crossing = _crossing(found[-1][-1], sample)
            if crossing is not None:
                found[-1].append(crossing)
                found.append([crossing])
            found[-1].append(sample)
    return [stretch for stretch in found if any(one.now != one.need for one in stretch)]


def _crossing(one: _Sample, other: _Sample) -> _Sample | None:
    here, there = one.need - one.now, other.need - other.now
    if here * there >= 0:
        return None
    share = here / (here - there)
    level = one.now + share * (other.now - one.now)
    return _Sample(one.degrees + share * (other.degrees - one.degrees), level, level)


def _outline(stretch: Sequence[_Sample]) -> str:
    out = [point(one.need, one.degrees) for one in stretch]
    back = [point(one.now, one.degrees) for one in reversed(stretch)]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in out + back) + "Z"


def _axis(place: int, count: int, missing: bool) -> Svg:  # noqa: FBT001  # one flag of one axis
    angle = degrees(place, count)
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
    """The numbers 1 to 5, along the last axis."""
    found = []
    for level in range(1, 6):
        x, y = point(level, degrees(count - 1, count))
        found.append(element("text", escape_text(str(level)), class_="scale", x=x + 8, y=y + 4))
    return found


def _dot(place: int, newest: Levels, axis: Axis, count: int) -> list[Svg]:
    level, angle = newest[place], degrees(place, count)
    if level is None:
        return []
    marks = []
    if axis.low is not None and axis.high is not None and axis.low < axis.high:
        (x1, y1), (x2, y2) = point(axis.low, angle), point(axis.high, angle)
        marks.append(element("line", class_="interval", x1=x1, y1=y1, x2=x2, y2=y2))
    x, y = point(level, angle)
    return [*marks, element("circle", class_="dot", cx=x, cy=y, r=4.5)]


@dataclass(frozen=True, slots=True)
class _Text:
    """The words at the end of an axis, and the space they take."""

    drawing: Svg
    left: float
    right: float
    top: float
    bottom: float


def _reach(curves: Sequence[Sequence[Sequence[Coordinates]]]) -> float:
    """How far from the centre the largest ring goes, in pixels, with a little air."""
    levels = [level for pieces in curves for piece in pieces for level, _ in piece]
    return CENTRE_RADIUS + (max(levels, default=3.0) - 1) * STEP + 10


def _text(place: int, axis: Axis, count: int, reach: float, *, known: bool) -> _Text:
    """At the end of the axis: above and below a flat one, under a straight one, else beside it."""
    turn = math.radians(degrees(place, count))
    x, y = point(5, degrees(place, count))
    room = _room(axis)
    outward = 1 if x > CENTRE[0] else -1
    if abs(math.cos(turn)) < 0.26:
        kind, anchor, lines = "mid", ("start", "end")[outward > 0], (-14.0, 22.0, 41.0)
        at = CENTRE[0] + outward * max(FRAME[1] / 2 - 1, reach + room)
    elif abs(math.sin(turn)) < 0.1:
        kind, anchor, at, lines = "bottom", "middle", x, (26.0, 46.0, 65.0)
    else:
        kind, anchor = ("bottom", "top")[math.cos(turn) > 0], ("end", "start")[outward > 0]
        at = x + outward * 16
        lines = _beside(kind, y, abs(at - CENTRE[0]), reach)
    left = {"start": at, "middle": at - room / 2, "end": at - room}[anchor]
    kinds = f"axis-text {kind}" if known else f"axis-text {kind} unknown"
    drawing = element("g", *_lines(axis, at, y, lines, anchor), class_=kinds)
    return _Text(drawing, left, left + room, y + lines[0] - 14, y + lines[2] + 4)


def _beside(kind: str, y: float, away: float, reach: float) -> tuple[float, float, float]:
    """Where three lines go beside the end of an axis, moved off so that no ring runs into them."""
    arc = math.sqrt(max(reach**2 - away**2, 0))
    if kind == "top":
        lift = max(0.0, y + 45 - (CENTRE[1] - arc))
        return 2 - lift, 22 - lift, 41 - lift
    drop = max(0.0, CENTRE[1] + arc - (y - 46))
    return drop - 32, drop - 12, drop + 7


def _room(axis: Axis) -> float:
    printed = f"{axis.level} · {axis.need}" if axis.need else axis.level
    return max(text_width(axis.name, 16), text_width(printed, 14), text_width(axis.gap, 14)) + 2


def _lines(
    axis: Axis, x: float, y: float, lines: tuple[float, float, float], anchor: str
) -> list[Svg]:
    name, number, gap = (y + line for line in lines)
    level = element("tspan", escape_text(axis.level), class_="strong")
    need = escape_text(f" · {axis.need}" if axis.need else "")
    drawn = [
        element(
            "text", escape_text(axis.name), class_="axis-name", x=x, y=name, text_anchor=anchor
        ),
        element("text", level, need, class_="axis-num", x=x, y=number, text_anchor=anchor),
    ]
    if axis.gap:
        kind = f"axis-gap {axis.side}"
        drawn.append(
            element("text", escape_text(axis.gap), class_=kind, x=x, y=gap, text_anchor=anchor)
        )
    return drawn


def _frame(
    texts: Sequence[_Text], curves: Sequence[Sequence[Sequence[Coordinates]]], count: int
) -> str:
    """Large enough for axes, rings and words, and level with the centre on both sides."""
    drawn = [point(*place) for pieces in curves for piece in pieces for place in piece]
    drawn += [point(5, degrees(place, count)) for place in range(count)]
    top = min([text.top for text in texts] + [y for _, y in drawn]) - 18
    bottom = max([text.bottom for text in texts] + [y for _, y in drawn]) + 18
    half = max(
        FRAME[1] / 2,
        *(text.right - CENTRE[0] for text in texts),
        *(CENTRE[0] - text.left for text in texts),
    )
    return f"{CENTRE[0] - half:.0f} {top:.0f} {2 * half:.0f} {bottom - top:.0f}"


def _told(axes: Sequence[Axis]) -> str:
    """The numbers as one text, for those who hear the drawing."""
    parts = [(axis.name, axis.level, axis.need, axis.gap) for axis in axes]
    return "; ".join(", ".join(part for part in one if part) for one in parts)
