"""The dot plot: one level of the whole organization, large, and of its teams, small, on a line from 1 to 5."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.charts.svg import Svg, element, escape_text

WIDTH, EDGE = 560, 10.0
HEIGHT, MIDDLE = 34, 17.0
REACH = 11.0  # pixels from the line to the last of the dots that are stacked


@dataclass(frozen=True, slots=True)
class TeamDot:
    """The level of one team. `label` is its name and level in words."""

    level: float
    label: str
    highlighted: bool = False


def dot_plot(whole: float | None, teams: Sequence[TeamDot], *, weakest: bool = False) -> Svg:
    """Draw the plot. Equal levels are stacked above and below the line. `weakest` marks the whole.

    Hidden from screen readers, because the same numbers stand beside it and in a table.
    """
    ticks = (element("line", class_="tick", x1=_x(n), y1=2, x2=_x(n), y2=32) for n in range(1, 6))
    marks = [element("line", class_="track", x1=_x(1), y1=MIDDLE, x2=_x(5), y2=MIDDLE), *ticks]
    if len(teams) > 1:
        levels = [team.level for team in teams]
        ends = {"x1": _x(min(levels)), "y1": MIDDLE, "x2": _x(max(levels)), "y2": MIDDLE}
        marks.append(element("line", class_="spread", **ends))
    if whole is not None:
        kind = "whole weak" if weakest else "whole"
        marks.append(element("circle", class_=kind, cx=_x(whole), cy=MIDDLE, r=7.5))
    return element(
        "svg",
        *marks,
        *_team_dots(whole, teams),
        class_="plot",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        aria_hidden="true",
    )


def plot_scale() -> Svg:
    """Draw the numbers of the scale above the first plot."""
    numbers = (
        element("text", escape_text(str(n)), class_="scale", x=_x(n), y=14, text_anchor="middle")
        for n in range(1, 6)
    )
    return element("svg", *numbers, class_="plot", viewBox=f"0 0 {WIDTH} 20", aria_hidden="true")


def _x(level: float) -> float:
    return EDGE + (level - 1) / 4 * (WIDTH - 2 * EDGE)


def _team_dots(whole: float | None, teams: Sequence[TeamDot]) -> Iterator[Svg]:
    """Yield the dots; a highlighted one last, so that none covers it."""
    places = list(zip(teams, _heights(whole, teams), strict=True))
    for team, y in sorted(places, key=lambda place: place[0].highlighted):
        kind = "team on" if team.highlighted else "team"
        title = element("title", escape_text(team.label))
        radius = 6.0 if team.highlighted else 4.5
        yield element("circle", title, class_=kind, cx=_x(team.level), cy=y, r=radius)


def _heights(whole: float | None, teams: Sequence[TeamDot]) -> list[float]:
    """Return the y of each dot. The first of equal ones is on the line, unless the whole is there; then
    above and below; more than that share the height."""
    groups: dict[float, list[int]] = {}
    for index, team in enumerate(teams):
        groups.setdefault(team.level, []).append(index)
    heights = [MIDDLE] * len(teams)
    for level, members in groups.items():
        offsets = [-REACH, REACH] if level == whole else [0.0, -REACH, REACH]
        if len(members) > len(offsets):
            step = 2 * REACH / (len(members) - 1)
            offsets = [-REACH + step * n for n in range(len(members))]
        for index, offset in zip(members, offsets, strict=False):
            heights[index] = MIDDLE + offset
    return heights
