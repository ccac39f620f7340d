"""The pictures of the results, drawn as SVG once for page, mail and document alike. No Django, no clock, no database."""

from reports.charts.board import Board, Point, board
from reports.charts.marks import bar, dumbbell, spark
from reports.charts.rings import Axis, Ring, rings
from reports.charts.svg import Side, Svg, on_paper
from reports.charts.trend import Moment, trend

__all__ = [
    "Axis",
    "Board",
    "Moment",
    "Point",
    "Ring",
    "Side",
    "Svg",
    "bar",
    "board",
    "dumbbell",
    "on_paper",
    "rings",
    "spark",
    "trend",
]
