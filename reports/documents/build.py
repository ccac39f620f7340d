"""Make a report: read what was published once, write the document in every language, render the PDFs,
and store them. The job can be interrupted at any point and repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models.functions import Now
from django.utils import timezone

from assessments.models import Cycle
from assessments.results import queries, summaries
from assessments.results.queries import ClosedCycle, ClosedCycleSummary
from assessments.rubrics import COLLABORATION_RUBRIC
from organizations.jobs import Claim
from organizations.languages import language_codes
from organizations.models import Organization
from organizations.tenancy.scope import working_for
from reports.documents import (
    DueCycle,
    ReportMaterial,
    RubricMaterial,
    SilentCycle,
    write_document,
)
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
    """Read everything that the report needs: a few statements, and a few for each rubric."""
    organization = Organization.objects.get(pk=report.organization_id)
    previous_slot, closed = _previous_slot(report), queries.closed_cycles()
    main = queries.main_rubric(closed)
    rubrics = sorted(dict.fromkeys(row.rubric for row in closed), key=lambda slug: slug != main)
    since = None if report.schedule_id is None else previous_slot  # on request: all there is
    newest = [
        queries.with_results([row for row in closed if row.rubric == slug])[0] for slug in rubrics
    ]
    shown = [row for row in newest if row.shows]
    new = [row for row in shown if since is None or row.closed_at > since]
    collaboration = next((row for row in shown if row.rubric == COLLABORATION_RUBRIC), None)
    beside = queries.find(collaboration.id) if collaboration and new else None
    return ReportMaterial(
        organization=organization.name,
        time_zone=organization.time_zone,
        slot=report.slot,
        late=report.late if report.is_late else timedelta(),
        previous_slot=previous_slot,
        parts=tuple(_rubric_material(row.rubric, beside if row is new[0] else None) for row in new),
        collaboration=beside,
        unchanged=queries.find(shown[0].id) if shown else None,
        due=_due_cycles(),
        silent=_silent_cycles(closed, previous_slot),
    )


def _rubric_material(rubric: str, beside: ClosedCycle | None) -> RubricMaterial:
    """Read what is published of one rubric, and the cells of another cycle that is shown beside it."""
    cycles = queries.with_results(queries.history(rubric, most=MAX_RING_CYCLES))
    nodes = queries.tree(cycles[0]).nodes
    cells_of = {cycle.id: cycle for cycle in (*cycles, beside) if cycle}
    return RubricMaterial(
        cycles=cycles,
        cells=queries.cells(*cells_of.values()),
        alignments=summaries.root_alignments(*cycles[:2]),
        nodes=nodes,
        team_cells=queries.team_matrix(cycles[0], [node.id for node in nodes]),
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


def _silent_cycles(
    closed: Iterable[ClosedCycleSummary], since: datetime | None
) -> tuple[SilentCycle, ...]:
    """Return the cycles that were closed since the last report with too few answers to show."""
    return tuple(
        SilentCycle(row.name, row.closed_at)
        for row in closed
        if not row.shows and (since is None or row.closed_at > since)
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
