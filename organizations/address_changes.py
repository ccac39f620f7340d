"""The mail to a person's old address when their e-mail was changed: what changed, and whom to ask.

It holds no link, so whoever reads it can do nothing with it.
"""

from __future__ import annotations

from django.core.mail import EmailMessage

from organizations import email_delivery
from organizations.emails import render_message
from organizations.jobs import Claim
from organizations.models import AddressChange, AuditEvent, Membership, Role

MAX_OWNERS = 3  # owners named as those to ask


def send(claim: Claim) -> None:
    """Send one mail. A worker calls this; it may be called again after a worker has died."""
    email_delivery.deliver(claim, build_message)


def build_message(row: AddressChange) -> EmailMessage:
    rows = AddressChange.objects.select_related("membership", "organization")
    change = rows.get(pk=row.pk)
    person, organization = change.membership, change.organization
    owners = Membership.objects.filter(role=Role.OWNER, suspended_at=None).order_by("name")
    contacts = list(owners[:MAX_OWNERS])
    return render_message(
        "organizations/mail/address_changed.txt",
        to=change.before,
        language=person.language,
        time_zone=organization.time_zone,
        key=str(change.pk),
        change=change,
        person=person,
        organization=organization,
        changed_by=_actor_name(change),
        owners=contacts,
        addresses=[change.before, change.after, *(owner.email for owner in contacts)],
    )


def _actor_name(change: AddressChange) -> str:
    """Return the name of whoever made the change; empty if they left, or were not of the organization."""
    event = AuditEvent.objects.filter(pk=change.pk).first()
    actor = Membership.objects.filter(pk=event.actor).first() if event and event.actor else None
    return actor.name if actor else ""
