"""Reports with their files and mails, the schedule of the monthly report, and its recipients."""

from __future__ import annotations

from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.timesince import timesince

from organizations import email_delivery
from organizations.jobs import SLOW_RETRY_DELAYS, Job
from organizations.languages import language_choices
from organizations.models import Membership
from organizations.tenancy.constraints import tenant_rules
from organizations.tenancy.scope import TenantForeignKey, TenantModel
from reports.recurrence import MonthlyRecurrence

LATE_AFTER = timedelta(hours=1)  # a shorter delay is not reported


class ReportSchedule(TenantModel, Job):
    """The monthly report, in the organization's time zone. `due_at` is the next slot; empty: off."""

    FUNCTION = "reports.schedules.create_due_report"

    day = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    at = models.TimeField()
    time_zone = models.CharField(max_length=60)  # the organization's when the next slot was set

    class Meta:
        constraints = [
            *tenant_rules(),
            models.UniqueConstraint(fields=["organization"], name="schedule_once"),
            models.CheckConstraint(condition=Q(day__range=(1, 31)), name="schedule_day_of_month"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="schedule_due", condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.at}"

    @property
    def cadence(self) -> MonthlyRecurrence:
        return MonthlyRecurrence(self.day, self.at, self.time_zone)


class Recipient(TenantModel):
    """Who gets the monthly report by mail."""

    schedule = TenantForeignKey(ReportSchedule, related_name="recipients")
    membership = TenantForeignKey(Membership, related_name="+")

    class Meta:
        constraints = [
            *tenant_rules(schedule="CASCADE", membership="CASCADE"),
            models.UniqueConstraint(
                fields=["organization", "schedule", "membership"], name="recipient_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id}"


class Report(TenantModel, Job):
    """One report: made by the schedule for a slot, or requested by a person."""

    FUNCTION, LEASE = "reports.documents.build.build_report", 120

    schedule = TenantForeignKey(ReportSchedule, null=True, related_name="reports")
    slot = models.DateTimeField()
    late = models.DurationField(default=timedelta)  # between the slot and its discovery
    asked_by = TenantForeignKey(Membership, null=True, related_name="+")
    made_at = models.DateTimeField(null=True)
    documents = models.JSONField(default=dict)  # language -> reports.documents.document.as_json

    class Meta:
        constraints = [
            *tenant_rules(schedule="NO ACTION", asked_by="NO ACTION"),
            models.UniqueConstraint(
                fields=["organization", "schedule", "slot"],
                nulls_distinct=False,
                name="report_once_a_slot",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-slot"], name="report_latest"),
            models.Index(fields=["due_at"], name="report_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.slot:%Y-%m-%d}"

    @property
    def is_late(self) -> bool:
        return self.late >= LATE_AFTER

    @property
    def lateness(self) -> str:
        """Return the delay in the active language, in its largest unit: 3 days."""
        return timesince(self.slot, self.slot + self.late, depth=1)


class ReportFile(TenantModel):
    """A report as a PDF in one language."""

    report = TenantForeignKey(Report, related_name="files")
    language = models.CharField(max_length=10, choices=language_choices)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)  # SHA-256

    class Meta:
        constraints = [
            *tenant_rules(report="CASCADE"),
            models.UniqueConstraint(
                fields=["organization", "report", "language"], name="file_once_a_language"
            ),
        ]

    def __str__(self) -> str:
        return self.language


class Delivery(TenantModel, Job):
    """A mail that tells one person that a report is ready. It is sent once, or its state says why not."""

    FUNCTION, WAITS = "reports.emails.send", SLOW_RETRY_DELAYS

    report = TenantForeignKey(Report, related_name="deliveries")
    membership = TenantForeignKey(Membership, related_name="+")
    state = models.CharField(
        max_length=10, default="waiting"
    )  # a state of organizations.email_delivery

    class Meta:
        constraints = [
            *tenant_rules(report="CASCADE", membership="CASCADE"),
            models.UniqueConstraint(
                fields=["organization", "report", "membership"], name="delivery_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.state

    @property
    def outcome(self) -> str:
        """Return sent, needless or waiting; or failed or unknown, when it can be sent again."""
        if self.state == email_delivery.UNKNOWN:
            return "unknown"
        if self.gave_up or self.state == email_delivery.REFUSED:
            return "failed"
        return self.state if self.due_at is None else email_delivery.WAITING
