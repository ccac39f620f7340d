"""Make a report: read what was published once, write the document in every language, render the PDFs,
and store them. The job can be interrupted at any point and repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models.functions import Now
from django.utils import formats, timezone, translation

from assessments.models import Cycle
from assessments.results import queries
from assessments.results.queries import ClosedCycle, PublishedCells, ResultNode
from assessments.rubrics import COLLABORATION_RUBRIC
from assessments.scoring.summary import LeaderAlignment
from organizations.jobs import Claim
from organizations.languages import language_codes
from organizations.models import Organization
from organizations.tenancy.scope import working_for
from reports.documents import DueCycle, OtherCycle, ReportContext, TeamMatrix, write_document
from reports.documents.document import Document, as_json
from reports.documents.pdf import render_pdf
from reports.models import Delivery, Recipient, Report, ReportFile
from reports.presenters.evidence import OrganizationResults

MAX_RING_CYCLES = 8  # cycles in the rings


@dataclass(frozen=True, slots=True)
class ReportMaterial:
    """Everything a report is written from: published numbers, and what is due."""

    organization: str
    time_zone: str
    slot: datetime
    late: timedelta
    asked: bool  # requested by a person, not by the schedule
    since: datetime | None  # the slot of the report before
    cycles: tuple[ClosedCycle, ...]  # of the main rubric, the newest first
    partner: ClosedCycle | None
    cells: PublishedCells
    alignments: Mapping[UUID, LeaderAlignment]
    nodes: tuple[ResultNode, ...]
    heat: PublishedCells
    due: tuple[tuple[str, str, datetime | None], ...]  # name, stage, when it closes
    others: tuple[tuple[str, datetime], ...]  # name and close of other rubrics' newest cycles

    @property
    def is_new(self) -> bool:
        """Whether anything was closed since the report before."""
        closings = [self.cycles[0].closed_at] if self.cycles else []
        closings += [self.partner.closed_at] if self.partner else []
        return (
            self.asked
            or self.since is None
            or any(closed_at > self.since for closed_at in closings)
        )


def build_report(claim: Claim) -> None:
    """Make the report of this claim. It is stored once, however often the job is started."""
    claim.renew("reading")
    with working_for(claim.organization):
        material = load_material(Report.objects.defer("documents").get(pk=claim.id))
    documents: dict[str, Document] = {}
    pdfs: dict[str, bytes] = {}
    for language in language_codes():
        claim.renew(f"writing {language}")
        documents[language] = document_in(material, language)
        claim.renew(f"drawing {language}")
        pdfs[language] = render_pdf(documents[language])
    claim.renew("keeping")
    with working_for(claim.organization):
        claim.finish()  # first: a worker that has lost its claim writes nothing
        _save(claim, documents, pdfs)


def load_material(report: Report) -> ReportMaterial:
    """Read everything that the report needs, in a dozen statements for any size of organization."""
    organization = Organization.objects.get(pk=report.organization_id)
    cycles = queries.history(queries.main_rubric(queries.closed_cycles()), most=MAX_RING_CYCLES)
    partner = queries.latest(COLLABORATION_RUBRIC)
    all_cycles = cycles if partner is None or partner in cycles else (*cycles, partner)
    nodes = queries.tree(cycles[0]).nodes if cycles else ()
    since = _previous_slot(report)
    return ReportMaterial(
        organization=organization.name,
        time_zone=organization.time_zone,
        slot=report.slot,
        late=report.late if report.is_late else timedelta(),
        asked=report.schedule_id is None,
        since=since,
        cycles=cycles,
        partner=partner,
        cells=queries.cells(*all_cycles) if all_cycles else PublishedCells({}),
        alignments=queries.root_alignments(*cycles[:2]),
        nodes=nodes,
        heat=queries.team_matrix(cycles[0], [node.id for node in nodes])
        if cycles
        else PublishedCells({}),
        due=_due_cycles(),
        others=_other_cycles({cycle.rubric.slug for cycle in all_cycles}, since),
    )


def _previous_slot(report: Report) -> datetime | None:
    earlier = Report.objects.filter(
        schedule=report.schedule_id, slot__lt=report.slot, made_at__isnull=False
    )
    return earlier.order_by("-slot").values_list("slot", flat=True).first()


def _due_cycles() -> tuple[tuple[str, str, datetime | None], ...]:
    stages = (Cycle.Stage.PLANNED, Cycle.Stage.OPEN)
    rows = Cycle.objects.filter(stage__in=stages).order_by("closes_at", "pk")
    return tuple(rows.values_list("name", "stage", "closes_at"))


def _other_cycles(
    shown_rubrics: Collection[str], since: datetime | None
) -> tuple[tuple[str, datetime], ...]:
    """Return the newest closed cycle, since the last report, of each rubric not in `shown_rubrics`."""
    closed = Cycle.objects.filter(stage=Cycle.Stage.CLOSED).exclude(rubric__in=shown_rubrics)
    if since is not None:
        closed = closed.filter(closed_at__gt=since)
    newest = closed.order_by("rubric", "-closed_at").distinct("rubric")
    return tuple(
        (cycle.name, cycle.closed_at)
        for cycle in newest.only("name", "closed_at")
        if cycle.closed_at
    )


def document_in(material: ReportMaterial, language: str) -> Document:
    """Write the report in one language, in the organization's time zone."""
    with translation.override(language), timezone.override(material.time_zone):
        return write_document(
            _build_results(material, language),
            TeamMatrix(material.nodes, material.heat) if material.nodes else None,
            _build_context(material),
            new=material.is_new,
            language=language,
        )


def _build_results(material: ReportMaterial, language: str) -> OrganizationResults | None:
    if not material.cycles:
        return None
    closed = timezone.localtime(material.cycles[0].closed_at)
    return OrganizationResults(
        cycles=material.cycles,
        collaboration=material.partner,
        cells=material.cells,
        alignments=material.alignments,
        closed_on=formats.date_format(closed, "DATE_FORMAT"),
        language=language,
    )


def _build_context(material: ReportMaterial) -> ReportContext:
    return ReportContext(
        organization=material.organization,
        made_on=timezone.localdate(material.slot),
        period_from=timezone.localdate(material.since) if material.since else None,
        late=material.late,
        time_zone=material.time_zone,
        due=tuple(
            DueCycle(
                name,
                "open" if stage == Cycle.Stage.OPEN else "planned",
                timezone.localdate(closes) if closes else None,
            )
            for name, stage, closes in material.due
        ),
        others=tuple(OtherCycle(name, timezone.localdate(day)) for name, day in material.others),
    )


def _save(claim: Claim, documents: dict[str, Document], pdfs: dict[str, bytes]) -> None:
    stored = {language: as_json(document) for language, document in documents.items()}
    Report.objects.filter(pk=claim.id).update(documents=stored, made_at=Now())
    report = Report.objects.only("schedule", "asked_by", "organization").get(pk=claim.id)
    ReportFile.objects.bulk_create(
        ReportFile(
            report=report,
            language=language,
            content=content,
            digest=hashlib.sha256(content).hexdigest(),
        )
        for language, content in pdfs.items()
    )
    Delivery.objects.bulk_create(
        Delivery(report=report, membership_id=person, due_at=timezone.now())
        for person in _recipient_ids(report)
    )


def _recipient_ids(report: Report) -> list[UUID]:
    """Return the memberships to notify: the schedule's recipients, or whoever requested the report."""
    if report.schedule_id is None:
        return [report.asked_by_id] if report.asked_by_id else []
    recipients = Recipient.objects.filter(schedule=report.schedule_id).order_by("membership")
    return list(recipients.values_list("membership_id", flat=True))
