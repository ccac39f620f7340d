"""The three principles in the organization's own words, each beside what its teams practise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode
from assessments.rubrics import Capability, Dimension
from assessments.scoring.cell import Cell
from organizations.models import Principle
from reports import formatting
from reports.presenters import headlines
from reports.presenters.shared import CapabilityUrl, level_names
from reports.presenters.teams import MAX_INDENT


@dataclass(frozen=True, slots=True)
class PracticeResults:
    """What the latest cycle about collaboration shows to one reader."""

    cycle: ClosedCycle
    nodes: Sequence[ResultNode]  # what the reader may see, in tree order
    cells: PublishedCells  # of these nodes
    closed_on: str


@dataclass(frozen=True, slots=True)
class PracticeCell:
    """One team on one practice."""

    kind: str  # shown, hidden, empty
    text: str
    step: int = 1
    honest: str = ""


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
    says: str  # what level and interval mean in words, for the whole that the reader sees


@dataclass(frozen=True, slots=True)
class PrincipleSection:
    """One principle: its words, who answers for it, and its four practices by team."""

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
    said: tuple[PrincipleSection, ...]
    colophon: str


def principles_page(
    rows: Sequence[Principle],
    dimensions: Sequence[Dimension],
    practised: PracticeResults | None,
    *,
    today: date,
    language: str,
    address: CapabilityUrl,
) -> PrinciplesPage:
    """`dimensions` are those of the collaboration rubric, in the order of the principles."""
    return PrinciplesPage(
        eyebrow=_("Three principles"),
        heading=_heading(practised, language),
        said=tuple(
            _said(row, one, practised, today, language, address)
            for row, one in zip(rows, dimensions, strict=False)
        ),
        colophon=_colophon(practised),
    )


def _colophon(practised: PracticeResults | None) -> str:
    if practised is None:
        return ""
    return headlines.colophon(
        cycle=practised.cycle.name,
        closed=practised.closed_on,
        version=practised.cycle.rubric.version,
        threshold=practised.cycle.threshold,
    )


def _heading(practised: PracticeResults | None, language: str) -> str:
    """The practice that stands lowest where the reader may look."""
    if practised is None or not practised.nodes:
        return _("How our teams want to work together.")
    top = practised.nodes[0]
    found = [
        (cell.score, item, cell)
        for item in practised.cycle.rubric.capabilities
        if (cell := practised.cells.get(top.id, "capability", item.slug)) and cell.score is not None
    ]
    if not found:
        return _("Too few answers to say how the principles are practised.")
    _score, item, cell = min(found, key=lambda one: one[0])
    told = {"practice": item.name.in_(language), "level": formatting.score(cell)}
    return _("Practised least: %(practice)s (%(level)s).") % told


def _said(
    row: Principle,
    one: Dimension,
    practised: PracticeResults | None,
    today: date,
    language: str,
    address: CapabilityUrl,
) -> PrincipleSection:
    return PrincipleSection(
        number=row.number,
        name=one.name.in_(language),
        wording=row.wording[language],
        methods=tuple(line for line in row.methods[language].splitlines() if line.strip()),
        owner=row.owner.name if row.owner else "",
        review_on=row.review_on,
        overdue=row.review_on is not None and row.review_on < today,
        practices=_practices(one, practised, language, address) if practised else (),
        teams=_teams(one, practised) if practised else (),
    )


def _practices(
    one: Dimension, practised: PracticeResults, language: str, address: CapabilityUrl
) -> tuple[PracticeSummary, ...]:
    names = level_names(practised.cycle.rubric, language)

    def says(item: Capability) -> str:
        cell = practised.cells.get(practised.nodes[0].id, "capability", item.slug)
        return formatting.join_parts(formatting.cell_summary(cell), formatting.level(cell, names))

    return tuple(
        PracticeSummary(item.name.in_(language), address(item.slug), says(item))
        for item in one.capabilities
        if practised.nodes
    )


def _teams(one: Dimension, practised: PracticeResults) -> tuple[PracticeTeamRow, ...]:
    parents = {node.parent for node in practised.nodes}
    return tuple(
        _team(node, one, practised, leaf=node.id not in parents) for node in practised.nodes
    )


def _team(
    node: ResultNode, one: Dimension, practised: PracticeResults, *, leaf: bool
) -> PracticeTeamRow:
    found = [practised.cells.get(node.id, "capability", item.slug) for item in one.capabilities]
    shown = any(cell is not None and cell.score is not None for cell in found)
    least = {"threshold": practised.cycle.threshold}
    return PracticeTeamRow(
        name=node.name,
        depth=min(node.depth, MAX_INDENT),
        leaf=leaf,
        cells=tuple(map(_cell, found)) if shown else (),
        reason="" if shown else _("Not enough answers. Shown from %(threshold)s people.") % least,
    )


def _cell(cell: Cell | None) -> PracticeCell:
    if cell is None or cell.score is None:
        return PracticeCell(
            "hidden" if formatting.is_hidden(cell) else "empty", formatting.missing_reason(cell)
        )
    return PracticeCell("shown", formatting.score(cell), cell.level or 1, formatting.interval(cell))
