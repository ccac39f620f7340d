"""The content of a report. Every number is formatted as on the pages, and nothing is claimed that the
numbers do not support.
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
from reports.presenters.evidence import OrganizationResults
from reports.presenters.home import ChangedCapability, HomePage, ValueRow, home_page
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
    late: timedelta  # zero: on time
    time_zone: str
    due: tuple[DueCycle, ...]
    others: tuple[OtherCycle, ...]  # of other rubrics, whose numbers are not in the report


@dataclass(frozen=True, slots=True)
class TeamMatrix:
    """The tree of the latest cycle and its published values."""

    nodes: tuple[ResultNode, ...]
    cells: PublishedCells


def write_document(
    results: OrganizationResults | None,
    teams: TeamMatrix | None,
    context: ReportContext,
    *,
    new: bool,
    language: str,
) -> Document:
    """Return the report. Call with this language active; without anything new the report is one page
    that lists what is due."""
    if results is None or not new:
        return _short_document(results, context, language)
    page = home_page(results, address=_no_address, collaboration_address=_no_address)
    return Document(
        language=language,
        organization=context.organization,
        made_on=_day(context.made_on),
        eyebrow=page.eyebrow,
        title=page.heading,
        lead=page.lead,
        late=_late_sentence(context),
        is_new=True,
        rings=str(page.rings or ""),
        rings_say=_rings_legend(page),
        cycles=page.cycles,
        lines=tuple(_value_row(row) for row in page.values),
        figures=tuple(_report_figure(figure) for figure in page.key_figures),
        changes=tuple(_report_change(change) for change in page.changes),
        changes_note=page.changes_note,
        findings=sections.findings(results),
        clarity=tuple(_report_clarity(clarity) for clarity in page.role_clarity),
        teams=sections.teams(results, teams.nodes, teams.cells) if teams else None,
        ranked=sections.priorities(results),
        others=_other_facts(context),
        due=_due_facts(context),
        due_note=_due_note(context),
        reading=sections.reading_guide(results),
        colophon=page.colophon,
        words=sections.headings(),
    )


def _short_document(
    results: OrganizationResults | None, context: ReportContext, language: str
) -> Document:
    """Return the one-page report for when no cycle was closed since the last one."""
    since = {"day": _day(context.period_from)} if context.period_from else None
    lead = _("No survey has closed since the last report on %(day)s.") % since if since else ""
    lead = "" if context.others else lead
    last = _("Latest results are unchanged: %(cycle)s, closed %(day)s.")
    unchanged = last % {"cycle": results.now.name, "day": results.closed_on} if results else ""
    return Document(
        language=language,
        organization=context.organization,
        made_on=_day(context.made_on),
        eyebrow=context.organization,
        title=_short_title(results, context),
        lead=" ".join(text for text in (lead, unchanged) if text),
        late=_late_sentence(context),
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
        others=_other_facts(context),
        due=_due_facts(context),
        due_note=_due_note(context),
        reading=(),
        colophon="",
        words=sections.headings(),
    )


def _short_title(results: OrganizationResults | None, context: ReportContext) -> str:
    if context.others:
        names = ", ".join(cycle.name for cycle in context.others)
        return _("New results: %(cycles)s.") % {"cycles": names}
    return _("No new results.") if results else _("No results yet.")


def _no_address(_slug: str) -> str:
    return ""


def _day(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")


def _late_sentence(context: ReportContext) -> str:
    if not context.late:
        return ""
    days, hours = context.late.days, round(context.late / timedelta(hours=1))
    if not days:
        text = ngettext(
            "This report is %(hours)s hour late.",
            "This report is %(hours)s hours late.",
            hours,
        )
        return text % {"hours": hours}
    text = ngettext(
        "This report is %(days)s day late.",
        "This report is %(days)s days late.",
        days,
    )
    return text % {"days": days}


def _other_facts(context: ReportContext) -> tuple[ReportFact, ...]:
    return tuple(
        ReportFact(cycle.name, _("closed %(day)s") % {"day": _day(cycle.on)})
        for cycle in context.others
    )


def _rings_legend(page: HomePage) -> str:
    if not page.rings:
        return ""
    return _(
        "Each ring is one survey, the newest in the strongest color; the dashed ring is the "
        "needed level. Orange: below. Blue: above."
    )


def _value_row(row: ValueRow) -> ReportValueRow:
    before = row.earlier[0].score if row.earlier else ""
    return ReportValueRow(row.name, row.score, row.interval, row.need, row.gap, before)


def _report_figure(figure: KeyFigure) -> ReportFigure:
    return ReportFigure(
        figure.name, figure.figure, figure.unit, figure.change, figure.side, figure.basis
    )


def _report_change(change: ChangedCapability) -> ReportChange:
    levels = f"{change.earlier_level} → {change.level}" if change.earlier_level else change.level
    return ReportChange(change.name, change.side, str(change.picture), levels, change.change)


def _report_clarity(clarity: RoleClarity) -> ReportRoleClarity:
    statements = tuple(
        ReportFact(statement.name, statement.text) for statement in clarity.statements
    )
    return ReportRoleClarity(
        clarity.name,
        str(clarity.picture or ""),
        clarity.verdict,
        statements,
        clarity.missing_reason,
    )


def _due_facts(context: ReportContext) -> tuple[ReportFact, ...]:
    return tuple(ReportFact(cycle.name, _due_text(cycle)) for cycle in context.due)


def _due_text(cycle: DueCycle) -> str:
    if cycle.on is None:
        return _("planned")
    day = {"day": _day(cycle.on)}
    return (
        _("open, closes %(day)s") % day
        if cycle.state == "open"
        else _("planned, closes %(day)s") % day
    )


def _due_note(context: ReportContext) -> str:
    return "" if context.due else _("No survey is open or planned.")
