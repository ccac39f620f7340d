"""The content of a report. Every number is formatted as on the pages, and nothing is claimed that the
numbers do not support.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from reports.presenters.home import HomePage, home_page


@dataclass(frozen=True, slots=True)
class DueCycle:
    """A cycle that is planned or open."""

    name: str
    is_open: bool
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class SilentCycle:
    """A cycle that was closed since the report before, of which nothing may be shown."""

    name: str
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricMaterial:
    """What is published of one rubric: its cycles, and the teams in the newest of them."""

    cycles: tuple[ClosedCycle, ...]  # the newest first, never empty
    cells: PublishedCells = field(default_factory=lambda: PublishedCells({}))  # of the roots
    alignments: Mapping[UUID, LeaderAlignment] = field(default_factory=dict)
    nodes: tuple[ResultNode, ...] = ()
    team_cells: PublishedCells = field(default_factory=lambda: PublishedCells({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMaterial:
    """Everything a report is written from: published numbers, what is due, why and when it is made."""

    organization: str
    time_zone: str
    slot: datetime
    late: timedelta = timedelta()  # zero: on time
    previous_slot: datetime | None = None  # of the report before
    parts: tuple[RubricMaterial, ...] = ()  # the rubrics that have new results, the main one first
    collaboration: ClosedCycle | None = None  # its cells are among those of the first part
    unchanged: ClosedCycle | None = None  # the newest results, where there are no new ones
    due: tuple[DueCycle, ...] = ()
    silent: tuple[SilentCycle, ...] = ()


def write_document(material: ReportMaterial, language: str) -> Document:
    """Write the report in one language, in the organization's time zone. Without anything new it is one
    page that lists what is due."""
    with translation.override(language), timezone.override(material.time_zone):
        return (_full_document if material.parts else _short_document)(material, language)


def _results(part: RubricMaterial, material: ReportMaterial, language: str) -> OrganizationResults:
    return OrganizationResults(
        cycles=part.cycles,
        collaboration=material.collaboration if part is material.parts[0] else None,
        cells=PublishedCells(part.cells.by_key),  # without ids: a report links to nothing
        alignments=part.alignments,
        closed_on=_day(part.cycles[0].closed_at),
        language=language,
    )


def _full_document(material: ReportMaterial, language: str) -> Document:
    """Return the report: on its cover the first rubric's finding, each other rubric as a part after it."""
    all_results = [_results(part, material, language) for part in material.parts]
    pages = [
        home_page(results, address=sections.no_address, collaboration_address=sections.no_address)
        for results in all_results
    ]
    written: list[Section] = []
    for part, results, page in zip(material.parts, all_results, pages, strict=True):
        if page is not pages[0]:
            written.append(sections.rubric(results, page, _rings_legend()))
        written += _rubric_sections(part, results, page, first=page is pages[0])
    written += [*_cycle_sections(material), sections.reading_guide(all_results[0])]
    cover = pages[0]
    return Document(
        language=language,
        organization=material.organization,
        made_on=_day(material.slot),
        eyebrow=cover.eyebrow,
        title=cover.heading,
        lead=cover.lead,
        late=_late_sentence(material.late),
        is_new=True,
        rings=cover.rings,
        rings_legend=_rings_legend() if cover.rings else "",
        sections=_not_empty(written),
        colophon=cover.colophon,
    )


def _rubric_sections(
    part: RubricMaterial, results: OrganizationResults, page: HomePage, *, first: bool
) -> list[Section]:
    """Return the sections on one rubric. Role clarity rests on two rubrics and comes once."""
    return [
        sections.key_figures(page),
        sections.changes(page),
        sections.findings(results),
        sections.teams(results, part.nodes, part.team_cells),
        sections.priorities(results),
        *([sections.role_clarity(page)] if first else []),
        sections.values(page),
    ]


def _short_document(material: ReportMaterial, language: str) -> Document:
    """Return the one-page report for when there are no new results since the last one."""
    since = {"day": _day(material.previous_slot)} if material.previous_slot else None
    lead = _("No survey has closed since the last report on %(day)s.") % since if since else ""
    lead = "" if material.silent else lead
    last, cycle = _("Latest results are unchanged: %(cycle)s, closed %(day)s."), material.unchanged
    unchanged = last % {"cycle": cycle.name, "day": _day(cycle.closed_at)} if cycle else ""
    return Document(
        language=language,
        organization=material.organization,
        made_on=_day(material.slot),
        eyebrow=material.organization,
        title=_("No new results.") if cycle else _("No results yet."),
        lead=" ".join(text for text in (lead, unchanged) if text),
        late=_late_sentence(material.late),
        is_new=False,
        sections=_not_empty(_cycle_sections(material)),
    )


def _not_empty(written: Sequence[Section]) -> tuple[Section, ...]:
    return tuple(section for section in written if section.rows or section.note)


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
    """Return the closed cycles that show nothing, and those that are planned or open."""
    closed = [
        CycleNote(cycle.name, _("closed %(day)s") % {"day": _day(cycle.closed_at)})
        for cycle in material.silent
    ]
    due = [CycleNote(cycle.name, _due_text(cycle)) for cycle in material.due]
    return (
        CycleSection(heading=_("Not enough responses to show results"), rows=tuple(closed)),
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
