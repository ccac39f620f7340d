"""The parts of a report: findings with their ladders, teams, priorities, and how to read it."""

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
from reports.presenters import capability as one_of_them
from reports.presenters import teams as heat_map
from reports.presenters.evidence import CapabilityCell, OrganizationResults
from reports.presenters.home import excesses, shortfalls
from reports.presenters.shared import cell_priority, leader_answer, level_chart

MAX_SHORTFALLS = 3  # shortfalls that get a page of their own; and the widest excess
MAX_PRIORITIES = 12


def findings(seen: OrganizationResults) -> tuple[ReportFinding, ...]:
    asked = seen.asked()
    chosen = [*shortfalls(asked)[:MAX_SHORTFALLS], *excesses(asked)[:1]]
    return tuple(_finding(item, cell, seen) for item, cell in chosen if cell is not None)


def _finding(item: Capability, cell: Cell, seen: OrganizationResults) -> ReportFinding:
    name, other = item.name.in_(seen.language), leader_answer(cell)
    opened = one_of_them.capability_detail(item, cell, seen.importance(item.slug), seen.language)
    drawn = level_chart(cell, leader=other.level if other else None, width=420)
    return ReportFinding(
        claim=_("%(capability)s: %(gap)s") % {"capability": name, "gap": formatting.gap(cell)},
        name=name,
        value=seen.now.rubric.dimension_of(item.slug).name.in_(seen.language),
        side=opened.side,
        picture=str(drawn),
        score=formatting.score(cell),
        honest=opened.honest,
        need=formatting.need(cell),
        gap=formatting.gap(cell),
        leader=opened.leader,
        ladder=tuple(
            ReportLadderStep(one.level, one.text, one.note, one.here, one.count)
            for one in opened.ladder
        ),
        suggestion=opened.suggestion,
        reasons=opened.reasons,
    )


def teams(
    seen: OrganizationResults, nodes: tuple[ResultNode, ...], cells: PublishedCells
) -> ReportTeams:
    evidence = heat_map.TeamResults(
        cycle=seen.now,
        nodes=nodes,
        cells=cells,
        opened=None,
        closed_on=seen.closed_on,
        language=seen.language,
    )
    page = heat_map.teams_page(evidence, place=lambda _node, _slug: "", address=lambda _slug: "")
    return ReportTeams(
        finding=page.heading,
        columns=tuple(column.name for column in page.columns),
        lines=tuple(_team(team) for team in page.teams),
    )


def _team(team: heat_map.HeatmapRow) -> ReportTeamRow:
    return ReportTeamRow(
        name=team.name,
        depth=team.depth,
        answered=formatting.response_count(team.n, team.invited),
        spots=tuple(
            ReportHeatmapCell(cell.kind, cell.against or cell.reason, cell.level, cell.need_step)
            for cell in team.cells
        ),
        reason=team.reason,
    )


def priorities(seen: OrganizationResults) -> tuple[ReportPriority, ...]:
    """What to do first, as far as it can be ranked."""
    found = [(one, place) for one in seen.asked() if (place := cell_priority(one[1])) is not None]
    ordered = sorted(found, key=lambda each: each[1].rank)[:MAX_PRIORITIES]
    return tuple(_ranked(one, seen) for one, _place in ordered)


def _ranked(one: CapabilityCell, seen: OrganizationResults) -> ReportPriority:
    item, cell = one
    place = cell_priority(cell)
    assert place is not None
    return ReportPriority(
        rank=place.rank,
        name=item.name.in_(seen.language),
        value=seen.now.rubric.dimension_of(item.slug).name.in_(seen.language),
        score=formatting.score(cell),
        need=formatting.need(cell),
        gap=formatting.gap(cell),
        side=formatting.need_side(cell),
        suggestion=formatting.decision(place.suggestion),
        firm=formatting.rank_stability(place.firmness),
    )


def reading_guide(seen: OrganizationResults) -> tuple[str, ...]:
    """How to read the numbers, in sentences that a director can repeat."""
    least = {"threshold": seen.now.threshold}
    return (
        _("People rated each capability on five levels, from 1 (ad hoc) to 5 (leading)."),
        _("The need is what the leaders asked for; where they said nothing, the rated importance."),
        _("Fit says how closely level and need match; full marks everywhere is not the goal."),
        _("The range behind a number holds the true value in 95 of 100 cases."),
        _("A change is only spoken of where it is larger than chance could make it."),
        _("Nothing is shown of fewer than %(threshold)s people, leaders are never mixed in.")
        % least,
    )


def headings() -> dict[str, str]:
    """The headings, by what stands under them."""
    return {
        "answered": pgettext("share of people", "Answered"),
        "before": _("Last cycle"),
        "others": _("Also measured"),
        "capability": _("Capability"),
        "changes": _("What really changed"),
        "clarity": _("Do we know who does what, and why?"),
        "due": _("What is due"),
        "findings": _("Where we fall short, and where we do too much"),
        "firm": _("Among the first five"),
        "gap": _("Against need"),
        "level": _("Level"),
        "need": _("Need"),
        "ranked": _("By priority"),
        "reading": _("How to read this"),
        "suggestion": _("Suggestion"),
        "team": _("Team"),
        "teams": _("Teams"),
        "value": _("Value"),
    }
