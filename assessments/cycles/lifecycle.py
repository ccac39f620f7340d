"""Plan a cycle, open it, and start its close. What can be done in between is in `while_open`.

Opening freezes everything that the results are based on: the wording, the tree, how many people are
asked where, the privacy settings. An administrator sees numbers of groups, once a day, and never who
has answered.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

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
from organizations.tenancy.scope import uuid7
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
    """Create a planned cycle; no mail is sent yet. Raises ValidationError by field."""
    cycle = Cycle()
    _save_plan(cycle, name, edition, closes_at, mode, threshold, segment)
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
    """Change anything about a cycle that is not open yet. Raises ValidationError by field."""
    lock_organization()  # always before a cycle, so that no two wait for each other
    cycle = _lock_planned(cycle)
    before = _plan_fields(cycle)
    _save_plan(cycle, name, edition, closes_at, mode, threshold, segment)
    changed = [field for field, value in _plan_fields(cycle).items() if value != before[field]]
    if changed:
        audit.record("cycle.replanned", by=by, on=cycle, name=cycle.name, changed=changed)
    return cycle


def _plan_fields(cycle: Cycle) -> dict[str, object]:
    fields = ("name", "edition_id", "segment", "closes_at", "mode", "threshold")
    return {field.removesuffix("_id"): getattr(cycle, field) for field in fields}


@transaction.atomic
def discard(cycle: Cycle, *, by: UUID | None) -> None:
    """Delete a planned cycle. One that was opened is refused: answers are not deleted here."""
    cycle = _lock_planned(cycle)
    audit.record("cycle.discarded", by=by, on=cycle, name=cycle.name)
    cycle.delete()


def _save_plan(
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
    if refusals := _plan_refusals(cycle):
        raise ValidationError(refusals)
    save_with_name(cycle)


def save_with_name(cycle: Cycle) -> None:
    """Save a cycle. Raises ValidationError if another has its name."""
    try:
        with transaction.atomic():
            cycle.save()
    except IntegrityError:
        message = _("There's already a survey with this name. Choose another.")
        raise ValidationError({"name": message}) from None


def _plan_refusals(cycle: Cycle) -> dict[str, str]:
    """Return what is wrong with a plan, by field."""
    refusals: dict[str, str] = {}
    if name_problem := name_refusal(cycle.name):
        refusals["name"] = name_problem
    if cycle.edition.published_at is None:
        refusals["rubric"] = _("This version is still a draft. Publish it first.")
    if cycle.mode not in Cycle.Mode.values:
        refusals["mode"] = _("Choose how answers are handled.")
    if not LOWEST_THRESHOLD <= cycle.threshold <= HIGHEST_THRESHOLD:
        refusals["threshold"] = _("The anonymity threshold must be between 5 and 20.")
    if segment_problem := _segment_refusal(cycle):
        refusals["segment"] = segment_problem
    return refusals


def name_refusal(name: str) -> str:
    return "" if 0 < len(name) <= 80 else _("Give the survey a name of up to 80 characters.")


def _segment_refusal(cycle: Cycle) -> str:
    needs_segment = asks_for_segment(rubric_of(cycle.edition))
    if needs_segment and not cycle.segment:
        return _("This rubric rates one customer segment. Enter its name.")
    if cycle.segment and not needs_segment:
        return _("This rubric doesn't rate a customer segment. Leave this empty.")
    return _("Segment names can have up to 120 characters.") if len(cycle.segment) > 120 else ""


def closing_time_refusal(closes_at: datetime | None, moment: datetime) -> str:
    """Return why a cycle cannot be open until then; empty if it can."""
    if closes_at is None or closes_at <= moment:
        return _("This time has passed. Choose a later one.")
    if closes_at > moment + MAX_DURATION:
        return _("Surveys can stay open for up to 90 days. Choose an earlier date.")
    return ""


# --- Opening ----------------------------------------------------------------------------------


@transaction.atomic
def open_cycle(cycle: Cycle, *, by: UUID | None, moment: datetime) -> Cycle:
    """Freeze what the results are based on, and queue everyone's invitation. Raises ValidationError."""
    organization = lock_organization()  # nobody moves, no team changes, no other cycle opens
    cycle = _lock_planned(cycle)
    opening = groups.preview_opening(cycle.threshold, moment)
    if refusal := opening_refusal(cycle, opening, moment):
        raise ValidationError(refusal)
    if by is not None and not groups.is_confirmed(cycle, opening):
        raise ValidationError(_("An owner needs to check and confirm the groups first."))
    cycle.stage, cycle.opened_at = Cycle.Stage.OPEN, moment
    cycle.due_at, cycle.attempts, cycle.error = cycle.closes_at, 0, ""
    cycle.salt = secrets.token_bytes(32) if cycle.mode == Cycle.Mode.UNLINKED else None
    nodes = groups.freeze_tree(cycle, opening)
    cycle.save()
    nightly_counts.schedule(cycle, organization, moment)
    _invite(cycle, organization, opening, nodes)
    emails.queue_notices(cycle, mail="opened", moment=moment)
    audit.record(
        "cycle.opened", by=by, on=cycle, name=cycle.name, people=len(opening.participants.people)
    )
    return cycle


