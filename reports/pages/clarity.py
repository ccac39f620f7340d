"""Do we know who does what, and why? Two capabilities as two voices, team and leader."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments.results.queries import ClosedCycle
from assessments.rubrics import Capability
from assessments.scoring.cell import Cell
from reports import wording
from reports.charts import Svg
from reports.pages.evidence import Evidence
from reports.pages.parts import Address, Leader, leader, picture

AGENDA = "growth-agenda"
RIGHTS = "decision-rights"


@dataclass(frozen=True, slots=True)
class Voice:
    who: str
    says: str


@dataclass(frozen=True, slots=True)
class Clarity:
    """Half of the role-clarity pair: team and leader, each answered in the rubric's own words."""

    name: str
    address: str
    picture: Svg | None = None
    side: str = "none"
    verdict: str = ""
    voices: tuple[Voice, ...] = ()
    missing: str = ""


def role_clarity(seen: Evidence, address: Address, partner: Address) -> tuple[Clarity, ...]:
    """`growth-agenda` from the main rubric, `decision-rights` from the one about collaboration."""
    halves = ((seen.now, AGENDA, address), (seen.partner, RIGHTS, partner))
    found = [
        _half(cycle, slug, seen, where) if cycle else _never_asked()
        for cycle, slug, where in halves
    ]
    return tuple(one for one in found if one is not None)


def _never_asked() -> Clarity:
    return Clarity(
        _("Clear decision rights"),
        "",
        missing=_("Never asked. The collaboration rubric asks it: plan a cycle with it."),
    )


def _half(cycle: ClosedCycle, slug: str, seen: Evidence, address: Address) -> Clarity | None:
    item = cycle.rubric.capability(slug)
    if item is None:
        return None
    cell = seen.item(slug, cycle)
    name, place = item.name.in_(seen.language), address(slug)
    if cell is None or cell.score is None:
        return Clarity(name, place, missing=wording.missing(cell))
    other = leader(cell)
    return Clarity(
        name=name,
        address=place,
        picture=picture(cell, leader=other.level if other else None, width=420),
        side=wording.side(cell),
        verdict=_verdict(other),
        voices=_voices(item, cell, other, seen.language),
    )


def _verdict(other: Leader | None) -> str:
    if other is None:
        return _("No leader's answer to set beside the team's.")
    told = wording.story(other.story)
    if other.apart is None or (told and not other.far):
        return told
    apart = wording.apart(other.apart, other.apart_bound)
    return f"{told}: {apart}" if told else apart


def _voices(item: Capability, cell: Cell, other: Leader | None, language: str) -> tuple[Voice, ...]:
    """Each level answered by its own sentence from the rubric."""
    texts = {one.level: one.in_(language) for one in item.levels}
    voices = []
    if cell.level is not None:
        who = _("Team, %(level)s") % {"level": wording.score(cell)}
        voices.append(Voice(who, texts[cell.level]))
    if other is not None:
        level = {"level": wording.bounded(other.level, other.bound)}
        who = (_("Leaders, %(level)s") if other.together else _("Leader, %(level)s")) % level
        voices.append(Voice(who, texts[min(5, max(1, round(other.level)))]))
    return tuple(voices)
