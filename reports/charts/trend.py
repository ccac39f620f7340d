"""The way of one level through the cycles: in real time, with its interval, broken where the questions changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from reports.charts.svg import Svg, element, escape_text
from reports.charts.svg import text_width as text_width

WIDTH, HEIGHT = 720.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 36.0, 660.0, 24.0, 252.0
EDGE = 44.0  # room for half a name on either side
LABEL_SIZE = 13.0


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One closed cycle. `at` is its place in time, in any unit; `printed` its level in words."""

    name: str
    at: float
    edition: str
    level: float | None = None
    low: float | None = None
    high: float | None = None
    need: float | None = None
    printed: str = ""


@dataclass(frozen=True, slots=True)
class _Placed:
    moment: TrendPoint
    x: float


def trend_chart(
    moments: Sequence[TrendPoint], *, title: str, need: str, ident: str = "trend"
) -> Svg:
    """`moments` come oldest first; `need` is the word that stands at the dashed line."""
    placed = _placed(moments)
    marks = [
        element("title", escape_text(title), id=f"{ident}-title"),
        *_scale(),
        *_runs("ring-need", [(one, one.moment.need) for one in placed], broken=False),
        *_need(placed, need),
        *_runs("ring-now", [(one, one.moment.level) for one in placed], broken=True),
        *(mark for one in placed for mark in _dot(one)),
        *_names(placed),
    ]
    return element(
        "svg",
        *marks,
        class_="trend",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        role="img",
        aria_labelledby=f"{ident}-title",
    )


def height(level: float) -> float:
    """A level as a place from top to bottom."""
    return BOTTOM - (level - 1) / 4 * (BOTTOM - TOP)


def _placed(moments: Sequence[TrendPoint]) -> list[_Placed]:
    if not moments:
        return []
    start, end = moments[0].at, moments[-1].at
    room = RIGHT - LEFT - 2 * EDGE
    if end <= start:
        return [_Placed(one, LEFT + EDGE + room / 2) for one in moments]
    return [_Placed(one, LEFT + EDGE + room * (one.at - start) / (end - start)) for one in moments]


def _scale() -> Iterator[Svg]:
    for level in range(1, 6):
        y = height(level)
        yield element("line", class_="grid", x1=LEFT, y1=y, x2=RIGHT, y2=y)
        yield element(
            "text", escape_text(str(level)), class_="scale", x=LEFT - 10, y=y + 4, text_anchor="end"
        )


def _runs(
    kind: str, values: Sequence[tuple[_Placed, float | None]], *, broken: bool
) -> Iterator[Svg]:
    """Lines between neighbours that both have a value; `broken` where the questions changed."""
    for (one, here), (other, there) in pairwise(values):
        if here is None or there is None:
            continue
        if broken and one.moment.edition != other.moment.edition:
            continue
        ends = {"x1": one.x, "y1": height(here), "x2": other.x, "y2": height(there)}
        yield element("line", class_=f"ring {kind}", **ends)


def _need(placed: Sequence[_Placed], word: str) -> Iterator[Svg]:
    """The word at the last need; a single need still gets a short line."""
    known = [one for one in placed if one.moment.need is not None]
    if not known:
        return
    last = known[-1]
    y = height(last.moment.need or 0)
    ends = {"x1": last.x, "y1": y, "x2": RIGHT, "y2": y}
    yield element("line", class_="ring ring-need", **ends)
    yield element("text", escape_text(word), class_="axis-label", x=RIGHT + 6, y=y + 4)


def _dot(one: _Placed) -> Iterator[Svg]:
    moment = one.moment
    if moment.level is None:
        return
    if moment.low is not None and moment.high is not None and moment.low < moment.high:
        ends = {"x1": one.x, "y1": height(moment.low), "x2": one.x, "y2": height(moment.high)}
        yield element("line", class_="interval", **ends)
    yield element("circle", class_="dot", cx=one.x, cy=height(moment.level), r=5.0)
    yield element(
        "text",
        escape_text(moment.printed),
        class_="axis-num",
        x=one.x + 10,
        y=height(moment.level) - 10,
        text_anchor="start",
    )


def _names(placed: Sequence[_Placed]) -> Iterator[Svg]:
    """Names of cycles under the axis, the newest first; one that would meet another is left out."""
    taken: list[tuple[float, float]] = []
    for one in reversed(placed):
        half = text_width(one.moment.name, LABEL_SIZE) / 2 + 4
        if any(one.x - half < right and left < one.x + half for left, right in taken):
            continue
        taken.append((one.x - half, one.x + half))
        name = escape_text(one.moment.name)
        yield element(
            "text", name, class_="axis-label", x=one.x, y=BOTTOM + 28, text_anchor="middle"
        )
