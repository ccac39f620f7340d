"""Create organizations; add, change, suspend, reinstate and remove people.

Nobody grants more than they may do themselves, or suspends, reinstates, removes or readdresses
someone who may do more; only owners change owners, and at least one owner always remains.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
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
from django.utils.translation import gettext_lazy

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

_NOT_YOURSELF = gettext_lazy("You can't do this to yourself. Ask another owner.")

# --- Organizations ----------------------------------------------------------------------------


def make_slug(name: str) -> str:
    """Return the address of an organization made from its name; empty when nothing Latin is in it."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:60].strip("-")


def is_slug_taken(slug: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT organization_with_slug(%s) IS NOT NULL", [slug])
        return bool(cursor.fetchone()[0])


def create_organization(
    *,
    name: str,
    slug: str,
    owner: User | None,
    owner_name: str,
    owner_email: str = "",
    language: str = settings.LANGUAGE_CODE,
    id: UUID | None = None,
    few_letters_until: datetime | None = None,
) -> Organization:
    """Create an organization, the root of its tree and its owner, in one transaction.

    Until `few_letters_until` it may send few e-mails a day; one that an operator makes has no limit.
    """
    organization = Organization(
        id=id or uuid7(),
        name=name.strip(),
        slug=slug or f"org-{uuid7().hex[-8:]}",
        language=language,
        time_zone=settings.TIME_ZONES_BY_LANGUAGE.get(language, "UTC"),
        few_letters_until=few_letters_until,
    )
    with working_for(organization.id):
        _insert_organization(organization)
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


def _insert_organization(organization: Organization) -> None:
    """Insert the organization; whoever comes second for the same address gets another one."""
    try:
        with transaction.atomic():
            organization.save(force_insert=True)
    except IntegrityError:
        organization.slug = f"{organization.slug[:51]}-{uuid7().hex[-8:]}"
        organization.save(force_insert=True)


def lock_organization() -> Organization:
    """Return the organization, locked: whoever changes owners or the tree waits here. Answers do not."""
    rows = Organization.objects.select_for_update(no_key=True)
    return rows.get(pk=bound_organization())


# --- Who may grant what -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a change. Without a role it is whoever runs the installation, who may do everything."""

    id: UUID | None
    role: str | None

    def can_grant(self, role: str) -> bool:
        """Return whether this role may be granted. Also: whether someone of this role may be changed."""
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
    language: str = settings.LANGUAGE_CODE
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


def refusals_by_field(giver: Actor, before: Membership | None, profile: Profile) -> dict[str, str]:
    """Return why a change is not allowed, by field; empty where it is. `before`: None for a new person."""
    if before is not None and (refusal := owner_refusal(giver, before)):
        return {"__all__": refusal}
    refusals: dict[str, str] = {}
    old_role = before.role if before else Role.MEMBER
    if profile.role != old_role and not (
        giver.can_grant(profile.role) and giver.can_grant(old_role)
    ):
        refusals["role"] = _("This role has more rights than yours. Ask an owner to change it.")
    if before is None:
        return refusals
    if profile.email != before.email and not giver.can_grant(before.role):
        refusals["email"] = _(
            "This person has more rights than you. Ask an owner to change the email."
        )
    if before.pk == giver.id and _opens_results(giver, before, profile):
        refusals["leads"] = _("You can't give yourself access to a team's results. Ask an owner.")
    return refusals


def owner_refusal(giver: Actor, person: Membership) -> str:
    """Return why this actor may not change the person as an owner; empty if they may."""
    if person.role == Role.OWNER and not giver.can_grant(Role.OWNER):
        return _("Only an owner can change an owner.")
    return ""


def power_refusal(giver: Actor, person: Membership) -> str:
    """Return why this actor may not suspend, reinstate or remove the person; empty if they may."""
    if refusal := owner_refusal(giver, person):
        return refusal
    if not giver.can_grant(person.role):
        return _("This person has more rights than you. Ask an owner.")
    return ""


def _opens_results(giver: Actor, before: Membership, profile: Profile) -> bool:
    """Return whether the change opens results to its actor: a lead sees those of the own team and below."""
    moved = not before.leads or before.team_id != profile.team
    return profile.leads and moved and not giver.may(Ability.SEE_RESULTS)


@contextmanager
def ensure_owner_remains() -> Iterator[None]:
    """Refuse what would leave the organization without an owner who can sign in."""
    with transaction.atomic():
        lock_organization()
        able_before = _count_owners()[1]
        yield
        owners_now, able_now = _count_owners()
        if not owners_now or (able_before and not able_now):
            raise ValidationError(_("Keep at least one owner who can sign in."))


def _count_owners() -> tuple[int, int]:
    """Return how many owners there are, and how many of them have a sign-in; the suspended do not count."""
    active = Membership.objects.filter(role=Role.OWNER, suspended_at=None)
    counts = active.aggregate(all=Count("pk"), able=Count("pk", filter=Q(user__isnull=False)))
    return counts["all"], counts["able"]


# --- Verbs ------------------------------------------------------------------------------------


def add_person(profile: Profile, *, by: UUID | None) -> Membership:
    """Add a person without a sign-in. Raises ValidationError by field."""
    if refusals := refusals_by_field(find_actor(by), None, profile):
        raise ValidationError(refusals)
    person = Membership(**field_values(profile))
    _save(person)
    audit.record("person.added", by=by, on=person, role=person.role, leads=person.leads)
    return person


def change_person(person: Membership, profile: Profile, *, by: UUID | None) -> Membership:
    """Change a person. An open invitation ends when the e-mail or the role changes."""
    with ensure_owner_remains():
        person = Membership.objects.select_for_update().get(pk=person.pk)
        if refusals := refusals_by_field(find_actor(by), person, profile):
            raise ValidationError(refusals)
        changed = changed_fields(person, profile)
        if not changed:
            return person
        before = person.email
        for column, value in field_values(profile).items():
            setattr(person, column, value)
        note_team_change(person, changed)
        _save(person)
        if changed.keys() & {"email", "role"}:
            revoke_invitations(person)
        event = audit.record("person.changed", by=by, on=person, **changed)
        if "email" in changed:
            _notify_old_address(person, before, event)
    return person


def _notify_old_address(person: Membership, before: str, event: AuditEvent) -> None:
    """Store both addresses, for as long as the person is there, and make a mail to the old one due."""
    AddressChange.objects.create(
        id=event.pk,
        membership=person,
        before=before,
        after=person.email,
        by_other=event.actor != person.pk,
        due_at=timezone.now(),
    )


def suspend(person: Membership, *, by: UUID | None, moment: datetime) -> None:
    """Suspend a person: they are refused from the next request on; what they answered stays."""
    with ensure_owner_remains():
        _check_power(person, by)
        active = Membership.objects.filter(pk=person.pk, suspended_at=None)
        if active.update(suspended_at=moment):
            revoke_invitations(person)
            audit.record("person.suspended", by=by, on=person)


def suspend_all(persons: Sequence[Membership], *, by: UUID | None, moment: datetime) -> None:
    """Suspend people who are missing from a list: all of them or, if one may not be suspended, nobody."""
    if not persons:
        return
    with ensure_owner_remains():
        giver = find_actor(by)
        rows = Membership.objects.filter(pk__in=[person.pk for person in persons])
        rows = rows.filter(suspended_at=None)
        active = list(rows.select_for_update())
        for person in active:
            if person.pk == by or (refusal := power_refusal(giver, person)):
                raise ValidationError(refusal if person.pk != by else _NOT_YOURSELF)
        rows.update(suspended_at=moment)
        Invitation.objects.filter(membership__in=active, accepted_at=None).delete()
        AuditEvent.objects.bulk_create(
            [AuditEvent(event="person.suspended", actor=by, subject=person.pk) for person in active]
        )


@transaction.atomic
def reinstate(person: Membership, *, by: UUID | None) -> None:
    lock_organization()
    _check_power(person, by)
    suspended = Membership.objects.filter(pk=person.pk, suspended_at__isnull=False)
    if suspended.update(suspended_at=None, team_since=timezone.now()):
        audit.record("person.reinstated", by=by, on=person)


def remove(person: Membership, *, by: UUID | None) -> None:
    """Remove a person, and with them what they have answered in open cycles. Published results and
    the answers they are computed from, which name no person, stay."""
    with ensure_owner_remains():
        _check_power(person, by)
        for function in settings.REMOVED_WITH_A_PERSON:
            import_string(function)(person.pk)
        if Membership.objects.filter(pk=person.pk).delete()[0]:
            audit.record("person.removed", by=by, on=person)


def revoke_invitations(person: Membership) -> None:
    """Delete the person's open invitations, so that their links stop working."""
    Invitation.objects.filter(membership=person, accepted_at=None).delete()


def _check_power(person: Membership, by: UUID | None) -> None:
    if person.pk == by:
        raise ValidationError(_NOT_YOURSELF)
    # Read the role again: it may have been raised since the page was opened.
    current = Membership.objects.filter(pk=person.pk).first() or person
    if refusal := power_refusal(find_actor(by), current):
        raise ValidationError(refusal)


def changed_fields(person: Membership, profile: Profile) -> dict[str, Any]:
    """Return what changes, for the audit event: roles, languages and leads by value, the rest as True."""
    before = profile_of(person)
    changed: dict[str, Any] = {
        field: [getattr(before, field), getattr(profile, field)]
        for field in ("role", "leads", "language")
        if getattr(before, field) != getattr(profile, field)
    }
    for field in ("name", "email", "team"):
        if getattr(before, field) != getattr(profile, field):
            changed[field] = True
    return changed


def note_team_change(person: Membership, changed: Mapping[str, Any]) -> None:
    """Note on the person that they are new to their team, or have to be confirmed again.

    Whoever came to a team, or may be somebody else behind another e-mail, counts as new: small groups
    of new people are not shown by themselves. Another team, or leading it, needs a new confirmation.
    """
    if changed.keys() & {"team", "leads", "email"}:
        person.team_since = timezone.now()
    if changed.keys() & {"team", "leads"}:
        person.team_confirmed = False


def field_values(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "email": profile.email,
        "team_id": profile.team,
        "role": profile.role,
        "language": profile.language,
        "leads": profile.leads,
    }


def _save(person: Membership) -> None:
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as problem:
        if violated_constraint(problem) == "membership_team_same_tenant":
            raise ValidationError({"team": _("This team no longer exists.")}) from None
        raise ValidationError({"email": _("Someone with this email is already here.")}) from None
