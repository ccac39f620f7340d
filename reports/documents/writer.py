"""The content of a report. Every number is formatted as on the pages, and nothing is claimed that the
numbers do not support.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode
from assessments.scoring.summary import LeaderAlignment
from reports.documents import sections
from reports.documents.document import CycleNote, CycleSection, Document, Section
from reports.presenters.evidence import OrganizationResults
from reports.presenters.home import home_page


@dataclass(frozen=True, slots=True)
class DueCycle:
    """A cycle that is planned or open."""

    name: str
    is_open: bool
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class OtherCycle:
    """A closed cycle of another rubric, whose numbers are not in the report."""

    name: str
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMaterial:
    """Everything a report is written from: published numbers, what is due, why and when it is made."""

    organization: str
    time_zone: str
    slot: datetime
    late: timedelta = timedelta()  # zero: on time
    on_request: bool = False  # of a person, not by the schedule
    previous_slot: datetime | None = None  # of the report before
    cycles: tuple[ClosedCycle, ...] = ()  # of the main rubric, the newest first
    collaboration: ClosedCycle | None = None
    cells: PublishedCells = field(default_factory=lambda: PublishedCells({}))
    alignments: Mapping[UUID, LeaderAlignment] = field(default_factory=dict)
    nodes: tuple[ResultNode, ...] = ()  # the tree of the newest cycle
    team_cells: PublishedCells = field(default_factory=lambda: PublishedCells({}))
    due: tuple[DueCycle, ...] = ()
    others: tuple[OtherCycle, ...] = ()  # the newest of each other rubric since the report before

    @property
    def is_new(self) -> bool:
        """Whether anything was closed since the report before."""
        since = self.previous_slot
        newest = (*self.cycles[:1], *([self.collaboration] if self.collaboration else []))
        return self.on_request or since is None or any(cycle.closed_at > since for cycle in newest)


def write_document(material: ReportMaterial, language: str) -> Document:
    """Write the report in one language, in the organization's time zone. Without anything new it is one
    page that lists what is due."""
    with translation.override(language), timezone.override(material.time_zone):
        results = _results(material, language)
        if results is None or not material.is_new:
            return _short_document(results, material, language)
        return _full_document(results, material, language)


def _results(material: ReportMaterial, language: str) -> OrganizationResults | None:
    if not material.cycles:
        return None
    return OrganizationResults(
        cycles=material.cycles,
        collaboration=material.collaboration,
        cells=PublishedCells(material.cells.by_key),  # without ids: a report links to nothing
        alignments=material.alignments,
        closed_on=_day(material.cycles[0].closed_at),
        language=language,
    )


def _full_document(
    results: OrganizationResults, material: ReportMaterial, language: str
) -> Document:
    page = home_page(
        results, address=sections.no_address, collaboration_address=sections.no_address
    )
    of_results: tuple[Section, ...] = (
        sections.key_figures(page),
        sections.changes(page),
        sections.findings(results),
        sections.teams(results, material.nodes, material.team_cells),
        sections.priorities(results),
        sections.role_clarity(page),
        sections.values(page),
        *_cycle_sections(material),
        sections.reading_guide(results),
    )
    return Document(
        language=language,
        organization=material.organization,
        made_on=_day(material.slot),
        eyebrow=page.eyebrow,
        title=page.heading,
        lead=page.lead,
        late=_late_sentence(material.late),
        is_new=True,
        rings=page.rings,
        rings_legend=_rings_legend() if page.rings else "",
        sections=_not_empty(of_results),
        colophon=page.colophon,
    )


def _short_document(
    results: OrganizationResults | None, material: ReportMaterial, language: str
) -> Document:
    """Return the one-page report for when no cycle was closed since the last one."""
    since = {"day": _day(material.previous_slot)} if material.previous_slot else None
    lead = _("No survey has closed since the last report on %(day)s.") % since if since else ""
    lead = "" if material.others else lead
    last = _("Latest results are unchanged: %(cycle)s, closed %(day)s.")
    unchanged = last % {"cycle": results.now.name, "day": results.closed_on} if results else ""
    return Document(
        language=language,
        organization=material.organization,
        made_on=_day(material.slot),
        eyebrow=material.organization,
        title=_short_title(results, material),
        lead=" ".join(text for text in (lead, unchanged) if text),
        late=_late_sentence(material.late),
        is_new=False,
        sections=_not_empty(_cycle_sections(material)),
    )


def _not_empty(written: tuple[Section, ...]) -> tuple[Section, ...]:
    return tuple(section for section in written if section.rows or section.note)


def _short_title(results: OrganizationResults | None, material: ReportMaterial) -> str:
    if material.others:
        names = ", ".join(cycle.name for cycle in material.others)
        return _("New results: %(cycles)s.") % {"cycles": names}
    return _("No new results.") if results else _("No results yet.")


def _day(moment: datetime) -> str:
    return formats.date_format(timezone.localdate(moment), "DATE_FORMAT")


def _late_sentence(late: timedelta) -> str:
    if not late:
        return ""
    days, hours = late.days, round(late / timedelta(hours=1))
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


def _rings_legend() -> str:
    return _(
        "Each ring is one survey, the newest in the strongest color; the dashed ring is the "
        "needed level. Orange: below. Blue: above."
    )


def _cycle_sections(material: ReportMaterial) -> tuple[CycleSection, CycleSection]:
    """Return the closed cycles that the report does not tell of, and those that are planned or open."""
    closed = [
        CycleNote(cycle.name, _("closed %(day)s") % {"day": _day(cycle.closed_at)})
        for cycle in material.others
    ]
    due = [CycleNote(cycle.name, _due_text(cycle)) for cycle in material.due]
    return (
        CycleSection(heading=_("Also measured"), rows=tuple(closed)),
        CycleSection(
            heading=_("Upcoming"),
            rows=tuple(due),
            note="" if due else _("No survey is open or planned."),
        ),
    )


def _due_text(cycle: DueCycle) -> str:
    if cycle.closes_at is None:
        return _("planned")
    day = {"day": _day(cycle.closes_at)}
    return _("open, closes %(day)s") % day if cycle.is_open else _("planned, closes %(day)s") % day
