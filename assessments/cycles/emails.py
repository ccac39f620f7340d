"""The mails of a cycle: it opens, a reminder, it stays open longer, it is over, the results can be read or were
computed anew.

Each person's mail is a row of its own, sent once by a worker in the person's language; a mail that
failed is shown as such. A mail holds a personal link, never an answer or a number. It goes to the
address at which the person was asked: someone who changes the address in the list of people does not
get the link.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.models import Cycle, Notice, Participation, Scorecard
from assessments.results.shared_results import end_of_link
from assessments.rubric_editions import estimated_minutes, rubric_of
from assessments.survey import response_keys
from organizations import email_delivery
from organizations.access import ABILITIES, Ability
from organizations.emails import render_message
from organizations.jobs import MAX_ATTEMPTS, Claim
from organizations.models import AddressChange, Membership

_AT_ONCE = 1000
ADDRESS_CHANGE_PERIOD = timedelta(
    days=90
)  # before the opening: someone with another address gets every reminder


# --- Who gets what ----------------------------------------------------------------------------


def _invited(cycle: Cycle) -> QuerySet[Membership]:
    return Membership.objects.filter(participations__cycle=cycle, suspended_at=None)


def _to_remind(cycle: Cycle) -> QuerySet[Membership]:
    """Return those who have not finished, and everyone whose address somebody else has lately changed:
    someone who did that and reads the mail does not learn from a reminder who has finished."""
    condition = Q(finished=False) | Q(
        membership__in=address_changes_by_others(cycle).values("membership")
    )
    parts = Participation.objects.filter(condition, cycle=cycle)
    return Membership.objects.filter(pk__in=parts.values("membership"), suspended_at=None)


def address_changes_by_others(cycle: Cycle) -> QuerySet[AddressChange]:
    """Return the changes in the 90 days before the opening or since. The period starts at the same
    moment for as long as the cycle is open."""
    assert cycle.opened_at is not None
    return AddressChange.objects.filter(
        by_other=True, at__gte=cycle.opened_at - ADDRESS_CHANGE_PERIOD
    )


def _deciders(_cycle: Cycle) -> QuerySet[Membership]:
    """Return those who decide what follows from the results."""
    roles = [role for role, abilities in ABILITIES.items() if Ability.DECIDE in abilities]
    return Membership.objects.filter(role__in=roles, suspended_at=None)


@dataclass(frozen=True, slots=True)
class EmailKind:
    """One kind of mail: who gets it, and when it has become needless. Whether a reminder arrived is
    shown to nobody and changes nothing that is shown: it would tell who has not finished."""

    template: str
    to: Callable[[Cycle], QuerySet[Membership]]
    asks_for_answers: bool  # asks for answers: needless once the cycle takes none
    is_reminder: bool = False  # needless for those who have finished, but see `_to_remind`
    outlives_close: bool = False  # sent when the participation holds no address any more
    opens_result: bool = False  # its personal link opens the result, if the organization lets it


EMAIL_KINDS: dict[str, EmailKind] = {
    "opened": EmailKind("assessments/mail/opened.txt", _invited, asks_for_answers=True),
    "reminder": EmailKind(
        "assessments/mail/reminder.txt", _to_remind, asks_for_answers=True, is_reminder=True
    ),
    "unsent": EmailKind(
        "assessments/mail/unsent.txt", _to_remind, asks_for_answers=True, is_reminder=True
    ),
    "extended": EmailKind(
        "assessments/mail/extended.txt", _to_remind, asks_for_answers=True, is_reminder=True
    ),
    "closed": EmailKind(
        "assessments/mail/closed.txt",
        _invited,
        asks_for_answers=False,
        outlives_close=True,
        opens_result=True,
    ),
    "results": EmailKind("assessments/mail/results.txt", _deciders, asks_for_answers=False),
    # About every cycle whose scorecard has the notice's turn, not only about the notice's own.
    "rescored": EmailKind("assessments/mail/rescored.txt", _deciders, asks_for_answers=False),
}


def queue_notices(
    cycle: Cycle,
    *,
    mail: str,
    moment: datetime,
    to: QuerySet[Membership] | None = None,
    turn: int = 0,
) -> int:
    """Store one notice a person, due at this moment, and return for how many people. Someone who has
    this mail of this turn already does not get it again."""
    people = EMAIL_KINDS[mail].to(cycle) if to is None else to
    addresses = _addresses(cycle) if EMAIL_KINDS[mail].outlives_close else {}
    rows = [
        Notice(
            cycle=cycle,
            membership_id=person,
            mail=mail,
            turn=turn,
            due_at=moment,
            email=addresses.get(person, ""),
        )
        for person in people.order_by("pk").values_list("pk", flat=True)
    ]
    Notice.objects.bulk_create(rows, batch_size=_AT_ONCE, ignore_conflicts=True)
    return len(rows)


def queue_unsent_reminders(cycle: Cycle, saved: Collection[UUID], *, moment: datetime) -> None:
    """Queue the mail, once a cycle, to those who have saved answers and not sent them; and, like every
    reminder, to everyone whose address somebody else has lately changed."""
    changed = address_changes_by_others(cycle).values("membership")
    people = Membership.objects.filter(
        Q(pk__in=saved) | Q(pk__in=changed), participations__cycle=cycle, suspended_at=None
    )
    queue_notices(cycle, mail="unsent", moment=moment, to=people)


def _addresses(cycle: Cycle) -> dict[UUID, str]:
    """Return the address at which everyone was asked, by membership."""
    parts = Participation.objects.filter(cycle=cycle)
    return dict(parts.values_list("membership", "email"))


# --- What became of them ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """How many mails of a cycle wait, and which addresses refuse mail. Covers only mails for everyone."""

    waiting: int
    unreachable: tuple[Membership, ...]  # whose address refuses mail


def delivery_status(cycle: Cycle) -> DeliveryStatus:
    everyone = Notice.objects.filter(cycle=cycle, mail__in=("opened", "closed"))
    refused = Q(participations__cycle=cycle, participations__bounced=True)
    return DeliveryStatus(
        waiting=everyone.filter(due_at__isnull=False, attempts__lt=MAX_ATTEMPTS).count(),
        unreachable=tuple(Membership.objects.filter(refused).order_by("name")),
    )


def last_turn(cycle: Cycle, mail: str) -> int:
    """Return the number of the last turn of this mail, -1 when there was none yet."""
    rows = Notice.objects.filter(cycle=cycle, mail=mail).order_by("-turn")
    turn = rows.values_list("turn", flat=True).first()
    return -1 if turn is None else turn


# --- Sending ----------------------------------------------------------------------------------


def send(claim: Claim) -> None:
    """Send one mail, and record whether the address works."""
    email_delivery.deliver(claim, _message, _remember)


def _message(row: Notice) -> EmailMessage | None:
    notices = Notice.objects.select_related("cycle__edition", "membership", "organization")
    notice = notices.get(pk=row.pk)
    person, cycle = notice.membership, notice.cycle
    part = Participation.objects.filter(cycle=cycle, membership=person).first()
    if person.suspended_at is not None or _is_needless(notice, part):
        return None
    return _render(notice, part, _links(notice, part))


def preview(cycle: Cycle, mail: str, reader: Membership) -> EmailMessage:
    """Return a mail of this kind as the reader would get it, in the language of the page, with words in place
    of the personal link."""
    reader.language = get_language() or reader.language  # not stored
    notice = Notice(cycle=cycle, mail=mail, membership=reader, organization=reader.organization)
    return _render(notice, None, _links(notice, None) | {"link": _("[personal link]")})


def _render(notice: Notice, part: Participation | None, links: Mapping[str, str]) -> EmailMessage:
    person, cycle, organization = notice.membership, notice.cycle, notice.organization
    rubric = rubric_of(cycle.edition)
    return render_message(
        EMAIL_KINDS[notice.mail].template,
        to=_address(notice, part),
        language=person.language,
        time_zone=organization.time_zone,
        key=str(notice.pk),
        person=person,
        cycle=cycle,
        organization=organization,
        rubric=rubric.name.in_(person.language),
        minutes=estimated_minutes(rubric),
        scorecards=_announced_scorecards(notice),
        leads=part is not None and part.answers_as == Participation.AnswersAs.LEAD,
        until=end_of_link(cycle.closed_at),
        **links,
    )


def _address(notice: Notice, part: Participation | None) -> str:
    """Return the address at which the person was asked. Results go to today's address of those who
    decide; so do the mails of a cycle that was opened before participations held addresses."""
    today: str = notice.membership.email
    if EMAIL_KINDS[notice.mail].to is _deciders:
        return today
    asked_at = part.email if part else ""
    return notice.email or asked_at or today


def _is_needless(notice: Notice, part: Participation | None) -> bool:
    kind = EMAIL_KINDS[notice.mail]
    if not kind.asks_for_answers:
        return False
    if part is None or not notice.cycle.takes_answers_at(timezone.now()):
        return True
    if not (kind.is_reminder and part.finished):
        return False
    return not address_changes_by_others(notice.cycle).filter(membership=notice.membership).exists()


def _announced_scorecards(notice: Notice) -> list[Scorecard]:
    """Return the scorecards of the cycles that were computed anew, the newest cycle first."""
    if notice.mail != "rescored":
        return []
    cards = Scorecard.objects.filter(turn=notice.turn).select_related("cycle")
    return list(cards.order_by("-cycle__closed_at", "-cycle_id"))


def _links(notice: Notice, part: Participation | None) -> dict[str, str]:
    """Return the addresses of the pages in the mail; the personal link only where it opens something."""
    organization = notice.organization
    pages = {
        name: settings.SITE_URL + reverse(view, args=[organization.slug])
        for name, view in (("home", "reports:home"), ("mine", "assessments:mine"))
    }
    if EMAIL_KINDS[notice.mail].to is _deciders:
        pages["home"] += f"?cycle={notice.cycle_id}"
    kind = EMAIL_KINDS[notice.mail]
    shows_result = (
        kind.opens_result and organization.results_by_link and organization.salt is not None
    )
    if part is not None and (kind.asks_for_answers or shows_result):
        token = response_keys.link_token(organization, part.pk)
        pages["link"] = settings.SITE_URL + reverse("link", args=[token])
    return pages


def _remember(notice: Notice, state: str) -> None:
    """Record whether the address works. A mail that was needless or is lost says nothing about it, and
    the delivery of a reminder must change nothing that is shown."""
    if notice.email:
        Notice.objects.filter(pk=notice.pk).update(email="")
    if (
        state in (email_delivery.SENT, email_delivery.REFUSED)
        and not EMAIL_KINDS[notice.mail].is_reminder
    ):
        bounced = state == email_delivery.REFUSED
        rows = Participation.objects.filter(cycle=notice.cycle_id, membership=notice.membership_id)
        rows.filter(bounced=not bounced).update(bounced=bounced)
