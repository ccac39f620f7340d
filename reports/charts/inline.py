"""Small charts for lists: level against need (dumbbell), the last cycles (sparkline), counts (bar)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts.svg import Side, Svg, element

EDGE = 8.0
MIDDLE = 15.0
LEAST_SPAN = (
    1.2  # levels spanned by the height of a sparkline at least, so that small changes look small
)


@dataclass(frozen=True, slots=True)
class _Track:
    """A horizontal scale of levels 1 to 5, `width` pixels wide."""

    width: int

    def at(self, value: float) -> float:
        return EDGE + (value - 1) * (self.width - 2 * EDGE) / 4

    def near(self, value: float | None, other: float) -> bool:
        return value is not None and abs(self.at(value) - self.at(other)) < 12

    def line(self, kind: str, start: float, end: float, y: float = MIDDLE) -> Svg:
        return element("line", class_=kind, x1=self.at(start), y1=y, x2=self.at(end), y2=y)

    def tick(self, value: int) -> Svg:
        x = self.at(value)
        return element("line", class_="tick", x1=x, y1=MIDDLE - 3, x2=x, y2=MIDDLE + 3)

    def dot(self, kind: str, value: float, radius: float) -> Svg:
        return element("circle", class_=kind, cx=self.at(value), cy=MIDDLE, r=radius)

    def diamond(self, value: float) -> Svg:
        path = f"M{self.at(value):.1f} {MIDDLE - 5:.1f}l5 5l-5 5l-5 -5z"
        return element("path", class_="leader", d=path)


def dumbbell(
    level: float | None,
    need: float | None,
    low: float | None = None,
    high: float | None = None,
    *,
    leader: float | None = None,
    organization: float | None = None,
    before: float | None = None,
    side: Side = "none",
    width: int = 260,
) -> Svg:
    """Draw level (filled dot), need (hollow dot), leader (diamond), gap (bar), interval (thin line) and,
    of a team, the level of the organization (short stroke above). With the level `before`, the bar is the
    way from there.

    Hidden from screen readers, because the same numbers are always next to it as text.
    """
    track = _Track(width)
    marks = [track.line("track", 1, 5), *(track.tick(value) for value in range(1, 6))]
    start = need if before is None else before
    if level is not None and start is not None:
        marks.append(track.line("gap", level, start))
    if low is not None and high is not None and low < high:
        marks.append(track.line("interval", low, high, MIDDLE + 8))
    if need is not None:
        covered = track.near(level, need) or track.near(leader, need)
        marks.append(track.dot("need", need, 8.5 if covered else 5.5))
    if before is not None:
        marks.append(track.dot("before", before, 4.0))
    if level is not None:
        marks.append(track.dot("level", level, 6.0))
    if leader is not None:
        marks.append(track.diamond(leader))
    if organization is not None:
        path = f"M{track.at(organization):.1f} 4v8"
        marks.append(element("path", class_="orgmark", d=path))
    return element(
        "svg", *marks, class_=f"dumbbell {side}", viewBox=f"0 0 {width} 30", aria_hidden="true"
    )


def target_marks(
    level: float | None, importance: float | None, need: float | None, side: Side = "none"
) -> Svg:
    """Draw level (filled), importance (hollow) and the gap to the need (bar) above five cells of 50 pixels,
    each in the middle of its number."""

    def x(value: float) -> float:
        return (value - 0.5) * 50

    marks = []
    if level is not None and need is not None:
        marks.append(element("line", class_="gap", x1=x(level), y1=7.0, x2=x(need), y2=7.0))
    if importance is not None:
        marks.append(element("circle", class_="need", cx=x(importance), cy=7.0, r=4.0))
    if level is not None:
        marks.append(element("circle", class_="level", cx=x(level), cy=7.0, r=4.5))
    return element("svg", *marks, class_=f"marks {side}", viewBox="0 0 250 14", aria_hidden="true")


def sparkline(values: Sequence[float | None], side: Side = "none") -> Svg:
    """Draw levels of the last cycles, oldest first: the last step coloured by `side`, a gap for None."""
    points = _spark_points(values)
    shown = [point for point in points if point is not None]
    marks = [_polyline("past", run) for run in _runs(points) if len(run) > 1]
    if len(points) > 1 and points[-1] is not None and points[-2] is not None:
        marks.append(_polyline(f"last {side}", [points[-2], points[-1]]))
    marks += [element("circle", class_="mid", cx=x, cy=y, r=2.0) for x, y in shown[:-1]]
    if shown:
        x, y = shown[-1]
        marks.append(element("circle", class_=f"end {side}", cx=x, cy=y, r=3.6))
    return element("svg", *marks, class_="spark", viewBox="0 0 88 30", aria_hidden="true")


def _spark_points(values: Sequence[float | None]) -> list[tuple[float, float] | None]:
    shown = [value for value in values if value is not None] or [3.0]
    middle = (max(shown) + min(shown)) / 2
    scale = 20 / max(max(shown) - min(shown), LEAST_SPAN)
    step = 78 / max(len(values) - 1, 1)
    return [
        None if value is None else (5 + index * step, MIDDLE - (value - middle) * scale)
        for index, value in enumerate(values)
    ]


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Return the runs of points between missing ones; a run may be empty."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return runs


def _polyline(kind: str, points: Sequence[tuple[float, float]]) -> Svg:
    return element("polyline", class_=kind, points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points))


def bar(count: float, most: float) -> Svg:
    """Draw one bar of a distribution; a bar of `most` fills the width."""
    length = 120.0 * count / most if most > 0 else 0.0
    return element(
        "svg",
        element("rect", width=length, height=10),
        class_="bar",
        viewBox="0 0 120 10",
        preserveAspectRatio="none",
        aria_hidden="true",
    )
