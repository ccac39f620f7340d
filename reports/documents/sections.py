"""Sections of a report: findings with their ladders, teams, priorities, the reading guide, headings."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessments.results.queries import PublishedCells, ResultNode
from assessments.rubrics import Capability
from assessments.scoring.cell import Cell
from reports import formatting
from reports.documents.document import (
    ReportFinding,
    ReportHeatmapCell,
    ReportLadderStep,
    ReportPriority,
    ReportTeamRow,
    ReportTeams,
)
from reports.presenters.capability import capability_detail
from reports.presenters.evidence import CapabilityCell, OrganizationResults
from reports.presenters.home import excesses, shortfalls
from reports.presenters.shared import detail_of, level_chart
from reports.presenters.teams import HeatmapRow, TeamResults, teams_page

MAX_SHORTFALLS = 3  # shortfalls with a page of their own, besides the widest excess
MAX_PRIORITIES = 12


def findings(results: OrganizationResults) -> tuple[ReportFinding, ...]:
    capability_cells = results.capability_cells()
    selected = [*shortfalls(capability_cells)[:MAX_SHORTFALLS], *excesses(capability_cells)[:1]]
    return tuple(_finding(item, cell, results) for item, cell in selected if cell is not None)


def _finding(item: Capability, cell: Cell, results: OrganizationResults) -> ReportFinding:
    name, leader = item.name.in_(results.language), cell.detail.leader_rating
    detail = capability_detail(item, cell, results.importance(item.slug), results.language)
    chart = level_chart(cell, leader=leader.level if leader else None, width=420)
    return ReportFinding(
        claim=_("%(capability)s: %(gap)s") % {"capability": name, "gap": formatting.gap(cell)},
        name=name,
        value=results.now.rubric.dimension_of(item.slug).name.in_(results.language),
        side=detail.side,
        picture=str(chart),
        score=formatting.score(cell),
        honest=detail.measurement,
        need=formatting.need(cell),
        gap=formatting.gap(cell),
        leader=detail.leader,
        ladder=tuple(
            ReportLadderStep(step.level, step.text, step.note, step.current, step.count)
            for step in detail.ladder
        ),
        suggestion=detail.suggestion,
        reasons=detail.reasons,
    )


def teams(
    results: OrganizationResults, nodes: tuple[ResultNode, ...], cells: PublishedCells
) -> ReportTeams:
    team_results = TeamResults(
        cycle=results.now,
        nodes=nodes,
        cells=cells,
        opened=None,
        closed_on=results.closed_on,
        language=results.language,
    )
    page = teams_page(team_results, cell_url=lambda _node, _slug: "", address=lambda _slug: "")
    return ReportTeams(
        finding=page.heading,
        columns=tuple(column.name for column in page.columns),
        lines=tuple(_team_row(team) for team in page.teams),
    )


def _team_row(team: HeatmapRow) -> ReportTeamRow:
    return ReportTeamRow(
        name=team.name,
        depth=team.depth,
        answered=formatting.response_count(team.n, team.invited),
        spots=tuple(
            ReportHeatmapCell(cell.kind, cell.gap or cell.reason, cell.level, cell.need_step)
            for cell in team.cells
        ),
        reason=team.reason,
    )


def priorities(results: OrganizationResults) -> tuple[ReportPriority, ...]:
    """Return the first priorities, by rank, of the capabilities that can be ranked."""
    ranked = [
        (pair, priority)
        for pair in results.capability_cells()
        if (priority := detail_of(pair[1]).priority) is not None
    ]
    ordered = sorted(ranked, key=lambda entry: entry[1].rank)[:MAX_PRIORITIES]
    return tuple(_priority_row(pair, results) for pair, _priority in ordered)


def _priority_row(pair: CapabilityCell, results: OrganizationResults) -> ReportPriority:
    item, cell = pair
    priority = detail_of(cell).priority
    assert priority is not None
    return ReportPriority(
        rank=priority.rank,
        name=item.name.in_(results.language),
        value=results.now.rubric.dimension_of(item.slug).name.in_(results.language),
        score=formatting.score(cell),
        need=formatting.need(cell),
        gap=formatting.gap(cell),
        side=formatting.need_side(cell),
        suggestion=formatting.decision(priority.suggestion),
        firm=formatting.rank_stability(priority.stability),
    )


def reading_guide(results: OrganizationResults) -> tuple[str, ...]:
    """Return how to read the numbers, in sentences that a director can repeat."""
    least = {"threshold": results.now.threshold}
    return (
        _("People rated each capability on five levels, from 1 (ad hoc) to 5 (leading)."),
        _(
            "The needed level is the target that leaders set or, where they set none, the "
            "importance people gave."
        ),
        _("Fit shows how closely levels match needed levels. You don't need a 5 everywhere."),
        _("Ranges are 95 percent confidence intervals."),
        _("We report a change only when it is statistically significant."),
        _("Groups under %(threshold)s are hidden; leader responses are kept separate.") % least,
    )


def headings() -> dict[str, str]:
    """Return the headings, by section or column."""
    return {
        "answered": pgettext("share of people", "Response rate"),
        "before": _("Last survey"),
        "others": _("Also measured"),
        "capability": _("Capability"),
        "changes": _("Significant changes"),
        "clarity": _("Role clarity"),
        "due": _("Upcoming"),
        "findings": _("Gaps and over-investment"),
        "high confidence": _("Top five"),
        "gap": _("Gap"),
        "level": _("Level"),
        "needed level": _("Needed level"),
        "ranked": _("By priority"),
        "reading": _("How to read this"),
        "suggestion": _("Suggestion"),
        "team": _("Team"),
        "teams": _("Teams"),
        "value": _("Value"),
    }
