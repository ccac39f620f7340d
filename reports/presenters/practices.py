"""How far the three principles are practiced: every practice with the level of the organization and of its
teams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode
from assessments.rubrics import Capability, Dimension
from assessments.scoring.cell import Cell
from reports import formatting
from reports.charts import Svg, TeamDot, dot_plot, plot_scale
from reports.presenters import headlines
from reports.presenters.shared import CapabilityUrl, level_names, range_note

MANY_LOWEST = 3  # practices on which one team is lowest, before that is said


@dataclass(frozen=True, slots=True)
class PracticeResults:
    """What one reader may see of one cycle about collaboration."""

    cycle: ClosedCycle
    nodes: Sequence[ResultNode]  # those the reader may see, in tree order
    cells: PublishedCells  # capabilities and values of these nodes
    closed_on: str
    language: str

    @property
    def top(self) -> ResultNode | None:
        return self.nodes[0] if self.nodes else None

    @property
    def teams(self) -> list[ResultNode]:
        """The teams that are drawn: those without teams below them."""
        parents = {node.parent for node in self.nodes}
        return [node for node in self.nodes[1:] if node.id not in parents]

    def level(self, node: ResultNode | None, item: Capability) -> Cell | None:
        return self.cells.get(node.id, "capability", item.slug) if node else None

    def score(self, node: ResultNode, item: Capability) -> float | None:
        cell = self.level(node, item)
        return cell.score if cell else None


@dataclass(frozen=True, slots=True)
class TeamOption:
    """A team that the reader can have highlighted."""

    id: str
    name: str
    selected: bool


@dataclass(frozen=True, slots=True)
class PracticeCell:
    """The level of one team in one practice, in the table."""

    score: str
    interval: str


@dataclass(frozen=True, slots=True)
class PracticeRow:
    name: str
    address: str
    picture: Svg
    score: str
    interval: str
    responses: str
    level: str  # its name
    highlighted: str  # the team that the reader chose, with its level
    ends: str  # the lowest and the highest team
    weakest: bool
    cells: tuple[PracticeCell, ...]  # of every team, in tree order


@dataclass(frozen=True, slots=True)
class PracticeGroup:
    """The practices of one principle."""

    name: str
    score: str  # "" where it is not shown
    rows: tuple[PracticeRow, ...]


@dataclass(frozen=True, slots=True)
class Practices:
    heading: str
    top: str  # name of the topmost team the reader may see
    finding: str
    groups: tuple[PracticeGroup, ...]
    scale: Svg
    teams: tuple[str, ...]  # names in the table, in tree order
    options: tuple[TeamOption, ...]
    hidden: str
    note: str
    cycle: str
    colophon: str


def practices(results: PracticeResults, *, highlighted: str, address: CapabilityUrl) -> Practices:
    """Return the practices. `highlighted` is the id of the team that the reader chose, or ""."""
    weakest = _weakest(results)
    hidden = [node.name for node in results.nodes if not node.shown]
    return Practices(
        heading=_heading(results, weakest),
        top=results.top.name if results.top else "",
        finding=_finding(results),
        groups=tuple(
            PracticeGroup(
                dimension.name.in_(results.language),
                _dimension_score(results, dimension),
                tuple(
                    _row(item, results, highlighted, address, weakest=item == weakest)
                    for item in dimension.capabilities
                    if results.top
                ),
            )
            for dimension in results.cycle.rubric.dimensions
        ),
        scale=plot_scale(),
        teams=tuple(node.name for node in results.nodes[1:]),
        options=tuple(
            TeamOption(str(node.id), node.name, str(node.id) == highlighted)
            for node in results.teams
            if node.shown
        ),
        hidden=pgettext("teams", "Hidden for anonymity: %(names)s.")
        % {"names": headlines.join_names(hidden)}
        if hidden
        else "",
        note=range_note(results.cells),
        cycle=results.cycle.name,
        colophon=headlines.colophon(results.cycle, results.closed_on),
    )


def _dimension_score(results: PracticeResults, dimension: Dimension) -> str:
    cell = results.cells.get(results.top.id, "value", dimension.slug) if results.top else None
    return formatting.score(cell) if cell and cell.score is not None else ""


def _weakest(results: PracticeResults) -> Capability | None:
    """Return the lowest practice of the topmost team the reader may see."""
    scored = [
        (score, item)
        for item in results.cycle.rubric.capabilities
        if results.top and (score := results.score(results.top, item)) is not None
    ]
    return min(scored, key=lambda pair: pair[0])[1] if scored else None


def _heading(results: PracticeResults, weakest: Capability | None) -> str:
    if results.top is None:
        return _("How our teams want to work together.")
    if weakest is None:
        return _("Not enough responses to show how the principles are practiced.")
    level = formatting.score(results.level(results.top, weakest))
    parameters = {"practice": weakest.name.in_(results.language), "level": level}
    return _("Weakest practice: %(practice)s (%(level)s).") % parameters


def _row(
    item: Capability,
    results: PracticeResults,
    highlighted: str,
    address: CapabilityUrl,
    *,
    weakest: bool,
) -> PracticeRow:
    cell = results.level(results.top, item)
    chosen = next((node for node in results.teams if str(node.id) == highlighted), None)
    dots = [
        TeamDot(score, _named_level(results, node, item), highlighted=node == chosen)
        for node in results.teams
        if (score := results.score(node, item)) is not None
    ]
    return PracticeRow(
        name=item.name.in_(results.language),
        address=address(item.slug),
        picture=dot_plot(cell.score if cell else None, dots, weakest=weakest),
        score=formatting.score(cell),
        interval=formatting.interval(cell),
        responses=formatting.cell_responses(cell),
        level=formatting.level(cell, level_names(results.cycle.rubric, results.language)),
        highlighted=_named_level(results, chosen, item) if chosen else "",
        ends=_ends(results, item),
        weakest=weakest,
        cells=tuple(
            PracticeCell(formatting.score(each), formatting.interval(each))
            for each in (results.level(node, item) for node in results.nodes[1:])
        ),
    )


def _named_level(results: PracticeResults, node: ResultNode, item: Capability) -> str:
    return f"{node.name} {formatting.score(results.level(node, item))}"


def _ends(results: PracticeResults, item: Capability) -> str:
    """Return the lowest and the highest team: Performance 2.3 – Brand 3.3."""
    scored = [
        (score, node) for node in results.teams if (score := results.score(node, item)) is not None
    ]
    if len(scored) < 2:
        return ""
    ends = (pick(scored, key=lambda pair: pair[0])[1] for pick in (min, max))
    return " – ".join(_named_level(results, node, item) for node in ends)


def _finding(results: PracticeResults) -> str:
    """Return which team is lowest most often, and on which practice the teams differ most."""
    lowest: dict[str, int] = {}
    spreads = []
    for item in results.cycle.rubric.capabilities:
        scored = sorted(
            (score, node.name)
            for node in results.teams
            if (score := results.score(node, item)) is not None
        )
        if len(scored) < 2:
            continue
        if scored[0][0] < scored[1][0]:
            lowest[scored[0][1]] = lowest.get(scored[0][1], 0) + 1
        spreads.append((scored[-1][0] - scored[0][0], item, scored[0][0], scored[-1][0]))
    return " ".join(
        text for text in (_lowest(lowest, len(spreads)), _widest(spreads, results)) if text
    )


def _lowest(lowest: dict[str, int], total: int) -> str:
    team, count = max(lowest.items(), key=lambda pair: pair[1], default=("", 0))
    if count < MANY_LOWEST:
        return ""
    return ngettext(
        "%(team)s is lowest on %(count)s of %(total)s practice.",
        "%(team)s is lowest on %(count)s of %(total)s practices.",
        total,
    ) % {"team": team, "count": count, "total": total}


def _widest(
    spreads: Sequence[tuple[float, Capability, float, float]], results: PracticeResults
) -> str:
    size, item, low, high = max(spreads, key=lambda row: row[0], default=(0.0, None, 0.0, 0.0))
    if item is None or size < 1.0:
        return ""
    values = {"low": formatting.points(low), "high": formatting.points(high)}
    return _("Teams differ most on %(practice)s: %(low)s to %(high)s.") % {
        "practice": item.name.in_(results.language),
        **values,
    }
