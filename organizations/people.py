"""Organizations come into being here, and people come, change, pause and go.

Nobody gives away more than they may do themselves, or suspends, brings back, removes or readdresses
someone who may do more; only owners touch owners, and at least one owner always remains.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from organizations import audit, principles
from organizations.access import ABILITIES, Ability
from organizations.models import (
    AddressChange,
    AuditEvent,
    Invitation,
    Membership,
    Organization,
    Role,
    Team,
    User,
)
from organizations.tenancy.constraints import violated_constraint
from organizations.tenancy.scope import bound_organization, uuid7, working_for

# --- Organizations ----------------------------------------------------------------------------


def make_slug(name: str) -> str:
    """A web address from an organization's name; empty when nothing Latin is in it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def is_slug_taken(slug: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT address_is_taken(%s)", [slug])
        return bool(cursor.fetchone()[0])


def create_organization(
    *,
    name: str,
    slug: str,
    owner: User | None,
    owner_name: str,
    owner_email: str = "",
    language: str = "en",
    id: UUID | None = None,
    few_letters_until: datetime | None = None,
) -> Organization:
    """An organization, the root of its tree and its owner, in one step. Until `few_letters_until` it
    may send few letters a day; one that an operator makes is free."""
    organization = Organization(
        id=id or uuid7(),
        name=name.strip(),
        slug=slug or f"org-{uuid7().hex[-8:]}",
        language=language,
        time_zone="Asia/Seoul" if language == "ko" else "UTC",
        few_letters_until=few_letters_until,
    )
    with working_for(organization.id):
        _claim_address(organization)
        root = Team.objects.create(name=organization.name)
        member = Membership.objects.create(
            name=owner_name.strip(),
            email=(owner.email if owner else owner_email).lower(),
            language=language,
            team=root,
            role=Role.OWNER,
            user=owner,
        )
        principles.create_defaults()
        audit.record("organization.founded", by=member.pk, on=organization, name=organization.name)
    return organization


def _claim_address(organization: Organization) -> None:
    """Who comes second for the same address gets another one rather than a refusal."""
    try:
        with transaction.atomic():
            organization.save(force_insert=True)
    except IntegrityError:
        organization.slug = f"{organization.slug[:51]}-{uuid7().hex[-8:]}"
        organization.save(force_insert=True)


def lock_organization() -> Organization:
    """Whoever changes owners or the tree waits here for whoever came first. Answers do not."""
    rows = Organization.objects.select_for_update(no_key=True)
    return rows.get(pk=bound_organization())


# --- Who may give what ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change. Without a role it is whoever runs the installation, who may all."""

    id: UUID | None
    role: str | None

    def can_grant(self, role: str) -> bool:
        """Also: may have power over someone of this role."""
        return self.role is None or ABILITIES[role] <= ABILITIES[self.role]

    def may(self, ability: Ability) -> bool:
        return self.role is None or ability in ABILITIES[self.role]


