"""A report is ready: each recipient hears of it by a mail that holds its headline and the way to it."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from organizations import email_delivery
from organizations.access import ABILITIES, Ability
from organizations.emails import render_message
from organizations.jobs import Claim
from reports.models import Delivery


def send(claim: Claim) -> None:
    """Send one mail. A worker calls this; it may be called again after a worker has died."""
    email_delivery.deliver(claim, ready_email)


def ready_email(row: Delivery) -> EmailMessage | None:
    """None when the reader may not see results any more."""
    whole = Delivery.objects.select_related("membership", "report", "organization")
    delivery = whole.get(pk=row.pk)
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
        title=report.documents[person.language]["title"],
        link=settings.SITE_URL + page,
    )
