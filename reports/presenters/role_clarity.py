"""Do we know who does what, and why? Two capabilities as two voices, team and leader."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle
from assessments.rubrics import Capability
from assessments.scoring.cell import Cell
from reports import formatting
from reports.charts import Svg
from reports.presenters.evidence import OrganizationResults
from reports.presenters.shared import CapabilityUrl, LeaderAnswer, leader_answer, level_chart

GROWTH_AGENDA = "growth-agenda"
DECISION_RIGHTS = "decision-rights"


@dataclass(frozen=True, slots=True)
class LevelStatement:
    who: str
    says: str


@dataclass(frozen=True, slots=True)
class RoleClarity:
    """Half of the role-clarity pair: team and leader, each answered in the rubric's own words."""

    name: str
    address: str
    picture: Svg | None = None
    side: str = "none"
    verdict: str = ""
    voices: tuple[LevelStatement, ...] = ()
    missing: str = ""


def role_clarity(
    seen: OrganizationResults, address: CapabilityUrl, partner: CapabilityUrl
) -> tuple[RoleClarity, ...]:
    """`growth-agenda` from the main rubric, `decision-rights` from the one about collaboration."""
    halves = ((seen.now, GROWTH_AGENDA, address), (seen.partner, DECISION_RIGHTS, partner))
    found = [
        _half(cycle, slug, seen, where) if cycle else _never_asked()
        for cycle, slug, where in halves
    ]
    return tuple(one for one in found if one is not None)


def _never_asked() -> RoleClarity:
    return RoleClarity(
        _("Clear decision rights"),
        "",
        missing=_("Never asked. The collaboration rubric asks it: plan a cycle with it."),
    )


def _half(
    cycle: ClosedCycle, slug: str, seen: OrganizationResults, address: CapabilityUrl
) -> RoleClarity | None:
    item = cycle.rubric.capability(slug)
    if item is None:
        return None
    cell = seen.item(slug, cycle)
    name, place = item.name.in_(seen.language), address(slug)
    if cell is None or cell.score is None:
        return RoleClarity(name, place, missing=formatting.missing_reason(cell))
    other = leader_answer(cell)
    return RoleClarity(
        name=name,
        address=place,
        picture=level_chart(cell, leader=other.level if other else None, width=420),
        side=formatting.need_side(cell),
        verdict=_verdict(other),
        voices=_voices(item, cell, other, seen.language),
    )


def _verdict(other: LeaderAnswer | None) -> str:
    if other is None:
        return _("No leader's answer to set beside the team's.")
    told = formatting.leader_comparison(other.story)
    if other.apart is None or (told and not other.far):
        return told
    apart = formatting.distance(other.apart, other.distance_bound)
    return f"{told}: {apart}" if told else apart


def _voices(
    item: Capability, cell: Cell, other: LeaderAnswer | None, language: str
) -> tuple[LevelStatement, ...]:
    """Each level answered by its own sentence from the rubric."""
    texts = {one.level: one.in_(language) for one in item.levels}
    voices = []
    if cell.level is not None:
        who = _("Team, %(level)s") % {"level": formatting.score(cell)}
        voices.append(LevelStatement(who, texts[cell.level]))
    if other is not None:
        level = {"level": formatting.with_bound(other.level, other.bound)}
        who = (_("Leaders, %(level)s") if other.together else _("Leader, %(level)s")) % level
        voices.append(LevelStatement(who, texts[min(5, max(1, round(other.level)))]))
    return tuple(voices)
