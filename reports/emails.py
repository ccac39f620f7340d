"""Mails that a report is ready: each holds the headline of the report and a link to it."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from organizations import email_delivery
from organizations.access import ABILITIES, Ability
from organizations.emails import render_message
from organizations.jobs import Claim
from organizations.text import in_language
from reports.models import Delivery


def send(claim: Claim) -> None:
    """Send one mail. Called by a worker, and again by another one if the first dies."""
    email_delivery.deliver(claim, ready_email)


def ready_email(row: Delivery) -> EmailMessage | None:
    """Return the mail, or None when the recipient may not see results any more."""
    deliveries = Delivery.objects.select_related("membership", "report", "organization")
    delivery = deliveries.get(pk=row.pk)
    person, report, organization = delivery.membership, delivery.report, delivery.organization
    if person.suspended_at is not None or Ability.SEE_RESULTS not in ABILITIES[person.role]:
        return None
    page = reverse("reports:report", args=[organization.slug, report.pk])
    with timezone.override(organization.time_zone):
        day = timezone.localdate(report.slot)
    return render_message(
        "reports/mail/ready.txt",
        to=person.email,
        language=person.language,
        time_zone=organization.time_zone,
        key=str(delivery.pk),
        person=person,
        organization=organization,
        day=day,
        title=in_language(report.documents, person.language)["title"],
        link=settings.SITE_URL + page,
    )
