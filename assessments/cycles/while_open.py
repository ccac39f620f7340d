"""What an administrator can do for a cycle that is open: remind, send an invitation or one person's link again,
give more time, correct the name. What results are based on stays as it was at the launch.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.cycles import emails
from assessments.cycles.lifecycle import (
    MAX_DURATION,
    ask_at_present_address,
    lock_cycle,
    name_refusal,
    save_with_name,
)
from assessments.models import Cycle, Participation
from organizations import audit
from organizations.models import Membership, Organization
from organizations.tenancy.scope import bound_organization
from organizations.text import normalize_line


def reminding_refusal(cycle: Cycle, moment: datetime) -> str:
    """Return why nobody can be reminded now; empty if they can."""
    if not cycle.takes_answers_at(moment):
        return _no_longer_open()
    organization = Organization.objects.get(pk=bound_organization())
    today = _day(organization, moment)
    if cycle.reminded_at and _day(organization, cycle.reminded_at) == today:
        return _("A reminder was already sent today. You can send the next one tomorrow.")
    if cycle.opened_at and _day(organization, cycle.opened_at) == today:
        return _("Everyone was invited today. You can send the first reminder tomorrow.")
    return ""


@transaction.atomic
def send_reminders(cycle: Cycle, *, by: UUID | None, moment: datetime) -> None:
    """Queue a mail to everyone who has not finished, at most one a day. Nobody learns how many."""
    cycle = lock_cycle(cycle)
    if refusal := reminding_refusal(cycle, moment):
        raise ValidationError(refusal)
    Cycle.objects.filter(pk=cycle.pk).update(reminded_at=moment)
    audit.record("cycle.reminded", by=by, on=cycle, name=cycle.name)
    turn = emails.last_turn(cycle, "reminder") + 1
    emails.queue_notices(cycle, mail="reminder", moment=moment, turn=turn)


@transaction.atomic
def resend_invitations(cycle: Cycle, *, by: UUID | None, moment: datetime) -> int:
    """Queue the invitation again to everyone whose address refused it, at the address they have by now,
    whether they have answered or not. Return for how many people."""
    cycle = _lock_open(cycle, moment)
    bounced = Participation.objects.filter(cycle=cycle, bounced=True)
    ask_at_present_address(bounced)
    people = Membership.objects.filter(pk__in=bounced.values("membership"), suspended_at=None)
    turn = emails.last_turn(cycle, "opened") + 1
    audit.record("cycle.invited_again", by=by, on=cycle, name=cycle.name)
    return emails.queue_notices(cycle, mail="opened", moment=moment, to=people, turn=turn)


@transaction.atomic
def send_link(cycle: Cycle, email: str, *, by: UUID | None, moment: datetime) -> None:
    """Queue the invitation again to the one person who has this address, whether they have answered or not."""
    cycle = _lock_open(cycle, moment)
    people = Membership.objects.filter(
        participations__cycle=cycle, email__iexact=email.strip(), suspended_at=None
    )
    person = people.first()
    if person is None:
        raise ValidationError(
            {"email": _("Nobody with this address was invited to this survey. Check the spelling.")}
        )
    turn = emails.last_turn(cycle, "opened") + 1
    audit.record("cycle.link_sent", by=by, on=person, name=cycle.name)
    emails.queue_notices(cycle, mail="opened", moment=moment, to=people, turn=turn)


@transaction.atomic
def change(
    cycle: Cycle, *, name: str, closes_at: datetime, by: UUID | None, moment: datetime
) -> None:
    """Correct the name, and move the close to a later time. Everyone who would get a reminder is told of the new
    time. Raises ValidationError by field."""
    cycle = _lock_open(cycle, moment)
    old_name, is_later = cycle.name, closes_at != _whole_minute(cycle.closes_at)
    cycle.name = normalize_line(name)
    refusals = {
        "name": name_refusal(cycle.name),
        "closes_at": _extension_refusal(cycle, closes_at) if is_later else "",
    }
    if any(refusals.values()):
        raise ValidationError({field: text for field, text in refusals.items() if text})
    if is_later:
        cycle.closes_at = cycle.due_at = closes_at
    save_with_name(cycle)
    if cycle.name != old_name:
        audit.record("cycle.renamed", by=by, on=cycle, names=[old_name, cycle.name])
    if is_later:
        audit.record("cycle.extended", by=by, on=cycle, name=cycle.name)
        turn = emails.last_turn(cycle, "extended") + 1
        emails.queue_notices(cycle, mail="extended", moment=moment, turn=turn)


def _whole_minute(moment: datetime | None) -> datetime | None:
    """Return a moment as a form shows it."""
    return moment and moment.replace(second=0, microsecond=0)


def _extension_refusal(cycle: Cycle, closes_at: datetime) -> str:
    """Return why the cycle can't close at this time instead."""
    if cycle.closes_at is None or closes_at < cycle.closes_at:
        return _("Choose a later time than before. To end the survey earlier, close it.")
    if cycle.opened_at is None or closes_at > cycle.opened_at + MAX_DURATION:
        return _("Surveys can stay open for up to 90 days. Choose an earlier date.")
    return ""


def _lock_open(cycle: Cycle, moment: datetime) -> Cycle:
    cycle = lock_cycle(cycle)
    if not cycle.takes_answers_at(moment):
        raise ValidationError(_no_longer_open())
    return cycle


def _no_longer_open() -> str:
    return _("This survey no longer accepts answers.")


def _day(organization: Organization, moment: datetime) -> date:
    """Return the date in the organization's time zone."""
    return moment.astimezone(ZoneInfo(organization.time_zone)).date()
