"""When reports are made: once a month by the organization's schedule, or on request.

A schedule is a job like any other: a worker creates the report of its newest slot, once, and sets when
the next one is due. Slots that were missed before it are not made up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from organizations import audit
from organizations.access import ABILITIES, Ability
from organizations.email_delivery import WAITING
from organizations.jobs import Claim
from organizations.models import Membership, Organization
from organizations.people import lock_organization
from organizations.tenancy.scope import working_for
from reports.models import Delivery, Recipient, Report, ReportSchedule
from reports.recurrence import MonthlyRecurrence

DEFAULT_HOUR = time(9)
MAX_LISTED = 120  # ten years of months


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """Settings of the monthly report. `on` is whether there is one at all."""

    on: bool
    day: int
    at: time
    recipients: frozenset[UUID]


def current_schedule() -> ReportSchedule | None:
    """Return the organization's only schedule, or None. 1 statement."""
    return ReportSchedule.objects.first()


def eligible_recipients() -> list[Membership]:
    """Return those who may see results, and therefore get reports. 1 statement."""
    roles = [role for role, may in ABILITIES.items() if Ability.SEE_RESULTS in may]
    return list(Membership.objects.filter(role__in=roles, suspended_at=None).order_by("name", "pk"))


def database_now() -> datetime:
    """Return the database's time, because workers' clocks may disagree."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


@transaction.atomic
def set_schedule(new_settings: ScheduleSettings, *, by: UUID | None) -> ReportSchedule:
    """Set the monthly report, or turn it off; slots that have passed are not made up."""
    organization = lock_organization()
    recipients = _check_recipients(new_settings.recipients)
    row = current_schedule() or ReportSchedule(at=new_settings.at)
    cadence = MonthlyRecurrence(new_settings.day, new_settings.at, organization.time_zone)
    row.day, row.at, row.time_zone = new_settings.day, new_settings.at, organization.time_zone
    row.due_at = cadence.after(database_now()) if new_settings.on else None
    row.attempts, row.lease, row.lease_until, row.error = 0, None, None, ""
    row.save()
    Recipient.objects.filter(schedule=row).exclude(membership__in=recipients).delete()
    Recipient.objects.bulk_create(
        (Recipient(schedule=row, membership_id=membership_id) for membership_id in recipients),
        ignore_conflicts=True,
    )
    details = {
        "monthly": new_settings.on,
        "day": new_settings.day,
        "at": f"{new_settings.at:%H:%M}",
        "to": len(recipients),
    }
    audit.record("schedule.set", by=by, on=row, **details)
    return row


def _check_recipients(requested: Collection[UUID]) -> list[UUID]:
    allowed = {person.pk for person in eligible_recipients()}
    if not allowed.issuperset(requested):
        text = _("Only people who can see results can receive reports. Choose again.")
        raise ValidationError({"recipients": text})
    return sorted(requested)


def update_time_zone(organization: Organization) -> None:
    """Move the next slot to the same day and time in the new time zone. A report that is due stays due."""
    row = ReportSchedule.objects.select_for_update().first()
    moment = database_now()
    if row is None or row.due_at is None or row.due_at <= moment:
        return
    last_slot = row.reports.order_by("-slot").values_list("slot", flat=True).first()
    cadence = MonthlyRecurrence(row.day, row.at, organization.time_zone)
    next_slot = (
        _following(row.cadence, last_slot, organization.time_zone, moment) if last_slot else None
    )
    row.due_at, row.time_zone = next_slot or cadence.after(moment), organization.time_zone
    row.save(update_fields=["due_at", "time_zone"])


def create_due_report(claim: Claim) -> None:
    """Create the report that is due, and set when the next one is. Called by a worker."""
    with working_for(claim.organization):
        row = ReportSchedule.objects.select_for_update().get(pk=claim.id)
        organization, moment = Organization.objects.get(pk=claim.organization), database_now()
        slot = row.cadence.newest(moment)
        claim.finish()  # first: a worker that has lost its claim writes nothing
        report = Report(schedule=row, slot=slot, late=moment - slot, due_at=moment)
        Report.objects.bulk_create([report], ignore_conflicts=True)
        following = _following(row.cadence, slot, organization.time_zone, moment)
        zone = organization.time_zone
        ReportSchedule.objects.filter(pk=row.pk).update(due_at=following, time_zone=zone)


def _following(cadence: MonthlyRecurrence, slot: datetime, zone: str, moment: datetime) -> datetime:
    """Return the next slot in the organization's present time zone, never a second one in a month."""
    new_cadence = MonthlyRecurrence(cadence.day, cadence.at, zone)
    next_slot = new_cadence.after(moment)
    if new_cadence.month_of(next_slot) == cadence.month_of(slot):
        next_slot = new_cadence.after(next_slot)
    return next_slot


@transaction.atomic
def request_report(*, by: UUID, moment: datetime) -> Report:
    """Return a report made on request: the one being made, if any, else a new one. At most one a minute
    is created, so that two clicks are one report."""
    lock_organization()
    unfinished = Report.objects.filter(schedule=None, made_at=None, due_at__isnull=False)
    waiting = next((row for row in unfinished.order_by("-slot") if not row.gave_up), None)
    minute = moment.replace(second=0, microsecond=0)
    existing = waiting or Report.objects.filter(schedule=None, slot=minute).first()
    if existing is not None:
        return existing
    row = Report.objects.create(slot=minute, asked_by_id=by, due_at=moment)
    audit.record("report.asked", by=by, on=row)
    return row


def clear_requester(membership: UUID) -> None:
    """Keep the reports that a person who is removed has requested, without that person."""
    Report.objects.filter(asked_by=membership).update(asked_by=None)


@transaction.atomic
def retry_report(report: Report, *, by: UUID, moment: datetime) -> None:
    """Make a report again that was given up; one that is being made is left alone."""
    if not report.gave_up:
        return
    Report.objects.filter(pk=report.pk, made_at=None, lease=report.lease).update(
        due_at=moment, attempts=0, lease=None, lease_until=None, error=""
    )
    audit.record("report.tried_again", by=by, on=report)


def deliveries(report: Report) -> list[Delivery]:
    """Return the mails of a report, each with its recipient. 1 statement."""
    return list(report.deliveries.select_related("membership").order_by("membership__name", "pk"))


@transaction.atomic
def resend_emails(report: Report, *, by: UUID, moment: datetime) -> int:
    """Send again the mails that failed or whose outcome is unknown; return how many these are."""
    lost = [
        delivery.pk for delivery in deliveries(report) if delivery.outcome in ("failed", "unknown")
    ]
    if lost:
        Delivery.objects.filter(pk__in=lost).update(
            state=WAITING, due_at=moment, attempts=0, lease=None, lease_until=None, error=""
        )
        audit.record("report.sent_again", by=by, on=report, to=len(lost))
    return len(lost)


def list_reports() -> list[Report]:
    """Return the newest reports without their documents, at most MAX_LISTED. 1 statement."""
    return list(Report.objects.defer("documents").order_by("-slot", "-pk")[:MAX_LISTED])
