"""Make a report: read what was published once, write the document in every language, render the PDFs,
and store them. The job can be interrupted at any point and repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models.functions import Now
from django.utils import timezone

from assessments.models import Cycle
from assessments.results import queries
from assessments.results.queries import PublishedCells
from assessments.rubrics import COLLABORATION_RUBRIC
from organizations.jobs import Claim
from organizations.languages import language_codes
from organizations.models import Organization
from organizations.tenancy.scope import working_for
from reports.documents import DueCycle, OtherCycle, ReportMaterial, write_document
from reports.documents.document import Document, as_json
from reports.documents.pdf import render_pdf
from reports.models import Delivery, Recipient, Report, ReportFile

MAX_RING_CYCLES = 8  # cycles in the rings


def build_report(claim: Claim) -> None:
    """Make the report of this claim. It is stored once, however often the job is started."""
    claim.renew("reading")
    with working_for(claim.organization):
        material = load_material(Report.objects.defer("documents").get(pk=claim.id))
    documents: dict[str, Document] = {}
    pdfs: dict[str, bytes] = {}
    for language in language_codes():
        claim.renew(f"writing {language}")
        documents[language] = write_document(material, language)
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
    collaboration = queries.latest(COLLABORATION_RUBRIC)
    shown = {cycle.id: cycle for cycle in (*cycles, collaboration) if cycle}.values()
    nodes = queries.tree(cycles[0]).nodes if cycles else ()
    no_cells, previous_slot = PublishedCells({}), _previous_slot(report)
    return ReportMaterial(
        organization=organization.name,
        time_zone=organization.time_zone,
        slot=report.slot,
        late=report.late if report.is_late else timedelta(),
        on_request=report.schedule_id is None,
        previous_slot=previous_slot,
        cycles=cycles,
        collaboration=collaboration,
        cells=queries.cells(*shown) if shown else no_cells,
        alignments=queries.root_alignments(*cycles[:2]),
        nodes=nodes,
        team_cells=queries.team_matrix(cycles[0], [node.id for node in nodes])
        if cycles
        else no_cells,
        due=_due_cycles(),
        others=_other_cycles({cycle.rubric.slug for cycle in shown}, previous_slot),
    )


def _previous_slot(report: Report) -> datetime | None:
    earlier = Report.objects.filter(
        schedule=report.schedule_id, slot__lt=report.slot, made_at__isnull=False
    )
    return earlier.order_by("-slot").values_list("slot", flat=True).first()


def _due_cycles() -> tuple[DueCycle, ...]:
    stages = (Cycle.Stage.PLANNED, Cycle.Stage.OPEN)
    rows = Cycle.objects.filter(stage__in=stages).order_by("closes_at", "pk")
    return tuple(
        DueCycle(row.name, row.stage == Cycle.Stage.OPEN, row.closes_at)
        for row in rows.only("name", "stage", "closes_at")
    )


def _other_cycles(shown_rubrics: Collection[str], since: datetime | None) -> tuple[OtherCycle, ...]:
    """Return the newest closed cycle, since the last report, of each rubric not in `shown_rubrics`."""
    closed = Cycle.objects.filter(stage=Cycle.Stage.CLOSED).exclude(rubric__in=shown_rubrics)
    if since is not None:
        closed = closed.filter(closed_at__gt=since)
    newest = closed.order_by("rubric", "-closed_at").distinct("rubric")
    return tuple(
        OtherCycle(cycle.name, cycle.closed_at)
        for cycle in newest.only("name", "closed_at")
        if cycle.closed_at
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
