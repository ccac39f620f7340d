"""A cycle is planned, opened, watched while people answer, and brought to its end.

Opening freezes everything that the results will stand on: the wording, the tree, how many people
are asked where, the privacy settings. Whoever watches sees numbers of groups, once a day, and never
who has answered.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.cycles import emails, groups, nightly_counts
from assessments.cycles.groups import OpeningPreview
from assessments.models import Cycle, CycleTeam, Participation, RubricEdition
from assessments.rubric_editions import asks_for_segment, rubric_of
from assessments.survey import response_keys
from organizations import audit
from organizations.models import Membership, Organization
from organizations.organization_settings import MAX_THRESHOLD, MIN_THRESHOLD
from organizations.people import lock_organization
from organizations.pseudonyms import SaltDestroyed, hash_token
from organizations.tenancy.scope import bound_organization, uuid7
from organizations.text import normalize_line

MAX_DURATION = timedelta(days=90)
LOWEST_THRESHOLD, HIGHEST_THRESHOLD = MIN_THRESHOLD, MAX_THRESHOLD
COMMENT_THRESHOLD = 10
_AT_ONCE = 1000

# --- Planning ---------------------------------------------------------------------------------


def plan(
    *,
    name: str,
    edition: RubricEdition,
    closes_at: datetime,
    mode: str,
    threshold: int,
    segment: str = "",
    by: UUID | None,
) -> Cycle:
    """A cycle that waits to be opened; nobody is told yet. Raises ValidationError by field."""
    cycle = Cycle()
    _write_plan(cycle, name, edition, closes_at, mode, threshold, segment)
    audit.record("cycle.planned", by=by, on=cycle, name=cycle.name, rubric=cycle.rubric)
    return cycle


@transaction.atomic
def update_plan(
    cycle: Cycle,
    *,
    name: str,
    edition: RubricEdition,
    closes_at: datetime,
    mode: str,
    threshold: int,
    segment: str = "",
    by: UUID | None,
) -> Cycle:
    """Everything about a planned cycle can be changed until it opens."""
    lock_organization()  # always before a cycle, so that no two wait for each other
    cycle = _still_planned(cycle)
    before = _plan_of(cycle)
    _write_plan(cycle, name, edition, closes_at, mode, threshold, segment)
    changed = [field for field, value in _plan_of(cycle).items() if value != before[field]]
    if changed:
        audit.record("cycle.replanned", by=by, on=cycle, name=cycle.name, changed=changed)
    return cycle


def _plan_of(cycle: Cycle) -> dict[str, object]:
    fields = ("name", "edition_id", "segment", "closes_at", "mode", "threshold")
    return {field.removesuffix("_id"): getattr(cycle, field) for field in fields}


@transaction.atomic
def discard(cycle: Cycle, *, by: UUID | None) -> None:
    """Only a planned cycle: what people have answered is not thrown away here."""
    cycle = _still_planned(cycle)
    audit.record("cycle.discarded", by=by, on=cycle, name=cycle.name)
    cycle.delete()


def _write_plan(
    cycle: Cycle,
    name: str,
    edition: RubricEdition,
    closes_at: datetime,
    mode: str,
    threshold: int,
    segment: str,
) -> None:
    cycle.name, cycle.segment = normalize_line(name), normalize_line(segment)
    cycle.edition, cycle.rubric = edition, edition.slug
    cycle.closes_at, cycle.mode, cycle.threshold = closes_at, mode, threshold
    cycle.comment_threshold = max(COMMENT_THRESHOLD, threshold)
    if refused := _plan_refusals(cycle):
        raise ValidationError(refused)
    try:
        with transaction.atomic():
            cycle.save()
    except IntegrityError:
        taken = _("There is a cycle of this name already. Choose another name.")
        raise ValidationError({"name": taken}) from None


def _plan_refusals(cycle: Cycle) -> dict[str, str]:
    """What is wrong with a plan, by field."""
    refused: dict[str, str] = {}
    if not 0 < len(cycle.name) <= 80:
        refused["name"] = _("A cycle needs a name of at most 80 characters.")
    if cycle.edition.published_at is None:
        refused["rubric"] = _("This edition is still a draft. Publish it first.")
    if cycle.mode not in Cycle.Mode.values:
        refused["mode"] = _("Choose how the answers are handled.")
    if not LOWEST_THRESHOLD <= cycle.threshold <= HIGHEST_THRESHOLD:
        refused["threshold"] = _("The smallest group that is shown has between 5 and 20 answers.")
    if told := _segment_refusal(cycle):
        refused["segment"] = told
    return refused


def _segment_refusal(cycle: Cycle) -> str:
    wanted = asks_for_segment(rubric_of(cycle.edition))
    if wanted and not cycle.segment:
        return _("This rubric is rated for one customer segment. Name it.")
    if cycle.segment and not wanted:
        return _("This rubric is not rated for a customer segment. Leave this empty.")
    return (
        _("A segment's name may have at most 120 characters.") if len(cycle.segment) > 120 else ""
    )


def closing_time_refusal(closes_at: datetime | None, moment: datetime) -> str:
    """Why a cycle cannot be open until then; empty if it can."""
    if closes_at is None or closes_at <= moment:
        return _("This moment has passed. Choose a later one.")
    if closes_at > moment + MAX_DURATION:
        return _("A cycle may stay open for at most 90 days. Choose an earlier day.")
    return ""


# --- Opening ----------------------------------------------------------------------------------


@transaction.atomic
def open_cycle(cycle: Cycle, *, by: UUID | None, moment: datetime) -> Cycle:
    """Freeze what the results will stand on, and let everyone's mail be due."""
    organization = lock_organization()  # nobody moves, no team changes, no other cycle opens
    cycle = _still_planned(cycle)
    opening = groups.preview_opening(cycle.threshold, moment)
    if refused := opening_refusal(cycle, opening, moment):
        raise ValidationError(refused)
    if by is not None and not groups.is_confirmed(cycle, opening):
        raise ValidationError(_("An owner has to look at the groups and confirm them first."))
    cycle.stage, cycle.opened_at = Cycle.Stage.OPEN, moment
    cycle.due_at, cycle.attempts, cycle.error = cycle.closes_at, 0, ""
    cycle.salt = secrets.token_bytes(32) if cycle.mode == Cycle.Mode.UNLINKED else None
    nodes = groups.freeze_tree(cycle, opening)
    cycle.save()
    nightly_counts.schedule(cycle, organization, moment)
    _invite(cycle, organization, opening, nodes)
    emails.queue_notices(cycle, mail="opened", moment=moment)
    audit.record("cycle.opened", by=by, on=cycle, name=cycle.name, people=len(opening.roll.people))
    return cycle


