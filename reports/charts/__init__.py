"""Charts of the results as SVG, the same for page, mail and document. No Django, no clock, no database."""

from reports.charts.dot_plot import TeamDot, dot_plot, plot_scale
from reports.charts.inline import bar, dumbbell, sparkline, target_marks
from reports.charts.priority_matrix import MatrixLabels, MatrixPoint, priority_matrix
from reports.charts.rings import Axis, Ring, rings
from reports.charts.svg import Side, Svg, for_print
from reports.charts.trend import TrendPoint, UpcomingSurvey, trend_chart, trend_scale

__all__ = [
    "Axis",
    "MatrixLabels",
    "MatrixPoint",
    "Ring",
    "Side",
    "Svg",
    "TeamDot",
    "TrendPoint",
    "UpcomingSurvey",
    "bar",
    "dot_plot",
    "dumbbell",
    "for_print",
    "plot_scale",
    "priority_matrix",
    "rings",
    "sparkline",
    "target_marks",
    "trend_chart",
    "trend_scale",
]