def opening_refusal(cycle: Cycle, opening: OpeningPreview, moment: datetime) -> str:
    """Return why this cycle cannot open now; empty if it can."""
    refusal = closing_time_refusal(cycle.closes_at, moment) or _overlap_refusal(cycle)
    if refusal:
        return refusal
    participants = opening.participants
    if participants.members < cycle.threshold:
        return ngettext(
            "You need at least %(wanted)s people besides team leads, and there is %(found)s, "
            "so no results could be shown. Add people, or lower the anonymity threshold in the "
            "plan.",
            "You need at least %(wanted)s people besides team leads, and there are %(found)s, "
            "so no results could be shown. Add people, or lower the anonymity threshold in the "
            "plan.",
            participants.members,
        ) % {"wanted": cycle.threshold, "found": participants.members}
    return ""


def _overlap_refusal(cycle: Cycle) -> str:
    """Return why another open cycle forbids this one; empty if none does. Two results about the same
    people at one time could be subtracted from one another."""
    participations = Participation.objects.exclude(cycle=cycle.pk).filter(
        cycle__rubric=cycle.rubric,
        cycle__stage=Cycle.Stage.OPEN,
        membership__suspended_at=None,
    )
    overlap = (
        participations.values_list("cycle__name")
        .annotate(Count("pk"))
        .order_by("cycle__name")
        .first()
    )
    if overlap is None:
        return ""
    return ngettext(
        "“%(name)s” uses the same rubric and is still open: %(number)s person would be in "
        "both. Launch this survey after that one has closed.",
        "“%(name)s” uses the same rubric and is still open: %(number)s people would be in "
        "both. Launch this survey after that one has closed.",
        overlap[1],
    ) % {"name": overlap[0], "number": overlap[1]}


def _invite(
    cycle: Cycle,
    organization: Organization,
    opening: OpeningPreview,
    nodes: Mapping[UUID, CycleTeam],
) -> None:
    """Store a participation with a personal link for everyone. Only the hash of the link is stored. A
    lead's participation belongs to the team that they lead."""
    answers_as = {True: Participation.AnswersAs.LEAD, False: Participation.AnswersAs.MEMBER}

    def build_participation(person: UUID, team: UUID, *, leads: bool) -> Participation:
        id = uuid7()
        return Participation(
            id=id,
            cycle=cycle,
            membership_id=person,
            node=nodes[team],
            answers_as=answers_as[leads],
            token_hash=hash_token(response_keys.link_token(organization, id)),
            newcomer=person in opening.newcomers,
        )

    try:
        people = opening.participants.people
        participations = [
            build_participation(person, team, leads=leads) for person, team, leads in people
        ]
    except SaltDestroyed:
        raise ValidationError(
            _("Personal links can't be created: the organization's secret was destroyed.")
        ) from None
    Participation.objects.bulk_create(participations, batch_size=_AT_ONCE)
    ask_at_present_address(Participation.objects.filter(cycle=cycle))


def ask_at_present_address(participations: QuerySet[Participation]) -> None:
    """Store today's address with each participation: all mails of the cycle go there until its close,
    whatever the list of people says by then."""
    people = Membership.objects.filter(pk=OuterRef("membership_id"))
    participations.update(email=Subquery(people.values("email")[:1]))


# --- Closing ----------------------------------------------------------------------------------


@transaction.atomic
def start_closing(cycle: Cycle, *, by: UUID | None, moment: datetime) -> Cycle:
    """Take no more answers and let a worker score the cycle. A close that was given up starts again."""
    cycle = lock_cycle(cycle)
    is_stuck = cycle.stage != Cycle.Stage.CLOSED and cycle.gave_up
    if cycle.stage != Cycle.Stage.OPEN and not is_stuck:
        raise ValidationError(_("Only open surveys can be closed."))
    if cycle.closes_at is None or cycle.closes_at > moment:
        cycle.closes_at = moment
    cycle.stage, cycle.due_at, cycle.attempts = Cycle.Stage.CLOSING, moment, 0
    cycle.save(update_fields=["stage", "closes_at", "due_at", "attempts"])
    audit.record("cycle.closing", by=by, on=cycle, name=cycle.name)
    return cycle


def lock_cycle(cycle: Cycle) -> Cycle:
    """Return the row as it is now, locked until the transaction ends."""
    row = Cycle.objects.select_for_update().filter(pk=cycle.pk).first()
    if row is None:
        raise ValidationError(_("This survey no longer exists."))
    return row


def _lock_planned(cycle: Cycle) -> Cycle:
    row = lock_cycle(cycle)
    if row.stage != Cycle.Stage.PLANNED:
        raise ValidationError(
            _("This survey has been launched. Its plan can't be changed anymore.")
        )
    return row