def opening_refusal(cycle: Cycle, opening: OpeningPreview, moment: datetime) -> str:
    """Why this cycle cannot open now; empty if it can."""
    told = closing_time_refusal(cycle.closes_at, moment) or _overlap_refusal(cycle)
    if told:
        return told
    asked = opening.roll
    if asked.members < cycle.threshold:
        return ngettext(
            "At least %(wanted)s people are needed beside the leads, and there is %(found)s: nothing"
            " could be shown. Add people, or choose a smaller group in the plan.",
            "At least %(wanted)s people are needed beside the leads, and there are %(found)s:"
            " nothing could be shown. Add people, or choose a smaller group in the plan.",
            asked.members,
        ) % {"wanted": cycle.threshold, "found": asked.members}
    return ""


def _overlap_refusal(cycle: Cycle) -> str:
    """Two results about the same people at one time could be subtracted from one another."""
    asked = Participation.objects.exclude(cycle=cycle.pk).filter(
        cycle__rubric=cycle.rubric,
        cycle__stage=Cycle.Stage.OPEN,
        membership__suspended_at=None,
    )
    both = asked.values_list("cycle__name").annotate(Count("pk")).order_by("cycle__name").first()
    if both is None:
        return ""
    return ngettext(
        "“%(name)s” asks the same rubric and is still open: %(number)s person would be asked by"
        " both. Open this cycle when that one has closed.",
        "“%(name)s” asks the same rubric and is still open: %(number)s people would be asked by"
        " both. Open this cycle when that one has closed.",
        both[1],
    ) % {"name": both[0], "number": both[1]}


def _invite(
    cycle: Cycle,
    organization: Organization,
    opening: OpeningPreview,
    nodes: Mapping[UUID, CycleTeam],
) -> None:
    """A personal link each, of which only the hash is kept. A lead sits in the team led."""
    speaks = {True: Participation.Speaks.LEAD, False: Participation.Speaks.MEMBER}

    def part(person: UUID, team: UUID, *, leads: bool) -> Participation:
        id = uuid7()
        return Participation(
            id=id,
            cycle=cycle,
            membership_id=person,
            node=nodes[team],
            speaks=speaks[leads],
            token_hash=hash_token(response_keys.link_token(organization, id)),
            newcomer=person in opening.newcomers,
        )

    try:
        people = opening.roll.people
        parts = [part(person, team, leads=leads) for person, team, leads in people]
    except SaltDestroyed:
        raise ValidationError(
            _("The organization's secret was destroyed, so no personal links can be made.")
        ) from None
    Participation.objects.bulk_create(parts, batch_size=_AT_ONCE)
    _ask_at_present_address(Participation.objects.filter(cycle=cycle))


