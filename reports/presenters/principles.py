"""The three principles in the organization's own words, each with the levels its teams practise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode
from assessments.rubrics import Capability, Dimension
from assessments.scoring.cell import Cell
from organizations.models import Principle
from organizations.text import in_language
from reports import formatting
from reports.presenters import headlines
from reports.presenters.shared import CapabilityUrl, level_names
from reports.presenters.teams import MAX_INDENT


@dataclass(frozen=True, slots=True)
class PracticeResults:
    """What one reader may see of the latest cycle about collaboration."""

    cycle: ClosedCycle
    nodes: Sequence[ResultNode]  # those the reader may see, in tree order
    cells: PublishedCells  # of these nodes
    closed_on: str


@dataclass(frozen=True, slots=True)
class PracticeCell:
    """The level of one team in one practice."""

    kind: str  # shown, hidden, empty
    text: str
    step: int = 1
    interval: str = ""


@dataclass(frozen=True, slots=True)
class PracticeTeamRow:
    name: str
    depth: int
    leaf: bool
    cells: tuple[PracticeCell, ...]
    reason: str  # why nothing of the team is shown


@dataclass(frozen=True, slots=True)
class PracticeSummary:
    name: str
    address: str
    level: str  # level and interval in words, of the topmost team the reader may see


@dataclass(frozen=True, slots=True)
class PrincipleSection:
    """One principle: its wording, its owner, and its four practices by team."""

    number: int
    name: str
    wording: str
    methods: tuple[str, ...]
    owner: str
    review_on: date | None
    overdue: bool
    practices: tuple[PracticeSummary, ...]
    teams: tuple[PracticeTeamRow, ...]


@dataclass(frozen=True, slots=True)
class PrinciplesPage:
    eyebrow: str
    heading: str
    sections: tuple[PrincipleSection, ...]
    colophon: str


def principles_page(
    principles: Sequence[Principle],
    dimensions: Sequence[Dimension],
    results: PracticeResults | None,
    *,
    today: date,
    language: str,
    address: CapabilityUrl,
) -> PrinciplesPage:
    """Return the page. `dimensions` are those of the collaboration rubric, in the order of the
    principles; without `results` the page shows the wording alone."""
    return PrinciplesPage(
        eyebrow=_("Three principles"),
        heading=_heading(results, language),
        sections=tuple(
            _principle_section(principle, dimension, results, today, language, address)
            for principle, dimension in zip(principles, dimensions, strict=False)
        ),
        colophon=_colophon(results),
    )


def _colophon(results: PracticeResults | None) -> str:
    if results is None:
        return ""
    return headlines.colophon(results.cycle, results.closed_on)


def _heading(results: PracticeResults | None, language: str) -> str:
    """Return a headline that names the lowest practice of the topmost team the reader may see."""
    if results is None or not results.nodes:
        return _("How our teams want to work together.")
    top = results.nodes[0]
    scored = [
        (cell.score, item, cell)
        for item in results.cycle.rubric.capabilities
        if (cell := results.cells.get(top.id, "capability", item.slug)) and cell.score is not None
    ]
    if not scored:
        return _("Not enough responses to show how the principles are practiced.")
    _score, item, cell = min(scored, key=lambda row: row[0])
    parameters = {"practice": item.name.in_(language), "level": formatting.score(cell)}
    return _("Weakest practice: %(practice)s (%(level)s).") % parameters


def _principle_section(
    principle: Principle,
    dimension: Dimension,
    results: PracticeResults | None,
    today: date,
    language: str,
    address: CapabilityUrl,
) -> PrincipleSection:
    return PrincipleSection(
        number=principle.number,
        name=dimension.name.in_(language),
        wording=in_language(principle.wording, language),
        methods=tuple(
            line for line in in_language(principle.methods, language).splitlines() if line.strip()
        ),
        owner=principle.owner.name if principle.owner else "",
        review_on=principle.review_on,
        overdue=principle.review_on is not None and principle.review_on < today,
        practices=_practice_summaries(dimension, results, language, address) if results else (),
        teams=_team_rows(dimension, results) if results else (),
    )


def _practice_summaries(
    dimension: Dimension, results: PracticeResults, language: str, address: CapabilityUrl
) -> tuple[PracticeSummary, ...]:
    names = level_names(results.cycle.rubric, language)

    def says(item: Capability) -> str:
        cell = results.cells.get(results.nodes[0].id, "capability", item.slug)
        return formatting.join_parts(formatting.cell_summary(cell), formatting.level(cell, names))

    return tuple(
        PracticeSummary(item.name.in_(language), address(item.slug), says(item))
        for item in dimension.capabilities
        if results.nodes
    )


def _team_rows(dimension: Dimension, results: PracticeResults) -> tuple[PracticeTeamRow, ...]:
    parents = {node.parent for node in results.nodes}
    return tuple(
        _team_row(node, dimension, results, leaf=node.id not in parents) for node in results.nodes
    )


def _team_row(
    node: ResultNode, dimension: Dimension, results: PracticeResults, *, leaf: bool
) -> PracticeTeamRow:
    cells = [results.cells.get(node.id, "capability", item.slug) for item in dimension.capabilities]
    shown = any(cell is not None and cell.score is not None for cell in cells)
    parameters = {"threshold": results.cycle.threshold}
    return PracticeTeamRow(
        name=node.name,
        depth=min(node.depth, MAX_INDENT),
        leaf=leaf,
        cells=tuple(map(_practice_cell, cells)) if shown else (),
        reason=""
        if shown
        else _("Hidden for anonymity. Shown for groups of %(threshold)s or more.") % parameters,
    )


def _practice_cell(cell: Cell | None) -> PracticeCell:
    if cell is None or cell.score is None:
        return PracticeCell(
            "hidden" if formatting.is_hidden(cell) else "empty", formatting.missing_reason(cell)
        )
    return PracticeCell("shown", formatting.score(cell), cell.level or 1, formatting.interval(cell))
