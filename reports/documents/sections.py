"""The sections of a report: each function makes one of them, of rows as the pages show them."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from assessments.results.queries import PublishedCells, ResultNode
from assessments.rubrics import Capability
from assessments.scoring.cell import Cell
from reports import caveats, formatting
from reports.charts import Svg
from reports.documents.document import (
    ChangeSection,
    Finding,
    FindingSection,
    KeyFigureSection,
    PrioritySection,
    ReadingGuideSection,
    ReportPart,
    RoleClaritySection,
    RubricSection,
    TeamSection,
    ValueSection,
)
from reports.presenters.capability import capability_detail
from reports.presenters.evidence import CapabilityCell, OrganizationResults
from reports.presenters.home import HomePage, excesses, shortfalls
from reports.presenters.shared import CapabilityRow, capability_row, level_chart
from reports.presenters.teams import TeamResults, teams_page

MAX_SHORTFALLS = 3  # shortfalls with a page of their own, besides the widest excess
MAX_PRIORITIES = 12


def no_address(_slug: str) -> str:
    return ""


def rubric(results: OrganizationResults, page: HomePage, rings_legend: str) -> RubricSection:
    """Return the beginning of the part on one rubric."""
    name = results.now.rubric.name.in_(results.language)
    summary = ReportPart(
        eyebrow=formatting.join_parts(name, page.eyebrow),
        lead=page.lead,
        rings=page.rings,
        rings_legend=rings_legend if page.rings else "",
        colophon=page.colophon,
    )
    return RubricSection(heading=page.heading, rows=(summary,))


def key_figures(page: HomePage) -> KeyFigureSection:
    return KeyFigureSection(heading=_("Four numbers"), rows=page.key_figures)


def changes(page: HomePage) -> ChangeSection:
    return ChangeSection(
        heading=_("Significant changes"), rows=page.changes, note=page.changes_note
    )


def findings(results: OrganizationResults) -> FindingSection:
    capability_cells = results.capability_cells()
    selected = [*shortfalls(capability_cells)[:MAX_SHORTFALLS], *excesses(capability_cells)[:1]]
    return FindingSection(
        heading=_("Gaps and over-investment"),
        rows=tuple(_finding(item, cell, results) for item, cell in selected if cell is not None),
    )


def _finding(item: Capability, cell: Cell, results: OrganizationResults) -> Finding:
    row, leader = _capability_row((item, cell), results), cell.detail.leader_rating
    chart = level_chart(cell, leader=leader.level if leader else None, width=420)
    return Finding(
        claim=_("%(capability)s: %(gap)s") % {"capability": row.name, "gap": row.gap},
        row=replace(row, picture=chart),
        detail=capability_detail(item, cell, results.importance(item.slug), results.language),
    )


def _capability_row(pair: CapabilityCell, results: OrganizationResults) -> CapabilityRow:
    item, cell = pair
    rubric = results.now.rubric
    return capability_row(item, cell, rubric, language=results.language, address=no_address)


def teams(
    results: OrganizationResults, nodes: tuple[ResultNode, ...], cells: PublishedCells
) -> TeamSection:
    team_results = TeamResults(
        cycle=results.now,
        nodes=nodes,
        cells=cells,
        opened=None,
        closed_on=results.closed_on,
        language=results.language,
    )
    page = teams_page(team_results, cell_url=lambda _node, _slug: "", address=no_address)
    return TeamSection(
        heading=page.heading,
        columns=(_("Team"), *(column.name for column in page.columns)),
        rows=tuple(row.team for row in page.rows),
    )


def priorities(results: OrganizationResults) -> PrioritySection:
    """Return the first priorities, by rank, of the capabilities that can be ranked."""
    rows = [_capability_row(pair, results) for pair in results.capability_cells()]
    ranked = sorted((row.rank, row.slug, row) for row in rows if row.rank is not None)
    return PrioritySection(
        heading=_("By priority"),
        columns=(
            _("Capability"),
            _("Level"),
            _("Needed level"),
            _("Gap"),
            _("Suggestion"),
            _("Top five"),
        ),
        rows=tuple(replace(row, picture=Svg()) for _rank, _slug, row in ranked[:MAX_PRIORITIES]),
    )


def role_clarity(page: HomePage) -> RoleClaritySection:
    return RoleClaritySection(heading=_("Role clarity"), rows=page.role_clarity)


def values(page: HomePage) -> ValueSection:
    return ValueSection(
        heading=_("Value"),
        columns=(_("Value"), _("Level"), _("Needed level"), _("Gap"), _("Last survey")),
        rows=page.values,
    )


def reading_guide(results: OrganizationResults) -> ReadingGuideSection:
    """Return how to read the numbers, in sentences that a director can repeat."""
    least = {"threshold": results.now.threshold}
    return ReadingGuideSection(
        heading=_("How to read this"),
        rows=(
            _("People rated each capability on five levels, from 1 (ad hoc) to 5 (leading)."),
            _(
                "The needed level is the target that leaders set or, where they set none, the "
                "importance people gave."
            ),
            _("Fit shows how closely levels match needed levels. You don't need a 5 everywhere."),
            _("Ranges are 95 percent confidence intervals."),
            caveats.small_groups(),
            _("We report a change only when it is statistically significant."),
            _("Groups under %(threshold)s are hidden; leader responses are kept separate.") % least,
        ),
    )