def find_actor(by: UUID | None) -> Actor:
    return Actor(by, Membership.objects.get(pk=by).role if by else None)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a form or a row of a spreadsheet says about a person."""

    name: str
    email: str
    team: UUID
    role: str = Role.MEMBER
    language: str = "en"
    leads: bool = False


def profile_of(person: Membership) -> Profile:
    return Profile(
        name=person.name,
        email=person.email,
        team=person.team_id,
        role=person.role,
        language=person.language,
        leads=person.leads,
    )


def refusals_by_field(giver: Actor, before: Membership | None, wanted: Profile) -> dict[str, str]:
    """Why this person may not become this, by field; empty where nothing stands against it."""
    if before is not None and (untouchable := owner_refusal(giver, before)):
        return {"__all__": untouchable}
    refused: dict[str, str] = {}
    was = before.role if before else Role.MEMBER
    if wanted.role != was and not (giver.can_grant(wanted.role) and giver.can_grant(was)):
        refused["role"] = _("This role may do more than yours. Ask an owner to change it.")
    if before is None:
        return refused
    if wanted.email != before.email and not giver.can_grant(before.role):
        refused["email"] = _("This person may do more than you. Ask an owner to change the e-mail.")
    if before.pk == giver.id and _raises(giver, before, wanted):
        refused["leads"] = _("You cannot open a team's results to yourself. Ask an owner.")
    return refused


def owner_refusal(giver: Actor, person: Membership) -> str:
    if person.role == Role.OWNER and not giver.can_grant(Role.OWNER):
        return _("Only an owner can change an owner.")
    return ""


def power_refusal(giver: Actor, person: Membership) -> str:
    """Why this person cannot be suspended, brought back or removed by them; empty if they can."""
    if refused := owner_refusal(giver, person):
        return refused
    if not giver.can_grant(person.role):
        return _("This person may do more than you. Ask an owner.")
    return ""


def _raises(giver: Actor, before: Membership, wanted: Profile) -> bool:
    """A lead sees the results of the own team and below."""
    moved = not before.leads or before.team_id != wanted.team
    return wanted.leads and moved and not giver.may(Ability.SEE_RESULTS)


@contextmanager
def ensure_owner_remains() -> Iterator[None]:
    """Refuses what would leave the organization without an owner who can sign in."""
    with transaction.atomic():
        lock_organization()
        able = _owners()[1]
        yield
        owners_now, able_now = _owners()
        if not owners_now or (able and not able_now):
            raise ValidationError(_("At least one owner who can sign in must remain."))


def _owners() -> tuple[int, int]:
    """(all, those with a sign-in), without the suspended."""
    active = Membership.objects.filter(role=Role.OWNER, suspended_at=None)
    found = active.aggregate(all=Count("pk"), able=Count("pk", filter=Q(user__isnull=False)))
    return found["all"], found["able"]


# --- Verbs ------------------------------------------------------------------------------------


def add_person(wanted: Profile, *, by: UUID | None) -> Membership:
    """Someone new, without a sign-in. Raises ValidationError by field."""
    if refused := refusals_by_field(find_actor(by), None, wanted):
        raise ValidationError(refused)
    person = Membership(**field_values(wanted))
    _save(person)
    audit.record("person.added", by=by, on=person, role=person.role, leads=person.leads)
    return person


def change_person(person: Membership, wanted: Profile, *, by: UUID | None) -> Membership:
    """What is wanted of someone known. An open invitation ends with its e-mail and its role."""
    with ensure_owner_remains():
        person = Membership.objects.select_for_update().get(pk=person.pk)
        if refused := refusals_by_field(find_actor(by), person, wanted):
            raise ValidationError(refused)
        changed = changed_fields(person, wanted)
        if not changed:
            return person
        before = person.email
        for column, value in field_values(wanted).items():
            setattr(person, column, value)
        note_team_change(person, changed)
        _save(person)
        if changed.keys() & {"email", "role"}:
            revoke_invitations(person)
        event = audit.record("person.changed", by=by, on=person, **changed)
        if "email" in changed:
            _tell_old_address(person, before, event)
    return person


def _tell_old_address(person: Membership, before: str, event: AuditEvent) -> None:
    """A mail is due. The trail shows both addresses from here, for as long as the person is here."""
    AddressChange.objects.create(
        id=event.pk,
        membership=person,
        before=before,
        after=person.email,
        by_other=event.actor != person.pk,
        due_at=timezone.now(),
    )


def suspend(person: Membership, *, by: UUID | None, moment: datetime) -> None:
    """Nothing opens any more from the next request on; what was answered stays."""
    with ensure_owner_remains():
        _touch(person, by)
        active = Membership.objects.filter(pk=person.pk, suspended_at=None)
        if active.update(suspended_at=moment):
            revoke_invitations(person)
            audit.record("person.suspended", by=by, on=person)


@transaction.atomic
def reinstate(person: Membership, *, by: UUID | None) -> None:
    lock_organization()
    _touch(person, by)
    resting = Membership.objects.filter(pk=person.pk, suspended_at__isnull=False)
    if resting.update(suspended_at=None, team_since=timezone.now()):
        audit.record("person.reinstated", by=by, on=person)


def remove(person: Membership, *, by: UUID | None) -> None:
    """The person goes, and with them what they have answered in open cycles. Published results and
    the answers they rest on, which hold no person, stay."""
    with ensure_owner_remains():
        _touch(person, by)
        for goes_along in settings.REMOVED_WITH_A_PERSON:
            import_string(goes_along)(person.pk)
        if Membership.objects.filter(pk=person.pk).delete()[0]:
            audit.record("person.removed", by=by, on=person)


def revoke_invitations(person: Membership) -> None:
    """Links of open invitations open nothing any more."""
    Invitation.objects.filter(membership=person, accepted_at=None).delete()


def _touch(person: Membership, by: UUID | None) -> None:
    if person.pk == by:
        raise ValidationError(_("You cannot do this to yourself. Ask another owner."))
    # The role as it is now: the page may have been opened before it was raised.
    now = Membership.objects.filter(pk=person.pk).first() or person
    if refused := power_refusal(find_actor(by), now):
        raise ValidationError(refused)


def changed_fields(person: Membership, wanted: Profile) -> dict[str, Any]:
    """What changes, for the audit line: roles and marks by value, names and e-mails by word."""
    before = profile_of(person)
    told: dict[str, Any] = {
        field: [getattr(before, field), getattr(wanted, field)]
        for field in ("role", "leads", "language")
        if getattr(before, field) != getattr(wanted, field)
    }
    for field in ("name", "email", "team"):
        if getattr(before, field) != getattr(wanted, field):
            told[field] = True
    return told


def note_team_change(person: Membership, changed: Mapping[str, Any]) -> None:
    """Who came to a team, or may be somebody else behind another e-mail, is new there: small groups
    of new people are not shown by themselves. Another team, or leading it, has to be confirmed anew."""
    if changed.keys() & {"team", "leads", "email"}:
        person.team_since = timezone.now()
    if changed.keys() & {"team", "leads"}:
        person.team_confirmed = False


def field_values(wanted: Profile) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "email": wanted.email,
        "team_id": wanted.team,
        "role": wanted.role,
        "language": wanted.language,
        "leads": wanted.leads,
    }


def _save(person: Membership) -> None:
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as problem:
        if violated_constraint(problem) == "membership_team_same_tenant":
            raise ValidationError({"team": _("This team is no longer there.")}) from None
        raise ValidationError({"email": _("Someone with this e-mail is here already.")}) from None
