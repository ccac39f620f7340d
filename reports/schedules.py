"""When reports are made: once a month by the organization's schedule, or now because someone asks.

A schedule is a row that is worked on like any other: a worker writes down the report of its newest
slot, once, and when the next one is due. Slots that were missed before it are not made up.
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
    """What can be said about the monthly report. `on`: whether there is one at all."""

    on: bool
    day: int
    at: time
    recipients: frozenset[UUID]


def current_schedule() -> ReportSchedule | None:
    """The organization's only one. 1 statement."""
    return ReportSchedule.objects.first()


def eligible_recipients() -> list[Membership]:
    """Who may see results, and therefore get reports. 1 statement."""
    roles = [role for role, may in ABILITIES.items() if Ability.SEE_RESULTS in may]
    return list(Membership.objects.filter(role__in=roles, suspended_at=None).order_by("name", "pk"))


def database_now() -> datetime:
    """The database's time: workers' clocks may disagree."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        moment: datetime = cursor.fetchone()[0]
    return moment


@transaction.atomic
def set_schedule(wanted: ScheduleSettings, *, by: UUID | None) -> ReportSchedule:
    """Set the monthly report, or turn it off; slots that have passed are not made up."""
    organization = lock_organization()
    chosen = _chosen(wanted.recipients)
    row = current_schedule() or ReportSchedule(at=wanted.at)
    cadence = MonthlyRecurrence(wanted.day, wanted.at, organization.time_zone)
    row.day, row.at, row.time_zone = wanted.day, wanted.at, organization.time_zone
    row.due_at = cadence.after(database_now()) if wanted.on else None
    row.attempts, row.lease, row.lease_until, row.error = 0, None, None, ""
    row.save()
    Recipient.objects.filter(schedule=row).exclude(membership__in=chosen).delete()
    Recipient.objects.bulk_create(
        (Recipient(schedule=row, membership_id=person) for person in chosen), ignore_conflicts=True
    )
    told = {"monthly": wanted.on, "day": wanted.day, "at": f"{wanted.at:%H:%M}", "to": len(chosen)}
    audit.record("schedule.set", by=by, on=row, **told)
    return row


def _chosen(wanted: Collection[UUID]) -> list[UUID]:
    allowed = {person.pk for person in eligible_recipients()}
    if not allowed.issuperset(wanted):
        text = _("Only those who may see results can get reports. Choose again.")
        raise ValidationError({"recipients": text})
    return sorted(wanted)


def update_time_zone(organization: Organization, **_signal: object) -> None:
    """The next report keeps its day and hour on the clock that now holds. One that is due stays due."""
    row = ReportSchedule.objects.select_for_update().first()
    moment = database_now()
    if row is None or row.due_at is None or row.due_at <= moment:
        return
    made = row.reports.order_by("-slot").values_list("slot", flat=True).first()
    cadence = MonthlyRecurrence(row.day, row.at, organization.time_zone)
    due = _following(row.cadence, made, organization.time_zone, moment) if made else None
    row.due_at, row.time_zone = due or cadence.after(moment), organization.time_zone
    row.save(update_fields=["due_at", "time_zone"])


def create_due_report(claim: Claim) -> None:
    """Write down the report that is due, and when the next one is. A worker calls this."""
    with working_for(claim.organization):
        row = ReportSchedule.objects.select_for_update().get(pk=claim.id)
        organization, moment = Organization.objects.get(pk=claim.organization), database_now()
        slot = row.cadence.newest(moment)
        claim.finish()  # first: whoever has lost the row writes nothing
        report = Report(schedule=row, slot=slot, late=moment - slot, due_at=moment)
        Report.objects.bulk_create([report], ignore_conflicts=True)
        following = _following(row.cadence, slot, organization.time_zone, moment)
        zone = organization.time_zone
        ReportSchedule.objects.filter(pk=row.pk).update(due_at=following, time_zone=zone)


def _following(cadence: MonthlyRecurrence, slot: datetime, zone: str, moment: datetime) -> datetime:
    """The next slot by the organization's present clock; never a second one in the same month."""
    moved = MonthlyRecurrence(cadence.day, cadence.at, zone)
    found = moved.after(moment)
    if moved.month_of(found) == cadence.month_of(slot):
        found = moved.after(found)
    return found


@transaction.atomic
def request_report(*, by: UUID, moment: datetime) -> Report:
    """A report because someone asks for it. While one is being made, that one; and at most one a
    minute, so that two clicks are one report."""
    lock_organization()
    unfinished = Report.objects.filter(schedule=None, made_at=None, due_at__isnull=False)
    waiting = next((row for row in unfinished.order_by("-slot") if not row.gave_up), None)
    minute = moment.replace(second=0, microsecond=0)
    found = waiting or Report.objects.filter(schedule=None, slot=minute).first()
    if found is not None:
        return found
    row = Report.objects.create(slot=minute, asked_by_id=by, due_at=moment)
    audit.record("report.asked", by=by, on=row)
    return row


@transaction.atomic
def retry_report(report: Report, *, by: UUID, moment: datetime) -> None:
    """For a report that was given up; one that is being made goes on undisturbed."""
    if not report.gave_up:
        return
    Report.objects.filter(pk=report.pk, made_at=None, lease=report.lease).update(
        due_at=moment, attempts=0, lease=None, lease_until=None, error=""
    )
    audit.record("report.tried_again", by=by, on=report)


def deliveries(report: Report) -> list[Delivery]:
    """Who hears of a report by mail, and what became of it. 1 statement."""
    return list(report.deliveries.select_related("membership").order_by("membership__name", "pk"))


@transaction.atomic
def resend_emails(report: Report, *, by: UUID, moment: datetime) -> int:
    """The mails that did not arrive, or of which it is not known; how many these are."""
    lost = [one.pk for one in deliveries(report) if one.outcome in ("failed", "unknown")]
    if lost:
        Delivery.objects.filter(pk__in=lost).update(
            state=WAITING, due_at=moment, attempts=0, lease=None, lease_until=None, error=""
        )
        audit.record("report.sent_again", by=by, on=report, to=len(lost))
    return len(lost)


def list_reports() -> list[Report]:
    """All reports without their documents, the newest first. 1 statement."""
    return list(Report.objects.defer("documents").order_by("-slot", "-pk")[:MAX_LISTED])
