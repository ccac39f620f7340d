"""Role clarity: two capabilities about who does what and why, each with the team's and the leader's
answer in the rubric's own words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle
from assessments.rubrics import COLLABORATION_RUBRIC, Capability, built_in
from assessments.scoring.cell import Cell, LeaderRating
from reports import formatting
from reports.charts import Svg
from reports.presenters.evidence import OrganizationResults
from reports.presenters.shared import CapabilityUrl, level_chart

GROWTH_AGENDA = "growth-agenda"
DECISION_RIGHTS = "decision-rights"


@dataclass(frozen=True, slots=True)
class LevelStatement:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class RoleClarity:
    """One of the two capabilities: the levels of team and leader as the rubric's own sentences."""

    name: str
    address: str
    picture: Svg | None = None
    side: str = "none"
    verdict: str = ""
    statements: tuple[LevelStatement, ...] = ()
    missing_reason: str = ""


def role_clarity(
    results: OrganizationResults, address: CapabilityUrl, collaboration_address: CapabilityUrl
) -> tuple[RoleClarity, ...]:
    """Return `growth-agenda` of the main rubric and `decision-rights` of the collaboration rubric.

    A capability that its rubric does not have is left out, both beside a rubric that has neither.
    """
    if not any(map(results.now.rubric.capability, (GROWTH_AGENDA, DECISION_RIGHTS))):
        return ()
    sources = (
        (results.now, GROWTH_AGENDA, address),
        (results.collaboration, DECISION_RIGHTS, collaboration_address),
    )
    rows = [
        _capability_clarity(cycle, slug, results, capability_url)
        if cycle
        else _never_asked(slug, results.language)
        for cycle, slug, capability_url in sources
    ]
    return tuple(row for row in rows if row is not None)


def _never_asked(slug: str, language: str) -> RoleClarity | None:
    """Return a note in the place of a capability of the built-in collaboration rubric."""
    item = built_in(COLLABORATION_RUBRIC).capability(slug)
    if item is None:
        return None
    return RoleClarity(
        item.name.in_(language),
        "",
        missing_reason=_(
            "Not measured yet. Plan a survey with the collaboration rubric to see this."
        ),
    )


def _capability_clarity(
    cycle: ClosedCycle, slug: str, results: OrganizationResults, address: CapabilityUrl
) -> RoleClarity | None:
    item = cycle.rubric.capability(slug)
    if item is None:
        return None
    cell = results.item(slug, cycle)
    name, page_address = item.name.in_(results.language), address(slug)
    if cell is None or cell.score is None:
        return RoleClarity(name, page_address, missing_reason=formatting.missing_reason(cell))
    leader = cell.detail.leader_rating
    return RoleClarity(
        name=name,
        address=page_address,
        picture=level_chart(cell, leader=leader.level if leader else None, width=420),
        side=formatting.need_side(cell),
        verdict=_verdict(leader),
        statements=_level_statements(item, cell, leader, results.language),
    )


def _verdict(leader: LeaderRating | None) -> str:
    if leader is None:
        return _("No leader response to compare.")
    comparison = formatting.leader_comparison(leader.story)
    if leader.gap is None or (comparison and leader.flag == "in_line"):
        return comparison
    apart = formatting.distance(leader.gap)
    return f"{comparison}: {apart}" if comparison else apart


def _level_statements(
    item: Capability, cell: Cell, leader: LeaderRating | None, language: str
) -> tuple[LevelStatement, ...]:
    """Return the levels of team and leader, each with its sentence from the rubric."""
    texts = {step.level: step.in_(language) for step in item.levels}
    statements = []
    if cell.level is not None:
        who = _("Team, %(level)s") % {"level": formatting.score(cell)}
        statements.append(LevelStatement(who, texts[cell.level]))
    if leader is not None:
        level = {"level": formatting.points(leader.level)}
        who = (
            _("All leaders, %(level)s") if leader.is_together else _("Leader, %(level)s")
        ) % level
        statements.append(LevelStatement(who, texts[min(5, max(1, round(leader.level)))]))
    return tuple(statements)
