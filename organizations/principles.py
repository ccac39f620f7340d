"""The three principles by which capable CMOs make specialist teams work together: the organization's own
wording of each, and its methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from organizations import audit
from organizations.languages import each_language
from organizations.models import Membership, Principle, Role
from organizations.text import FALLBACK_LANGUAGE

MAX_WORDING_LENGTH, MAX_METHODS_LENGTH = 300, 2000


@dataclass(frozen=True, slots=True)
class PrincipleText:
    """The wording and the methods of a principle by language code; one method a line."""

    wording: Mapping[str, str]
    methods: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PrincipleChange:
    """Everything that can be changed about a principle."""

    text: PrincipleText
    owner: UUID | None
    review_on: date | None


# What every organization begins with, (wording, methods): the words of the built-in collaboration rubric.
DEFAULT_TEXTS = (
    (
        gettext_noop("Leaders set clear principles and methods for marketing."),
        (
            gettext_noop("Writing down the principles behind marketing choices."),
            gettext_noop("Planning marketing work with one shared method."),
            gettext_noop("Making clear who decides what."),
            gettext_noop("Judging success by the same measures across teams."),
        ),
    ),
    (
        gettext_noop("Specialist teams interact flexibly around what customers need."),
        (
            gettext_noop("Bringing specialists together around a customer need."),
            gettext_noop("Exchanging know-how with other specialist teams."),
            gettext_noop("Voicing disagreement openly for the customer's sake."),
            gettext_noop("Holding several teams to one customer goal."),
        ),
    ),
    (
        gettext_noop(
            "Technology cuts coordination cost to raise efficiency, transparency and trust."
        ),
        (
            gettext_noop("Using technology to cut the time teams spend coordinating."),
            gettext_noop("Passing work between teams with little manual handling."),
            gettext_noop("Letting other teams see the status of work."),
            gettext_noop("Letting teams rely on the same data when they decide."),
        ),
    ),
)


def clear_owner(membership: UUID) -> None:
    """Leave the principles of a person who is removed without an owner."""
    Principle.objects.filter(owner=membership).update(owner=None)


def default_texts() -> list[PrincipleText]:
    """Return the three in every language of the installation."""
    return [
        PrincipleText(
            wording={language: _(wording) for language in each_language()},
            methods={language: "\n".join(map(_, methods)) for language in each_language()},
        )
        for wording, methods in DEFAULT_TEXTS
    ]


def create_defaults() -> None:
    """Create the three principles of a new organization, inside the transaction that founds it."""
    Principle.objects.bulk_create(
        Principle(number=number, wording=text.wording, methods=text.methods)
        for number, text in enumerate(default_texts(), start=1)
    )


def list_principles() -> list[Principle]:
    """Return the three, with the person who answers for each. 1 statement."""
    return list(Principle.objects.select_related("owner").order_by("number"))


def owner_candidates(row: Principle) -> list[tuple[UUID, str]]:
    """Return (membership, name) of those who could answer for it: leads, everyone who is more than a
    member, and whoever does now. 1 statement."""
    eligible = Q(suspended_at=None) & (Q(leads=True) | ~Q(role=Role.MEMBER))
    people = Membership.objects.filter(eligible | Q(pk=row.owner_id)).order_by("name", "pk")
    return list(people.values_list("pk", "name"))


@transaction.atomic
def change_principle(
    number: int, change: PrincipleChange, *, version: int, today: date, by: UUID | None
) -> Principle:
    """Change a principle's wording, methods, owner or review date. `version` is the one that was read before.

    Raises ValidationError if someone else changed it meanwhile.
    """
    row = Principle.objects.select_for_update().get(number=number)
    if row.version != version:
        raise ValidationError(
            _("Someone else just changed this. Compare both versions, then save again.")
        )
    _validate_change(row, change, today)
    before = (row.wording, row.methods, row.owner_id, row.review_on)
    row.wording, row.methods = dict(change.text.wording), dict(change.text.methods)
    row.owner_id, row.review_on = change.owner, change.review_on
    after = (row.wording, row.methods, row.owner_id, row.review_on)
    changed = [
        name
        for name, old, new in zip(
            ("wording", "methods", "owner", "review"), before, after, strict=True
        )
        if old != new
    ]
    if changed:
        row.version += 1
        row.save()
        audit.record("principle.changed", by=by, on=row, number=number, changed=changed)
    return row


def _validate_change(row: Principle, change: PrincipleChange, today: date) -> None:
    for language in sorted({FALLBACK_LANGUAGE, *row.wording}):
        if not change.text.wording.get(language, "").strip():
            text = _("Enter this language, too.")
            raise ValidationError({f"wording_{language}": text})
    if change.owner is not None and change.owner != row.owner_id:
        active = Membership.objects.filter(pk=change.owner, suspended_at=None)
        if not active.exists():
            text = _("This person is no longer here. Choose someone else.")
            raise ValidationError({"owner": text})
    is_past = change.review_on is not None and change.review_on < today
    if is_past and change.review_on != row.review_on:
        raise ValidationError({"review_on": _("This date has passed. Choose a later one.")})
