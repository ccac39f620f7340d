"""The report as a whole: what stands in it, and in which order. Every number goes through the one
formatter of the pages; what the numbers do not bear is not said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.results.queries import PublishedCells, ResultNode
from reports.documents import sections
from reports.documents.document import (
    Document,
    ReportChange,
    ReportFact,
    ReportFigure,
    ReportRoleClarity,
    ReportValueRow,
)
from reports.presenters import home as first_page
from reports.presenters.evidence import OrganizationResults
from reports.presenters.home import HomePage
from reports.presenters.key_figures import KeyFigure
from reports.presenters.role_clarity import RoleClarity


@dataclass(frozen=True, slots=True)
class DueCycle:
    name: str
    state: Literal["open", "planned"]
    on: date | None


@dataclass(frozen=True, slots=True)
class OtherCycle:
    name: str
    on: date


@dataclass(frozen=True, slots=True)
class ReportContext:
    """Why and when the report is made."""

    organization: str
    made_on: date
    period_from: date | None  # the slot of the report before
    late: timedelta  # zero: in time
    time_zone: str
    due: tuple[DueCycle, ...]
    others: tuple[OtherCycle, ...]  # of other rubrics, whose numbers the report does not tell


@dataclass(frozen=True, slots=True)
class TeamMatrix:
    """The tree of the latest cycle and its published values."""

    nodes: tuple[ResultNode, ...]
    cells: PublishedCells


def write_document(
    seen: OrganizationResults | None,
    teams: TeamMatrix | None,
    occasion: ReportContext,
    *,
    new: bool,
    language: str,
) -> Document:
    """Call with this language active. Without anything new: one page that lists what is due."""
    if seen is None or not new:
        return _short(seen, occasion, language)
    page = first_page.home_page(seen, address=_nowhere, partner=_nowhere)
    return Document(
        language=language,
        organization=occasion.organization,
        made_on=_day(occasion.made_on),
        eyebrow=page.eyebrow,
        title=page.heading,
        lead=page.lead,
        late=_late(occasion),
        is_new=True,
        rings=str(page.rings or ""),
        rings_say=_rings_say(page),
        cycles=page.cycles,
        lines=tuple(_line(one) for one in page.lines),
        figures=tuple(_figure(one) for one in page.numbers),
        changes=tuple(_changed(one) for one in page.changes),
        changes_note=page.changes_note,
        findings=sections.findings(seen),
        clarity=tuple(_voices(one) for one in page.clarity),
        teams=sections.teams(seen, teams.nodes, teams.cells) if teams else None,
        ranked=sections.priorities(seen),
        others=_others(occasion),
        due=_due(occasion),
        due_note=_due_note(occasion),
        reading=sections.reading_guide(seen),
        colophon=page.colophon,
        words=sections.headings(),
    )


def _short(seen: OrganizationResults | None, occasion: ReportContext, language: str) -> Document:
    """Nothing was closed since the last report."""
    since = {"day": _day(occasion.period_from)} if occasion.period_from else None
    lead = _("Since the last report of %(day)s no cycle was closed.") % since if since else ""
    lead = "" if occasion.others else lead
    last = _("The numbers of the last report still hold: %(cycle)s, closed %(day)s.")
    known = last % {"cycle": seen.now.name, "day": seen.closed_on} if seen else ""
    return Document(
        language=language,
        organization=occasion.organization,
        made_on=_day(occasion.made_on),
        eyebrow=occasion.organization,
        title=_short_title(seen, occasion),
        lead=" ".join(text for text in (lead, known) if text),
        late=_late(occasion),
        is_new=False,
        rings="",
        rings_say="",
        cycles=(),
        lines=(),
        figures=(),
        changes=(),
        changes_note="",
        findings=(),
        clarity=(),
        teams=None,
        ranked=(),
        others=_others(occasion),
        due=_due(occasion),
        due_note=_due_note(occasion),
        reading=(),
        colophon="",
        words=sections.headings(),
    )


def _short_title(seen: OrganizationResults | None, occasion: ReportContext) -> str:
    if occasion.others:
        names = ", ".join(one.name for one in occasion.others)
        return _("Newly measured: %(cycles)s.") % {"cycles": names}
    return _("Nothing new was measured.") if seen else _("Nothing has been measured yet.")


def _nowhere(_slug: str) -> str:
    return ""


def _day(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")


def _late(occasion: ReportContext) -> str:
    if not occasion.late:
        return ""
    days, hours = occasion.late.days, round(occasion.late / timedelta(hours=1))
    if not days:
        text = ngettext(
            "This report was made %(hours)s hour later than planned.",
            "This report was made %(hours)s hours later than planned.",
            hours,
        )
        return text % {"hours": hours}
    text = ngettext(
        "This report was made %(days)s day later than planned.",
        "This report was made %(days)s days later than planned.",
        days,
    )
    return text % {"days": days}


def _others(occasion: ReportContext) -> tuple[ReportFact, ...]:
    return tuple(
        ReportFact(one.name, _("closed %(day)s") % {"day": _day(one.on)}) for one in occasion.others
    )


def _rings_say(page: HomePage) -> str:
    if not page.rings:
        return ""
    return _(
        "Each closed cycle is a ring, the newest drawn strongest; the dashed ring is what is needed. "
        "Orange: short of the need. Blue: over it."
    )


def _line(one: first_page.ValueRow) -> ReportValueRow:
    before = one.before[0].score if one.before else ""
    return ReportValueRow(one.name, one.score, one.honest, one.need, one.gap, before)


def _figure(one: KeyFigure) -> ReportFigure:
    return ReportFigure(one.name, one.figure, one.unit, one.change, one.side, one.honest)


def _changed(one: first_page.ChangedCapability) -> ReportChange:
    way = f"{one.before} → {one.now}" if one.before else one.now
    return ReportChange(one.name, one.side, str(one.picture), way, one.words)


def _voices(one: RoleClarity) -> ReportRoleClarity:
    said = tuple(ReportFact(voice.who, voice.says) for voice in one.voices)
    return ReportRoleClarity(one.name, str(one.picture or ""), one.verdict, said, one.missing)


def _due(occasion: ReportContext) -> tuple[ReportFact, ...]:
    return tuple(ReportFact(one.name, _when(one)) for one in occasion.due)


def _when(one: DueCycle) -> str:
    if one.on is None:
        return _("planned")
    day = {"day": _day(one.on)}
    return (
        _("open, closes %(day)s") % day
        if one.state == "open"
        else _("planned, closes %(day)s") % day
    )


def _due_note(occasion: ReportContext) -> str:
    return "" if occasion.due else _("No cycle is open or planned.")