def _ask_at_present_address(parts: QuerySet[Participation]) -> None:
    """All mails of the cycle go here until its close, whatever the list of people says then."""
    people = Membership.objects.filter(pk=OuterRef("membership_id"))
    parts.update(email=Subquery(people.values("email")[:1]))


# --- While it is open -------------------------------------------------------------------------


def reminding_refusal(cycle: Cycle, moment: datetime) -> str:
    """Why nobody can be reminded now; empty if they can."""
    if not cycle.takes_answers_at(moment):
        return _("This cycle takes no answers any more.")
    organization = Organization.objects.get(pk=bound_organization())
    today = _day(organization, moment)
    if cycle.reminded_at and _day(organization, cycle.reminded_at) == today:
        return _("A reminder went out today already. The next one can go out tomorrow.")
    if cycle.opened_at and _day(organization, cycle.opened_at) == today:
        return _("Everyone was invited today. The first reminder can go out tomorrow.")
    return ""


@transaction.atomic
def send_reminders(cycle: Cycle, *, by: UUID | None, moment: datetime) -> None:
    """A mail to everyone who has not finished, at most one a day. Nobody is told how many."""
    cycle = _locked(cycle)
    if refused := reminding_refusal(cycle, moment):
        raise ValidationError(refused)
    Cycle.objects.filter(pk=cycle.pk).update(reminded_at=moment)
    audit.record("cycle.reminded", by=by, on=cycle, name=cycle.name)
    turn = emails.last_turn(cycle, "reminder") + 1
    emails.queue_notices(cycle, mail="reminder", moment=moment, turn=turn)


@transaction.atomic
def resend_invitations(cycle: Cycle, *, by: UUID | None, moment: datetime) -> int:
    """The invitation once more, to everyone whose address refused it: at the address they have by now,
    whether they have answered or not."""
    cycle = _locked(cycle)
    if not cycle.takes_answers_at(moment):
        raise ValidationError(_("This cycle takes no answers any more."))
    refused = Participation.objects.filter(cycle=cycle, bounced=True)
    _ask_at_present_address(refused)
    people = Membership.objects.filter(pk__in=refused.values("membership"), suspended_at=None)
    turn = emails.last_turn(cycle, "opened") + 1
    audit.record("cycle.invited_again", by=by, on=cycle, name=cycle.name)
    return emails.queue_notices(cycle, mail="opened", moment=moment, to=people, turn=turn)


# --- The end ----------------------------------------------------------------------------------


@transaction.atomic
def start_closing(cycle: Cycle, *, by: UUID | None, moment: datetime) -> Cycle:
    """No more answers from here on; a worker counts. A count that was given up begins again."""
    cycle = _locked(cycle)
    is_stuck = cycle.stage != Cycle.Stage.CLOSED and cycle.gave_up
    if cycle.stage != Cycle.Stage.OPEN and not is_stuck:
        raise ValidationError(_("Only an open cycle can be closed."))
    if cycle.closes_at is None or cycle.closes_at > moment:
        cycle.closes_at = moment
    cycle.stage, cycle.due_at, cycle.attempts = Cycle.Stage.CLOSING, moment, 0
    cycle.save(update_fields=["stage", "closes_at", "due_at", "attempts"])
    audit.record("cycle.closing", by=by, on=cycle, name=cycle.name)
    return cycle


def _locked(cycle: Cycle) -> Cycle:
    """The row as it is now, held against everyone else who would change it."""
    row = Cycle.objects.select_for_update().filter(pk=cycle.pk).first()
    if row is None:
        raise ValidationError(_("This cycle is no longer there."))
    return row


def _still_planned(cycle: Cycle) -> Cycle:
    row = _locked(cycle)
    if row.stage != Cycle.Stage.PLANNED:
        raise ValidationError(_("This cycle has been opened. Its plan cannot be changed any more."))
    return row


def _day(organization: Organization, moment: datetime) -> date:
    """The day it is where the organization is."""
    return moment.astimezone(ZoneInfo(organization.time_zone)).date()
