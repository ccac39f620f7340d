"""Invitations to sign in: a person of the organization gets a sign-in of their own.

The link is computed again for every e-mail and stored nowhere; the database holds its hash. It belongs
to one person, one address and one role, is valid for two weeks and works once.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import accounts, audit, email_delivery
from organizations.emails import render_message
from organizations.jobs import Claim
from organizations.models import Invitation, Membership, Organization, User
from organizations.people import find_actor
from organizations.pseudonyms import hash_token, keyed_hash
from organizations.tenancy.scope import bound_organization, uuid7, working_for

VALID_FOR = timedelta(days=14)
SIGN_IN_FIRST = gettext_lazy(
    "There's already an account with this email. Sign in, then open the link again."
)
_LINK_EXPIRED = gettext_lazy("This link has expired. Ask for a new invitation.")


def token_of(invitation: Invitation, person: Membership) -> str:
    """Return the token of the link: 128 bits. Another e-mail or another role makes another link."""
    raw = keyed_hash(
        settings.LINK_SECRET.encode(),
        "invitation",
        str(invitation.organization_id),
        str(invitation.pk),
        person.email,
        person.role,
    )[:16]
    return urlsafe_b64encode(raw).decode().rstrip("=")


def link_of(invitation: Invitation, person: Membership) -> str:
    return settings.SITE_URL + reverse("join", args=[token_of(invitation, person)])


# --- Inviting ---------------------------------------------------------------------------------


@transaction.atomic
def invite(person: Membership, *, by: UUID | None, moment: datetime) -> Invitation:
    """Create or renew an invitation, whose e-mail is then due.

    Whoever is invited again gets the same link, valid for two weeks more.
    """
    person = Membership.objects.select_for_update().get(pk=person.pk)
    if person.suspended_at is not None:
        raise ValidationError(_("This person is suspended. Reinstate them first."))
    if person.user_id is not None:
        raise ValidationError(_("This person already has an account."))
    if not find_actor(by).can_grant(person.role):
        raise ValidationError(
            _("This person has more rights than you. Ask an owner to invite them.")
        )
    invitation = Invitation.objects.filter(membership=person, accepted_at=None).first()
    invitation = invitation or Invitation(id=uuid7(), membership=person)
    invitation.organization_id = bound_organization()
    invitation.token_hash = hash_token(token_of(invitation, person))
    invitation.invited_by = Membership.objects.get(pk=by).name if by else ""
    invitation.expires_at = moment + VALID_FOR
    invitation.due_at, invitation.attempts, invitation.error = moment, 0, ""
    invitation.state = email_delivery.WAITING
    invitation.save()
    audit.record("person.invited", by=by, on=person)
    return invitation


def send(claim: Claim) -> None:
    """Send one e-mail. A worker calls this; it may be called again after a worker has died."""
    email_delivery.deliver(claim, _build_message)


def _build_message(row: Invitation) -> EmailMessage | None:
    """Build the e-mail; None if the invitation was used meanwhile, or the person is suspended."""
    rows = Invitation.objects.select_related("membership", "organization")
    invitation = rows.get(pk=row.pk)
    person, organization = invitation.membership, invitation.organization
    if invitation.accepted_at is not None or person.suspended_at is not None:
        return None
    return render_message(
        "organizations/mail/invitation.txt",
        to=person.email,
        language=person.language,
        time_zone=organization.time_zone,
        key=f"{invitation.pk}.{invitation.expires_at:%Y%m%d%H%M%S}",
        person=person,
        organization=organization,
        invitation=invitation,
        link=link_of(invitation, person),
    )


# --- Joining ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenedInvitation:
    """What someone who holds the link is shown."""

    organization: Organization
    person: Membership
    invitation: Invitation
    has_sign_in: bool  # with this e-mail, perhaps from another organization


def open_link(token: str) -> OpenedInvitation | None:
    """Return the invitation behind a link, if it is still valid. Changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM invitation_of_token(%s)", [hash_token(token)])
        row = cursor.fetchone()
    if row is None:
        return None
    organization, invitation = row
    with working_for(organization):
        return _check_opened(Invitation.objects.filter(pk=invitation, accepted_at=None), token)


def _check_opened(rows: QuerySet[Invitation], token: str) -> OpenedInvitation | None:
    invitation = rows.select_related("membership", "organization").first()
    if invitation is None:
        return None
    person = invitation.membership
    is_valid = token_of(invitation, person) == token and person.user_id is None
    if not is_valid or person.suspended_at is not None:
        return None
    has_sign_in = accounts.is_confirmed(person.email)
    return OpenedInvitation(invitation.organization, person, invitation, has_sign_in)


def join(token: str, *, user: User | None, password: str, moment: datetime) -> User:
    """Give the person a sign-in and return it: the one signed in now, or a new one with this password."""
    candidate = open_link(token)
    if candidate is None:
        raise ValidationError(_LINK_EXPIRED)
    with working_for(candidate.organization.pk):
        # Whoever comes second waits here for the lock, and finds the link used.
        rows = Invitation.objects.select_for_update(of=("self", "membership"))
        opened = _check_opened(rows.filter(pk=candidate.invitation.pk, accepted_at=None), token)
        if opened is None:
            raise ValidationError(_LINK_EXPIRED)
        sign_in = _connect_user(opened, user) if user else _create_sign_in(opened, password)
        Membership.objects.filter(pk=opened.person.pk).update(user=sign_in)
        Invitation.objects.filter(pk=opened.invitation.pk).update(accepted_at=moment, due_at=None)
        audit.record("person.joined", by=opened.person.pk, on=opened.person)
    return sign_in


def _connect_user(opened: OpenedInvitation, user: User) -> User:
    """Return the signed-in user, if it has the address that the invitation was sent to."""
    if user.email.lower() != opened.person.email.lower():
        raise ValidationError(_("This invitation is for another email address. Sign out first."))
    if Membership.objects.filter(user=user).exists():
        raise ValidationError(_("You're already in this organization with another email address."))
    accounts.confirm(user)
    return user


def _create_sign_in(opened: OpenedInvitation, password: str) -> User:
    """Return a new sign-in: whoever could open the e-mail has shown that the address is theirs."""
    try:
        return accounts.take_over(opened.person.email, password)
    except accounts.AccountExists:
        raise ValidationError(SIGN_IN_FIRST) from None
